//! Why a ledger could not be read or written.

use std::{io, path::PathBuf, time::Duration};

use super::{CryptError, Owner, shelf::ShelfError};
use crate::{
    diagnostic::{Finding, codes::apply as codes},
    model::{Address, Identity, RemoteId},
};

/// Why a ledger could not be read, locked or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The operating system refused.
    #[error("failed to {doing} {}", path.display())]
    Io {
        /// A verb: `read`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// A file is not what makeform writes.
    #[error("{}{} is damaged: {reason}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1, in files of lines.
        line: Option<usize>,
        /// What is wrong, without the content.
        reason: String,
    },
    /// A newer makeform wrote a file.
    #[error("{} has the format `{format}`, which a newer makeform writes", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format that it states.
        format: String,
    },
    /// The bindings are those of another account.
    #[error(
        "the ledger belongs to {}, not to {}",
        in_words(ledger),
        in_words(asked)
    )]
    OtherAccount {
        /// Whose the ledger is.
        ledger: Identity,
        /// Whose it would have to be.
        asked: Identity,
    },
    /// Somebody else holds the lock.
    #[error("the ledger is in use by {}", name_of(holder.as_ref()))]
    Held {
        /// Who, where it could be read.
        holder: Option<Owner>,
        /// For how long their lease lasts unrenewed, where the lock is one; the lock of a process
        /// that died is free at once elsewhere.
        lease: Option<Duration>,
    },
    /// The lock is no longer ours: somebody broke it, or took it over.
    #[error("the lock on the ledger was taken over by {}", name_of(holder.as_ref()))]
    LockLost {
        /// Who, where it could be read.
        holder: Option<Owner>,
    },
    /// A lock was to be broken, and is another's by now.
    #[error("the ledger is locked by {holder} by now")]
    OtherHolder {
        /// Whose it is.
        holder: Owner,
    },
    /// It could not be encrypted or decrypted.
    #[error("failed to read or write {place}: {source}")]
    Crypt {
        /// The document.
        place: String,
        /// Why.
        #[source]
        source: CryptError,
    },
    /// Nobody can be sure that the lock is still ours.
    #[error("the lock on the ledger was not renewed for {seconds} s{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    LeaseUnsure {
        /// For how long.
        seconds: u64,
        /// How long a lease of it lasts.
        lease: Duration,
        /// Why it could not be.
        reason: Option<String>,
    },
    /// A remote backend did not do what it was asked.
    #[error("failed to use the ledger in {place}: {source}")]
    Remote {
        /// The backend.
        place: String,
        /// What it said.
        source: ShelfError,
    },
    /// The ledger is kept elsewhere by now.
    #[error("{place} counts no more: the ledger has moved to `{to}`")]
    Moved {
        /// The ledger.
        place: String,
        /// Where it is, as the project file calls it.
        to: String,
    },
    /// The ledger is on its way.
    #[error("{place} does not count yet: its migration from `{from}` was cut short")]
    Arriving {
        /// The ledger.
        place: String,
        /// Where it was, as the project file calls it.
        from: String,
    },
    /// There is another ledger where one was to be put.
    #[error("there is a ledger in `{place}` already")]
    NotEmpty {
        /// Where, as the project file calls it.
        place: String,
    },
    /// A ledger moved to where there is none any more.
    #[error("the ledger of `{from}` moved to `{to}` with {bindings} binding{}, and there is nothing in that", if *bindings == 1 { "" } else { "s" })]
    Gone {
        /// Where it was, as the project file calls it.
        from: String,
        /// Where it went.
        to: String,
        /// How many bindings it had.
        bindings: usize,
    },
    /// The ledger is still where the project kept it before.
    #[error("there is nothing in {place} yet, and a ledger with {bindings} binding{} in `{former}`", if *bindings == 1 { "" } else { "s" })]
    LeftBehind {
        /// Where it would be begun.
        place: String,
        /// Where it is, as the project file calls it.
        former: String,
        /// How many bindings it has.
        bindings: usize,
    },
    /// A ledger was to be replaced by an older one.
    #[error("the file is older than the ledger: it lacks what was recorded since")]
    Older,
    /// A write failed, so that nothing may follow it.
    #[error("{place} is closed: an earlier write to it failed")]
    Broken {
        /// The document.
        place: String,
    },
    /// The address is bound to nothing.
    #[error("{0} is not in the ledger")]
    NotBound(Address),
    /// The address is bound to another object.
    #[error("{address} is already bound to {id}")]
    AlreadyBound {
        /// The address.
        address: Address,
        /// What it is bound to.
        id: RemoteId,
    },
    /// The object is bound to another address.
    #[error("{id} is already bound to {address}")]
    Taken {
        /// The object.
        id: RemoteId,
        /// What holds it.
        address: Address,
    },
    /// A thing can't become one of another kind.
    #[error("{from} can't become {to}: they are of different kinds")]
    OtherKind {
        /// The old address.
        from: Address,
        /// The new one.
        to: Address,
    },
}

