//! What only shows when all manifests are known: names twice, circles, things that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Finding, Report, codes::manifest as codes},
    model::{Address, Declared, Desired, Handling, Kind, Removed, Spec},
};

use super::document::RemovedEntry;

/// Checks the things of a target against each other. `uses` says who names whom.
pub(super) fn check(desired: &Desired, uses: &BTreeSet<(Address, Address)>) -> Report {
    let mut report = Report::default();
    same_person(desired, &mut report);
    // Scenarios may call each other in circles: whether one can be brought about, planning knows.
    for (kind, code, what, field) in [
        (
            Kind::Folder,
            &codes::REFERENCE_CYCLE,
            "folders hold each other",
            "parent",
        ),
        (
            Kind::Scenario,
            &codes::CALLS_IN_A_CIRCLE,
            "scenarios call each other",
            "blueprint",
        ),
    ] {
        for path in circles(uses, kind) {
            let Some(first) = path.first() else {
                continue;
            };
            let mut round: Vec<String> = path.iter().map(Address::to_string).collect();
            round.push(first.to_string());
            let message = format!("{what}: {}", round.join(" -> "));
            let mut finding = Finding::new(code, message).about(first);
            if let Some(declared) = desired.things.get(first) {
                let place = declared.places.get(&vec![field.to_owned()]);
                finding = finding.at(place.unwrap_or(&declared.place).clone());
            }
            report.push(finding);
        }
    }
    report
}

/// The entries of `removed:` by address. Those that are declared too, or named twice, are
/// reported.
pub(super) fn removed(entries: Vec<RemovedEntry>, desired: &mut Desired, report: &mut Report) {
    for entry in entries {
        let address = &entry.address;
        let clash = if let Some(declared) = desired.things.get(address) {
            let message = format!("`{address}` is declared and removed at once");
            let finding = Finding::new(&codes::REMOVED_AND_DECLARED, message);
            Some(finding.label(declared.place.clone(), "declared here"))
        } else if let Some(first) = desired.removed.get(address) {
            let message = format!("`{address}` is removed twice");
            let finding = Finding::new(&codes::DUPLICATE_ADDRESS, message);
            Some(finding.label(first.place.clone(), "first here"))
        } else {
            None
        };
        match clash {
            Some(finding) => report.push(finding.about(address).at(entry.place)),
            None => {
                let removed = Removed {
                    destroy: entry.destroy,
                    place: entry.place,
                };
                desired.removed.insert(entry.address, removed);
            }
        }
    }
}

fn same_person(desired: &Desired, report: &mut Report) {
    let mut seen: BTreeMap<String, &Declared> = BTreeMap::new();
    for (address, declared) in &desired.things {
        let Spec::TeamRole(role) = &declared.spec else {
            continue;
        };
        let key = role.email.to_lowercase();
        if let Some(first) = seen.get(&key) {
            let message = format!("`{}` has two roles", role.email);
            let email = declared.places.get(&vec!["email".to_owned()]);
            report.push(
                Finding::new(&codes::SAME_PERSON, message)
                    .about(address)
                    .at(email.unwrap_or(&declared.place).clone())
                    .label(first.place.clone(), "the other role"),
            );
        } else {
            seen.insert(key, declared);
        }
    }
}

/// People to whom two manifests give different roles, where the account has one role for each:
/// what a TeamRole says is what an OrganizationRole says.
pub(super) fn one_role(desired: &Desired) -> Report {
    let mut report = Report::default();
    let mut seen: BTreeMap<String, (&str, &Declared)> = BTreeMap::new();
    for (address, declared) in &desired.things {
        let (email, role) = if let Spec::OrganizationRole(spec) = &declared.spec {
            (&spec.email, &spec.role)
        } else if let Spec::TeamRole(spec) = &declared.spec {
            (&spec.email, &spec.role)
        } else {
            continue;
        };
        let Some((other, first)) = seen.get(&email.to_lowercase()) else {
            seen.insert(email.to_lowercase(), (role, declared));
            continue;
        };
        if other != role {
            let message = format!("`{email}` has one role here, and is to be {other} and {role}");
            let at = declared.places.get(&["role".to_owned()][..]);
            report.push(
                Finding::new(&codes::SAME_PERSON, message)
                    .about(address)
                    .at(at.unwrap_or(&declared.place).clone())
                    .label(first.place.clone(), "the other role")
                    .help("`api.make.com` knows one role for each member: say the same in both"),
            );
        }
    }
    report
}

/// Schedules that nobody names, and ids that belong to nothing.
/// Only known when all manifests could be read.
pub(super) fn unused(desired: &Desired, uses: &BTreeSet<(Address, Address)>) -> Report {
    let mut report = Report::default();
    let used: BTreeSet<&Address> = uses.iter().map(|(_, used)| used).collect();
    for (address, declared) in &desired.things {
        // A connection that nothing names is no oversight: exports keep ids in blueprints, and
        // list the account's connections beside them.
        if address.kind.handling() == Handling::Local && !used.contains(address) {
            let message = format!("nothing uses `{address}`");
            let finding = Finding::new(&codes::UNUSED, message);
            report.push(finding.about(address).at(declared.place.clone()));
        }
    }
    for (address, pin) in &desired.pins {
        if !desired.things.contains_key(address)
            && !desired.removed.contains_key(address)
            && !desired.excluded.contains_key(address)
        {
            let message = format!("no manifest declares `{address}`");
            let finding = Finding::new(&codes::UNUSED_PIN, message);
            report.push(finding.about(address).at(pin.place.clone()));
        }
    }
    report
}

/// The circles among things of one kind, each once, from its first address on.
fn circles(uses: &BTreeSet<(Address, Address)>, kind: Kind) -> Vec<Vec<Address>> {
    let mut next: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (user, used) in uses {
        if user.kind == kind && used.kind == kind {
            next.entry(user).or_default().push(used);
        }
    }
    let mut done: BTreeSet<&Address> = BTreeSet::new();
    let mut found = Vec::new();
    for start in next.keys().copied() {
        // A walk in depth, without recursion: a chain may be as long as the project.
        let mut path: Vec<(&Address, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<&Address> = BTreeSet::from([start]);
        while let Some((at, tried)) = path.last_mut() {
            let follower = next.get(*at).and_then(|followers| followers.get(*tried));
            *tried += 1;
            match follower.copied() {
                _ if done.contains(*at) => leave(&mut path, &mut on_path, &mut done),
                None => leave(&mut path, &mut on_path, &mut done),
                Some(follower) if on_path.contains(follower) => {
                    let round = path.iter().skip_while(|(at, _)| *at != follower);
                    found.push(round.map(|(at, _)| (*at).clone()).collect());
                }
                Some(follower) => {
                    on_path.insert(follower);
                    path.push((follower, 0));
                }
            }
        }
    }
    found
}

fn leave<'a>(
    path: &mut Vec<(&'a Address, usize)>,
    on_path: &mut BTreeSet<&'a Address>,
    done: &mut BTreeSet<&'a Address>,
) {
    if let Some((left, _)) = path.pop() {
        on_path.remove(left);
        done.insert(left);
    }
}
