//! Each write that goes wrong in each manner, and an apply after it.

use makeform::{
    apply::{Completion, Outcome},
    model::Desired,
};

use super::Bench;
use crate::support::faulty_wire::{At, Fault, LOSE_ANSWER, LOSE_REQUEST, REFUSE};

/// Those after which applying again is to converge.
const FAULTS: [Fault; 6] = [
    REFUSE,
    LOSE_REQUEST,
    LOSE_ANSWER,
    Fault::DieBefore,
    Fault::DieAfter,
    Fault::Interrupt,
];

/// Lets each write of the way to `desired` go wrong in each manner, then applies again.
pub(super) async fn sweep(from: Option<&Desired>, desired: &Desired) {
    sweep_of(async || Bench::new().await, from, desired).await;
}

/// The same on benches of another make.
pub(crate) async fn sweep_of(
    new: impl AsyncFn() -> Bench,
    from: Option<&Desired>,
    desired: &Desired,
) {
    let begin = async || {
        let bench = new().await;
        if let Some(from) = from {
            bench.apply(from).await;
        }
        bench.wire.mend();
        bench
    };
    let bench = begin().await;
    bench.apply(desired).await;
    let writes = bench.wire.writes();
    assert!(writes > 5, "{writes}");

    for fault in FAULTS {
        for at in 1..=writes {
            let bench = begin().await;
            bench.wire.inject(At::Number(at), fault);
            let outcome = bench.try_apply(desired).await;
            let completion = outcome.as_ref().map(Outcome::completion);
            match fault {
                REFUSE => assert_ne!(completion, Some(Completion::Complete)),
                Fault::Interrupt if at < writes => {
                    assert_eq!(completion, Some(Completion::Interrupted), "{outcome:?}");
                }
                Fault::DieBefore | Fault::DieAfter => assert_eq!(completion, None),
                Fault::Interrupt | Fault::Rule(_) => {
                    assert!(completion.is_some());
                }
                Fault::Expire
                | Fault::GoAway
                | Fault::Invalidate
                | Fault::Pretend
                | Fault::Rival
                | Fault::SwitchOff => unreachable!("no fault of this sweep"),
            }
            bench.wire.mend();
            let again = bench.apply(desired).await;
            assert_eq!(
                again.completion(),
                Completion::Complete,
                "{fault:?} at {at}: {again:?}"
            );
            bench.assert_settled(desired).await;
        }
    }
}
