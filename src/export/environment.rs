//! Values of the environment that the account holds, as the references that they came from.

use std::{cmp::Reverse, collections::BTreeMap};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::model::reference::{Part, Reference, Template, escape};

/// A value of fewer bytes stands in many texts by chance: `1`, `true`, `admin`.
const SHORTEST: usize = 8;

/// The variables that manifests may name, the longest value first: one may hold another.
pub(super) struct Environment<'a>(Vec<(&'a str, &'a SecretString)>);

impl<'a> Environment<'a> {
    pub(super) fn new(variables: &'a BTreeMap<String, SecretString>) -> Self {
        let known = variables.iter().map(|(name, value)| (name.as_str(), value));
        let mut known: Vec<_> = known
            .filter(|(_, value)| value.expose_secret().len() >= SHORTEST)
            .collect();
        known.sort_by_key(|(_, value)| Reverse(value.expose_secret().len()));
        Self(known)
    }

    /// A text that may hold references already, with one for each value in what stands between
    /// them; none if no value does.
    pub(super) fn refer(&self, written: &str) -> Option<String> {
        let template = Template::parse(written);
        let holds = |part: &Part| matches!(part, Part::Text(text) if self.first_in(text).is_some());
        template.parts().iter().any(holds).then(|| {
            let parts = template.parts().iter().map(|part| match part {
                Part::Text(text) => self.text(text),
                Part::Reference(reference) => reference.to_string(),
            });
            parts.collect()
        })
    }

    /// A literal as a manifest has to write it, its texts as [`Environment::text`] gives them.
    pub(super) fn written(&self, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.written(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| (key.clone(), self.written(value)))
                .collect(),
        }
    }

    /// A text without references, with one for each value in it.
    pub(super) fn template(&self, template: &Template) -> Template {
        match template.as_literal() {
            Some(text) if self.first_in(text).is_some() => Template::parse(&self.text(text)),
            Some(_) | None => template.clone(),
        }
    }

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

    /// Where the first value begins, whose it is, and how long it is.
    fn first_in(&self, text: &str) -> Option<(usize, &'a str, usize)> {
        let found = self.0.iter().filter_map(|(name, value)| {
            let value = value.expose_secret();
            text.find(value).map(|at| (at, *name, value.len()))
        });
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
                    let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
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
        for (literal, written) in [
            ("secret-one", "${env.A}"),
            ("Bearer secret-one-and-more!", "Bearer ${env.B}!"),
            ("secret-onesecret-one", "${env.A}${env.A}"),
            ("${env.A} secret-one", "$${env.A} ${env.A}"),
            ("{{1.x}} admin", "{{1.x}} admin"),
            // There is no way to say that.
            ("$secret-one", "$secret-one"),
        ] {
            assert_eq!(environment.text(literal), written);
        }
    }
}
