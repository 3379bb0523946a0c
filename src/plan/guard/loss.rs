//! Guards of what nothing brings back: work that waits, records, URLs, runs that don't happen.

use super::{about, destroys};
use crate::{
    diagnostic::{
        Finding,
        codes::{guards as codes, plan::OWN_TEAM},
    },
    model::{Field, Kind, RemoteId},
    plan::{Action, Step, input::PlanInput},
};

/// Work that waits, or may wait, in what goes.
pub(super) fn waiting_work(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let live = input.snapshot.get(step.address.kind, step.id.as_ref()?)?;
    let (number, what) = match step.address.kind {
        Kind::Scenario => (live.facts.incomplete, "incomplete executions"),
        Kind::Webhook => (live.facts.queued, "items in its queue"),
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Schedule
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable => return None,
    };
    let address = &step.address;
    let message = match number {
        Some(0) => return None,
        Some(number) => format!("`{address}` has {number} {what}, which would be lost"),
        None => {
            format!("`{address}` may have {what}, which would be lost: the account does not say")
        }
    };
    Some(about(step, Finding::new(&codes::WAITING_WORK, message)))
}

/// That callers of a webhook would call in vain.
pub(super) fn hook_url(step: &Step) -> Option<Finding> {
    if step.address.kind != Kind::Webhook || step.action != Action::Replace {
        return None;
    }
    let message = format!(
        "the URL of `{}` would become another, and whoever calls the old one calls in vain",
        step.address
    );
    let finding = Finding::new(&codes::HOOK_URL_CHANGES, message);
    Some(about(
        step,
        finding.help("tell all its callers the new URL right after the apply"),
    ))
}

/// An active scenario that is deleted, or switched off on purpose. One that loses what it stands
/// on is found beside that.
pub(super) fn stops(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    let live = input.snapshot.get(step.address.kind, step.id.as_ref()?)?;
    let is_active = match live.spec.as_scenario()?.active {
        Field::Set(active) => Some(active),
        Field::Absent | Field::Null => None,
    };
    let verb = match step.action {
        Action::Delete | Action::Replace => "deleted",
        Action::Update | Action::Adopt => {
            let after = step.after.as_ref()?;
            if after.flag("active") != Some(false) {
                return None;
            }
            "switched off"
        }
        Action::Create | Action::Forget => return None,
    };
    let address = &step.address;
    let message = match is_active {
        Some(false) => return None,
        Some(true) => format!("`{address}` is active and would be {verb}"),
        None => format!(
            "`{address}` would be {verb}, and the account does not say whether it is active"
        ),
    };
    Some(about(step, Finding::new(&codes::STOPS_ACTIVE, message)))
}

/// What goes with a data store or a team.
pub(super) fn kept_things(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let facts = &input
        .snapshot
        .get(step.address.kind, step.id.as_ref()?)?
        .facts;
    let (code, message) = match step.address.kind {
        Kind::DataStore => {
            let address = &step.address;
            let message = match facts.records {
                Some(0) => return None,
                Some(records) => {
                    format!("`{address}` holds {records} records, which would be lost")
                }
                None => format!(
                    "`{address}` may hold records, which would be lost: the account does not say"
                ),
            };
            (&codes::DATA_STORE_RECORDS, message)
        }
        Kind::Team => {
            let all = match facts.active_scenarios {
                Some(active) => format!("all that it holds, {active} active scenarios among it"),
                None => "all that it holds".to_owned(),
            };
            (
                &codes::TEAM_DELETE,
                format!("`{}` would go with {all}", step.address),
            )
        }
        Kind::Agent
        | Kind::Connection
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Schedule
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => return None,
    };
    Some(about(step, Finding::new(code, message)))
}

/// The team of the target: its plan can't take away what it stands in. No guard, since nothing
/// could follow.
pub(in crate::plan) fn own_team(input: &PlanInput<'_>, steps: &[Step]) -> Option<Finding> {
    let own = RemoteId::Int(input.snapshot.account.team);
    let step = steps.iter().find(|step| {
        step.address.kind == Kind::Team && step.id.as_ref() == Some(&own) && destroys(step)
    })?;
    let message = format!(
        "`{}` is the target's own team and would be deleted",
        step.address
    );
    let finding = Finding::new(&OWN_TEAM, message);
    let address = &step.address;
    let help = format!("forget it with `removed: [{{ address: {address}, destroy: false }}]`");
    Some(about(step, finding.help(help)))
}
