//! What git knows of the folder of a new project.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::state::git_in;

/// The repository that a folder is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// Its top folder.
    pub(super) root: PathBuf,
    /// The URL of `origin`, or of the first remote.
    pub(super) remote: Option<String>,
    /// The branch that others are merged into, as far as can be known here.
    pub(super) branch: String,
}

impl Repository {
    /// The repository of a folder; none where there is none, or no git.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let root = PathBuf::from(git(folder, &["rev-parse", "--show-toplevel"])?);
        let remotes = git(folder, &["remote"]).unwrap_or_default();
        let names: Vec<&str> = remotes.lines().collect();
        let name = names.iter().find(|name| **name == "origin");
        let name = name.or(names.first()).copied();
        let remote = name.and_then(|name| git(folder, &["remote", "get-url", name]));
        let head = name.and_then(|name| {
            let head = format!("refs/remotes/{name}/HEAD");
            let branch = git(folder, &["symbolic-ref", "--short", &head])?;
            Some(branch.strip_prefix(&format!("{name}/"))?.to_owned())
        });
        let branch = head
            .or_else(|| git(folder, &["symbolic-ref", "--short", "HEAD"]))
            .unwrap_or_else(|| "main".to_owned());
        Some(Self {
            root: root.canonicalize().unwrap_or(root),
            remote,
            branch,
        })
    }

    /// Whether its remote is on a GitLab, as far as its name tells.
    pub(super) fn is_gitlab(&self) -> bool {
        let remote = self.remote.as_deref();
        remote.is_some_and(|url| url.to_lowercase().contains("gitlab"))
    }
}

/// What git says, where it says anything.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = git_in(folder)
        .as_std_mut()
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
