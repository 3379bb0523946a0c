//! The files of a new project.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    answers::{Answers, Begin},
    repository::Repository,
    workflow::{Ci, GITLAB_CI, GITLAB_JOBS, quoted},
};
use crate::{
    cli::error::Stop,
    manifest::{PROJECT_FILE, emit},
};

const IGNORE_FILE: &str = ".gitignore";

/// What is kept out of git: the ledger of a file, sandboxes, caches.
const IGNORED: &str = ".makeform/";

/// A file to write.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    text: String,
}

impl NewFile {
    /// Writes it, whole or not at all.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        emit::write(&self.path, self.text.as_bytes())
            .with_context(|| format!("failed to write {}", self.path.display()))
    }

    /// Its name, as seen from the project's folder.
    pub(super) fn shown(&self, folder: &Path) -> String {
        shown(&self.path, folder)
    }
}

/// What there is to do.
#[derive(Debug)]
pub(super) struct Planned {
    /// The files to write, the one that makes it a project last: what is cut short can be done
    /// again.
    pub(super) new: Vec<NewFile>,
    /// Those that are there, and stay as they are.
    pub(super) left: Vec<String>,
    /// What else there is to say.
    pub(super) notes: Vec<String>,
}

/// Workflows hand the project's folder to a shell, and their hosts look for expressions in it.
fn check_name(inside: &Path, ci: Ci) -> Result<(), Stop> {
    let plain = |char: &char| char.is_alphanumeric() || "._-/ @+=,".contains(*char);
    let name = inside.to_string_lossy();
    match name.chars().find(|char| !plain(char)) {
        Some(odd) if ci != Ci::None => Err(anyhow::anyhow!(
            "a workflow can't name the folder {name} safely, since it holds {odd}: give it another name, or \
             say --ci none"
        )
        .into()),
        Some(_) | None => Ok(()),
    }
}

/// The files that a project needs and does not have.
pub(super) fn planned(
    folder: &Path,
    answers: &Answers,
    ci: Ci,
    repository: Option<&Repository>,
) -> Result<Planned, Stop> {
    let top = repository.map_or(folder, |repository| &repository.root);
    let branch = repository.map_or("main", |repository| &repository.branch);
    // In a repository whose top is elsewhere (a worktree of a link), the project is its top.
    let inside = folder.strip_prefix(top).unwrap_or(Path::new(""));
    check_name(inside, ci)?;
    let (mut new, mut left, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |path: PathBuf, text: String| match path.symlink_metadata() {
        Ok(_) => left.push(shown(&path, folder)),
        Err(_) => new.push(NewFile { path, text }),
    };
    let manifests = folder.join("manifests");
    let has_manifests = !is_empty(&manifests)?;
    if !has_manifests && answers.begin == Begin::Hello {
        let hello = include_str!("hello.yaml");
        add(manifests.join("hello.yaml"), hello.to_owned());
    }
    for (path, text) in ci.files(answers, branch, inside) {
        add(top.join(path), text);
    }
    add(folder.join(PROJECT_FILE), project_text(answers));
    if has_manifests {
        left.push("manifests/ (no first manifest is written into it)".to_owned());
    }
    if ci == Ci::Gitlab && left.iter().any(|path| path.ends_with(GITLAB_CI)) {
        notes.push(format!(
            "Add `- local: {GITLAB_JOBS}` to `include` in {GITLAB_CI}."
        ));
    }
    if ci != Ci::None && answers.account.is_some() && answers.state == "file" {
        notes.push(
            "CI can't apply with a ledger in a file, which its runners lose: set `state` in \
             makeform.yaml to git, once the repository has a remote, or to an object store."
                .to_owned(),
        );
    }
    let wrote_ci = new
        .iter()
        .any(|file| file.text.contains("MAKEFORM_RELEASE"));
    if wrote_ci && answers.release.is_none() {
        notes.push(
            "CI has to know where makeform comes from: give its settings the variables \
             MAKEFORM_RELEASE (the address of a release's archive for Linux) and MAKEFORM_SHA256."
                .to_owned(),
        );
    }
    let ignore = folder.join(IGNORE_FILE);
    if let Some(text) = ignoring(read(&ignore)?.as_deref()) {
        // It may be there: lines are added to it, and none goes.
        new.insert(0, NewFile { path: ignore, text });
    }
    Ok(Planned { new, left, notes })
}

/// The text of a `makeform.yaml`.
pub(super) fn project_text(answers: &Answers) -> String {
    let Answers {
        name,
        account,
        state,
        release: _,
        begin: _,
    } = answers;
    let mut text = format!(
        "apiVersion: makeform/v1\n\
         kind: Project\n\
         metadata: {{ name: {} }}\n\
         spec:\n\
         \x20 manifests: [\"manifests/**/*.yaml\"]\n\
         \x20 state: {} # where the ledger is kept: file, git, s3://BUCKET/PREFIX, gs://.., az://..\n\
         \x20 defaultTarget: sandbox\n\
         \x20 targets:\n\
         \x20   # An emulator of Make's API in this process, kept in .makeform/sandbox.\n\
         \x20   sandbox: {{ url: \"sandbox:\" }}\n",
        quoted(name),
        quoted(state),
    );
    if let Some(account) = account {
        let target = &account.target;
        text.push_str(&format!(
            "    # The account: `makeform --target {target} plan`.\n    {target}:\n      url: {}\n",
            quoted(&account.url)
        ));
        for (key, value) in [
            ("organization", &account.organization),
            ("team", &account.team),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("      {key}: {}\n", quoted(value)));
            }
        }
        if !account.url.starts_with("sandbox:") {
            text.push_str("      token: ${env.MAKE_API_KEY}\n");
        }
    }
    text
}

/// The text of a `.gitignore` that keeps our folder out; nothing where it does so already.
fn ignoring(existing: Option<&str>) -> Option<String> {
    let existing = existing.unwrap_or_default();
    let is_ours = |line: &str| {
        let line = line.trim().trim_start_matches("**/").trim_matches('/');
        line == IGNORED.trim_matches('/')
    };
    if existing.lines().any(is_ours) {
        return None;
    }
    let gap = match existing.is_empty() || existing.ends_with('\n') {
        true => "",
        false => "\n",
    };
    Some(format!("{existing}{gap}{IGNORED}\n"))
}

/// A text that may not be there.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
    }
}

/// Whether a folder holds nothing, or is not there.
fn is_empty(folder: &Path) -> anyhow::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", folder.display())),
    }
}

/// A path as seen from the project's folder, where it is in there.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::ignoring;

    #[test]
    fn the_line_is_added_once_and_nothing_else_changes() {
        assert_eq!(ignoring(None).as_deref(), Some(".makeform/\n"));
        for there in [".makeform/", "a\n/.makeform\n", "**/.makeform/ \nb"] {
            assert_eq!(ignoring(Some(there)), None, "{there}");
        }
        for (there, text) in [
            ("target/\n", "target/\n.makeform/\n"),
            ("*.log", "*.log\n.makeform/\n"),
            ("# .makeform/\n", "# .makeform/\n.makeform/\n"),
        ] {
            assert_eq!(ignoring(Some(there)).as_deref(), Some(text));
        }
    }
}
