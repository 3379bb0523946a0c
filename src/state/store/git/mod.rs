//! A ledger in a ref of the project's own repository: `refs/makeform/<target>`.
//!
//! Each write is a commit: the log of the ref tells who wrote what. A write counts once the ref at
//! the remote is that commit, which it becomes only from the one that we built upon. Without a
//! remote the ref of the repository itself is the one that counts. No branch, no index and no file
//! of the working copy is touched.

mod answering;
mod program;
mod tree;

use std::{collections::BTreeMap, path::Path};

use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, OnceCell};

use self::program::{Git, without_credentials};
pub use self::{answering::Answering, program::git_in};
use crate::state::shelf::{Change, Document, Doing, Expect, Note, Shelf, ShelfError, Version};

/// How often a write is built anew because somebody else wrote other documents.
const TRIES: u32 = 50;

/// A ref as a shelf of documents.
#[derive(Debug)]
pub(super) struct GitShelf {
    git: Git,
    answering: Answering,
    target: String,
    /// Where the ref is that counts.
    place: OnceCell<Place>,
    tip: Mutex<Tip>,
    /// What the next write deletes.
    doomed: std::sync::Mutex<Vec<String>>,
}

/// Where the ref is that counts.
#[derive(Clone, Debug)]
struct Place {
    /// None for the repository itself.
    remote: Option<String>,
    /// The ref.
    name: String,
    /// The ref in which we keep what we saw at a remote: what is not reachable would have to be
    /// fetched again.
    seen: String,
    /// The variables of commands that reach the remote.
    environment: Vec<(&'static str, &'static str)>,
}

/// The ref as it was seen last.
#[derive(Clone, Debug, Default)]
struct Tip {
    is_read: bool,
    commit: Option<String>,
    /// The blobs of the documents.
    documents: BTreeMap<String, String>,
}

impl GitShelf {
    /// The ledger of a target in the repository that a project's folder is in.
    pub(super) fn new(folder: &Path, target: &str, answering: Answering) -> Self {
        Self {
            answering,
            git: Git {
                folder: folder.to_owned(),
            },
            target: target.to_owned(),
            place: OnceCell::new(),
            tip: Mutex::default(),
            doomed: std::sync::Mutex::default(),
        }
    }

    /// Finds out which remote there is.
    async fn place(&self) -> Result<&Place, ShelfError> {
        self.place.get_or_try_init(|| self.find_place()).await
    }

    async fn find_place(&self) -> Result<Place, ShelfError> {
        let git = &self.git;
        git.get(&["rev-parse", "--git-dir"]).await?;
        let name = format!("refs/makeform/{}", self.target);
        let checked = git.run(&["check-ref-format", &name], &[], &[]).await?;
        if !checked.is_done {
            let message = format!("a target called `{}` can't have a ref", self.target);
            return Err(ShelfError::Refused(message));
        }
        let chosen = git.line(&["config", "--get", "makeform.remote"]).await?;
        let remotes = git.get(&["remote"]).await?;
        let remotes = String::from_utf8_lossy(&remotes).into_owned();
        let remotes: Vec<&str> = remotes.lines().collect();
        let remote = match (chosen, remotes.as_slice()) {
            (Some(chosen), _) => Some(chosen),
            (None, []) => None,
            (None, [only]) => Some((*only).to_owned()),
            // Any of them may be somebody's fork: whoever guesses begins a second ledger.
            (None, several) => {
                return Err(ShelfError::Refused(format!(
                    "the repository has several remotes ({}): say which one the ledger is kept at, \
                     with `git config makeform.remote NAME`",
                    several.join(", ")
                )));
            }
        };
        let from = match &remote {
            Some(remote) if remotes.contains(&remote.as_str()) => remote.clone(),
            // An address is no name of a ref, and may hold a secret.
            Some(remote) => {
                let digest = Sha256::digest(without_credentials(remote));
                format!("address-{}", base16ct::lower::encode_string(&digest))
            }
            None => String::new(),
        };
        let seen = format!("refs/makeform-remotes/{from}/{}", self.target);
        Ok(Place {
            remote,
            name,
            seen,
            environment: self.answering.environment(git).await?,
        })
    }

