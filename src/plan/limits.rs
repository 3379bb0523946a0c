//! What the account can't do, found before anything is sent.

use super::{
    Step,
    normalize::{admin_role, role_name},
};
use crate::{
    diagnostic::{Finding, Severity, codes::plan as codes, nearest},
    model::{
        Account, Address, Declared, Desired, Directory, Spec,
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
    let touches = |field: &str| {
        let mut heads = step.changes.iter().filter_map(|change| change.path.first());
        heads.any(|head| head == field)
    };
    let mut found: Vec<(&str, Finding)> = Vec::new();
    match &declared.spec {
        Spec::Scenario(spec) if touches("schedule") => {
            let schedule = match spec.schedule.as_set() {
                Some(ScheduleUse::Inline(schedule)) => Some(schedule),
                Some(ScheduleUse::Shared(address)) => shared(desired, address),
                None => None,
            };
            if let Some(schedule) = schedule {
                found.extend(interval(schedule, account).map(|it| ("schedule", it)));
                found.extend(timezone(schedule, account).map(|it| ("schedule", it)));
            }
        }
        Spec::TeamRole(spec) => {
            found.extend(member(&spec.email, directory).map(|it| ("email", it)));
            found.extend(role(&spec.role, directory).map(|it| ("role", it)));
        }
        Spec::Connection(_)
        | Spec::Folder(_)
        | Spec::Scenario(_)
        | Spec::Schedule(_)
        | Spec::Webhook(_) => {}
    }
    let found = found.into_iter().map(|(field, finding)| {
        let place = declared.places.get(&[field.to_owned()][..]);
        let place = place.unwrap_or(&declared.place).clone();
        finding.about(&step.address).at(place)
    });
    found.collect()
}

fn shared<'d>(desired: &'d Desired, address: &Address) -> Option<&'d Schedule> {
    match &desired.things.get(address)?.spec {
        Spec::Schedule(schedule) => Some(schedule),
        Spec::Connection(_)
        | Spec::Folder(_)
        | Spec::Scenario(_)
        | Spec::TeamRole(_)
        | Spec::Webhook(_) => None,
    }
}

fn interval(schedule: &Schedule, account: &Account) -> Option<Finding> {
    let normal = schedule.clone().normal();
    let (When::Every(seconds), Some(minutes)) = (&normal.when, account.minimum_interval) else {
        return None;
    };
    if *seconds >= minutes.saturating_mul(60) {
        return None;
    }
    let message = format!(
        "runs {}, but this account's plan allows no interval below {minutes}m",
        normal.in_words()
    );
    let finding = Finding::new(&codes::INTERVAL_TOO_SHORT, message);
    Some(finding.help(format!("use `every: {minutes}m` or more")))
}

fn timezone(schedule: &Schedule, account: &Account) -> Option<Finding> {
    let wanted = schedule.timezone.as_deref()?;
    if !has_times(&schedule.clone().normal()) {
        return None;
    }
    let Some(zone) = account.timezone.as_deref() else {
        let message =
            format!("means times in {wanted}, but the organization's zone could not be read");
        let mut finding = Finding::new(&codes::TIMEZONE_DIFFERS, message);
        finding.severity = Severity::Warning;
        return Some(finding);
    };
    if zone.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let message = format!("means times in {wanted}, but the organization's are in {zone}");
    let finding = Finding::new(&codes::TIMEZONE_DIFFERS, message);
    Some(finding.help(format!("write the times as they are in {zone}")))
}

/// Whether a time zone changes when it runs.
fn has_times(schedule: &Schedule) -> bool {
    let at_times = match &schedule.when {
        When::Daily(_) | When::Weekly(..) | When::Monthly(..) | When::Yearly(..) => true,
        When::Every(_)
        | When::Once(_)
        | When::Immediately
        | When::OnDemand
        | When::Cron(_)
        | When::Raw(_) => false,
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
