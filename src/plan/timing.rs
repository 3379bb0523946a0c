//! When a scenario runs once a step is done, and what of that Make would not do.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{Step, normalize::Drawn};
use crate::{
    diagnostic::{
        Finding, Severity,
        codes::{lints, plan as codes},
    },
    model::{
        Account, Declared, Dialect, Form,
        blueprint::{Module, Trigger, trigger},
        spec::{
            Schedule,
            schedule::{Cron, NextRuns, When, same_clock, time_zone},
        },
    },
};

/// How many next runs a plan shows.
pub const SHOWN: usize = 3;

/// The next runs of a scenario whose schedule a step changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcoming {
    /// Its next runs by that schedule; none where its time zone is not known.
    pub runs: Option<NextRuns>,
    /// Whether they will be.
    pub activity: Activity,
}

/// Whether a scenario runs by its schedule once a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It was switched on, and stays so.
    Goes,
    /// The step switches it on.
    Starts,
    /// It is switched off.
    Rests,
}

/// The schedule that a step of a scenario brings about, or leaves.
pub(super) struct Timing<'a> {
    step: &'a Step,
    account: &'a Account,
    now: Timestamp,
    /// What is wanted: the form has its blueprint packed.
    wanted: &'a Drawn,
    schedule: Schedule,
    activity: Activity,
}

impl<'a> Timing<'a> {
    /// None where the step is no scenario's that goes on, or nobody knows its schedule.
    pub(super) fn of(
        step: &'a Step,
        account: &'a Account,
        now: Timestamp,
        wanted: &'a Drawn,
    ) -> Option<Self> {
        let after = step.after.as_ref()?;
        let was_active = step.before.as_ref().and_then(|form| form.flag("active"));
        let is_active = after.flag("active").or(was_active).unwrap_or(false);
        Some(Self {
            step,
            account,
            now,
            wanted,
            schedule: schedule_in(from_either(step, "schedule")?).normal(),
            activity: match (is_active, was_active == Some(true)) {
                (false, _) => Activity::Rests,
                (true, false) => Activity::Starts,
                (true, true) => Activity::Goes,
            },
        })
    }

    /// When it runs next, if the step changes that and a clock starts it.
    pub(super) fn upcoming(&self) -> Option<Upcoming> {
        if !self.touches("schedule") && !self.touches("timezone") {
            return None;
        }
        let zone = self.zone();
        let known = zone.clone().unwrap_or(TimeZone::UTC);
        let dialect = self.account.dialect;
        let runs = self.schedule.next_runs(dialect, &known, self.now, SHOWN)?;
        let is_anywhere = match &runs {
            NextRuns::At(runs) => runs.is_empty() && !has_times(&self.schedule),
            NextRuns::Counted {
                every: _,
                not_before,
            } => not_before.is_none() && !has_times(&self.schedule),
        };
        Some(Upcoming {
            runs: (zone.is_some() || is_anywhere).then_some(runs),
            activity: self.activity,
        })
    }

    /// What Make would refuse, or not do; with the fields of the manifest.
    pub(super) fn check(
        &self,
        declared: &Declared,
        wanted: Option<&Schedule>,
    ) -> Vec<(&'static str, Finding)> {
        let mut found = Vec::new();
        let is_new = self.touches("schedule");
        if self.account.dialect == Dialect::Zone {
            if is_new || self.activity == Activity::Starts {
                found.extend(self.interval());
            }
            if let Some(schedule) = wanted.filter(|_| is_new) {
                found.extend(self.timezone(schedule));
            }
            if is_new || self.activity == Activity::Starts || self.touches("blueprint") {
                found.extend(self.trigger());
            }
        }
        let runs = self.upcoming().and_then(|upcoming| upcoming.runs);
        if runs.is_some_and(|runs| runs == NextRuns::At(Vec::new())) {
            found.push(self.never());
        }
        // What no manifest says of the schedule stands where the thing is declared.
        let field = match declared.spec.as_scenario() {
            Some(spec) if spec.schedule.is_absent() => "active",
            Some(_) | None => "schedule",
        };
        found.into_iter().map(|finding| (field, finding)).collect()
    }

    fn touches(&self, field: &str) -> bool {
        let mut heads = self
            .step
            .changes
            .iter()
            .filter_map(|change| change.path.first());
        heads.any(|head| head == field)
    }

    /// The time zone that its times are in.
    fn zone(&self) -> Option<TimeZone> {
        let name = match self.account.dialect {
            Dialect::Zone => self.account.timezone.as_deref(),
            Dialect::Unified => from_either(self.step, "timezone").and_then(Value::as_str),
        };
        time_zone(name?)
    }

