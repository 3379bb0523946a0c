//! Blueprints as they were last shown, kept by a world that is served: to parse one and write it
//! again takes longer than all else that a request for it takes, and would slow down whoever
//! measures a client here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::packed::{pack, unpack};
use super::quirk::Quirks;

/// The most that is kept, in bytes: the blueprints of some 15,000 scenarios. What would be more
/// lets all go, since whoever reads so many reads each once.
const LIMIT: usize = 64 * 1024 * 1024;

/// What is kept of a process's answers.
#[derive(Default)]
pub(crate) struct Rendered {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_scenario: HashMap<u64, Shown>,
    bytes: usize,
}

/// A part of an answer, and what it was made of.
struct Shown {
    stored: [u8; 32],
    quirks: Quirks,
    packed: Vec<u8>,
}

impl Rendered {
    /// What was made of these stored bytes under these quirks, or is made of them now.
    pub(crate) fn of<E>(
        &self,
        scenario: u64,
        stored: &[u8],
        quirks: &Quirks,
        make: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        let digest: [u8; 32] = Sha256::digest(stored).into();
        if let Some(shown) = self.kept().by_scenario.get(&scenario)
            && shown.stored == digest
            && shown.quirks == *quirks
            && let Some(text) = unpack(&shown.packed).ok()
            && let Ok(text) = String::from_utf8(text.into_owned())
        {
            return Ok(text);
        }
        let text = make()?;
        let shown = Shown {
            stored: digest,
            quirks: *quirks,
            packed: pack(text.clone()),
        };
        let mut kept = self.kept();
        if kept.bytes + shown.packed.len() > LIMIT {
            *kept = Kept::default();
        }
        kept.bytes += shown.packed.len();
        if let Some(former) = kept.by_scenario.insert(scenario, shown) {
            kept.bytes = kept.bytes.saturating_sub(former.packed.len());
        }
        Ok(text)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whatever another thread left is whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
