//! Custom variables.

use serde_json::Value;

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        scope::Scope,
        values::{bad_value, did_you_mean, limit, text, wrong_type},
    },
    model::{
        reference::Template,
        spec::{VariableScope, VariableSpec, VariableType},
    },
};

/// The longest name. Make documents none; its other names end here.
pub(in crate::manifest) const NAME: usize = 128;

pub(super) fn variable(
    fields: &mut Fields<'_>,
    scope: &Scope<'_>,
    own: &str,
) -> Option<VariableSpec> {
    let page = fields.page();
    let place = fields.mapping().span.clone();
    let name = match fields.optional("name", |node| name(page, scope, node)) {
        Some(name) => Some(name),
        // A misspelled one is told already.
        None if fields.mapping().get("name").is_some() => None,
        None if is_name(own) => Some(own.to_owned()),
        None => {
            let message = format!("`{own}` cannot be the name of a variable");
            let finding = page.finding(&codes::MISSING_KEY, &place, message);
            page.report(finding.help("give it a `name` of letters, digits, `$` and `_`"));
            None
        }
    };
    let belongs = fields.optional("scope", |node| {
        let word = text(page, node)?;
        let found = VariableScope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == word);
        if found.is_none() {
            let known = VariableScope::ALL.map(VariableScope::as_str);
            let message = format!("a variable belongs to no `{word}`");
            bad_value(page, node, message, &did_you_mean(&word, known));
        }
        found
    });
    let said = fields.optional("type", |node| {
        let word = text(page, node)?;
        let found = VariableType::named(None, &word);
        if found.is_none() {
            let known = VariableType::ALL.map(|(_, _, word)| word);
            let message = format!("there is no type `{word}` of variables");
            bad_value(page, node, message, &did_you_mean(&word, known));
        }
        found
    });
    let (kind, value) = fields.required("value", |node| value(page, scope, node, said))?;
    Some(VariableSpec {
        name: name?,
        scope: belongs.unwrap_or(VariableScope::Team),
        kind,
        value,
    })
}

fn name(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<String> {
    let name = scope.plain(page, node)?;
    limit(page, node, &name, NAME);
    if !is_name(&name) {
        let message = format!("`{name}` cannot be the name of a variable");
        bad_value(page, node, message, "use letters, digits, `$` and `_`");
        return None;
    }
    Some(name)
}

fn is_name(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '$' | '_');
    !text.is_empty() && text.chars().all(fits)
}

/// The value, and the type that it has or is said to have.
fn value(
    page: &Page,
    scope: &Scope<'_>,
    node: &Node,
    said: Option<VariableType>,
) -> Option<(VariableType, Value)> {
    let own = match &node.shape {
        Shape::Bool(_) => VariableType::Boolean,
        Shape::Number(_) => VariableType::Number,
        Shape::Text(_) => VariableType::Text,
        Shape::Null | Shape::List(_) | Shape::Map(_) | Shape::Broken => {
            wrong_type(page, node, "a text, a number, or true or false");
            return None;
        }
    };
    scope.check_texts(page, node);
    let kind = said.unwrap_or(own);
    let value = node.to_value();
    // What a reference stands for shows when it is resolved.
    let is_open = node
        .as_text()
        .is_some_and(|text| Template::parse(text).as_literal().is_none());
    let value = if is_open { value } else { kind.normal(&value) };
    if !is_open && !kind.takes(&value) {
        let message = format!("this is no value of type `{}`", kind.as_str());
        let help = match kind {
            VariableType::Date => "write it like 2026-12-01T09:00:00Z",
            VariableType::Number | VariableType::Text | VariableType::Boolean => "",
        };
        bad_value(page, node, message, help);
        return None;
    }
    Some((kind, value))
}