    fn interval(&self) -> Option<Finding> {
        let (When::Every(seconds), Some(minutes)) =
            (&self.schedule.when, self.account.minimum_interval)
        else {
            return None;
        };
        if *seconds >= minutes.saturating_mul(60) {
            return None;
        }
        let message = format!(
            "runs {}, but this account's plan allows no interval below {minutes}m",
            self.schedule.in_words()
        );
        let mut finding = Finding::new(&codes::INTERVAL_TOO_SHORT, message);
        if self.activity == Activity::Rests {
            // It is refused as it is switched on.
            finding.severity = Severity::Warning;
        }
        Some(finding.help(format!("use `every: {minutes}m` or more")))
    }

    fn timezone(&self, schedule: &Schedule) -> Option<Finding> {
        let wanted = schedule.timezone.as_deref()?;
        if !has_times(&schedule.clone().normal()) {
            return None;
        }
        let Some(name) = self.account.timezone.as_deref() else {
            let message =
                format!("means times in {wanted}, but the organization's zone could not be read");
            let mut finding = Finding::new(&codes::TIMEZONE_DIFFERS, message);
            finding.severity = Severity::Warning;
            return Some(finding);
        };
        let is_same = match (time_zone(name), time_zone(wanted)) {
            (Some(own), Some(wanted)) => same_clock(&own, &wanted, self.now),
            (_, _) => name.eq_ignore_ascii_case(wanted),
        };
        if is_same {
            return None;
        }
        let message = format!("means times in {wanted}, but the organization's are in {name}");
        let finding = Finding::new(&codes::TIMEZONE_DIFFERS, message);
        Some(finding.help(format!("write the times as they are in {name}")))
    }

    /// Whether the schedule suits what the flow begins with.
    fn trigger(&self) -> Option<Finding> {
        let when = &self.schedule.when;
        let is_counted = matches!(when, When::Every(_));
        let is_immediate = *when == When::Immediately;
        if self.activity == Activity::Rests || !(is_counted || is_immediate) {
            return None;
        }
        let own;
        let document = match &self.wanted.document {
            Some(document) => document,
            None => {
                let blueprint = self.step.before.as_ref()?.blueprint.as_ref()?;
                own = blueprint.document().ok()?;
                &own
            }
        };
        let words = |first: &Module<'_>| format!("module {} ({})", first.key, first.module);
        match trigger(document)? {
            Trigger::Instant(first) if is_counted => {
                let message = format!(
                    "{} tells of news at once, and Make refuses to switch it on with an interval",
                    words(&first)
                );
                let finding = Finding::new(&codes::INSTANT_REFUSED, message);
                Some(finding.help("write `schedule: { immediately: true }`"))
            }
            Trigger::Polling(first) if is_immediate => {
                let message = format!(
                    "{} is told of nothing, so that it never runs immediately",
                    words(&first)
                );
                let finding = Finding::new(&lints::IMMEDIATELY_NEVER, message);
                Some(finding.help("say when it is to look: `schedule: { every: 15m }`"))
            }
            Trigger::Instant(_) | Trigger::Polling(_) | Trigger::Unclear(_) => None,
        }
    }

    fn never(&self) -> Finding {
        let words = self.schedule.in_words();
        let message = format!("runs {words}, and there is no such moment from now on");
        let finding = Finding::new(&codes::NEVER_RUNS, message);
        finding.help("say another time, or `schedule: { onDemand: true }`")
    }
}

/// A field as the step leaves it.
pub(super) fn from_either<'s>(step: &'s Step, field: &str) -> Option<&'s Value> {
    let get = |form: &'s Option<Form>| form.as_ref().and_then(|form| form.get(field));
    get(&step.after).or_else(|| get(&step.before))
}

/// The schedule of a form.
pub(super) fn schedule_in(value: &Value) -> Schedule {
    let written = value.get("cronExpression").and_then(Value::as_str);
    match written.map(Cron::parse) {
        Some(Ok(cron)) => Schedule::of(When::Cron(cron)),
        Some(Err(_)) | None => Schedule::from_make(value),
    }
}

/// Whether a time zone changes when it runs. Of Make's own JSON that nobody understands, it may.
fn has_times(schedule: &Schedule) -> bool {
    let at_times = match &schedule.when {
        When::Daily(_)
        | When::Weekly(..)
        | When::Monthly(..)
        | When::Yearly(..)
        | When::Cron(_)
        | When::Raw(_) => true,
        When::Every(_) | When::Once(_) | When::Immediately | When::OnDemand => false,
    };
    at_times || !schedule.restrict.is_empty()
}