    /// The commit that the ref that counts is at.
    async fn ask(&self, place: &Place) -> Result<Option<String>, ShelfError> {
        let name = place.name.as_str();
        let Some(remote) = &place.remote else {
            return self
                .git
                .line(&["rev-parse", "--verify", "--quiet", name])
                .await;
        };
        let asking = ["ls-remote", remote, name];
        let listed = self.git.feed(&asking, &[], &place.environment).await?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
        let found = lines.find(|(_, of)| *of == name);
        Ok(found.map(|(commit, _)| commit.to_owned()))
    }

    /// Sees how things stand now.
    async fn look(&self, tip: &mut Tip) -> Result<(), ShelfError> {
        let place = self.place().await?;
        let commit = self.ask(place).await?;
        if tip.is_read && tip.commit == commit {
            return Ok(());
        }
        let documents = match (&commit, &place.remote) {
            (Some(commit), remote) => {
                if let Some(remote) = remote {
                    self.fetch(place, remote, commit).await?;
                }
                tree::read(&self.git, commit).await?
            }
            (None, None) => BTreeMap::new(),
            (None, Some(remote)) => {
                self.check_never_there(place, remote).await?;
                BTreeMap::new()
            }
        };
        *tip = Tip {
            is_read: true,
            commit,
            documents,
        };
        Ok(())
    }

    /// Gets a commit of the remote, unless it is here already.
    async fn fetch(&self, place: &Place, remote: &str, commit: &str) -> Result<(), ShelfError> {
        let seen = &place.seen;
        let object = format!("{commit}^{{commit}}");
        let is_here = self.git.run(&["cat-file", "-e", &object], &[], &[]).await?;
        if !is_here.is_done {
            let known = self
                .git
                .line(&["rev-parse", "--verify", "--quiet", seen])
                .await?;
            let tip = known.map(|known| format!("--negotiation-tip={known}"));
            let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
            arguments.extend(["--no-recurse-submodules", "--refmap="]);
            arguments.extend(tip.as_deref());
            arguments.extend([remote, place.name.as_str()]);
            self.git.feed(&arguments, &[], &place.environment).await?;
        }
        // Another process of this machine may do the same at this moment.
        let _ = self
            .git
            .run(&["update-ref", seen, commit], &[], &[])
            .await?;
        Ok(())
    }

    /// A ref that is not at the remote, and was, or is here only, is no empty ledger.
    async fn check_never_there(&self, place: &Place, remote: &str) -> Result<(), ShelfError> {
        let name = &place.name;
        let remote = without_credentials(remote);
        for local in [&place.seen, name] {
            let known = self
                .git
                .line(&["rev-parse", "--verify", "--quiet", local])
                .await?;
            if let Some(commit) = known {
                return Err(ShelfError::Refused(format!(
                    "`{remote}` has no {name}, and this repository knows of one: take it there \
                     with `git push {remote} {commit}:{name}`, or begin anew after `git \
                     update-ref -d {local}`"
                )));
            }
        }
        Ok(())
    }

    /// Makes a commit the tip, if that is still what we built upon.
    async fn publish(
        &self,
        place: &Place,
        old: Option<&str>,
        new: &str,
        subject: &str,
    ) -> Result<program::Ran, ShelfError> {
        let name = place.name.as_str();
        let Some(remote) = &place.remote else {
            let nothing = "0".repeat(new.len());
            let old = old.unwrap_or(&nothing);
            let arguments = ["update-ref", "-m", subject, name, new, old];
            return self.git.run(&arguments, &[], &[]).await;
        };
        let lease = format!("--force-with-lease={name}:{}", old.unwrap_or_default());
        let what = format!("{new}:{name}");
        let mut arguments = vec!["push", "--quiet", "--no-verify", "--no-signed"];
        arguments.extend(["--no-follow-tags", "--recurse-submodules=no"]);
        arguments.extend([lease.as_str(), remote, &what]);
        self.git.run(&arguments, &[], &place.environment).await
    }

