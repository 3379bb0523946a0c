//! The roles that manifests mean: a word that both dialects know, or the role's own identifier or
//! name; and what a member may do by one that is not allowed by another.

use std::collections::BTreeSet;

use super::{Action, Reason, Step};
use crate::model::{Dialect, Directory, Form, Kind, Role};

/// The one role that a member has in the unified dialect, beside the owner's.
pub(super) const UNIFIED_ROLES: [&str; 4] = ["viewer", "builder", "manager", "admin"];

/// The role of a team that a word of manifests stands for: its identifier and its name.
const TEAM_WORDS: [(&str, &str, &str); 4] = [
    ("viewer", "company:team-monitoring", "Team Monitoring"),
    ("builder", "company:team-member", "Team Member"),
    ("manager", "company:team-admin", "Team Admin"),
    ("admin", "company:team-admin", "Team Admin"),
];

/// The same for organizations, of whose roles no document tells the identifiers.
const ORGANIZATION_WORDS: [(&str, &str, &str); 3] = [
    ("viewer", "", "Member"),
    ("builder", "", "Member"),
    ("admin", "", "Admin"),
];

/// The role of an organization that has all rights, and that only a transfer gives.
const OWNER: &str = "Owner";

/// The roles of a kind: those of teams, or of organizations.
pub(super) fn roles_of(kind: Kind, directory: &Directory) -> &[Role] {
    match kind == Kind::OrganizationRole {
        true => &directory.organization_roles,
        false => &directory.team_roles,
    }
}

/// The words of manifests that stand for a role which the account has.
pub(super) fn words_for_roles(kind: Kind, directory: &Directory) -> Vec<&'static str> {
    let there = roles_of(kind, directory);
    let is_there = |word: &str| {
        let name = role_name(Dialect::Zone, kind, word, directory);
        there.iter().any(|role| role.name == name)
    };
    let words = words_of(kind).iter().map(|(word, ..)| *word);
    words.filter(|word| is_there(word)).collect()
}

/// The words of manifests for roles of a kind, with what they stand for.
fn words_of(kind: Kind) -> &'static [(&'static str, &'static str, &'static str)] {
    match kind == Kind::OrganizationRole {
        true => &ORGANIZATION_WORDS,
        false => &TEAM_WORDS,
    }
}

/// The name of the account's role that a manifest means; what it says, if there is none.
pub(super) fn role_name(dialect: Dialect, kind: Kind, role: &str, directory: &Directory) -> String {
    if dialect == Dialect::Unified {
        return role.to_owned();
    }
    let roles = roles_of(kind, directory);
    let by_identifier = |identifier: &str| {
        let found = roles
            .iter()
            .find(|role| role.identifier.as_deref() == Some(identifier));
        found.map(|role| role.name.clone())
    };
    match words_of(kind).iter().find(|(word, ..)| *word == role) {
        Some((_, identifier, name)) => {
            by_identifier(identifier).unwrap_or_else(|| (*name).to_owned())
        }
        None => by_identifier(role).unwrap_or_else(|| role.to_owned()),
    }
}

/// Whether a role administers the team, or the organization.
pub(super) fn is_admin(dialect: Dialect, kind: Kind, role: &str, directory: &Directory) -> bool {
    role == role_name(dialect, kind, "admin", directory)
        || ((kind == Kind::OrganizationRole || dialect == Dialect::Unified) && is_owner(role))
}

/// Whether a role is that of the organization's owner.
pub(super) fn is_owner(role: &str) -> bool {
    role.eq_ignore_ascii_case(OWNER)
}

/// What a step changes in what somebody may do: where they have one role and get another, and the
/// account says what both allow.
pub(super) fn rights(step: &Step, directory: &Directory) -> Vec<Reason> {
    let kind = step.address.kind;
    if !kind.is_role() || !matches!(step.action, Action::Update | Action::Adopt) {
        return Vec::new();
    }
    let allowed = |form: &Option<Form>| -> Option<&BTreeSet<String>> {
        let form = form.as_ref()?;
        let is_hidden = form.marks.contains_key(&["role".to_owned()][..]);
        let name = form.text("role").filter(|_| !is_hidden)?;
        let mut roles = roles_of(kind, directory).iter();
        roles.find(|role| role.name == name)?.permissions.as_ref()
    };
    let (Some(before), Some(after)) = (allowed(&step.before), allowed(&step.after)) else {
        return Vec::new();
    };
    let less = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    let mut reasons = Vec::new();
    let (lost, gained) = (less(before, after), less(after, before));
    if !lost.is_empty() {
        reasons.push(Reason::MayNoLonger(lost));
    }
    if !gained.is_empty() {
        reasons.push(Reason::MayAlso(gained));
    }
    reasons
}
