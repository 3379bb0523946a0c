//! Guards of roles: somebody has to be left who can give them again.

use std::collections::{BTreeMap, BTreeSet};

use super::{about, destroys};
use crate::{
    diagnostic::{Finding, codes::guards as codes},
    model::{Address, Dialect, Form, Kind, RemoteId, Snapshot, Spec},
    plan::{Step, input::PlanInput, order::Needs, roles::is_admin},
};

/// The kinds that are roles of people, and where.
const ROLES: [(Kind, &str); 2] = [
    (Kind::OrganizationRole, "organization"),
    (Kind::TeamRole, "team"),
];

/// A role of the token's own user that goes; any role, where nobody knows whose token it is.
pub(super) fn own_user(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    let kind = step.address.kind;
    if !kind.is_role() || !(destroys(step) || demotes(input, step)) {
        return None;
    }
    let own = input.snapshot.account.own_user.map(RemoteId::Int);
    let address = &step.address;
    let message = match own {
        // Nothing takes it away there, whoever it is.
        None if destroys(step) && not_supported(input, step).is_some() => return None,
        None => format!(
            "`{address}` would lose a role, and may be the token's own user: the account does not \
             say whose token it is"
        ),
        Some(own) if step.id.as_ref() == Some(&own) => {
            format!("`{address}` is the token's own user and would lose a role")
        }
        Some(_) => return None,
    };
    Some(about(step, Finding::new(&codes::OWN_USER, message)))
}

/// Whether the step takes the rights of an admin from somebody who stays.
fn demotes(input: &PlanInput<'_>, step: &Step) -> bool {
    let is_admin = |form: &Option<Form>| is_admin_in(input, step.address.kind, form.as_ref());
    is_admin(&step.before) && !is_admin(&step.after)
}

/// The last admins of the team and of the organization.
pub(super) fn last_admins(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let found = ROLES.map(|(kind, what)| last_admin(input, steps, kind, what));
    found.into_iter().flatten().collect()
}

fn last_admin(input: &PlanInput<'_>, steps: &[Step], kind: Kind, what: &str) -> Option<Finding> {
    let mut of_kind = steps.iter().filter(|step| step.address.kind == kind);
    let takes = of_kind.any(|step| destroys(step) || demotes(input, step));
    if takes && !input.snapshot.is_whole(kind) {
        let message = format!(
            "who administers the {what} could not be read, and a role in it would be taken away"
        );
        return Some(Finding::new(&codes::LAST_ADMIN, message));
    }
    let mut admins: BTreeSet<&RemoteId> = admins(input, kind).collect();
    let had = !admins.is_empty();
    let mut gains = false;
    for step in steps.iter().filter(|step| step.address.kind == kind) {
        let role = step.after.as_ref().and_then(|form| form.text("role"));
        let stays = role.is_some_and(|role| administers(input, kind, role));
        gains |= stays;
        if let Some(id) = &step.id
            && (destroys(step) || (role.is_some() && !stays))
        {
            admins.remove(id);
        }
    }
    let message = format!("nobody would be left who administers the {what}");
    (had && admins.is_empty() && !gains).then(|| Finding::new(&codes::LAST_ADMIN, message))
}

/// Whoever administers the team is demoted after others are promoted: the token's own user could
/// not do it any more, and the team must not be without an admin if that goes wrong.
pub(in crate::plan) fn needs_of_demotions(
    input: &PlanInput<'_>,
    steps: &BTreeMap<Address, Step>,
    needs: &mut BTreeMap<Address, Needs>,
) {
    for (kind, _) in ROLES {
        needs_of(kind, input, steps, needs);
    }
}

fn needs_of(
    kind: Kind,
    input: &PlanInput<'_>,
    steps: &BTreeMap<Address, Step>,
    needs: &mut BTreeMap<Address, Needs>,
) {
    let roles = || {
        let steps = steps.values();
        steps.filter(|step| step.address.kind == kind)
    };
    let was = |step: &Step| is_admin_in(input, kind, step.before.as_ref());
    let will_be = |step: &Step| is_admin_in(input, kind, step.after.as_ref());
    let promoted: BTreeSet<Address> = roles()
        .filter(|step| !was(step) && will_be(step))
        .map(|step| step.address.clone())
        .collect();
    let demoted: Vec<&Step> = roles().filter(|step| was(step) && !will_be(step)).collect();
    let gone: BTreeSet<Option<&RemoteId>> = demoted.iter().map(|step| step.id.as_ref()).collect();
    let one_stays = admins(input, kind).any(|id| !gone.contains(&Some(id)));
    let own = input.snapshot.account.own_user.map(RemoteId::Int);
    for step in demoted {
        if (!one_stays || step.id == own)
            && let Some(needs) = needs.get_mut(&step.address)
        {
            needs.settled.extend(promoted.iter().cloned());
        }
    }
}

/// Whether a form of a role administers the team.
fn is_admin_in(input: &PlanInput<'_>, kind: Kind, form: Option<&Form>) -> bool {
    let role = form.and_then(|form| form.text("role"));
    role.is_some_and(|role| administers(input, kind, role))
}

fn administers(input: &PlanInput<'_>, kind: Kind, role: &str) -> bool {
    let Snapshot {
        account, directory, ..
    } = input.snapshot;
    is_admin(account.dialect, kind, role, directory)
}

/// Those who administer the team, or the organization.
fn admins<'a>(input: &PlanInput<'a>, kind: Kind) -> impl Iterator<Item = &'a RemoteId> {
    let snapshot = input.snapshot;
    let roles = snapshot.of(kind);
    roles
        .filter(move |live| {
            let role = match &live.spec {
                Spec::OrganizationRole(spec) => &spec.role,
                Spec::TeamRole(spec) => &spec.role,
                Spec::Agent(_)
                | Spec::Connection(_)
                | Spec::DataStore(_)
                | Spec::DataStructure(_)
                | Spec::Device(_)
                | Spec::Folder(_)
                | Spec::Key(_)
                | Spec::Scenario(_)
                | Spec::Schedule(_)
                | Spec::Team(_)
                | Spec::Variable(_)
                | Spec::Webhook(_) => return false,
            };
            administers(input, kind, role)
        })
        .map(|live| &live.id)
}

/// Whether the step would take somebody away from an account that only takes people in.
pub(super) fn not_supported(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    let dialect = input.snapshot.account.dialect;
    if dialect == Dialect::Zone || !step.address.kind.is_role() || !destroys(step) {
        return None;
    }
    let message = format!(
        "`{}` would be taken away, and {} removes nobody",
        step.address,
        dialect.in_words()
    );
    let finding = Finding::new(&codes::NOT_SUPPORTED, message);
    let help = format!(
        "remove the member in Make; to leave them there, say \
         `removed: [{{ address: {}, destroy: false }}]`",
        step.address
    );
    Some(about(step, finding.help(help)))
}
