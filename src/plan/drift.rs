//! What somebody changed in Make since the last apply: the form last applied against the live one,
//! whatever the manifests say by now.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Change, PlanInput, Target,
    comparable::{SENSITIVE, remembered_blueprint},
    credentials::CREDENTIALS,
    defaults::once_fields,
    diff,
    diff_value::{Around, Sides},
    draft::values,
    hide::hide,
    input::{foreign_ledger, is_managed},
    merge::{counterpart, keep_ignored},
    normalize::{Drawn, draw_live},
    pair::pair,
    planner::around,
    resolve::{Past, Resolver},
    select::unknown as unknown_address,
    standing::standings,
};
use crate::{
    diagnostic::{Finding, Report, codes::guards as codes},
    model::{
        Address, Binding, Edited, Kind, Live, Mark, Path, Reading, RemoteId, Trail, each_text,
        value_at, value_at_mut,
    },
};

/// What is no longer as it was applied.
#[derive(Clone, Debug)]
pub struct Drift {
    /// Where.
    pub target: Target,
    /// What differs, by address.
    pub things: Vec<Drifted>,
    /// How many things are as they were applied.
    pub unchanged: usize,
    /// Things of which nobody knows what was applied last: they were imported, or an apply broke
    /// off.
    pub unknown: Vec<Address>,
    /// What hinders an answer.
    pub findings: Report,
}

/// One thing that is no longer as it was applied.
#[derive(Clone, Debug)]
pub struct Drifted {
    /// The thing.
    pub address: Address,
    /// The object that it is, or was.
    pub id: RemoteId,
    /// What differs, from what was applied to what there is; none where the object is gone.
    pub changes: Option<Vec<Change>>,
    /// Who edited it last, and when.
    pub edited: Option<Edited>,
}

/// Finds what somebody changed in Make since the last apply. What a manifest's `ignoreChanges` and
/// the project's `drift.ignore` name is none of it, nor are fields that no manifest managed.
#[must_use]
pub fn drift(input: &PlanInput<'_>) -> Drift {
    let mut drift = Drift {
        target: input.target.clone(),
        things: Vec::new(),
        unchanged: 0,
        unknown: Vec::new(),
        findings: Report::default(),
    };
    if let Some(finding) = foreign_ledger(input) {
        drift.findings.push(finding);
        return drift;
    }
    let pairs = pair(input, &mut Report::default());
    let (standings, _) = standings(input, &pairs);
    let around = around(input, &standings);
    let mut unread: BTreeMap<Kind, usize> = BTreeMap::new();
    for (address, binding) in &input.bindings.by_address {
        let chosen = input.only.is_empty() || input.only.contains(address);
        if !chosen || !is_managed(address.kind) || input.desired.excluded.contains_key(address) {
            continue;
        }
        let thing = |changes, edited| Drifted {
            address: address.clone(),
            id: binding.id.clone(),
            changes,
            edited,
        };
        match input.snapshot.get(address.kind, &binding.id) {
            None if input.snapshot.is_whole(address.kind) => drift.things.push(thing(None, None)),
            None => *unread.entry(address.kind).or_default() += 1,
            Some(live) => match changes(input, address, binding, live, &around) {
                None => drift.unknown.push(address.clone()),
                Some(changes) if changes.is_empty() => drift.unchanged += 1,
                Some(changes) => {
                    drift.things.push(thing(Some(changes), live.facts.edited()));
                }
            },
        }
    }
    for address in input.only {
        if !input.bindings.by_address.contains_key(address) {
            drift.findings.push(unknown_address(input, address));
        }
    }
    for (kind, number) in unread {
        let (why, usually) = match input.snapshot.reading.get(&kind) {
            Some(Reading::Partial(unread)) => (unread.why.as_str(), unread.usually.as_deref()),
            Some(Reading::Whole) | None => ("it was not read", None),
        };
        let message = format!("whether {number} of kind {kind} changed can't be told: {why}");
        let finding = Finding::new(&codes::DRIFT_UNREAD, message);
        drift.findings.push(match usually {
            Some(usually) => finding.help(usually),
            None => finding,
        });
    }
    drift
}