    async fn put(&self, batch: &[Change], note: &Note) -> Result<Vec<Version>, ShelfError> {
        let mut tip = self.tip.lock().await;
        if !tip.is_read {
            self.look(&mut tip).await?;
        }
        let place = self.place().await?;
        let blobs = tree::blobs(&self.git, batch).await?;
        for _ in 0..TRIES {
            check(&tip, batch)?;
            let mut documents = tip.documents.clone();
            let doomed = self.doomed();
            documents.retain(|name, _| !doomed.contains(name));
            let named = batch.iter().map(|change| change.name.clone());
            documents.extend(named.zip(blobs.iter().cloned()));
            let tree = tree::write(&self.git, &documents).await?;
            let old = tip.commit.clone();
            let commit = tree::commit(&self.git, &tree, old.as_deref(), note).await?;
            let ran = self
                .publish(place, old.as_deref(), &commit, &note.subject)
                .await;
            let is_done = ran.as_ref().is_ok_and(|ran| ran.is_done);
            if !is_done && !self.is_published(&mut tip, &commit).await? {
                // Somebody was faster; what they wrote may be none of our documents.
                if tip.commit != old {
                    continue;
                }
                return Err(match ran {
                    Ok(ran) => ran.error("push"),
                    Err(error) => error,
                });
            }
            if is_done {
                *tip = Tip {
                    is_read: true,
                    commit: Some(commit.clone()),
                    documents,
                };
                if place.remote.is_some() {
                    let seen = ["update-ref", &place.seen, &commit];
                    let _ = self.git.run(&seen, &[], &[]).await;
                }
            }
            self.forget(&doomed);
            return Ok(blobs.into_iter().map(Version).collect());
        }
        Err(ShelfError::Unreachable(
            "others write all the time".to_owned(),
        ))
    }

    /// Whether a commit whose push failed, or was not answered, is there all the same.
    async fn is_published(&self, tip: &mut Tip, commit: &str) -> Result<bool, ShelfError> {
        self.look(tip).await?;
        let Some(now) = &tip.commit else {
            return Ok(false);
        };
        let arguments = ["merge-base", "--is-ancestor", commit, now.as_str()];
        Ok(self.git.run(&arguments, &[], &[]).await?.is_done)
    }

    fn doomed(&self) -> Vec<String> {
        let doomed = self.doomed.lock();
        doomed
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    fn forget(&self, gone: &[String]) {
        let doomed = self.doomed.lock();
        doomed
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .retain(|name| !gone.contains(name));
    }
}

/// Whether documents stand as a batch expects.
fn check(tip: &Tip, batch: &[Change]) -> Result<(), ShelfError> {
    for change in batch {
        let now = tip.documents.get(&change.name);
        let holds = match &change.expect {
            Expect::Absent => now.is_none(),
            Expect::Is(Version(blob)) => now == Some(blob),
            Expect::Any => true,
        };
        if !holds {
            return Err(ShelfError::Conflict {
                name: change.name.clone(),
            });
        }
    }
    Ok(())
}

impl Shelf for GitShelf {
    fn name(&self) -> String {
        let name = format!("refs/makeform/{}", self.target);
        match self.place.get().and_then(|place| place.remote.as_ref()) {
            Some(remote) => format!("{name} of {}", without_credentials(remote)),
            None => name,
        }
    }

    /// Without a remote the ref is on this disk alone.
    fn is_shared(&self) -> Doing<'_, bool> {
        Box::pin(async { Ok(self.place().await?.remote.is_some()) })
    }

    fn refresh(&self) -> Doing<'_, ()> {
        Box::pin(async {
            let mut tip = self.tip.lock().await;
            self.look(&mut tip).await
        })
    }

    fn is_atomic(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, name: &'a str) -> Doing<'a, Option<Document>> {
        Box::pin(async move {
            let mut tip = self.tip.lock().await;
            if !tip.is_read {
                self.look(&mut tip).await?;
            }
            let Some(blob) = tip.documents.get(name).cloned() else {
                return Ok(None);
            };
            drop(tip);
            let bytes = self.git.get(&["cat-file", "blob", &blob]).await?;
            Ok(Some(Document {
                bytes,
                version: Version(blob),
            }))
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Doing<'a, Vec<String>> {
        Box::pin(async move {
            let mut tip = self.tip.lock().await;
            if !tip.is_read {
                self.look(&mut tip).await?;
            }
            let names = tip.documents.keys();
            Ok(names
                .filter(|name| name.starts_with(prefix))
                .cloned()
                .collect())
        })
    }

    fn write<'a>(&'a self, batch: &'a [Change], note: &'a Note) -> Doing<'a, Vec<Version>> {
        Box::pin(self.put(batch, note))
    }

    /// A commit for nothing but that would say nothing: the next one takes them along.
    fn delete<'a>(&'a self, names: &'a [String], _: &'a Note) -> Doing<'a, ()> {
        let doomed = self.doomed.lock();
        doomed
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .extend_from_slice(names);
        Box::pin(std::future::ready(Ok(())))
    }
}
