//! Secrets that stand in files.
//!
//! They are looked for as soon as a file is read, before anything else is said of it: findings
//! show lines of the file, and no line may show a secret.

use serde_json::Value;

use crate::{
    diagnostic::{Finding, codes::lints as codes},
    manifest::{
        node::{Node, Shape, Span},
        page::Page,
        source::blot,
        written::Written,
    },
    model::{
        Address,
        secret::{self, Found, Tree},
        value_at,
    },
};

impl Tree for Node {
    fn text(&self) -> Option<&str> {
        self.as_text()
    }

    fn items(&self) -> &[Self] {
        self.items()
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.entries().iter();
        entries.map(|entry| (entry.key.text.as_str(), &entry.value))
    }
}

/// A secret that stands in a file.
pub(in crate::manifest) struct Literal {
    /// Where it stands; the whole value, where that is written in another way than it reads.
    span: Span,
    message: String,
}

impl Literal {
    /// `text`: what stands at the path of what was found.
    fn of(written: Written<'_>, found: &Found, text: Option<&str>) -> Self {
        let what = match found.sort == Found::NAMED {
            true => format!(
                "what looks like a secret stands in the file (`{}`)",
                found.label
            ),
            false => format!(
                "what looks like a secret stands in the file: {}",
                found.sort
            ),
        };
        let part = text.and_then(|text| text.get(found.part.clone()));
        let span = match &found.key {
            Some(name) => written.span_of_key(&found.path, name),
            None => written.span_of_part(&found.path, part.unwrap_or_default()),
        };
        Self {
            span,
            message: what,
        }
    }

    /// What is said of it.
    pub(in crate::manifest) fn finding(self, page: &Page, about: Option<&Address>) -> Finding {
        let finding = page.finding(&codes::LITERAL_SECRET, &self.span, self.message);
        let finding = match about {
            Some(address) => finding.about(address),
            None => finding,
        };
        finding.help(
            "write `${env.NAME}`, list NAME under `env` in makeform.yaml, and replace the secret \
             itself where others could read it",
        )
    }
}

/// Finds the secrets of a document of a page.
pub(in crate::manifest) fn literals(page: &Page, document: &Node) -> Vec<Literal> {
    let written = Written::in_yaml(page, document);
    let literal = |found: &Found| {
        let text = document.nearest(&found.path).as_text();
        Literal::of(written, found, text)
    };
    secret::find(document).iter().map(literal).collect()
}

/// Finds those of a file of JSON.
pub(in crate::manifest) fn literals_in_json(page: &Page, document: &Value) -> Vec<Literal> {
    let written = Written::in_json(page);
    let literal = |found: &Found| {
        let text = value_at(document, &found.path).and_then(Value::as_str);
        Literal::of(written, found, text)
    };
    secret::find(document).iter().map(literal).collect()
}

/// Overwrites them in what findings show of the page from now on.
pub(in crate::manifest) fn hide(page: &mut Page, literals: &[Literal]) {
    let spans: Vec<Span> = literals
        .iter()
        .map(|literal| literal.span.clone())
        .collect();
    page.source = blot(&page.source, &spans);
}

/// The same page, to be read anew, with all overwritten that looks like a secret in the mere text:
/// for files that can't be read, of which findings tell nevertheless.
pub(in crate::manifest) fn veiled(page: &Page) -> Page {
    let text = page.source.text.as_str();
    let as_text = Node {
        span: 0..text.len(),
        shape: Shape::Text(text.to_owned()),
    };
    let found = secret::find(&as_text);
    let spans: Vec<Span> = found.into_iter().map(|found| found.part).collect();
    page.beside(blot(&page.source, &spans))
}
