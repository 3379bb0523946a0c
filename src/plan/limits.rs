//! What the account can't do, found before anything is sent.

use super::{
    Action, PlanInput, Step,
    roles::{UNIFIED_ROLES, is_owner, role_name, roles_of, words_for_roles},
    timing::Timing,
};
use crate::{
    diagnostic::{Finding, codes::plan as codes, nearest},
    model::{
        Declared, Desired, Dialect, Directory, Invitation, Kind, Mark, Spec, spec::VariableSpec,
    },
};

/// Findings about a step that would create or change a thing. `timing`: when that runs.
pub(super) fn check(
    step: &Step,
    declared: &Declared,
    input: &PlanInput<'_>,
    timing: Option<&Timing<'_>>,
) -> Vec<Finding> {
    let (desired, snapshot) = (input.desired, input.snapshot);
    let (account, directory) = (&snapshot.account, &snapshot.directory);
    let touches = |field: &str| {
        let mut heads = step.changes.iter().filter_map(|change| change.path.first());
        heads.any(|head| head == field)
    };
    let mut found: Vec<(&str, Finding)> = Vec::new();
    match &declared.spec {
        Spec::Scenario(spec) => {
            if let Some(timing) = timing {
                let schedule = desired.schedule_of(spec);
                found.extend(timing.check(declared, schedule));
            }
            if touches("interface") {
                let includes = account.licence.scenario_io;
                let what = "inputs and outputs of scenarios";
                found.extend(not_included(includes, what).map(|it| ("interface", it)));
            }
            if touches("interface") || touches("schedule") {
                found.extend(inputs_on_schedule(step).map(|it| ("interface", it)));
            }
            if touches("customProperties") {
                let includes = account.licence.custom_properties;
                let what = "custom properties";
                found.extend(not_included(includes, what).map(|it| ("customProperties", it)));
            }
        }
        Spec::OrganizationRole(spec) => {
            found.extend(invitation(step, &spec.email, directory).map(|it| ("email", it)));
            let kind = Kind::OrganizationRole;
            found.extend(role(account.dialect, kind, &spec.role, directory).map(|it| ("role", it)));
            found.extend(ownership(step).map(|it| ("role", it)));
        }
        Spec::TeamRole(spec) => {
            let member = member(&spec.email, desired, directory);
            found.extend(member.map(|it| ("email", it)));
            let kind = Kind::TeamRole;
            found.extend(role(account.dialect, kind, &spec.role, directory).map(|it| ("role", it)));
            found.extend(ownership(step).map(|it| ("role", it)));
        }
        Spec::Variable(spec) => {
            let includes = account.licence.custom_variables;
            found.extend(not_included(includes, "custom variables").map(|it| ("name", it)));
            found.extend(misfit(step, spec).map(|it| ("value", it)));
        }
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStore(_)
        | Spec::DataStructure(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::Schedule(_)
        | Spec::Team(_) => {}
        Spec::Webhook(_) if account.dialect == Dialect::Unified => {
            found.extend(started_scenario(step).map(|it| ("scenario", it)));
        }
        Spec::Webhook(_) => {}
    }
    let found = found.into_iter().map(|(field, finding)| {
        let place = declared.places.get(&[field.to_owned()][..]);
        let place = place.unwrap_or(&declared.place).clone();
        finding.about(&step.address).at(place)
    });
    found.collect()
}

/// What the account's plan does not include. What it does not tell, it may include.
fn not_included(includes: Option<bool>, what: &str) -> Option<Finding> {
    if includes != Some(false) {
        return None;
    }
    let message = format!("this account's plan includes no {what}");
    let finding = Finding::new(&codes::LICENCE_LACKS, message);
    Some(finding.help("take it out of the manifest, or move the organization to another plan"))
}

/// Whether a scenario would take inputs although nobody starts it on demand.
fn inputs_on_schedule(step: &Step) -> Option<Finding> {
    let after = step.after.as_ref()?;
    let inputs = after.get("interface")?.get("input")?.as_array()?;
    let kind = after
        .get("schedule")
        .and_then(|schedule| schedule.get("type"));
    let on_demand = kind.is_none_or(|kind| kind == "on-demand");
    if inputs.is_empty() || on_demand {
        return None;
    }
    let message = "takes inputs, and its schedule is not on demand";
    let finding = Finding::new(&codes::INPUTS_ON_SCHEDULE, message);
    Some(finding.help("write `schedule: { onDemand: true }`, or take its inputs away"))
}

/// That a webhook would be made for no scenario.
fn started_scenario(step: &Step) -> Option<Finding> {
    let is_made = match step.action {
        Action::Create | Action::Replace => true,
        Action::Adopt | Action::Update | Action::Delete | Action::Forget => false,
    };
    let scenario = step.after.as_ref().and_then(|form| form.get("scenario"));
    if !is_made || scenario.is_some_and(|scenario| !scenario.is_null()) {
        return None;
    }
    let message = format!(
        "no blueprint names `{}`, so nobody knows which scenario it starts",
        step.address
    );
    let help = format!(
        "write `${{{}}}` into the blueprint, or `scenario: scenario.NAME` here",
        step.address
    );
    Some(Finding::new(&codes::WEBHOOK_SCENARIO, message).help(help))
}

/// Whether the value of a variable is none of its type: what came from a reference shows here.
fn misfit(step: &Step, spec: &VariableSpec) -> Option<Finding> {
    let value = step.after.as_ref()?.get("value")?;
    let marks = &step.after.as_ref()?.marks;
    let is_open = marks.get(&["value".to_owned()][..]) == Some(&Mark::Unknown);
    if is_open || spec.kind.takes(value) {
        return None;
    }
    let message = format!("its value is no {}", spec.kind.as_str());
    let finding = Finding::new(&codes::VARIABLE_VALUE, message);
    Some(finding.help("change the type, or what the value refers to"))
}

/// That somebody is invited once more.
fn invitation(step: &Step, email: &str, directory: &Directory) -> Option<Finding> {
    let person = directory
        .people
        .iter()
        .find(|person| person.email.to_lowercase() == email.to_lowercase())?;
    let memberships = directory.memberships.iter();
    let expired = memberships
        .filter(|membership| membership.user == person.id)
        .any(|membership| membership.invitation == Invitation::Expired);
    if step.action != Action::Create || !expired {
        return None;
    }
    let message = format!("the invitation of `{email}` has expired, and is sent again");
    Some(Finding::new(&codes::INVITATION_EXPIRED, message))
}

/// Whether the step would take the ownership of the organization away.
fn ownership(step: &Step) -> Option<Finding> {
    let before = step.before.as_ref()?.text("role")?;
    if !is_owner(before) || step.changes.is_empty() {
        return None;
    }
    let message = "this is the owner of the organization";
    let finding = Finding::new(&codes::OWNER_ROLE, message);
    Some(finding.help("take the manifest away, or transfer the ownership in Make first"))
}

fn member(email: &str, desired: &Desired, directory: &Directory) -> Option<Finding> {
    let is = |other: &str| other.to_lowercase() == email.to_lowercase();
    let known = directory.people.iter().any(|person| is(&person.email));
    let invited = desired
        .things
        .values()
        .any(|declared| matches!(&declared.spec, Spec::OrganizationRole(spec) if is(&spec.email)));
    if directory.people.is_empty() || known || invited {
        return None;
    }
    if let Some(why) = &directory.team_only {
        let message = format!(
            "nobody in the team has the address `{email}`, and who else is in the organization \
             could not be read: {}",
            why.why
        );
        let help = why.usually.as_deref();
        let help = help.unwrap_or("use a token with the scope to read the organization's users");
        return Some(Finding::new(&codes::MEMBER_NOT_FOUND, message).help(help));
    }
    let emails = directory.people.iter().map(|person| person.email.as_str());
    let help = match nearest(email, emails) {
        Some(near) => format!("did you mean `{near}`? Others must be invited to the organization"),
        None => "invite them to the organization: an OrganizationRole does so".to_owned(),
    };
    let message = format!("nobody in the organization has the address `{email}`");
    Some(Finding::new(&codes::MEMBER_NOT_FOUND, message).help(help))
}

fn role(dialect: Dialect, kind: Kind, role: &str, directory: &Directory) -> Option<Finding> {
    if dialect == Dialect::Unified {
        if UNIFIED_ROLES.contains(&role) {
            return None;
        }
        let message = format!("{} has no role `{role}`", dialect.in_words());
        let help = which_role(role, &UNIFIED_ROLES, &UNIFIED_ROLES);
        return Some(Finding::new(&codes::ROLE_NOT_FOUND, message).help(help));
    }
    let name = role_name(dialect, kind, role, directory);
    let all = roles_of(kind, directory);
    let roles = || all.iter().map(|role| role.name.as_str());
    if all.is_empty() || roles().any(|known| known == name) {
        return None;
    }
    let of = match kind == Kind::OrganizationRole {
        true => "organization",
        false => "team",
    };
    let message = format!("the account has no {of} role `{role}`");
    let mut words = words_for_roles(kind, directory);
    let mut known = words.clone();
    known.extend(roles());
    words.extend(roles().filter(|role| !is_owner(role)));
    let help = which_role(role, &known, &words);
    Some(Finding::new(&codes::ROLE_NOT_FOUND, message).help(help))
}

/// What to write for a role that there is not: one of `known`, or which may be given.
fn which_role(role: &str, known: &[&str], given: &[&str]) -> String {
    match nearest(role, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", given.join(", ")),
    }
}
