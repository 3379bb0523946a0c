//! Who made a difference.

use serde::Serialize;

/// Where a change comes from, judged against the form that was last applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The manifests changed; the account still has what was applied.
    Git,
    /// Somebody changed it in Make; the manifests still say what was applied.
    Make,
    /// Both changed, to different values: a conflict.
    Both,
}

impl Origin {
    /// The word that plans show.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Make => "make",
            Self::Both => "both",
        }
    }
}
