//! What the account can't do, found before anything is sent.

use super::{
    Step,
    normalize::{admin_role, role_name},
};
use crate::{
    diagnostic::{Finding, Severity, codes::plan as codes, nearest},
    model::{
        Account, Declared, Desired, Directory, Path, Spec,
        spec::{Schedule, ScheduleUse, schedule::When},
    },
};

/// Findings about a step that would create or change a thing.
pub(super) fn check(
    step: &Step,
    declared: &Declared,
    desired: &Desired,
    account: &Account,
    directory: &Directory,
) -> Vec<Finding> {
    let (field, found) = match &declared.spec {
        Spec::Scenario(spec) => {
            let touched = step
                .changes
                .iter()
                .any(|change| change.path.first().is_some_and(|field| field == "schedule"));
            let schedule = match spec.schedule.as_set().filter(|_| touched) {
                Some(ScheduleUse::Inline(schedule)) => Some(schedule),
                Some(ScheduleUse::Shared(address)) => shared(desired, address),
                None => None,
            };
            (
                "schedule",
                schedule.map_or_else(Vec::new, |schedule| schedule_limits(schedule, account)),
            )
        }
        Spec::TeamRole(spec) => {
            let mut found = Vec::new();
            found.extend(member(&spec.email, directory));
            let role = role(&spec.role, directory);
            if let Some(finding) = role {
                return place(vec![finding], step, declared, "role");
            }
            ("email", found)
        }
        Spec::Connection(_) | Spec::Folder(_) | Spec::Schedule(_) | Spec::Webhook(_) => {
            ("name", Vec::new())
        }
    };
    place(found, step, declared, field)
}

fn place(found: Vec<Finding>, step: &Step, declared: &Declared, field: &str) -> Vec<Finding> {
    let path: Path = vec![field.to_owned()];
    let place = declared.places.get(&path).unwrap_or(&declared.place);
    found
        .into_iter()
        .map(|finding| finding.about(&step.address).at(place.clone()))
        .collect()
}

fn shared<'d>(desired: &'d Desired, address: &crate::model::Address) -> Option<&'d Schedule> {
    match &desired.things.get(address)?.spec {
        Spec::Schedule(schedule) => Some(schedule),
        Spec::Connection(_)
        | Spec::Folder(_)
        | Spec::Scenario(_)
        | Spec::TeamRole(_)
        | Spec::Webhook(_) => None,
    }
}

fn schedule_limits(schedule: &Schedule, account: &Account) -> Vec<Finding> {
    let mut found = Vec::new();
    let normal = schedule.clone().normal();
    if let (When::Every(seconds), Some(minutes)) = (&normal.when, account.minimum_interval)
        && *seconds < minutes * 60
    {
        let message = format!(
            "runs {}, but this account's plan allows no interval below {minutes}m",
            normal.in_words()
        );
        found.push(
            Finding::new(&codes::INTERVAL_TOO_SHORT, message)
                .help(format!("use `every: {minutes}m` or more")),
        );
    }
    if let Some(wanted) = schedule.timezone.as_deref().filter(|_| has_times(&normal)) {
        match account.timezone.as_deref() {
            Some(zone) if zone.eq_ignore_ascii_case(wanted) => {}
            Some(zone) => {
                let message =
                    format!("means times in {wanted}, but the organization's are in {zone}");
                found.push(
                    Finding::new(&codes::TIMEZONE_DIFFERS, message)
                        .help(format!("write the times as they are in {zone}")),
                );
            }
            None => {
                let message = format!(
                    "means times in {wanted}, but the organization's zone could not be read"
                );
                let mut finding = Finding::new(&codes::TIMEZONE_DIFFERS, message);
                finding.severity = Severity::Warning;
                found.push(finding);
            }
        }
    }
    found
}

/// Whether a time zone changes when it runs.
fn has_times(schedule: &Schedule) -> bool {
    let at_times = match &schedule.when {
        When::Daily(_) | When::Weekly(..) | When::Monthly(..) | When::Yearly(..) => true,
        When::Every(_) | When::Once(_) | When::Immediately | When::OnDemand | When::Raw(_) => false,
    };
    at_times || !schedule.restrict.is_empty()
}

fn member(email: &str, directory: &Directory) -> Option<Finding> {
    let known = |email: &str| {
        directory
            .people
            .iter()
            .any(|person| person.email.eq_ignore_ascii_case(email))
    };
    if directory.people.is_empty() || known(email) {
        return None;
    }
    let emails = directory.people.iter().map(|person| person.email.as_str());
    let help = match nearest(email, emails) {
        Some(near) => format!("did you mean `{near}`? Others must be invited to the organization"),
        None => "invite them to the organization first".to_owned(),
    };
    let message = format!("nobody in the organization has the address `{email}`");
    Some(Finding::new(&codes::MEMBER_NOT_FOUND, message).help(help))
}

fn role(role: &str, directory: &Directory) -> Option<Finding> {
    let name = role_name(role, directory);
    let roles = || directory.team_roles.iter().map(|role| role.name.as_str());
    if directory.team_roles.is_empty() || roles().any(|known| known == name) {
        return None;
    }
    let message = format!("the account has no team role `{role}`");
    let help = match nearest(role, roles()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", roles().collect::<Vec<_>>().join(", ")),
    };
    Some(Finding::new(&codes::ROLE_NOT_FOUND, message).help(help))
}

/// Whether a role administers the team.
pub(super) fn is_admin(role: &str, directory: &Directory) -> bool {
    role == admin_role(directory)
}
