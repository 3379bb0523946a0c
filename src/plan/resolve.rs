//! References to values: what is known now, what only apply can know, what must not be shown.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::model::{
    Address, Handling, Kind, Mark, Path, RemoteId, Variables,
    blueprint::id_places,
    reference::{Part, Reference, Template, escape},
    value_at_mut,
};

/// What is known of a thing that a reference names.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// It exists.
    Known {
        /// Its id.
        id: RemoteId,
        /// Its URL, where it has one.
        url: Option<SecretString>,
    },
    /// Apply makes it.
    Open,
    /// Which object it is can't be said: a finding of its own says why.
    Blocked,
}

/// What came to light while references were resolved.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Values that are unknown or sensitive.
    pub(super) marks: BTreeMap<Path, Mark>,
    /// The text by which a value is remembered and digested: with its references to things and
    /// to the environment, which may not show, or may mean another id tomorrow.
    pub(super) symbols: BTreeMap<Path, String>,
    /// The things that were named.
    pub(super) uses: BTreeSet<Address>,
    /// Where the thing that is named is one of which nothing can be said.
    pub(super) blocked: BTreeSet<Path>,
    /// References that lead nowhere.
    pub(super) unresolved: BTreeSet<Reference>,
}

/// Resolves references.
pub(super) struct Resolver<'a> {
    variables: &'a Variables,
    things: BTreeMap<Address, Standing>,
}

/// What a remembered text stood for.
pub(super) enum Past {
    /// Itself.
    Same,
    /// This.
    Value(Value),
    /// This, if what it names was looked up then with the result that it has today: no ledger keeps
    /// the ids of what is only looked up, and another name in a manifest leads to another object.
    Perhaps(Value),
    /// Something that nobody knows any more.
    Lost,
}

enum Found {
    /// From the manifests alone: as if it stood there.
    Plain(String),
    /// The id of a thing.
    Id(Value),
    /// Never shown.
    Secret(String),
    /// Known after apply.
    Later,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(variables: &'a Variables, things: BTreeMap<Address, Standing>) -> Self {
        Self { variables, things }
    }

    /// From now on this thing is as good as new: it will have another id.
    pub(super) fn forget(&mut self, address: &Address) {
        self.things.insert(address.clone(), Standing::Open);
    }

    /// The id of a thing, or its reference where only apply will know it.
    pub(super) fn id(&self, address: &Address, path: &[String], notes: &mut Notes) -> Value {
        let reference = Reference::Thing {
            address: address.clone(),
            attribute: None,
        };
        self.text(&Template::parse(&reference.to_string()), path, notes)
    }

    /// A text's value: of the reference's own type where the text is one reference.
    pub(super) fn text(&self, template: &Template, path: &[String], notes: &mut Notes) -> Value {
        if let Some(text) = template.as_literal() {
            return Value::from(text);
        }
        let (mut known, mut open, mut symbol) = (String::new(), String::new(), String::new());
        let (mut is_open, mut is_symbolic) = (false, false);
        let mut single = None;
        let mut sources = Vec::new();
        for part in template.parts() {
            let reference = match part {
                Part::Text(text) => {
                    known.push_str(text);
                    open.push_str(&escape(text));
                    symbol.push_str(&escape(text));
                    continue;
                }
                Part::Reference(reference) => reference,
            };
            let found = self.find(reference, notes);
            if self.is_blocked(reference) {
                notes.blocked.insert(path.to_vec());
            }
            is_symbolic |= !matches!(found, Found::Plain(_));
            match &found {
                Found::Plain(text) => symbol.push_str(&escape(text)),
                Found::Id(_) | Found::Secret(_) | Found::Later => {
                    symbol.push_str(&reference.to_string());
                }
            }
            match found {
                Found::Plain(text) => {
                    known.push_str(&text);
                    open.push_str(&escape(&text));
                }
                Found::Id(id) => {
                    let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                    known.push_str(&text);
                    open.push_str(&escape(&text));
                    single = Some(id);
                }
                Found::Secret(text) => {
                    known.push_str(&text);
                    open.push_str(&escape(&text));
                    sources.push(source_of(reference));
                }
                Found::Later => {
                    is_open = true;
                    open.push_str(&reference.to_string());
                }
            }
        }
        if is_symbolic {
            notes.symbols.insert(path.to_vec(), symbol);
        }
        if is_open {
            notes.marks.insert(path.to_vec(), Mark::Unknown);
            return Value::from(open);
        }
        if !sources.is_empty() {
            let mark = Mark::Sensitive(sources.join(", "));
            notes.marks.insert(path.to_vec(), mark);
        }
        match single {
            Some(id) if template.single().is_some() => id,
            _ => Value::from(known),
        }
    }

