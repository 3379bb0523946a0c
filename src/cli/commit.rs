//! The commit that a project is checked out at, as the system's git says.

use std::{path::Path, process::Stdio};

use super::{error::Stop, settings::Settings};
use crate::state::git_in;

/// The commit of a project's folder, with `-dirty` behind it where files differ from it. None where
/// there is no git, or no commit yet.
pub(crate) async fn of(root: &Path) -> Option<String> {
    let head = git(root, &["rev-parse", "--verify", "--quiet", "HEAD"]).await?;
    // What others keep in the same repository is not the project.
    let changes = git(root, &["status", "--porcelain", "--", "."]).await?;
    Some(match changes.is_empty() {
        true => head,
        false => format!("{head}-dirty"),
    })
}

/// The commit under which a plan is recorded for review, or looked for: the one that is `named`,
/// else the one that the project is checked out at.
pub(crate) async fn reviewed(
    named: Option<&str>,
    root: &Path,
    settings: &Settings,
) -> Result<String, Stop> {
    if let Some(named) = named {
        let is_whole = matches!(named.len(), 40 | 64);
        return match is_whole && named.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(named.to_ascii_lowercase()),
            false => Err(anyhow::anyhow!(
                "`{named}` is no commit: name it in full, 40 hexadecimal digits"
            )
            .into()),
        };
    }
    if let Some(head) = merge_checkout(settings) {
        return Err(anyhow::anyhow!(
            "this checkout is a merge that CI made, which nobody reviews: name the head of the \
             request with --commit {head}"
        )
        .into());
    }
    match of(root).await {
        Some(commit) if commit.ends_with("-dirty") => Err(anyhow::anyhow!(
            "files of the project differ from the commit that is checked out: commit them first, \
             or name the commit with --commit SHA"
        )
        .into()),
        Some(commit) => Ok(commit),
        None => Err(anyhow::anyhow!(
            "the project is in no git repository that has a commit: name the commit with \
             --commit SHA"
        )
        .into()),
    }
}

/// Where CI has checked out a merge of a request with its base: how the head is named there.
fn merge_checkout(settings: &Settings) -> Option<&'static str> {
    let reference = settings.variable("GITHUB_REF").unwrap_or_default();
    if reference.starts_with("refs/pull/") && reference.ends_with("/merge") {
        return Some("${{ github.event.pull_request.head.sha }}");
    }
    match settings.variable("CI_MERGE_REQUEST_EVENT_TYPE").as_deref() {
        Some("merged_result" | "merge_train") => Some("$CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
        _ => None,
    }
}

async fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    // Looking changes nothing: an index that somebody else is writing is left alone.
    let output = git_in(root)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
