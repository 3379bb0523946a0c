//! Variables that hold a placeholder, where it would be written over what the account has.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{
    Step,
    guard::{about, with_way_out},
    input::PlanInput,
    merge::counterpart,
    normalize::Drawn,
};
use crate::{
    diagnostic::{Finding, codes::guards},
    model::{
        Form, Path,
        blueprint::modules,
        reference::{Reference, Template},
        secret::stands_in,
        value_at, values_equal,
    },
};

/// A finding for each variable that a step would write, and that holds a placeholder. `wanted`:
/// what the step was made of, with its references.
pub(super) fn placeholders(input: &PlanInput<'_>, step: &Step, wanted: &Drawn) -> Vec<Finding> {
    let env = input.desired.variables.env.iter();
    let unset: BTreeSet<&str> = env
        .filter(|(_, value)| stands_in(value.expose_secret()))
        .map(|(name, _)| name.as_str())
        .collect();
    if unset.is_empty() || step.sends_nothing() {
        return Vec::new();
    }
    let mut found: BTreeMap<String, Vec<&Path>> = BTreeMap::new();
    let mut sides = None;
    for (path, symbol) in &wanted.symbols {
        let template = Template::parse(symbol);
        let names: BTreeSet<&str> = template
            .references()
            .filter_map(env_name)
            .filter(|name| unset.contains(name))
            .collect();
        if names.is_empty() {
            continue;
        }
        let sides = sides.get_or_insert_with(|| Sides::of(step, wanted));
        if sides.differ(path) {
            for name in names {
                found.entry(name.to_owned()).or_default().push(path);
            }
        }
    }
    let finding = |(name, paths): (String, Vec<&Path>)| {
        let (first, others) = paths.split_first()?;
        let place = in_words(first, wanted);
        let more = match others.len() {
            0 => String::new(),
            1 => " and one more place".to_owned(),
            many => format!(" and {many} more places"),
        };
        let message = format!(
            "`${{env.{name}}}` is set to a placeholder, which would be written to `{}` ({place}{more})",
            step.address
        );
        let finding = Finding::new(&guards::PLACEHOLDER_VALUE, message).help(format!(
            "set {name} to the value that the account is to have"
        ));
        Some(with_way_out(about(step, finding)))
    };
    found.into_iter().filter_map(finding).collect()
}

/// What the account has, and what it would get.
struct Sides<'a> {
    step: &'a Step,
    wanted: &'a Drawn,
    /// The live blueprint.
    live: Option<Value>,
}

impl<'a> Sides<'a> {
    fn of(step: &'a Step, wanted: &'a Drawn) -> Self {
        let before = step.before.as_ref();
        let blueprint = before.and_then(|before| before.blueprint.as_ref());
        Self {
            step,
            wanted,
            live: blueprint.and_then(|blueprint| blueprint.document().ok()),
        }
    }

    /// Whether the account has something else at a path of the wanted form, or nothing.
    fn differ(&self, path: &[String]) -> bool {
        let Some((head, rest)) = path.split_first() else {
            return false;
        };
        let (new, old) = if head == "blueprint" {
            let Some(document) = &self.wanted.document else {
                return false;
            };
            let old = self
                .live
                .as_ref()
                .and_then(|live| value_at(live, &counterpart(rest, document, live)));
            (value_at(document, rest), old)
        } else {
            let field = |form: &'a Form| value_at(form.fields.get(head)?, rest);
            (
                self.step.after.as_ref().and_then(field),
                self.step.before.as_ref().and_then(field),
            )
        };
        // What is not in the form is not sent.
        new.is_some_and(|new| !old.is_some_and(|old| values_equal(old, new)))
    }
}

fn env_name(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Env(name) => Some(name),
        Reference::Thing { .. } | Reference::Target(_) | Reference::Var(_) => None,
    }
}

/// Where a value stands: `module 4, mapper.headers.0.value`.
fn in_words(path: &[String], wanted: &Drawn) -> String {
    let inner = path.get(1..).unwrap_or_default();
    let document = wanted
        .document
        .as_ref()
        .filter(|_| path.first().is_some_and(|head| head == "blueprint"));
    let modules = document.map(modules).unwrap_or_default();
    let module = modules
        .iter()
        .filter(|module| inner.starts_with(&module.path))
        .max_by_key(|module| module.path.len());
    match module {
        Some(module) => {
            let field = inner.get(module.path.len()..).unwrap_or_default();
            format!("module {}, {}", module.key, field.join("."))
        }
        None => path.join("."),
    }
}