    /// What a remembered text stood for.
    pub(super) fn value(&self, text: &str) -> Past {
        let template = Template::parse(text);
        let mut is_looked = None;
        for reference in template.references() {
            let Reference::Thing { address, .. } = reference else {
                // What an environment variable held then, nobody knows.
                return Past::Lost;
            };
            let looked = address.kind.handling() == Handling::Looked;
            is_looked = Some(is_looked.unwrap_or(false) || looked);
        }
        let Some(is_looked) = is_looked else {
            return Past::Same;
        };
        let mut notes = Notes::default();
        let value = self.text(&template, &[], &mut notes);
        let is_known = notes.unresolved.is_empty() && !notes.marks.values().any(is_open);
        match (is_known, is_looked) {
            (true, false) => Past::Value(value),
            (true, true) => Past::Perhaps(value),
            (false, _) => Past::Lost,
        }
    }

    /// Resolves all texts of a blueprint in place, each as the place wants it.
    pub(super) fn blueprint(&self, document: &mut Value, path: &mut Path, notes: &mut Notes) {
        // A scenario that is called is named `SCN_<id>`.
        let called: Vec<Path> = id_places(document)
            .into_iter()
            .filter(|place| place.kind == Kind::Scenario)
            .filter(|place| place.value.as_str().is_some_and(is_scenario))
            .map(|place| place.path)
            .collect();
        for place in called {
            if let Some(Value::String(text)) = value_at_mut(document, &place) {
                text.insert_str(0, "SCN_");
            }
        }
        self.document(document, path, notes);
    }

    /// Resolves all texts of a document in place.
    pub(super) fn document(&self, document: &mut Value, path: &mut Path, notes: &mut Notes) {
        match document {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                if text.contains("${") {
                    *document = self.text(&Template::parse(text), path, notes);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.push(index.to_string());
                    self.document(item, path, notes);
                    path.pop();
                }
            }
            Value::Object(map) => {
                for (key, item) in map.iter_mut() {
                    path.push(key.clone());
                    self.document(item, path, notes);
                    path.pop();
                }
            }
        }
    }

    fn is_blocked(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Thing {
                address,
                attribute: _,
            } => matches!(self.things.get(address), Some(Standing::Blocked)),
            Reference::Var(_) | Reference::Env(_) | Reference::Target(_) => false,
        }
    }

    fn find(&self, reference: &Reference, notes: &mut Notes) -> Found {
        let found = match reference {
            Reference::Var(name) => self.variables.vars.get(name).cloned().map(Found::Plain),
            Reference::Env(name) => {
                let value = self.variables.env.get(name);
                value.map(|value| Found::Secret(value.expose_secret().to_owned()))
            }
            Reference::Target(name) => {
                (name == "name").then(|| Found::Plain(self.variables.target.clone()))
            }
            Reference::Thing { address, attribute } => {
                notes.uses.insert(address.clone());
                match (self.things.get(address), attribute.as_deref()) {
                    (Some(Standing::Open | Standing::Blocked), None | Some("id" | "url")) => {
                        Some(Found::Later)
                    }
                    (Some(Standing::Known { id, .. }), None) => Some(Found::Id(id.to_value())),
                    (Some(Standing::Known { id, .. }), Some("id")) => {
                        Some(Found::Id(Value::from(id.to_string())))
                    }
                    (Some(Standing::Known { url, .. }), Some("url")) => url
                        .as_ref()
                        .map(|url| Found::Secret(url.expose_secret().to_owned())),
                    (Some(_), Some(_)) | (None, _) => None,
                }
            }
        };
        found.unwrap_or_else(|| {
            notes.unresolved.insert(reference.clone());
            Found::Later
        })
    }
}

