//! What may answer when a remote asks for a password, a passphrase, or whether a host is the right one:
//! what was set up for that, and never a person. Credential helpers, agents and `GIT_ASKPASS` are left as
//! they are; without them git is told that there is no terminal (`GIT_TERMINAL_PROMPT`).

use super::program::Git;
use crate::state::shelf::ShelfError;

/// ssh as git runs it unasked, but without questions: it would ask the terminal itself, whatever git is
/// told of it.
const SILENT: (&str, &str) = ("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");

/// What the caller's environment says of who answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answering {
    /// How remotes are reached is said there, whole: GIT_SSH_COMMAND, GIT_SSH.
    has_ssh: bool,
    /// The program of SSH_ASKPASS is meant to answer. A desktop sets that for all its programs, and a
    /// window that opens for each command is no answer; who means it says so by SSH_ASKPASS_REQUIRE.
    has_askpass: bool,
}

impl Answering {
    /// What an environment says.
    #[must_use]
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let is_meant = |value: String| ["force", "prefer"].contains(&value.to_lowercase().as_str());
        Self {
            has_ssh: is_set("GIT_SSH_COMMAND") || is_set("GIT_SSH"),
            has_askpass: is_set("SSH_ASKPASS")
                && variable("SSH_ASKPASS_REQUIRE").is_some_and(is_meant),
        }
    }

    /// The variables of commands that reach a remote.
    pub(super) async fn environment(
        self,
        git: &Git,
    ) -> Result<Vec<(&'static str, &'static str)>, ShelfError> {
        let configured = ["config", "--get", "core.sshCommand"];
        if self.has_askpass {
            // `prefer` is no more than that: without a display the terminal is asked.
            return Ok(vec![("SSH_ASKPASS_REQUIRE", "force")]);
        }
        let mut environment = vec![("SSH_ASKPASS", "")];
        if !self.has_ssh && git.line(&configured).await?.is_none() {
            environment.push(SILENT);
        }
        Ok(environment)
    }
}
