//! The applications that are registered. Make registers them by hand, after a review; a world
//! has these two.

use url::{Host, Url};

/// An application without a secret, such as a command line on a user's machine.
pub const PUBLIC_CLIENT: &str = "makeform-sandbox";

/// An application with a secret.
pub const CONFIDENTIAL_CLIENT: &str = "makeform-sandbox-confidential";

/// The secret of [`CONFIDENTIAL_CLIENT`]. It opens nothing but sandboxes.
pub const CONFIDENTIAL_SECRET: &str = "sandbox-0c9a3f5e-not-a-secret";

/// A registered application.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) id: &'static str,
    /// What users see.
    pub(super) name: &'static str,
    secret: Option<&'static str>,
}

const APPLICATIONS: [Application; 2] = [
    Application {
        id: PUBLIC_CLIENT,
        name: "makeform (a public client)",
        secret: None,
    },
    Application {
        id: CONFIDENTIAL_CLIENT,
        name: "makeform (a confidential client)",
        secret: Some(CONFIDENTIAL_SECRET),
    },
];

impl Application {
    /// The application of an id.
    pub(super) fn find(id: &str) -> Option<&'static Self> {
        APPLICATIONS.iter().find(|application| application.id == id)
    }

    /// Whether it has no secret, and must prove with PKCE that it is the one that asked.
    pub(super) fn is_public(&self) -> bool {
        self.secret.is_none()
    }

    /// Whether this is its secret, or it has none and none is shown.
    pub(super) fn is_proven_by(&self, shown: Option<&str>) -> bool {
        self.secret == shown
    }

    /// Whether codes may go to this address: to this machine, on any port (RFC 8252, 7.3).
    pub(super) fn may_return_to(&self, redirect: &str) -> Option<Url> {
        let url: Url = redirect.parse().ok()?;
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        (is_here && url.scheme() == "http" && url.fragment().is_none()).then_some(url)
    }
}
