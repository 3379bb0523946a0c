//! One of everything that can go wrong: what a sweep over requests goes through.

/// What can happen to a request, each as a rule says it after the colon. Every way in which an
/// exchange can end is among them, before the work and after it.
pub const SORTS: &[&str] = &[
    "latency 50s",
    "unreachable",
    "drop",
    "drop after",
    "reset mid-body",
    "truncated",
    "html",
    "html after",
    "hang",
    "hang after",
    // Somebody in between sends the client elsewhere.
    "302",
    // An answer of success that says nothing of what was done. (One that says so of what was not
    // done is a lie, and so is a limit that refuses what was done.)
    "204 after",
    // Refusals. One of them after the work is what a proxy may make of an answer.
    "400",
    "400 after",
    "401",
    "403",
    "403 after",
    "404",
    "404 after",
    "409",
    "429",
    "429 retry-after 7s",
    "429 for 20s",
    // The server, and what stands in front of it.
    "408 after",
    "500",
    "500 after",
    "501",
    "502 after",
    "503 retry-after 30s",
    "503 for 5s",
    "504 after",
    "522",
];

#[cfg(test)]
mod tests {
    use super::SORTS;
    use crate::sandbox::fault::{Fault, Kind, What};

    /// In how many ways each kind of mishap is to be there. Who adds a kind decides it here.
    fn ways(kind: Kind) -> usize {
        match kind {
            Kind::Status { .. } | Kind::Drop | Kind::Html | Kind::Hang => 2,
            Kind::Unreachable | Kind::ResetMidBody | Kind::Truncated => 1,
        }
    }

    /// One of each kind; `ways` does not compile without those that are missing here.
    const KINDS: [Kind; 7] = [
        Kind::Status {
            status: 500,
            retry_after: None,
        },
        Kind::Unreachable,
        Kind::Drop,
        Kind::ResetMidBody,
        Kind::Truncated,
        Kind::Html,
        Kind::Hang,
    ];

    #[test]
    fn every_sort_is_a_rule_and_every_kind_is_there_before_and_after_the_work() {
        let faults: Vec<Fault> = SORTS
            .iter()
            .map(|what| {
                let rule = format!("3rd any: {what}");
                let fault: Fault = rule.parse().unwrap();
                assert_eq!(fault.to_string(), rule);
                fault
            })
            .collect();
        for kind in KINDS {
            let found = [false, true].map(|after| {
                faults.iter().any(|fault| match fault.what {
                    What::Broken(mishap) => mishap.kind == kind && mishap.is_carried_out == after,
                    What::Slow(_) => false,
                })
            });
            let there = found.into_iter().filter(|found| *found).count();
            assert_eq!(there, ways(kind), "{kind:?}");
        }
        let slow = |fault: &Fault| matches!(fault.what, What::Slow(_));
        assert!(faults.iter().any(slow));
    }
}