/// Whether a text is a reference to a scenario.
fn is_scenario(text: &str) -> bool {
    match Template::parse(text).single() {
        Some(Reference::Thing { address, attribute }) => {
            address.kind == Kind::Scenario && attribute.is_none()
        }
        Some(Reference::Var(_) | Reference::Env(_) | Reference::Target(_)) | None => false,
    }
}

/// `env.CRM_TOKEN`, without the braces.
fn source_of(reference: &Reference) -> String {
    let text = reference.to_string();
    text.trim_start_matches("${")
        .trim_end_matches('}')
        .to_owned()
}

fn is_open(mark: &Mark) -> bool {
    *mark == Mark::Unknown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Notes, Resolver, Standing};
    use crate::model::{Mark, RemoteId, Variables};

    #[test]
    fn one_reference_takes_the_values_type_and_more_are_text() {
        let mut variables = Variables {
            target: "production".to_owned(),
            ..Variables::default()
        };
        variables.vars.insert("sheet".into(), "1AbC".into());
        variables
            .env
            .insert("CRM_TOKEN".into(), "s3cr3t-value".to_owned().into());
        let known = |id| Standing::Known {
            id: RemoteId::Int(id),
            url: Some("https://hook.test/abc".to_owned().into()),
        };
        let things = BTreeMap::from([
            ("webhook.leads".parse().unwrap(), known(58)),
            ("scenario.child".parse().unwrap(), known(901)),
            ("scenario.new".parse().unwrap(), Standing::Open),
        ]);
        let resolver = Resolver::new(&variables, things);
        let mut document = json!({"flow": [
            {"parameters": {"hook": "${webhook.leads}", "sheet": "/${var.sheet} on ${target.name}"}},
            {"module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.child}"}},
            {"module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.new}"}},
            {"module": "make:Run", "mapper": {"scenario": "${scenario.child}", "text": "${scenario.child.id}"}},
            {"mapper": {"token": "Bearer ${env.CRM_TOKEN}", "url": "${webhook.leads.url}?x", "raw": "$${env.CRM_TOKEN} `${x}`"}},
        ]});
        let mut notes = Notes::default();
        resolver.blueprint(&mut document, &mut Vec::new(), &mut notes);
        assert_eq!(
            document,
            json!({"flow": [
                {"parameters": {"hook": 58, "sheet": "/1AbC on production"}},
                {"module": "scenario-service:CallSubscenario", "parameters": {"scenario": "SCN_901"}},
                {"module": "scenario-service:CallSubscenario", "parameters": {"scenario": "SCN_${scenario.new}"}},
                {"module": "make:Run", "mapper": {"scenario": 901, "text": "901"}},
                {"mapper": {"token": "Bearer s3cr3t-value", "url": "https://hook.test/abc?x", "raw": "${env.CRM_TOKEN} `${x}`"}},
            ]})
        );
        let marks: Vec<(String, &Mark)> = notes
            .marks
            .iter()
            .map(|(path, mark)| (path.join("."), mark))
            .collect();
        assert_eq!(
            marks,
            [
                ("flow.2.parameters.scenario".to_owned(), &Mark::Unknown),
                (
                    "flow.4.mapper.token".to_owned(),
                    &Mark::Sensitive("env.CRM_TOKEN".into())
                ),
                (
                    "flow.4.mapper.url".to_owned(),
                    &Mark::Sensitive("webhook.leads.url".into())
                ),
            ]
        );
        let symbols: Vec<&str> = notes.symbols.values().map(String::as_str).collect();
        assert_eq!(
            symbols,
            [
                "${webhook.leads}",
                "SCN_${scenario.child}",
                "SCN_${scenario.new}",
                "${scenario.child}",
                "${scenario.child.id}",
                "Bearer ${env.CRM_TOKEN}",
                "${webhook.leads.url}?x",
            ]
        );
        assert!(notes.unresolved.is_empty());
    }
}
