//! A world as time passes, and the requests to its hooks.

use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::engine::{Passed, run, sweep};
use super::error::WorldError;
use super::hook_door;
use super::payload::Post;
use super::routes::Answer;
use super::store::View;
use super::world::{Inner, World};

impl World {
    /// What time it is in the world.
    pub fn now(&self) -> Result<Timestamp, WorldError> {
        clock::now(&self.inner.store.read()?)
    }

    /// Makes it `time` in the world, for all processes that use it; the clock runs on from there.
    /// What schedules are due for until then is run first, each at its own time.
    pub fn set_clock(&self, time: Timestamp) -> Result<Passed, WorldError> {
        let passed = self.inner.store.write(|batch| {
            let now = clock::now(batch)?;
            let passed = match time > now {
                true => {
                    sweep::skip_missed(batch, now)?;
                    sweep::run_due(batch, time)?
                }
                false => Passed::default(),
            };
            clock::set(batch, time)?;
            Ok(passed)
        });
        self.inner.watch.look_again();
        passed
    }

    /// Moves the world's clock, as [`World::set_clock`] does.
    pub fn advance(&self, by: SignedDuration) -> Result<Passed, WorldError> {
        let time = self.now()?.checked_add(by).unwrap_or(Timestamp::MAX);
        self.set_clock(time)
    }

    /// Takes a request to a hook.
    pub(crate) fn take(&self, udid: &str, post: &Post) -> Answer {
        let (_, now) = self.inner.look()?;
        let answer = self
            .inner
            .store
            .write(|batch| hook_door::take(batch, &self.inner.taken, udid, post, now));
        self.inner.watch.look_again();
        answer
    }

    /// Says at which address hooks take requests, without the hook's own part: `/<udid>` is added
    /// to it. Without an address hooks have URLs that lead nowhere. Only the first that is given
    /// counts, whoever serves the world in which dialect.
    pub fn take_hooks_at(&self, address: String) {
        let _ = self.inner.hooks_at.set(address);
    }

    /// Passes over what was due while nobody served the world.
    pub(crate) fn skip_missed(&self) -> Result<(), WorldError> {
        self.inner.store.write(|batch| {
            let now = clock::now(batch)?;
            sweep::skip_missed(batch, now)
        })
    }

    /// Runs what is due by now.
    pub(crate) fn run_due(&self) -> Result<(), WorldError> {
        let now = {
            let view = self.inner.store.read()?;
            let now = clock::now(&view)?;
            if !self.inner.watch.is_due(now, || sweep::next(&view))? {
                return Ok(());
            }
            now
        };
        let ran: Result<Passed, WorldError> =
            self.inner.store.write(|batch| sweep::run_due(batch, now));
        self.inner.watch.look_again();
        ran.map(drop)
    }
}

impl Inner {
    /// A look at the world, in which the runs that are over have ended, and what time it is.
    pub(super) fn look(&self) -> Result<(View<'_>, Timestamp), WorldError> {
        let view = self.store.read()?;
        let now = clock::now(&view)?;
        if run::next_end(&view)?.is_none_or(|end| end > now) {
            return Ok((view, now));
        }
        drop(view);
        let ended: Result<_, WorldError> = self.store.write(|batch| sweep::end_runs(batch, now));
        ended?;
        Ok((self.store.read()?, now))
    }
}