impl StateError {
    /// The error as a finding, with what to do about it.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let mut message = self.to_string();
        if let Self::Io { source, .. } = self {
            message = format!("{message}: {source}");
        }
        match self {
            Self::Io { .. } | Self::Broken { .. } => Finding::new(&codes::LEDGER_UNREACHABLE, message)
                .help("check the permissions of the folder and the space on its disk"),
            Self::Damaged { .. } => Finding::new(&codes::LEDGER_DAMAGED, message)
                .help("restore the file from a backup, or move it aside and run `makeform import`"),
            Self::Newer { .. } => Finding::new(&codes::LEDGER_NEWER, message)
                .help("use the version of makeform that wrote it, or a later one"),
            Self::OtherAccount { .. } => Finding::new(&codes::LEDGER_OF_ANOTHER_ACCOUNT, message)
                .help("check the target's `url`, `organization` and `team`, or give the account a target of its own"),
            Self::Held { lease: None, .. } => Finding::new(&codes::LEDGER_LOCKED, message)
                .help("wait until it is done; the lock of a process that died is free already"),
            Self::Held { lease: Some(lease), .. } => {
                let finding = Finding::new(&codes::LEDGER_LOCKED, message);
                finding.help(format!(
                    "wait until it is done; the lock of a process that died is taken over by \
                     whoever waits for it {} seconds and more: --lock-timeout",
                    lease.as_secs()
                ))
            }
            Self::Remote { source: ShelfError::Refused(_), .. } => {
                Finding::new(&codes::LEDGER_UNREACHABLE, message)
                    .help("check that it is there and that you may write to it")
            }
            Self::Remote { .. } => Finding::new(&codes::LEDGER_UNREACHABLE, message).help(
                "try again when it can be reached; what is in flight is found out by reading the \
                 account",
            ),
            Self::OtherHolder { .. } => Finding::new(&codes::LEDGER_LOCKED, message)
                .help("nothing was broken: look whose it is, and decide anew"),
            Self::LeaseUnsure { lease, reason: None, .. } => {
                let finding = Finding::new(&codes::LEDGER_LOCKED, message);
                finding.help(format!(
                    "nothing more was sent; run it again: what was in flight is found out by \
                     reading the account; where each write to the ledger takes longer than half of \
                     a lease ({} s), make that longer: MAKEFORM_LEASE, in seconds",
                    lease.as_secs()
                ))
            }
            Self::LockLost { .. } | Self::LeaseUnsure { .. } => Finding::new(&codes::LEDGER_LOCKED, message).help(
                "nothing more was sent; run it again: what was in flight is found out by reading \
                 the account",
            ),
            Self::Crypt { source, .. } => Finding::new(source.code(), message).help(source.help()),
            Self::Moved { to, .. } => Finding::new(&codes::LEDGER_MOVED, message)
                .help(format!("write `state: {to}` in makeform.yaml, or move it back with `makeform state migrate --from {to}`")),
            Self::Arriving { from, .. } => Finding::new(&codes::LEDGER_MOVED, message)
                .help(format!("end it with `makeform state migrate --from {from}`")),
            Self::NotEmpty { .. } => Finding::new(&codes::LEDGER_MOVED, message)
                .help("keep one of the two: `makeform state pull` shows what is in each"),
            Self::Gone { from, to, .. } => Finding::new(&codes::LEDGER_MOVED, message).help(format!(
                "put the ledger back into `{to}`; if it is lost, write `state: {from}` in \
                 makeform.yaml and take up the one of before with `makeform state migrate --from \
                 {to}`: what was made since it moved is not in that; to begin anew, move the target's \
                 folder in .makeform aside"
            )),
            Self::LeftBehind { former, .. } => {
                let finding = Finding::new(&codes::LEDGER_MOVED, message);
                finding.help(format!(
                    "take it along with `makeform state migrate --from {former}`; if it is of no \
                     use, move the target's folder in .makeform aside"
                ))
            }
            Self::Older => Finding::new(&codes::BINDING_REFUSED, message)
                .help("pull again, and make your change to that"),
            Self::NotBound(address) => {
                Finding::new(&codes::BINDING_REFUSED, message)
                    .about(address)
                    .help("`makeform state list` shows what is there")
            }
            Self::AlreadyBound { address, .. }
            | Self::Taken { address, .. }
            | Self::OtherKind { from: address, .. } => {
                Finding::new(&codes::BINDING_REFUSED, message)
                    .about(address)
                    .help("`makeform state rm` forgets a binding without touching the object")
            }
        }
    }
}

/// Who holds a lock, as far as it could be read.
fn name_of(holder: Option<&Owner>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}

/// An account as people call it.
fn in_words(identity: &Identity) -> String {
    let Identity {
        host,
        organization,
        team,
    } = identity;
    match team {
        // An API that knows no teams.
        0 => format!("organization {organization} on {host}"),
        team => format!("organization {organization}, team {team} on {host}"),
    }
}
