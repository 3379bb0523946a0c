//! What ties a blueprint to one account beside its references: ids as they are, variables and
//! custom functions. And which modules name what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Step, input::PlanInput, leaving::is_left_out, names::Names};
use crate::{
    diagnostic::{Finding, codes::ties as codes},
    model::{
        Address, Declared, Kind, RemoteId, Spec,
        blueprint::{Formulas, formulas, id_places},
        reference::{Reference, Template},
        spec::VariableScope,
    },
};

/// How many things a finding lists; the others it counts.
const LISTED: usize = 5;

/// What a blueprint names.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    /// Ids as they stand there, with the modules that hold them.
    pub(super) ids: BTreeMap<(Kind, RemoteId), BTreeSet<String>>,
    /// Things that are named by references, with the modules that do.
    pub(super) named: BTreeMap<Address, BTreeSet<String>>,
    /// What formulas name.
    pub(super) formulas: Formulas,
}

impl Ties {
    /// Those of a blueprint as it is written; `references`: whether it may hold any.
    pub(super) fn of(document: &Value, references: bool) -> Self {
        let mut ties = Self {
            formulas: formulas(document),
            ..Self::default()
        };
        for place in id_places(document) {
            let holder = place.holder();
            if let Some(id) = place.id() {
                ties.ids.entry((place.kind, id)).or_default().insert(holder);
            } else if references && let Some(text) = place.value.as_str() {
                for reference in Template::parse(text).references() {
                    if let Reference::Thing { address, .. } = reference {
                        let holders = ties.named.entry(address.clone()).or_default();
                        holders.insert(holder.clone());
                    }
                }
            }
        }
        ties
    }
}

/// Warns of ids that stand in a blueprint as they are. One that the account does not have, and
/// that a step would write, is an error.
pub(super) fn raw_ids(
    input: &PlanInput<'_>,
    address: &Address,
    declared: &Declared,
    ties: &Ties,
    step: Option<&Step>,
    names: &Names<'_>,
) -> Vec<Finding> {
    let writes = step.is_some_and(|step| {
        let changes = step.changes.iter();
        let mut heads = changes.filter_map(|change| change.path.first());
        step.action == Action::Create || heads.any(|head| head == "blueprint")
    });
    let had = step.and_then(|step| step.before.as_ref()?.blueprint.as_ref()?.document().ok());
    let had: BTreeSet<(Kind, RemoteId)> = had
        .iter()
        .flat_map(id_places)
        .filter_map(|place| Some((place.kind, place.id()?)))
        .collect();
    // No API lists AI agents.
    let is_missing = |kind: Kind, id: &RemoteId| {
        kind != Kind::Agent
            && input.snapshot.is_whole(kind)
            && input.snapshot.get(kind, id).is_none()
            && !had.contains(&(kind, id.clone()))
    };
    let place = declared.places.get(&["blueprint".to_owned()][..]);
    let place = place.unwrap_or(&declared.place);
    let (mut raw, mut missing) = (Vec::new(), Vec::new());
    for ((kind, id), holders) in &ties.ids {
        let what = match names.of(*kind, id) {
            Some(name) => format!("{} {id}, which is {name}", kind.prefix()),
            None => format!("{} {id}", kind.prefix()),
        };
        let text = format!("{what} ({})", listed(holders));
        match writes && is_missing(*kind, id) {
            true => missing.push(text),
            false => raw.push(text),
        }
    }
    let mut findings = Vec::new();
    if !missing.is_empty() {
        let message = format!(
            "its blueprint names what the account has not: {}",
            join(&missing)
        );
        let finding = Finding::new(&codes::ID_NOT_FOUND, message);
        findings.push(finding.help("correct the id, or write a reference: `${connection.NAME}`"));
    }
    if !raw.is_empty() {
        let message = format!(
            "its blueprint holds ids of this one account: {}",
            join(&raw)
        );
        let finding = Finding::new(&codes::RAW_ID, message);
        findings.push(finding.help("write references, as `makeform export` does"));
    }
    let about = |finding: Finding| finding.about(address).at(place.clone());
    findings.into_iter().map(about).collect()
}

