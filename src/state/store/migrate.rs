//! From one backend to another, without ever two ledgers that live.

use std::time::Duration;

use super::{Backend, Locked, Store, file::FileStore};
use crate::{
    model::Identity,
    state::{Ledger, Owner, Standing, StateError, format},
};

/// What a migration took along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// How many bindings the ledger has.
    pub bindings: usize,
    /// How many documents of the history came along.
    pub history: usize,
    /// The document in which the ledger is kept that was here before; none if there was none.
    pub kept: Option<String>,
}

impl Store {
    /// Takes the ledger of another place over, with its history. `here` and `there` are what the
    /// project file calls the two places.
    ///
    /// The order of the writes sees to it that at most one of the two ledgers lives at any moment:
    /// this one arrives, that one moves, this one lives. A migration that was cut short is ended by
    /// another.
    ///
    /// A ledger that moved from here to there and is there no more lives here again as it was.
    ///
    /// # Errors
    /// When there is a ledger here already, that one has moved elsewhere, or here where there is
    /// none, either is locked, or one of them can't be read or written.
    pub async fn migrate_from(
        &self,
        old: &Self,
        (there, here): (&str, &str),
        owner: &Owner,
        wait: Duration,
    ) -> Result<Migrated, StateError> {
        let mut from = old.lock_any(owner, wait).await?;
        let mut to = match self.lock_any(owner, wait).await {
            Ok(to) => to,
            Err(error) => {
                let _ = from.close().await;
                return Err(error);
            }
        };
        let done = self.carry(old, &mut from, &mut to, (there, here)).await;
        let closed = from.close().await.and(to.close().await);
        let done = done?;
        closed?;
        Ok(done)
    }

    async fn carry(
        &self,
        old: &Self,
        from: &mut Locked,
        to: &mut Locked,
        (there, here): (&str, &str),
    ) -> Result<Migrated, StateError> {
        let is_moved_here = match &from.ledger().standing {
            Standing::Living => false,
            Standing::Moved { to } if to == here => true,
            Standing::Moved { .. } | Standing::Arriving { .. } => {
                return Err(not_living(old, from.ledger()));
            }
        };
        let may_replace = match &to.ledger().standing {
            Standing::Living => to.ledger().is_empty(),
            Standing::Moved { to } => to == there,
            Standing::Arriving { from } => from == there,
        };
        let is_living = to.ledger().standing == Standing::Living;
        if is_moved_here && is_living && to.ledger().is_empty() && !from.ledger().is_empty() {
            return Err(StateError::Gone {
                from: there.to_owned(),
                to: here.to_owned(),
                bindings: from.ledger().bindings.by_address.len(),
            });
        }
        let (mut history, mut kept) = (0, None);
        if !is_moved_here {
            if !may_replace {
                return Err(StateError::NotEmpty {
                    place: here.to_owned(),
                });
            }
            let was_here = !to.ledger().is_empty();
            // What is there was begun anew, and nothing has come of it.
            let is_gone = was_here && from.ledger().is_empty();
            let source = match is_gone {
                true => to.ledger().clone(),
                false => from.ledger().clone(),
            };
            let mut kept_name = None;
            if was_here && !is_gone {
                kept_name = Some(to.kept_name());
                kept = Some(to.keep_ledger().await?);
            }
            let mut names = old.list("history/").await?;
            names.extend(old.list("reviews/").await?);
            names.retain(|name| Some(name) != kept_name.as_ref());
            for name in names {
                if let Some(bytes) = old.document(&name).await? {
                    to.keep(&name, bytes).await?;
                    history += 1;
                }
            }
            let generation = from.ledger().generation.max(to.ledger().generation);
            let arriving = Ledger {
                standing: Standing::Arriving {
                    from: there.to_owned(),
                },
                generation,
                ..source
            };
            to.put(arriving).await?;
            let moved = Ledger {
                standing: Standing::Moved {
                    to: here.to_owned(),
                },
                ..from.ledger().clone()
            };
            from.put(moved).await?;
        }
        if matches!(to.ledger().standing, Standing::Arriving { .. }) {
            let living = Ledger {
                standing: Standing::Living,
                ..to.ledger().clone()
            };
            to.put(living).await?;
        }
        Ok(Migrated {
            bindings: to.ledger().bindings.by_address.len(),
            history,
            kept,
        })
    }

    /// The documents beside the ledger whose names begin so.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        match &self.backend {
            Backend::File(file) => file.list(prefix),
            Backend::Remote(remote) => remote.list(prefix).await,
        }
    }
}

/// Why a ledger can't be used that has moved, or has not arrived.
pub(super) fn not_living(store: &Store, ledger: &Ledger) -> StateError {
    let place = store.path_of(format::LEDGER).display().to_string();
    match &ledger.standing {
        Standing::Moved { to } => StateError::Moved {
            place,
            to: to.clone(),
        },
        Standing::Arriving { from } => StateError::Arriving {
            place,
            from: from.clone(),
        },
        Standing::Living => StateError::Broken { place },
    }
}

/// Refuses to begin a ledger `here` while one counts in this folder, or has moved from there and did
/// not arrive here. One of a sandbox in this process has no say: it never was that of an account.
pub(super) async fn check_none_left(
    store: &Store,
    former: &FileStore,
    here: &str,
) -> Result<(), StateError> {
    let left = former.read().await?.ledger;
    let identity = left.bindings.identity.as_ref();
    if left.is_empty() || identity.is_some_and(Identity::is_embedded) {
        return Ok(());
    }
    let bindings = left.bindings.by_address.len();
    Err(match left.standing {
        Standing::Arriving { .. } => return Ok(()),
        Standing::Moved { to } if to == here => StateError::Gone {
            from: FILE.to_owned(),
            to,
            bindings,
        },
        Standing::Moved { to: former } => left_behind(store, former, bindings),
        Standing::Living => left_behind(store, FILE.to_owned(), bindings),
    })
}

/// What the project file calls the place of a ledger in a folder.
const FILE: &str = "file";

fn left_behind(store: &Store, former: String, bindings: usize) -> StateError {
    StateError::LeftBehind {
        place: store.path_of(format::LEDGER).display().to_string(),
        former,
        bindings,
    }
}
