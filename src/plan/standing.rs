//! What is known of each thing that a reference may name, and what is looked up in vain.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    defaults::is_sayable,
    input::PlanInput,
    lookup::{alternatives, by_name, looked_up},
    pair::{Pairing, ids_of},
    resolve::Standing,
    ties::listed,
    unsaid::unlisted,
};
use crate::{
    diagnostic::{
        Finding, Report,
        codes::{environments, ties as codes},
    },
    model::{Address, Excluded, Handling, Kind, Live, Spec},
};

/// What is known of each thing that a reference may name, and the things that are looked up and
/// can't be found.
pub(super) fn standings(
    input: &PlanInput<'_>,
    pairs: &BTreeMap<Address, Pairing>,
) -> (BTreeMap<Address, Standing>, BTreeMap<Address, Finding>) {
    let mut standings = BTreeMap::new();
    let mut missing = BTreeMap::new();
    for (address, declared) in &input.desired.things {
        let standing = match (address.kind.handling(), declared.spec.as_looked()) {
            // It is no object of the account.
            (Handling::Local, _) => continue,
            (Handling::Looked | Handling::Managed, Some(spec)) => {
                match looked_up(input, address, spec) {
                    Ok(id) => Standing::Known { id, url: None },
                    Err(finding) => {
                        let mut finding = finding.about(address);
                        finding.place.get_or_insert_with(|| declared.place.clone());
                        missing.insert(address.clone(), finding);
                        Standing::Blocked
                    }
                }
            }
            // Nothing lists such things here: only who writes the manifests knows their ids.
            (Handling::Looked | Handling::Managed, None)
                if !is_sayable(input.snapshot.account.dialect, &declared.spec) =>
            {
                match input.desired.pins.get(address) {
                    Some(pin) => Standing::Known {
                        id: pin.id.clone(),
                        url: None,
                    },
                    None => {
                        // Variables are named by their names, not by ids.
                        if address.kind != Kind::Variable {
                            let dialect = input.snapshot.account.dialect;
                            let finding = unlisted(dialect, address).about(address);
                            let finding = finding.at(declared.place.clone());
                            missing.insert(address.clone(), finding);
                        }
                        Standing::Blocked
                    }
                }
            }
            (Handling::Looked | Handling::Managed, None) => {
                let pairing = pairs.get(address);
                let live = pairing
                    .and_then(Pairing::id)
                    .and_then(|id| input.snapshot.get(address.kind, id));
                match live {
                    Some(live) => Standing::Known {
                        id: live.id.clone(),
                        url: live.facts.url.clone(),
                    },
                    None if pairing == Some(&Pairing::Blocked) => Standing::Blocked,
                    None => Standing::Open,
                }
            }
        };
        standings.insert(address.clone(), standing);
    }
    for (address, excluded) in &input.desired.excluded {
        match excluded_id(input, address, excluded) {
            Ok(standing) => drop(standings.insert(address.clone(), standing)),
            Err(finding) => {
                standings.insert(address.clone(), Standing::Blocked);
                missing.insert(address.clone(), *finding);
            }
        }
    }
    find_alike(input, &mut standings, &mut missing);
    (standings, missing)
}

/// What the account has of a thing that the target leaves out: whoever made it, others may name it.
fn excluded_id(
    input: &PlanInput<'_>,
    address: &Address,
    excluded: &Excluded,
) -> Result<Standing, Box<Finding>> {
    let spec = excluded.declared.as_ref().map(|declared| &declared.spec);
    if let Some(looked) = spec.and_then(Spec::as_looked) {
        let id = looked_up(input, address, looked)?;
        return Ok(Standing::Known { id, url: None });
    }
    let snapshot = input.snapshot;
    let binding = input.bindings.by_address.get(address);
    let pin = input.desired.pins.get(address).map(|pin| &pin.id);
    let known = binding.map(|binding| &binding.id).or(pin);
    let dialect = snapshot.account.dialect;
    if let (Some(id), Some(spec)) = (known, spec)
        && !is_sayable(dialect, spec)
    {
        // Nothing lists it: who wrote the manifests knows.
        let id = id.clone();
        return Ok(Standing::Known { id, url: None });
    }
    let key = spec.and_then(Spec::match_key);
    let found: Vec<&Live> = match known.and_then(|id| snapshot.get(address.kind, id)) {
        Some(live) => vec![live],
        None => snapshot
            .of(address.kind)
            .filter(|live| key.is_some() && live.spec.match_key() == key)
            .collect(),
    };
    let what = format!("target `{}` leaves out `{address}`", input.target.name);
    let message = match found.as_slice() {
        [live] => {
            return Ok(Standing::Known {
                id: live.id.clone(),
                url: live.facts.url.clone(),
            });
        }
        [] => format!("{what}, and the account has nothing of that name"),
        several => {
            let ids = ids_of(several.iter().map(|live| &live.id));
            format!("{what}, and the account has several of that name: {ids}")
        }
    };
    let finding = Finding::new(&environments::NAMES_EXCLUDED, message);
    Err(Box::new(
        finding.about(address).at(excluded.place.clone()).help(
            "leave out the user too, override its field at this target, or make the object in Make",
        ),
    ))
}

