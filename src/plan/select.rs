//! `--only`: the chosen things, and what they depend on.

use std::collections::BTreeSet;

use super::{
    input::PlanInput,
    normalize::{Context, draw},
    resolve::Resolver,
};
use crate::{
    diagnostic::{Finding, Report, codes::plan as codes, nearest},
    model::Address,
};

/// The things that are planned; none means all.
pub(super) fn select(
    input: &PlanInput<'_>,
    resolver: &Resolver<'_>,
    findings: &mut Report,
) -> Option<BTreeSet<Address>> {
    if input.only.is_empty() {
        return None;
    }
    let context = Context {
        desired: input.desired,
        resolver,
        directory: &input.snapshot.directory,
        dialect: input.snapshot.account.dialect,
    };
    let mut selected = BTreeSet::new();
    let mut open: Vec<Address> = input.only.to_vec();
    while let Some(address) = open.pop() {
        if let Some(declared) = input.desired.things.get(&address) {
            // What can't be drawn is told when its own step is drafted.
            let drawn = draw(&declared.spec, context).unwrap_or_default();
            open.extend(drawn.uses.difference(&selected).cloned());
        } else if !input.bindings.by_address.contains_key(&address) {
            findings.push(unknown(input, &address));
        }
        selected.insert(address);
    }
    Some(selected)
}

pub(super) fn unknown(input: &PlanInput<'_>, address: &Address) -> Finding {
    let things = input.desired.things.keys();
    let known: BTreeSet<String> = things
        .chain(input.bindings.by_address.keys())
        .map(ToString::to_string)
        .collect();
    let message = format!("nothing has the address `{address}`");
    let finding = Finding::new(&codes::UNKNOWN_ADDRESS, message);
    match nearest(&address.to_string(), known.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding,
    }
}
