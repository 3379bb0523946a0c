//! What must not reach a file: found before anything is declared, so that each secret gets one
//! variable, wherever it stands.
//!
//! In goes the account; out comes which texts are written as `${env.NAME}`. A value that is long
//! and looks drawn by lot is replaced wherever it stands, in a module's code as in another
//! scenario; a weaker one, such as a short password, only in the texts in which its name gave it
//! away.

mod former;
mod left;
mod naming;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::{Map, Value};

use self::{naming::Namer, place::Place};
use super::{environment::Environment, name::Names, urls::HookUrls};
use crate::{
    diagnostic::{Finding, Report, codes::export as codes},
    model::{
        Address, Kind, RemoteId, Snapshot, Spec,
        reference::Template,
        secret::{self, Found},
        value_at,
    },
};

pub(super) use former::Former;
pub(super) use left::{has_secret, suspects};

/// A value of at least this many bytes, with letters and digits, stands nowhere by chance.
const UNMISTAKABLE: usize = 12;

/// How many places of a secret a finding names.
const MOST_PLACES: usize = 8;

/// The secrets of an account, and what they are called.
#[derive(Default)]
pub(super) struct Secrets {
    /// By the names of their variables.
    values: BTreeMap<String, SecretString>,
    /// The variables of those that are replaced wherever they stand.
    anywhere: BTreeSet<String>,
    /// The variables of the others, by the thing and the text that holds them.
    within: BTreeMap<(Address, String), BTreeSet<String>>,
    /// Where they were found, thing by thing.
    spots: BTreeMap<Address, Vec<Spot>>,
}

/// A place where a secret was found.
struct Spot {
    place: Place,
    sort: &'static str,
    variable: String,
}

impl Spot {
    /// Where it is, what it looks like, and what stands for it.
    fn in_words(&self) -> String {
        let Self {
            place,
            sort,
            variable,
        } = self;
        match *sort == Found::NAMED {
            true => format!("{place} (${{env.{variable}}})"),
            false => format!("{place} ({sort}, ${{env.{variable}}})"),
        }
    }
}

/// A secret before it has a name.
struct Unnamed {
    /// What is replaced.
    value: String,
    found: Vec<(Address, Place, Found, String)>,
}

impl Secrets {
    /// Finds the secrets of the chosen things, and names them. Nothing is found where a reference
    /// will stand anyway: `environment` holds the variables that are set.
    pub(super) fn of(
        snapshot: &Snapshot,
        things: &BTreeSet<(Kind, RemoteId)>,
        names: &Names,
        urls: &HookUrls<'_>,
        environment: &Environment<'_>,
        (former, declared): (&Former, &BTreeSet<String>),
    ) -> Self {
        let mut unnamed: Vec<Unnamed> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (kind, id) in things {
            let (Some(live), Some(address)) = (snapshot.get(*kind, id), names.address(*kind, id))
            else {
                continue;
            };
            let literal = |text: &Template| text.as_literal().map(str::to_owned);
            let Some(document) = document_of(&live.spec, literal) else {
                continue;
            };
            let texts = neutral(&document, &|text| {
                let written = urls.refer(text);
                let text = written.as_deref().unwrap_or(text);
                environment.refer(text, address, text).or(written.clone())
            });
            for found in secret::find(&texts) {
                if found.key.is_some() {
                    // No reference can stand there: what holds it is left out.
                    continue;
                }
                let original = value_at(&document, &found.path).and_then(Value::as_str);
                let part = value_at(&texts, &found.path)
                    .and_then(Value::as_str)
                    .and_then(|text| text.get(found.part.clone()));
                let (Some(original), Some(part)) = (original, part) else {
                    continue;
                };
                let Some(value) = as_it_stands(original, part) else {
                    continue;
                };
                let place = Place::of(&document, &found.path);
                let index = *known.entry(value.clone()).or_insert_with(|| {
                    unnamed.push(Unnamed {
                        value,
                        found: Vec::new(),
                    });
                    unnamed.len() - 1
                });
                if let Some(unnamed) = unnamed.get_mut(index) {
                    let spot = (address.clone(), place, found, original.to_owned());
                    unnamed.found.push(spot);
                }
            }
        }
        Self::named(unnamed, former, declared)
    }

