//! Documents as blobs, trees and commits.

use std::collections::BTreeMap;

use super::program::Git;
use crate::state::shelf::{Change, Note, ShelfError};

/// The blobs of a commit's documents, by name.
pub(super) async fn read(git: &Git, commit: &str) -> Result<BTreeMap<String, String>, ShelfError> {
    let listed = git
        .get(&["ls-tree", "-r", "-z", "--full-tree", commit])
        .await?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let entries = listed.split('\0').filter_map(|entry| {
        let (kind, name) = entry.split_once('\t')?;
        let blob = kind.rsplit(' ').next()?;
        Some((name.to_owned(), blob.to_owned()))
    });
    Ok(entries.collect())
}

/// Stores the documents of a batch.
pub(super) async fn blobs(git: &Git, batch: &[Change]) -> Result<Vec<String>, ShelfError> {
    let mut blobs = Vec::new();
    for change in batch {
        let blob = git.id(&["hash-object", "-w", "--stdin"], &change.bytes, &[]);
        blobs.push(blob.await?);
    }
    Ok(blobs)
}

/// Stores the tree of all documents.
pub(super) async fn write(
    git: &Git,
    documents: &BTreeMap<String, String>,
) -> Result<String, ShelfError> {
    let mut root = String::new();
    let mut folders: BTreeMap<&str, String> = BTreeMap::new();
    for (name, blob) in documents {
        let (lines, name) = match name.split_once('/') {
            Some((folder, name)) => (folders.entry(folder).or_default(), name),
            None => (&mut root, name.as_str()),
        };
        lines.push_str(&format!("100644 blob {blob}\t{name}\n"));
    }
    for (folder, lines) in folders {
        let tree = git.id(&["mktree", "--missing"], lines.as_bytes(), &[]);
        let tree = tree.await?;
        root.push_str(&format!("040000 tree {tree}\t{folder}\n"));
    }
    git.id(&["mktree", "--missing"], root.as_bytes(), &[]).await
}

/// Stores a commit: by whoever writes, whatever git is told of its user, if anything.
pub(super) async fn commit(
    git: &Git,
    tree: &str,
    parent: Option<&str>,
    note: &Note,
) -> Result<String, ShelfError> {
    let mut arguments = vec!["commit-tree", tree];
    if let Some(parent) = parent {
        arguments.extend(["-p", parent]);
    }
    let mut message = format!("{}\n", line(&note.subject));
    if !note.trailers.is_empty() {
        message.push('\n');
    }
    for (key, value) in &note.trailers {
        message.push_str(&format!("{key}: {}\n", line(value)));
    }
    let who: String = note
        .who
        .chars()
        .filter(|c| !c.is_control() && !"<>".contains(*c))
        .collect();
    let name = who.split('@').next().filter(|name| !name.is_empty());
    let name = name.unwrap_or("makeform");
    let environment = [
        ("GIT_AUTHOR_NAME", name),
        ("GIT_AUTHOR_EMAIL", who.as_str()),
        ("GIT_COMMITTER_NAME", name),
        ("GIT_COMMITTER_EMAIL", who.as_str()),
    ];
    git.id(&arguments, message.as_bytes(), &environment).await
}

/// A text on one line.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
