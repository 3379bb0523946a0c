//! What a plan does to the runs and operations of a month.
//!
//! A month is 30 days from now on. Runs follow from schedules; operations from what the account
//! says a scenario has consumed, spread over the runs that its present schedule made. Where no
//! clock starts a scenario, or the account has no history of it, that is said, and nothing is
//! made up.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{Plan, Step, guard::with_way_out, timing::schedule_in};
use crate::{
    diagnostic::{Finding, codes::guards as codes},
    model::{
        Account, Address, Consumptions, Dialect, Form, Kind, Policy, RemoteId,
        spec::{
            Schedule,
            schedule::{When, time_zone},
        },
    },
};

/// A month, in hours.
const MONTH: i64 = 30 * 24;

/// A history shorter than this, in hours, tells nothing of a month.
const SHORTEST_HISTORY: i64 = 24;

/// What a plan does to the runs and operations of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// By scenario, where the plan changes how often it runs.
    pub scenarios: BTreeMap<Address, Outlook>,
    /// The operations a month that the organization's plan includes, where the account says.
    pub limit: Option<u64>,
}

/// What a step does to the runs and operations of its scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The object, where there is one.
    id: Option<RemoteId>,
    /// Its runs a month as things stand.
    pub runs_before: Runs,
    /// Its runs a month after the step.
    pub runs_after: Runs,
    /// Its operations a month as things stand, where that is known.
    pub operations_before: Option<u64>,
    /// Its operations a month after the step, where that can be told.
    pub operations_after: Option<u64>,
}

/// How often something runs in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// So often, by its schedule.
    Number(u64),
    /// As data arrives.
    Instant,
    /// As it is called.
    OnDemand,
    /// Nobody knows: Make's own JSON that nothing here understands, or an unknown time zone.
    Unknown,
}

/// Two sums: as things stand, and after the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// As things stand.
    pub before: u64,
    /// After the plan.
    pub after: u64,
}

impl Runs {
    /// The number, where there is one.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Instant | Self::OnDemand | Self::Unknown => None,
        }
    }

    /// The runs of a form in the 30 days from now on.
    fn of(form: Option<&Form>, fallback: Option<&Form>, account: &Account, now: Timestamp) -> Self {
        let get = |field: &str| {
            let value = form.and_then(|form| form.get(field));
            value.or_else(|| fallback.and_then(|form| form.get(field)))
        };
        let is_on = get("active").and_then(Value::as_bool).unwrap_or(false);
        if form.is_none() || !is_on {
            return Self::Number(0);
        }
        let Some(schedule) = get("schedule") else {
            return Self::Unknown;
        };
        let schedule: Schedule = schedule_in(schedule).normal();
        match &schedule.when {
            When::Immediately => return Self::Instant,
            When::OnDemand => return Self::OnDemand,
            When::Raw(_) => return Self::Unknown,
            When::Every(_)
            | When::Daily(_)
            | When::Weekly(..)
            | When::Monthly(..)
            | When::Yearly(..)
            | When::Once(_)
            | When::Cron(_) => {}
        }
        let zone = match account.dialect {
            Dialect::Zone => account.timezone.as_deref(),
            Dialect::Unified => get("timezone").and_then(Value::as_str),
        };
        // How often hardly hangs on where.
        let zone = zone.and_then(time_zone).unwrap_or(TimeZone::UTC);
        let until = now.checked_add(SignedDuration::from_hours(MONTH));
        let runs = schedule.runs_within(&zone, now, until.unwrap_or(Timestamp::MAX));
        runs.map_or(Self::Unknown, Self::Number)
    }
}

impl Outlook {
    fn of(step: &Step, account: &Account, now: Timestamp) -> Option<Self> {
        if step.address.kind != Kind::Scenario || step.sends_nothing() {
            return None;
        }
        let (before, after) = (step.before.as_ref(), step.after.as_ref());
        let runs_before = Runs::of(before, None, account, now);
        let runs_after = Runs::of(after, before, account, now);
        let none = |runs: Runs| (runs == Runs::Number(0)).then_some(0);
        (runs_before != runs_after).then(|| Self {
            id: step.id.clone(),
            runs_before,
            runs_after,
            operations_before: none(runs_before),
            operations_after: none(runs_after),
        })
    }

    /// Takes in how many operations a month it has needed so far.
    ///
    /// A run costs one at the least. Where there are clearly fewer than runs, it did not run like
    /// that all the time: it is younger than the history, was off, or was paused for a while. What a
    /// run costs is not known then. A little fewer are those of the first and the last day.
    fn learn(&mut self, operations: u64) {
        if self.operations_before == Some(0) || operations == 0 {
            return;
        }
        let runs = self.runs_before.number().unwrap_or(0);
        if operations < scaled(runs, 9, 10) {
            return;
        }
        let operations = operations.max(runs);
        self.operations_before = Some(operations);
        if let (Some(before @ 1..), Some(after @ 1..)) =
            (self.runs_before.number(), self.runs_after.number())
        {
            self.operations_after = Some(scaled(operations, after, before));
        }
    }

