//! Values of the environment that the account holds, as the references that they came from.

use std::{cmp::Reverse, collections::BTreeMap};

use aho_corasick::{AhoCorasick, MatchKind};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::secrets::Secrets;
use crate::model::{
    Address,
    reference::{Part, Reference, Template, escape},
};

/// A value of fewer bytes stands in many texts by chance: `1`, `true`, `admin`.
const SHORTEST: usize = 8;

/// The variables that manifests may name.
pub(super) struct Environment<'a> {
    /// Those that stand for a value wherever it is.
    anywhere: Vec<Variable<'a>>,
    /// Finds their values, all in one pass: a large account has thousands of secrets, and millions
    /// of texts. None where there are more than it can hold.
    finder: Option<AhoCorasick>,
    /// What was found in the account, of which some is meant in single texts only.
    secrets: Option<&'a Secrets>,
}

/// A name and what it stands for.
type Variable<'a> = (&'a str, &'a SecretString);

impl<'a> Environment<'a> {
    /// The variables that are set.
    pub(super) fn new(variables: &'a BTreeMap<String, SecretString>) -> Self {
        let known = variables.iter().map(|(name, value)| (name.as_str(), value));
        let known = known.filter(|(_, value)| value.expose_secret().len() >= SHORTEST);
        let anywhere: Vec<Variable<'a>> = known.collect();
        Self {
            finder: finder(&anywhere),
            anywhere,
            secrets: None,
        }
    }

    /// The same, and those of the secrets that the account holds.
    pub(super) fn with(mut self, secrets: &'a Secrets) -> Self {
        self.anywhere.extend(secrets.anywhere());
        self.finder = finder(&self.anywhere);
        self.secrets = Some(secrets);
        self
    }

    /// A text of a thing that may hold references already, with one for each value in what stands
    /// between them; none if no value does. `original`: the text as the account has it.
    pub(super) fn refer(&self, original: &str, of: &Address, written: &str) -> Option<String> {
        let known = self.known(of, original);
        let template = Template::parse(written);
        let holds =
            |part: &Part| matches!(part, Part::Text(text) if known.first_in(text).is_some());
        template.parts().iter().any(holds).then(|| {
            let parts = template.parts().iter().map(|part| match part {
                Part::Text(text) => known.text(text),
                Part::Reference(reference) => reference.to_string(),
            });
            parts.collect()
        })
    }

    /// A literal of a thing as a manifest has to write it.
    pub(super) fn written(&self, value: &Value, of: &Address) -> Value {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) => Value::String(self.known(of, text).text(text)),
            Value::Array(items) => items.iter().map(|item| self.written(item, of)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| (key.clone(), self.written(value, of)))
                .collect(),
        }
    }

    /// A text without references, with one for each value in it.
    pub(super) fn template(&self, template: &Template, of: &Address) -> Template {
        let Some(text) = template.as_literal() else {
            return template.clone();
        };
        let known = self.known(of, text);
        match known.first_in(text) {
            Some(_) => Template::parse(&known.text(text)),
            None => template.clone(),
        }
    }

    /// What may be replaced in a text of a thing.
    fn known(&self, of: &Address, original: &str) -> Known<'_> {
        let within = match self.secrets {
            Some(secrets) => secrets.within(of, original).collect(),
            None => Vec::new(),
        };
        Known {
            environment: self,
            within,
        }
    }
}

/// Finds the values of variables: where several begin at one place, the longest.
fn finder(variables: &[Variable<'_>]) -> Option<AhoCorasick> {
    let values = variables.iter().map(|(_, value)| value.expose_secret());
    let mut builder = AhoCorasick::builder();
    builder
        .match_kind(MatchKind::LeftmostLongest)
        .build(values)
        .ok()
}

/// The variables that may stand in one text.
struct Known<'e> {
    environment: &'e Environment<'e>,
    within: Vec<Variable<'e>>,
}

impl<'e> Known<'e> {
    /// A literal text as a manifest has to write it, with a reference for each value in it.
    fn text(&self, literal: &str) -> String {
        let mut text = String::new();
        let mut rest = literal;
        while let Some((at, name, length)) = self.first_in(rest) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            text.push_str(&escape(before));
            text.push_str(&Reference::Env(name.to_owned()).to_string());
            rest = after.get(length..).unwrap_or_default();
        }
        text.push_str(&escape(rest));
        // Not every text can be said: behind a `$` no reference can stand.
        match self.filled(&text).as_deref() == Some(literal) {
            true => text,
            false => escape(literal),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Variable<'e>> {
        self.environment.anywhere.iter().chain(&self.within)
    }

    /// Where the first value begins, whose it is, and how long it is.
    fn first_in(&self, text: &str) -> Option<(usize, &'e str, usize)> {
        let one_by_one = |variables: &[Variable<'e>]| {
            let found = variables.iter().filter_map(|(name, value)| {
                let value = value.expose_secret();
                text.find(value).map(|at| (at, *name, value.len()))
            });
            found.min_by_key(|(at, _, length)| (*at, Reverse(*length)))
        };
        let anywhere = &self.environment.anywhere;
        let first = match &self.environment.finder {
            Some(finder) => finder.find(text).and_then(|found| {
                let (name, _) = anywhere.get(found.pattern().as_usize())?;
                Some((found.start(), *name, found.len()))
            }),
            None => one_by_one(anywhere),
        };
        let found = first.into_iter().chain(one_by_one(&self.within));
        found.min_by_key(|(at, _, length)| (*at, Reverse(*length)))
    }

    /// What a written text stands for.
    fn filled(&self, written: &str) -> Option<String> {
        let template = Template::parse(written);
        let mut filled = String::new();
        for part in template.parts() {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Reference(Reference::Env(name)) => {
                    let (_, value) = self.all().find(|(known, _)| known == name)?;
                    filled.push_str(value.expose_secret());
                }
                Part::Reference(_) => return None,
            }
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn values_become_references_and_nothing_else_changes() {
        let values = [
            ("A", "secret-one"),
            ("B", "secret-one-and-more"),
            ("C", "admin"),
        ];
        let variables = values.map(|(name, value)| (name.to_owned(), value.into()));
        let variables = variables.into();
        let environment = Environment::new(&variables);
        let of = "scenario.a".parse().unwrap();
        for (literal, written) in [
            ("secret-one", "${env.A}"),
            ("Bearer secret-one-and-more!", "Bearer ${env.B}!"),
            ("secret-onesecret-one", "${env.A}${env.A}"),
            ("${env.A} secret-one", "$${env.A} ${env.A}"),
            ("{{1.x}} admin", "{{1.x}} admin"),
            // There is no way to say that.
            ("$secret-one", "$secret-one"),
        ] {
            assert_eq!(environment.known(&of, literal).text(literal), written);
        }
    }
}
