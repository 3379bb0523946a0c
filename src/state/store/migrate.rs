//! From one backend to another, without ever two ledgers that live.

use std::time::Duration;

use super::{Backend, Locked, Store};
use crate::state::{Ledger, Owner, Standing, StateError};

/// What a migration took along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// How many bindings the ledger has.
    pub bindings: usize,
    /// How many documents of the history came along.
    pub history: usize,
}

impl Store {
    /// Takes the ledger of another place over, with its history. `here` and `there` are what the
    /// project file calls the two places.
    ///
    /// The order of the writes sees to it that at most one of the two ledgers lives at any moment:
    /// this one arrives, that one moves, this one lives. A migration that was cut short is ended by
    /// another.
    ///
    /// # Errors
    /// When there is a ledger here already, that one has moved elsewhere, either is locked, or one
    /// of them can't be read or written.
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
        let mut history = 0;
        if !is_moved_here {
            if !may_replace {
                return Err(StateError::NotEmpty {
                    place: here.to_owned(),
                });
            }
            let mut names = old.list("history/").await?;
            names.extend(old.list("reviews/").await?);
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
                ..from.ledger().clone()
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
    let place = store.path_of(super::LEDGER).display().to_string();
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
