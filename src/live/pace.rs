//! How many reads are in flight at once.
//!
//! The number grows while answers come as quickly as they did, and shrinks when they come
//! slower or not at all: what a server can't take in parallel only waits there. It has nothing to
//! do with the limit of requests, which is the gate's.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The number to begin with.
const FIRST: f64 = 8.0;

/// The most.
const MOST: f64 = 32.0;

/// How much slower than usual an answer may be before it counts as slower.
const TOLERANCE: f64 = 1.5;

/// The part of each measurement that goes into the usual latency, after the first ones, whose
/// mean it is: so little that what gets slower does not soon become usual.
const USUAL: f64 = 0.0005;

/// How many the first ones are.
const SAMPLE: f64 = 32.0;

/// The part of each measurement that goes into the latest.
const LATEST: f64 = 0.2;

/// The part of each new figure that is taken over at once.
const SMOOTH: f64 = 0.1;

/// The pace of one client's reads. Shared by its requests.
#[derive(Debug)]
pub(super) struct Pace {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    limit: f64,
    /// Seconds that an answer usually takes.
    usual: f64,
    /// Seconds that the latest answers took.
    latest: f64,
    /// How many answers were measured.
    answers: f64,
    /// How many answers are left from before the last failure.
    excused: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            state: Mutex::new(State::NEW),
        }
    }
}

impl State {
    const NEW: Self = Self {
        limit: FIRST,
        usual: 0.0,
        latest: 0.0,
        answers: 0.0,
        excused: 0,
    };
}

impl Pace {
    /// Begins to measure another kind of request; how many may be in flight stays.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        *state = State {
            limit: state.limit,
            ..State::NEW
        };
    }

    /// How many may be in flight.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 1 and MOST"
    )]
    pub(super) fn in_flight(&self) -> usize {
        self.state().limit.clamp(1.0, MOST) as usize
    }

    /// A request was answered after so long.
    pub(super) fn answered(&self, took: Duration) {
        let mut state = self.state();
        let took = took.as_secs_f64().max(1e-6);
        state.answers += 1.0;
        let weight = match state.answers <= SAMPLE {
            true => 1.0 / state.answers,
            false => USUAL,
        };
        state.usual += (took - state.usual) * weight;
        state.latest += (took - state.latest) * LATEST.max(1.0 / state.answers);
        // What got faster is the new usual at once.
        state.usual = state.usual.min(state.latest * TOLERANCE);
        let slower = (TOLERANCE * state.usual / state.latest).clamp(0.5, 1.0);
        let aim = state.limit * slower + state.limit.sqrt();
        let limit = state.limit + (aim - state.limit) * SMOOTH;
        state.limit = limit.clamp(1.0, MOST);
        state.excused = state.excused.saturating_sub(1);
    }

    /// A request got no answer, or one that says that the server can't.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 1 and MOST"
    )]
    pub(super) fn failed(&self) {
        let mut state = self.state();
        // Those that were in flight together fail together, and count once.
        if state.excused == 0 {
            state.excused = state.limit as u32;
            state.limit = (state.limit / 2.0).max(1.0);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Pace};

    /// Answers as a server that works on `lanes` requests at once, 100 ms each.
    fn settled(pace: &Pace, lanes: f64, answers: usize) -> usize {
        for _ in 0..answers {
            let in_flight = u32::try_from(pace.in_flight()).unwrap();
            let queue = (f64::from(in_flight) / lanes).max(1.0);
            pace.answered(Duration::from_secs_f64(0.1 * queue));
        }
        pace.in_flight()
    }

    /// How many are in flight on the whole.
    fn mean(pace: &Pace, lanes: f64, answers: usize) -> usize {
        (0..answers).map(|_| settled(pace, lanes, 1)).sum::<usize>() / answers
    }

    #[test]
    fn it_grows_to_the_most_while_answers_come_as_quickly() {
        let pace = Pace::default();
        assert_eq!(pace.in_flight(), 8);
        assert_eq!(settled(&pace, 1_000.0, 200), 32);
    }

    #[test]
    fn it_shrinks_when_answers_come_slower_and_grows_again() {
        let pace = Pace::default();
        settled(&pace, 1_000.0, 200);
        settled(&pace, 4.0, 40);
        for answers in [100, 300] {
            let slow = mean(&pace, 4.0, answers);
            assert!(slow < 20, "{slow} after {answers} more");
        }
        assert_eq!(settled(&pace, 1_000.0, 200), 32);
    }

    #[test]
    fn failures_halve_it_once_for_all_that_were_in_flight_and_never_stop_it() {
        let pace = Pace::default();
        for _ in 0..8 {
            pace.failed();
        }
        assert_eq!(pace.in_flight(), 4);
        for _ in 0..100 {
            pace.failed();
            for _ in 0..8 {
                pace.answered(Duration::from_secs(60));
                pace.failed();
            }
        }
        assert!(pace.in_flight() >= 1);
    }
}
