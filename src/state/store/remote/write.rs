//! Writes whose answer may be lost, done once.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::state::shelf::{Change, Document, Expect, Note, Shelf, ShelfError, Version};

/// The first pause between two tries; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Waits between tries, and gives up in the end.
pub(super) struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    /// `limit`: for how long a backend that can't be reached is asked again.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            until: Instant::now() + limit,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// The error itself once there were tries enough, or where no other try would help.
    pub(super) async fn after(&mut self, error: ShelfError) -> Result<(), ShelfError> {
        let is_passing = matches!(error, ShelfError::Unreachable(_));
        if !is_passing || Instant::now() >= self.until {
            return Err(error);
        }
        // Those who were refused at one moment must not come again at one moment.
        sleep(self.pause.mul_f64(0.5 + fastrand::f64())).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Reads a document as it stands now.
pub(super) async fn read(
    shelf: &dyn Shelf,
    name: &str,
    limit: Duration,
) -> Result<Option<Document>, ShelfError> {
    read_with(shelf, name, &mut Patience::new(limit)).await
}

async fn read_with(
    shelf: &dyn Shelf,
    name: &str,
    patience: &mut Patience,
) -> Result<Option<Document>, ShelfError> {
    loop {
        let read = async {
            shelf.refresh().await?;
            shelf.read(name).await
        };
        match read.await {
            Ok(document) => return Ok(document),
            Err(error) => patience.after(error).await?,
        }
    }
}

/// Writes documents in order, each once: where the answer is lost, or a try of ours is in the way
/// of the next, what stands there tells whether it was done. No two writers write the same bytes.
pub(super) async fn surely(
    shelf: &dyn Shelf,
    batch: &[Change],
    note: &Note,
    limit: Duration,
) -> Result<Vec<Version>, ShelfError> {
    let mut done = Vec::new();
    let mut patience = Patience::new(limit);
    let mut left = batch;
    while !left.is_empty() {
        let error = match shelf.write(left, note).await {
            Ok(versions) => {
                done.extend(versions);
                break;
            }
            Err(error @ (ShelfError::Refused(_) | ShelfError::Crypt(_))) => return Err(error),
            Err(error) => error,
        };
        let conflict = match error {
            ShelfError::Conflict { .. } => true,
            ShelfError::Unreachable(_) | ShelfError::Refused(_) | ShelfError::Crypt(_) => {
                patience.after(error).await?;
                false
            }
        };
        let before = done.len();
        for change in left {
            let now = read_with(shelf, &change.name, &mut patience).await?;
            match now {
                Some(document) if document.bytes == change.bytes => done.push(document.version),
                now if holds(&change.expect, now.as_ref()) => break,
                Some(_) | None => {
                    return Err(ShelfError::Conflict {
                        name: change.name.clone(),
                    });
                }
            }
        }
        left = batch.get(done.len()..).unwrap_or_default();
        // Nothing of ours is there, and nothing in the way: somebody came and went. That is no word
        // of a lock that is another's.
        if conflict && done.len() == before {
            let message = "others write all the time".to_owned();
            patience.after(ShelfError::Unreachable(message)).await?;
        }
    }
    Ok(done)
}

fn holds(expect: &Expect, now: Option<&Document>) -> bool {
    match expect {
        Expect::Absent => now.is_none(),
        Expect::Is(version) => now.is_some_and(|now| now.version == *version),
        Expect::Any => true,
    }
}
