//! The commit that a project is checked out at, as the system's git says.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

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

async fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        // Looking changes nothing: an index that somebody else is writing is left alone.
        .arg("--no-optional-locks")
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