    fn named(unnamed: Vec<Unnamed>, former: &Former, declared: &BTreeSet<String>) -> Self {
        let mut namer = Namer::new(declared);
        // What has a name keeps it, whatever comes before it by now.
        let kept: Vec<Option<String>> = unnamed
            .iter()
            .map(|secret| {
                let mut spots = secret.found.iter();
                let name = spots.find_map(|(address, place, _, text)| {
                    former.variable(address, place, text, &secret.value)
                })?;
                namer.keep(&name).then_some(name)
            })
            .collect();
        let mut secrets = Self::default();
        for (secret, kept) in unnamed.into_iter().zip(kept) {
            let Some((address, place, found, _)) = secret.found.first() else {
                continue;
            };
            let name = kept.unwrap_or_else(|| namer.name(address, place, &found.label));
            if is_unmistakable(&secret.value) {
                secrets.anywhere.insert(name.clone());
            }
            secrets
                .values
                .insert(name.clone(), SecretString::from(secret.value));
            for (address, place, found, text) in secret.found {
                let texts = secrets.within.entry((address.clone(), text)).or_default();
                texts.insert(name.clone());
                secrets.spots.entry(address).or_default().push(Spot {
                    place,
                    sort: found.sort,
                    variable: name.clone(),
                });
            }
        }
        secrets
    }

    /// The variables that are replaced wherever they stand.
    pub(super) fn anywhere(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        let found = self.anywhere.iter();
        found.filter_map(|name| Some((name.as_str(), self.values.get(name)?)))
    }

    /// The others, in a text of a thing.
    pub(super) fn within<'s>(
        &'s self,
        address: &Address,
        text: &str,
    ) -> impl Iterator<Item = (&'s str, &'s SecretString)> {
        // Most texts hold none.
        let names = match self.within.is_empty() {
            true => None,
            false => self.within.get(&(address.clone(), text.to_owned())),
        };
        let names = names.into_iter().flatten();
        names.filter_map(|name| Some((name.as_str(), self.values.get(name)?)))
    }

    /// All of them.
    pub(super) fn into_values(self) -> BTreeMap<String, SecretString> {
        self.values
    }

    /// Says what was found in the things that are exported, and what stands there now.
    pub(super) fn report(&self, is_exported: impl Fn(&Address) -> bool, report: &mut Report) {
        for (address, spots) in &self.spots {
            if !is_exported(address) {
                continue;
            }
            let places: Vec<String> = spots.iter().take(MOST_PLACES).map(Spot::in_words).collect();
            let more = match spots.len() - places.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let places = places.join(", ");
            let message = format!("it holds what looks like a secret, in {places}{more}");
            let finding = Finding::new(&codes::EXPORT_SECRET, message).about(address);
            let help = "set these variables to plan; or move the secret into a key, a connection or \
                        a variable of Make";
            report.push(finding.help(help));
        }
    }
}

/// Where a part of a text stands in it, with each `$` before it: behind one no reference can
/// stand.
fn as_it_stands(text: &str, part: &str) -> Option<String> {
    let at = text.find(part)?;
    let before = text.get(..at)?;
    let start = before.trim_end_matches('$').len();
    text.get(start..at + part.len()).map(str::to_owned)
}

fn is_unmistakable(value: &str) -> bool {
    value.len() >= UNMISTAKABLE
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// All texts of a thing that are exported, but for its name. `description`: how that is taken.
fn document_of(spec: &Spec, description: impl Fn(&Template) -> Option<String>) -> Option<Value> {
    let mut document = Map::new();
    match spec {
        Spec::Scenario(spec) => {
            if let Some(blueprint) = spec.blueprint.as_set() {
                document.insert("blueprint".to_owned(), blueprint.document().ok()?);
            }
            if let Some(text) = spec.description.as_set().and_then(description) {
                document.insert("description".to_owned(), Value::from(text));
            }
            if let Some(interface) = spec.interface.as_set() {
                let lists = [("input", &interface.input), ("output", &interface.output)];
                let lists = lists.map(|(key, list)| (key.to_owned(), Value::from(list.clone())));
                document.insert("interface".to_owned(), Value::from_iter(lists));
            }
            if let Some(properties) = spec.custom_properties.as_set() {
                let properties = Value::Object(properties.clone());
                document.insert("customProperties".to_owned(), properties);
            }
        }
        Spec::Webhook(spec) => document.extend(spec.fields.clone()),
        Spec::Variable(spec) => {
            document.insert(spec.name.clone(), spec.value.clone());
        }
        Spec::DataStructure(spec) => {
            let fields = spec.fields.as_set()?.clone();
            document.insert("fields".to_owned(), Value::from(fields));
        }
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStore(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Schedule(_)
        | Spec::Team(_)
        | Spec::TeamRole(_) => return None,
    }
    Some(Value::Object(document))
}

/// A document with a formula in place of each reference that will be written: what a reference
/// stands for is no secret of the file's.
fn neutral(value: &Value, refer: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => match refer(text) {
            Some(written) => Value::String(left::without_references(&written)),
            None => value.clone(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::Array(items) => items.iter().map(|item| neutral(item, refer)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), neutral(value, refer)))
            .collect(),
    }
}
