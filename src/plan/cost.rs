//! What carrying a plan out costs in requests.
//!
//! An estimate, so that nobody is surprised by how long it takes: apply reads each object again
//! right before and, of a scenario, right after its step, and skips what it finds done.

use std::time::Duration;

use super::{Action, Plan, Step};
use crate::model::{Dialect, Kind};

/// The requests a minute of Make's smallest plan.
const SMALLEST: u32 = 30;

/// What an apply costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The requests, about.
    pub requests: usize,
    /// The requests a minute that the organization's plan allows, where the account says.
    pub limit: Option<u32>,
}

impl Cost {
    /// How long that takes at the least: what Make allows in a minute goes at once.
    #[must_use]
    pub fn lasts(self) -> Duration {
        let limit = u64::from(self.limit.unwrap_or(SMALLEST).max(1));
        let more = u64::try_from(self.requests).unwrap_or(u64::MAX);
        let more = more.saturating_sub(limit);
        Duration::from_secs(more.saturating_mul(60).div_ceil(limit))
    }
}

impl Plan {
    /// What carrying it out costs, reading the account left aside.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let account = &self.target.account;
        let limit = match account.dialect {
            Dialect::Zone => account.licence.requests,
            Dialect::Unified => None,
        };
        Cost {
            requests: self.steps.iter().map(requests).sum(),
            limit,
        }
    }
}

/// The requests of one step.
fn requests(step: &Step) -> usize {
    if step.sends_nothing() {
        return 0;
    }
    let is_scenario = step.address.kind == Kind::Scenario;
    // A scenario's row and its blueprint; where its interface is managed, that too.
    let manages = |field: &str| step.after.as_ref().is_some_and(|f| f.get(field).is_some());
    let read = match is_scenario {
        true => 2 + usize::from(manages("interface")) + usize::from(manages("customProperties")),
        false => 1,
    };
    let turns = usize::from(is_scenario && step.is_to_be_on());
    let touches = |field: &str| {
        let mut changes = step.changes.iter();
        changes.any(|change| change.path.first().is_some_and(|head| head == field))
    };
    let apart = ["interface", "customProperties"];
    let apart = apart.iter().filter(|field| touches(field)).count();
    let later = 2 * usize::from(!step.later.is_empty());
    let looked_after =
        usize::from(is_scenario) * (1 + 2 * usize::from(step.health.verify.is_some()));
    match step.action {
        // It looks that nothing of the name is there.
        Action::Create => 2 + apart + turns + looked_after + later,
        Action::Update | Action::Adopt => {
            let others = usize::from(
                !step
                    .changes
                    .iter()
                    .all(|change| is_apart(&change.path, is_scenario)),
            );
            let switched = usize::from(is_scenario && touches("active"));
            read + others + apart + switched + looked_after
        }
        Action::Replace => 2 * read + 2 + apart + turns + looked_after,
        Action::Delete => read + 2,
        Action::Forget => 0,
    }
}

/// Whether a field has a request of its own.
fn is_apart(path: &[String], is_scenario: bool) -> bool {
    let head = path.first().map(String::as_str);
    is_scenario && matches!(head, Some("active" | "interface" | "customProperties"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Cost;
    use crate::plan::testing::leads;

    #[test]
    fn what_is_allowed_in_a_minute_goes_at_once() {
        let lasts = |requests, limit| {
            let limit = Some(limit);
            Cost { requests, limit }.lasts()
        };
        assert_eq!(lasts(240, 240), Duration::ZERO);
        assert_eq!(lasts(640, 240), Duration::from_secs(100));
    }

    #[test]
    fn a_plan_without_a_change_costs_nothing() {
        let mut world = leads();
        assert!(world.plan().cost().requests >= world.plan().steps.len() * 2);
        world.settle();
        assert_eq!(world.plan().cost().requests, 0);
    }
}