/// What formulas name and the account lacks, with the scenarios that do.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    variables: BTreeMap<(VariableScope, String), BTreeSet<Address>>,
    functions: BTreeMap<String, BTreeSet<Address>>,
}

impl Lacking {
    /// Notes what the formulas of one scenario name in vain.
    pub(super) fn note(&mut self, input: &PlanInput<'_>, address: &Address, formulas: &Formulas) {
        for (scope, name) in &formulas.variables {
            if input.snapshot.is_whole(Kind::Variable) && !has_variable(input, *scope, name) {
                let users = self.variables.entry((*scope, name.clone())).or_default();
                users.insert(address.clone());
            }
        }
        for name in &formulas.functions {
            let known = input.snapshot.functions.as_ref();
            if known.is_some_and(|known| !known.contains(name)) {
                let users = self.functions.entry(name.clone()).or_default();
                users.insert(address.clone());
            }
        }
    }

    /// Says so, once for each variable and function.
    pub(super) fn findings(&self, input: &PlanInput<'_>) -> Vec<Finding> {
        let variables = self.variables.iter().map(|((scope_of, name), users)| {
            let scope = scope_of.as_str();
            let has = match is_there(input, *scope_of, name) {
                true => "will have",
                false => "has",
            };
            let message = format!("the {scope} {has} no variable `{name}`");
            let help = format!(
                "declare it as a Variable with `scope: {scope}`, or add it in Make: without it \
                 `{{{{var.{scope}.{name}}}}}` is empty"
            );
            (
                Finding::new(&codes::VARIABLE_MISSING, message).help(help),
                users,
            )
        });
        let functions = self.functions.iter().map(|(name, users)| {
            let message = format!("the team has no custom function `{name}`");
            let help = "add it in Make, under Functions: no formula that calls it can be computed";
            (
                Finding::new(&codes::FUNCTION_MISSING, message).help(help),
                users,
            )
        });
        let all = variables.chain(functions);
        all.map(|(mut finding, users)| {
            let need = if users.len() == 1 { "needs" } else { "need" };
            let names = users.iter().map(|user| format!("`{user}`")).collect();
            finding.message = format!("{}; {} {need} it", finding.message, listed(&names));
            let first = users.first();
            if let Some(declared) = first.and_then(|user| input.desired.things.get(user)) {
                finding = finding.at(declared.place.clone());
            }
            match first {
                Some(user) => finding.about(user),
                None => finding,
            }
        })
        .collect()
    }
}

/// Whether a variable is there once the plan is carried out.
fn has_variable(input: &PlanInput<'_>, scope: VariableScope, name: &str) -> bool {
    let mut live = input.snapshot.of(Kind::Variable);
    let mut declared = input.desired.things.values();
    live.any(|live| is_variable(&live.spec, scope, name) && !goes(input, &live.id))
        || declared.any(|declared| is_variable(&declared.spec, scope, name))
}

/// Whether the account has a variable now.
fn is_there(input: &PlanInput<'_>, scope: VariableScope, name: &str) -> bool {
    let mut live = input.snapshot.of(Kind::Variable);
    live.any(|live| is_variable(&live.spec, scope, name))
}

fn is_variable(spec: &Spec, scope: VariableScope, name: &str) -> bool {
    matches!(spec, Spec::Variable(spec) if spec.scope == scope && spec.name == name)
}

/// Whether a variable is managed, and no manifest declares it any more.
fn goes(input: &PlanInput<'_>, id: &RemoteId) -> bool {
    let Some(address) = input.bindings.address_of(Kind::Variable, id) else {
        return false;
    };
    let desired = input.desired;
    !desired.things.contains_key(address)
        && (input.only.is_empty() || input.only.contains(address))
        && desired
            .removed
            .get(address)
            .is_none_or(|removed| removed.destroy)
        && !is_left_out(input, address)
}

/// The first few of some things, and how many more there are.
pub(super) fn listed(things: &BTreeSet<String>) -> String {
    let first: Vec<&str> = things.iter().take(LISTED).map(String::as_str).collect();
    match things.len().saturating_sub(LISTED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn join(texts: &[String]) -> String {
    listed(&texts.iter().cloned().collect())
}