/// Finds what is missing under the same name and another type that does as well.
fn find_alike(
    input: &PlanInput<'_>,
    standings: &mut BTreeMap<Address, Standing>,
    missing: &mut BTreeMap<Address, Finding>,
) {
    let name_of = |address: &Address| {
        let declared = input.desired.things.get(address)?;
        let name = declared.spec.as_looked()?.name.as_str();
        let mut alike = input.snapshot.of(address.kind);
        let is_there = alike.any(|live| live.spec.as_looked().is_some_and(|it| it.name == name));
        // A pin says which it is.
        (is_there && !input.desired.pins.contains_key(address)).then_some(name)
    };
    let wanted = missing.keys().filter(|address| name_of(address).is_some());
    let wanted: BTreeSet<Address> = wanted.cloned().collect();
    if wanted.is_empty() {
        return;
    }
    for (address, types) in alternatives(input, &wanted) {
        let types: Vec<String> = types.into_iter().collect();
        if let (Some(name), false) = (name_of(&address), types.is_empty())
            && let Ok(id) = by_name(input, &address, name, &types)
        {
            missing.remove(&address);
            standings.insert(address, Standing::Known { id, url: None });
        }
    }
}

/// What references stood for when things were last applied: the ids of the ledger, else today's.
pub(super) fn past(
    input: &PlanInput<'_>,
    standings: &BTreeMap<Address, Standing>,
) -> BTreeMap<Address, Standing> {
    let mut past = standings.clone();
    for (address, binding) in &input.bindings.by_address {
        let live = input.snapshot.get(address.kind, &binding.id);
        let standing = Standing::Known {
            id: binding.id.clone(),
            url: live.and_then(|live| live.facts.url.clone()),
        };
        past.insert(address.clone(), standing);
    }
    past
}

/// Who needs what is looked up, and the modules that do.
pub(super) type Users = BTreeMap<Address, BTreeMap<Address, BTreeSet<String>>>;

/// Things that can't be found, with who needs them.
pub(super) fn missed(
    input: &PlanInput<'_>,
    missing: BTreeMap<Address, Finding>,
    users: &Users,
) -> Report {
    let mut report = Report::default();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for (address, mut finding) in missing {
        // One that nothing in the plan needs hinders nothing.
        let Some(users) = users.get(&address) else {
            continue;
        };
        let names = users
            .iter()
            .map(|(user, modules)| match modules.is_empty() {
                true => format!("`{user}`"),
                false => format!("`{user}` in {}", listed(modules)),
            });
        let need = if users.len() == 1 { "needs" } else { "need" };
        let names = listed(&names.collect());
        finding.message = format!("{}; {names} {need} it", finding.message);
        report.push(finding);
        if address.kind.handling() == Handling::Looked {
            *counts.entry(address.kind).or_default() += 1;
        }
    }
    if counts.values().sum::<usize>() > 1 {
        report.push(setup(input, &counts));
    }
    report
}

/// What is to be set up in an account, all at once.
fn setup(input: &PlanInput<'_>, counts: &BTreeMap<Kind, usize>) -> Finding {
    let counts = counts.iter().map(|(kind, count)| match count {
        1 => format!("1 {}", kind.prefix()),
        _ => format!("{count} {}s", kind.prefix()),
    });
    let counts: Vec<String> = counts.collect();
    let message = format!(
        "{} need setup in {}",
        counts.join(" and "),
        input.target.name
    );
    let help = "makeform creates none of them, since their secrets pass through no API: the errors \
                name them all, with the modules that need them";
    Finding::new(&codes::NEEDS_SETUP, message).help(help)
}