/// How a live object differs from the form last applied; none where nobody knows that form, or the
/// blueprint could not be read.
fn changes(
    input: &PlanInput<'_>,
    address: &Address,
    binding: &Binding,
    live: &Live,
    around: &Around<'_>,
) -> Option<Vec<Change>> {
    let last = binding.form.as_ref()?.document().ok()?;
    let mut now = draw_live(live).ok()?;
    hide(&mut now, live, Some(&last), &around.secrets);
    let mut then = applied(&last, &now, &around.past)?;
    for field in once_fields(address.kind) {
        then.fields.remove(*field);
    }
    for form in [&mut then, &mut now] {
        // No account tells them.
        if let Some(Value::Object(security)) = form.fields.get_mut("security") {
            security.retain(|key, _| !CREDENTIALS.contains(&key.as_str()));
        }
    }
    let declared = input.desired.things.get(address);
    let ignored = match declared {
        Some(declared) => declared.lifecycle.ignore_changes.as_slice(),
        None => input.desired.policy.ignored_in(address.kind),
    };
    keep_ignored(&mut then, &now, ignored);
    around.secrets.mark(&mut then);
    // What was not managed may be anything.
    now.fields
        .retain(|field, _| then.fields.contains_key(field));
    let sides = Sides {
        before: &then.marks,
        after: &now.marks,
        around,
    };
    Some(diff::compare(sides, values(&then), values(&now), None).changes)
}

/// The form that was applied, with what its references stood for then. What nobody knows any more,
/// secrets above all, is as it is now: in it no change can be seen.
fn applied(last: &Value, now: &Drawn, past: &Resolver<'_>) -> Option<Drawn> {
    let Value::Object(fields) = last else {
        return None;
    };
    let mut then = Drawn::default();
    for (field, value) in fields.iter().filter(|(field, _)| *field != "blueprint") {
        let (mut value, lost) = resolved(value, past);
        for path in lost {
            let live = now.fields.get(field);
            replace(
                &mut value,
                &path,
                live.and_then(|live| value_at(live, &path)),
            );
            then.marks.insert(below(field, path), unknown());
        }
        then.fields.insert(field.clone(), value);
    }
    if let (Some(document), Some(live)) = (remembered_blueprint(last), &now.document) {
        let (mut document, lost) = resolved(&document, past);
        for path in lost {
            let there = counterpart(&path, &document, live);
            let value = value_at(live, &there).cloned();
            replace(&mut document, &path, value.as_ref());
            then.marks.insert(below("blueprint", path), unknown());
        }
        then.document = Some(document);
    }
    Some(then)
}

/// A remembered value with the texts of references replaced, and where nobody knows by what.
fn resolved(value: &Value, past: &Resolver<'_>) -> (Value, Vec<Path>) {
    let mut found = Vec::new();
    let mut lost = Vec::new();
    each_text(value, &Trail::from(&[]), &mut |text, trail| {
        if text == SENSITIVE {
            lost.push(trail.path());
        } else if text.contains("${") {
            match past.value(text) {
                Past::Same => {}
                Past::Value(value) | Past::Perhaps(value) => found.push((trail.path(), value)),
                Past::Lost => lost.push(trail.path()),
            }
        }
    });
    let mut resolved = value.clone();
    for (path, value) in found {
        replace(&mut resolved, &path, Some(&value));
    }
    (resolved, lost)
}

fn replace(value: &mut Value, path: &[String], by: Option<&Value>) {
    if let (Some(place), Some(by)) = (value_at_mut(value, path), by) {
        place.clone_from(by);
    }
}

fn below(field: &str, path: Path) -> Path {
    std::iter::once(field.to_owned()).chain(path).collect()
}

fn unknown() -> Mark {
    Mark::Sensitive("the form last applied".to_owned())
}