    /// The operations that it adds at the least: a run costs one, if not more.
    fn least_increase(&self) -> i128 {
        let known = self.operations_before.zip(self.operations_after);
        if let Some((before, after)) = known {
            return i128::from(after) - i128::from(before);
        }
        let runs = |runs: Runs| runs.number().unwrap_or(0);
        let before = self.operations_before.unwrap_or(runs(self.runs_before));
        (i128::from(runs(self.runs_after)) - i128::from(before)).max(0)
    }
}

/// `number * by / of`, rounded.
fn scaled(number: u64, by: u64, of: u64) -> u64 {
    let of = u128::from(of.max(1));
    let scaled = (u128::from(number) * u128::from(by) + of / 2) / of;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

impl Forecast {
    /// What can be told without a history.
    pub(super) fn of(account: &Account, steps: &[Step], now: Timestamp) -> Self {
        let outlooks = steps.iter().filter_map(|step| {
            let outlook = Outlook::of(step, account, now)?;
            Some((step.address.clone(), outlook))
        });
        Self {
            scenarios: outlooks.collect(),
            limit: account.licence.operations,
        }
    }

    /// Whether the account's history would tell more: of a scenario that runs.
    #[must_use]
    pub fn asks_for_history(&self) -> bool {
        let mut scenarios = self.scenarios.values();
        scenarios.any(|outlook| outlook.runs_before != Runs::Number(0))
    }

    /// Takes in what the scenarios have consumed up to now.
    pub fn learn(&mut self, history: &Consumptions, now: Timestamp) {
        let Some(since) = history.since else { return };
        let seconds = now.duration_since(since).as_secs();
        if seconds < SHORTEST_HISTORY * 3600 {
            return;
        }
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        let month = u64::try_from(MONTH * 3600).unwrap_or(u64::MAX);
        for outlook in self.scenarios.values_mut() {
            let consumed = history.scenarios.iter();
            let mut consumed = consumed.filter(|(id, _)| outlook.id.as_ref() == Some(id));
            if let Some((_, consumed)) = consumed.next() {
                outlook.learn(scaled(consumed.operations, month, seconds));
            }
        }
    }

    /// The runs a month that clocks start, of the scenarios of which that is known on both sides.
    #[must_use]
    pub fn runs(&self) -> Amounts {
        self.sum(|outlook| {
            outlook
                .runs_before
                .number()
                .zip(outlook.runs_after.number())
        })
    }

    /// The operations a month of the scenarios of which both sides can be told.
    #[must_use]
    pub fn operations(&self) -> Amounts {
        self.sum(|outlook| outlook.operations_before.zip(outlook.operations_after))
    }

    /// How many scenarios there are of whose operations one side can't be told.
    #[must_use]
    pub fn unknown(&self) -> usize {
        let is_unknown = |outlook: &&Outlook| {
            let sides = [outlook.operations_before, outlook.operations_after];
            sides.contains(&None)
        };
        self.scenarios.values().filter(is_unknown).count()
    }

    fn sum(&self, of: impl Fn(&Outlook) -> Option<(u64, u64)>) -> Amounts {
        let mut sum = Amounts::default();
        for (before, after) in self.scenarios.values().filter_map(of) {
            sum.before = sum.before.saturating_add(before);
            sum.after = sum.after.saturating_add(after);
        }
        sum
    }
}

impl Plan {
    /// The guard of operations, where the project sets a limit and the account does not say what
    /// was needed so far.
    #[must_use]
    pub fn unread_history_guard(&self, policy: &Policy, why: &str) -> Option<Finding> {
        let allowed = policy.max_operations_increase?;
        let mut scenarios = self.forecast.scenarios.values();
        if !scenarios.any(|outlook| outlook.least_increase() > 0) {
            return None;
        }
        let message = format!(
            "whether more than {allowed} more operations a month would be needed, as makeform.yaml \
             allows, can't be told: what the scenarios have needed so far could not be read ({why})"
        );
        let finding = Finding::new(&codes::OPERATIONS_INCREASE, message);
        Some(with_way_out(finding))
    }

    /// The guard of operations, where the project sets a limit and the forecast passes it.
    #[must_use]
    pub fn operations_guard(&self, policy: &Policy) -> Option<Finding> {
        let allowed = policy.max_operations_increase?;
        let scenarios = self.forecast.scenarios.values();
        let increase: i128 = scenarios.map(Outlook::least_increase).sum();
        if increase <= i128::from(allowed) {
            return None;
        }
        let message = format!(
            "at least {increase} more operations a month would be needed, and makeform.yaml allows \
             {allowed} more"
        );
        let finding = Finding::new(&codes::OPERATIONS_INCREASE, message);
        Some(with_way_out(finding))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Amounts, Runs};
    use crate::{
        model::{Consumed, Consumptions, Field, Policy, RemoteId},
        plan::{
            Plan, refusals,
            testing::{World, at, declared_scenario, doing, every, make, plan_id},
        },
    };

    fn polling(minutes: u64) -> crate::model::spec::ScenarioSpec {
        let mut spec = doing(
            "News",
            json!([{"id": 1, "module": "rss:TriggerNewArticle"}]),
        );
        spec.active = Field::Set(true);
        spec.schedule = every(minutes);
        spec
    }

    /// A scenario that ran each quarter of an hour for so many days, and shall each minute.
    fn faster(days: i64, operations: u64) -> (World, Plan) {
        let mut world = World::new();
        world.declare("scenario.news", make(polling(15)));
        world.settle();
        let id = plan_id(&world, "scenario.news");
        declared_scenario(&mut world, "scenario.news").schedule = every(1);
        let mut plan = world.plan();
        let consumed = Consumed {
            operations,
            ..Consumed::none()
        };
        let history = Consumptions {
            since: Some(world.now - jiff::SignedDuration::from_hours(days * 24)),
            scenarios: vec![(RemoteId::Int(id), consumed)],
        };
        assert!(plan.forecast.asks_for_history());
        let digest = plan.digest.clone();
        plan.forecast.learn(&history, world.now);
        assert_eq!(plan.digest, digest);
        (world, plan)
    }

    #[test]
    fn operations_follow_from_the_average_of_a_run() {
        // Ten days of 96 runs, of five operations each.
        let (_, plan) = faster(10, 4800);
        let outlook = &plan.forecast.scenarios[&at("scenario.news")];
        assert_eq!(outlook.runs_before, Runs::Number(2880));
        assert_eq!(outlook.runs_after, Runs::Number(43_200));
        let operations = Amounts {
            before: 14_400,
            after: 216_000,
        };
        assert_eq!(plan.forecast.operations(), operations);
        assert_eq!(plan.forecast.unknown(), 0);
    }

    #[test]
    fn without_a_history_operations_are_not_known() {
        for (days, operations) in [(10, 0), (0, 4800)] {
            let (_, plan) = faster(days, operations);
            assert_eq!(plan.forecast.operations(), Amounts::default());
            assert_eq!(plan.forecast.unknown(), 1);
        }
    }

    #[test]
    fn a_history_of_fewer_operations_than_runs_is_not_one_of_the_whole_time() {
        // Five operations a run, for the last two of twenty days.
        let (_, young) = faster(20, 960);
        assert_eq!(young.forecast.operations(), Amounts::default());
        assert_eq!(young.forecast.unknown(), 1);
        assert_eq!(refused(&young, 40_319), 1);
        assert_eq!(refused(&young, 40_320), 0);
        // One operation a run, but for the first hours of the period.
        let (_, known) = faster(10, 950);
        let operations = Amounts {
            before: 2880,
            after: 43_200,
        };
        assert_eq!(known.forecast.operations(), operations);
        assert_eq!(refused(&known, 40_319), 1);
        assert_eq!(refused(&known, 40_320), 0);
    }

    /// How many guards refuse a plan in a project that allows so many more operations.
    fn refused(plan: &Plan, allowed: u64) -> usize {
        let policy = Policy {
            max_operations_increase: Some(allowed),
            ..Policy::default()
        };
        let mut plan = plan.clone();
        plan.findings
            .extend(plan.operations_guard(&policy).into_iter().collect());
        refusals(&plan, &[]).len()
    }

    #[test]
    fn the_guard_counts_what_is_known_and_one_operation_a_run_of_the_rest() {
        let (_, known) = faster(10, 4800);
        assert_eq!((refused(&known, 201_599), refused(&known, 201_600)), (1, 0));
        let (_, unknown) = faster(0, 0);
        assert_eq!(
            (refused(&unknown, 40_319), refused(&unknown, 40_320)),
            (1, 0)
        );
        assert!(unknown.operations_guard(&Policy::default()).is_none());
    }

    #[test]
    fn what_is_switched_off_does_not_run_and_what_data_starts_is_not_counted() {
        let mut world = World::new();
        world.declare("scenario.news", make(polling(15)));
        let created = world.settle();
        let outlook = &created.forecast.scenarios[&at("scenario.news")];
        assert_eq!(outlook.runs_before, Runs::Number(0));
        assert_eq!(outlook.operations_before, Some(0));
        assert_eq!(outlook.operations_after, None);
        assert!(!created.forecast.asks_for_history());

        let spec = declared_scenario(&mut world, "scenario.news");
        spec.active = Field::Set(false);
        let stopped = world.plan();
        let outlook = &stopped.forecast.scenarios[&at("scenario.news")];
        assert_eq!(outlook.runs_after, Runs::Number(0));
        assert_eq!(outlook.operations_after, Some(0));

        let spec = declared_scenario(&mut world, "scenario.news");
        *spec = polling(15);
        spec.name = "Other".into();
        assert!(world.plan().forecast.scenarios.is_empty());

        let on_demand = crate::model::spec::Schedule::from_make(&json!({"type": "on-demand"}));
        let on_demand = crate::model::spec::ScheduleUse::Inline(on_demand);
        declared_scenario(&mut world, "scenario.news").schedule = Field::Set(on_demand);
        let plan = world.plan();
        let outlook = &plan.forecast.scenarios[&at("scenario.news")];
        assert_eq!(outlook.runs_after, Runs::OnDemand);
        assert_eq!(plan.forecast.runs(), Amounts::default());
    }
}
