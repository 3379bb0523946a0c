//! The system's git: its words without credentials. Who may answer what a remote asks is in
//! [`answering`](super::answering).

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use crate::state::shelf::ShelfError;

/// How long a command may take that asks another machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is a word of a refusal that asking again does not change.
const REFUSALS: [&str; 13] = [
    "authentication failed",
    "could not read username",
    "could not read password",
    "permission denied",
    "host key verification failed",
    "permission to",
    "access denied",
    "repository not found",
    "does not appear to be a git repository",
    "not a git repository",
    "dubious ownership",
    "hook declined",
    "the requested url returned error: 403",
];

/// git in one repository.
#[derive(Clone, Debug)]
pub(super) struct Git {
    pub(super) folder: PathBuf,
}

/// The system's git in the repository that a folder is in, whatever its caller's environment says. It
/// asks no terminal, takes no lock only to look, speaks English, and goes with whoever drops it.
#[must_use]
pub fn git_in(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GCM_INTERACTIVE", "never")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .kill_on_drop(true);
    // Within a hook these name another repository, or half of one.
    for name in [
        "GIT_DIR",
        "GIT_COMMON_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    ] {
        command.env_remove(name);
    }
    command
}

/// What a command gave.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) is_done: bool,
    pub(super) output: Vec<u8>,
    /// What it said, without credentials.
    pub(super) said: String,
}

impl Git {
    /// Runs a command, whatever its exit.
    pub(super) async fn run(
        &self,
        arguments: &[&str],
        input: &[u8],
        environment: &[(&str, &str)],
    ) -> Result<Ran, ShelfError> {
        let mut command = git_in(&self.folder);
        command
            // Nothing of the user's runs, and nothing is tidied up meanwhile.
            .args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"])
            .args(["-c", "maintenance.auto=false"])
            .args(["-c", "i18n.commitEncoding=UTF-8"])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| ShelfError::Refused(format!("failed to run `git`: {error}")))?;
        let stdin = child.stdin.take();
        let ended = async {
            let fed = async {
                if let Some(mut stdin) = stdin {
                    // One that ends before it has read all says why.
                    let _ = stdin.write_all(input).await;
                }
            };
            let ((), output) = tokio::join!(fed, child.wait_with_output());
            output
        };
        let verb = arguments.first().copied().unwrap_or_default();
        let output = match timeout(PATIENCE, ended).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => {
                return Err(ShelfError::Unreachable(format!("`git {verb}`: {error}")));
            }
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                let message = format!("`git {verb}` did not end within {seconds} s");
                return Err(ShelfError::Unreachable(message));
            }
        };
        Ok(Ran {
            is_done: output.status.success(),
            output: output.stdout,
            said: said(&String::from_utf8_lossy(&output.stderr)),
        })
    }

    /// Runs a command that has to succeed, and gives what it wrote.
    pub(super) async fn get(&self, arguments: &[&str]) -> Result<Vec<u8>, ShelfError> {
        self.feed(arguments, &[], &[]).await
    }

    /// The same of one that reads.
    pub(super) async fn feed(
        &self,
        arguments: &[&str],
        input: &[u8],
        environment: &[(&str, &str)],
    ) -> Result<Vec<u8>, ShelfError> {
        let ran = self.run(arguments, input, environment).await?;
        match ran.is_done {
            true => Ok(ran.output),
            false => Err(ran.error(arguments.first().copied().unwrap_or_default())),
        }
    }

    /// The one line that a command writes; none if it fails.
    pub(super) async fn line(&self, arguments: &[&str]) -> Result<Option<String>, ShelfError> {
        let ran = self.run(arguments, &[], &[]).await?;
        let text = text(&ran.output);
        Ok((ran.is_done && !text.is_empty()).then_some(text))
    }

    /// The id that a command writes for what it reads.
    pub(super) async fn id(
        &self,
        arguments: &[&str],
        input: &[u8],
        environment: &[(&str, &str)],
    ) -> Result<String, ShelfError> {
        Ok(text(&self.feed(arguments, input, environment).await?))
    }
}

impl Ran {
    /// Why it failed.
    pub(super) fn error(&self, verb: &str) -> ShelfError {
        let message = format!("`git {verb}` failed: {}", self.said);
        let words = self.said.to_lowercase();
        match REFUSALS.iter().any(|refusal| words.contains(refusal)) {
            true => ShelfError::Refused(message),
            false => ShelfError::Unreachable(message),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// What git said, on one line, without the credentials of URLs.
fn said(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| without_credentials(line.trim()))
        .filter(|line| !line.is_empty() && !line.starts_with("hint:"))
        .collect();
    lines.join("; ")
}

/// A text without what stands before the `@`, or behind a `?` or `#`, in each of its URLs, and without
/// the `user:password@` of a host: ssh names it so where it stands in the URL.
pub(super) fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("://");
        let end = part.find(|c: char| c.is_whitespace() || "'\"".contains(c));
        let (url, rest) = part.split_at(end.unwrap_or(part.len()));
        let (shown, _) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
        let (authority, path) = shown.split_at(shown.find('/').unwrap_or(shown.len()));
        clean.push_str(authority.rsplit('@').next().unwrap_or_default());
        clean.push_str(path);
        clean.push_str(rest);
    }
    let words = clean.split_inclusive(|c: char| c.is_whitespace() || "'\"".contains(c));
    words.map(without_password).collect()
}

/// A word without a user and their password in front of a host.
fn without_password(word: &str) -> &str {
    match word.rsplit_once('@') {
        Some((who, rest)) if who.contains(':') && !who.contains('/') => rest,
        Some(_) | None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn what_git_says_holds_no_credentials() {
        let text = "fatal: unable to access 'https://x-token:gh_p4ss@word@github.com/a/b.git/': \
                    no\nhint: try https://u@h/\n  see ssh://git@host/path and https://t0ken@h\n\
                    'https://h/a.git?private_token=t0ken/info/refs': why? https://h#t0ken, no\n\
                    git:p4ss@far: Permission denied (publickey). git@h:a/b.git 'u:t0k@n@h'";
        assert_eq!(
            said(text),
            "fatal: unable to access 'https://github.com/a/b.git/': no; see ssh://host/path and \
             https://h; 'https://h/a.git': why? https://h no; far: Permission denied (publickey). \
             git@h:a/b.git 'h'"
        );
    }
}
