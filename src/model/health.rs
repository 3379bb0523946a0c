//! What is done with a scenario that does not work after its step, and how that is found out.

use serde_json::{Map, Value, json};

/// The rules of one scenario: `onUnhealthy` and `verify` of its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthRule {
    /// What is done with it when it does not work.
    pub on_unhealthy: OnUnhealthy,
    /// How it is tried; none where reading it again is enough.
    pub verify: Option<Verify>,
}

/// What is done with a scenario that does not work after its step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnhealthy {
    /// The form before the step is put back, and the step fails. What has none, since the step
    /// made it, is switched off and kept.
    #[default]
    Restore,
    /// It is switched off and left as it is, and the step fails.
    Stop,
    /// It is left as it is with a warning, and the step counts as done.
    Continue,
}

impl OnUnhealthy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Restore, Self::Stop, Self::Continue];

    /// Its word in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Stop => "stop",
            Self::Continue => "continue",
        }
    }
}

/// A run that has to end in success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// The inputs that it is given; none where it takes none.
    pub input: Option<Map<String, Value>>,
    /// The seconds within which it has to end.
    pub within: u64,
}

impl Verify {
    /// The seconds that a run has where nobody says more: as long as Make itself lets a caller
    /// wait for one, and half of that again.
    pub const WITHIN: u64 = 60;
}

impl HealthRule {
    /// It as manifests have it, each key with its value; nothing of what goes without saying.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, Value)> {
        let Self {
            on_unhealthy,
            verify,
        } = self;
        let mut entries = Vec::new();
        if *on_unhealthy != OnUnhealthy::default() {
            entries.push(("onUnhealthy", json!(on_unhealthy.as_str())));
        }
        if let Some(Verify { input, within }) = verify {
            let mut run = Map::new();
            if let Some(input) = input {
                run.insert("input".to_owned(), Value::Object(input.clone()));
            }
            let within = super::spec::schedule::interval_text(*within);
            let verify = json!({ "run": run, "expect": "success", "within": within });
            entries.push(("verify", verify));
        }
        entries
    }
}
