//! Secrets that stand in files.
//!
//! They are looked for as soon as a file is read, before anything else is said of it: findings
//! show lines of the file, and no line may show a secret.

use serde_json::Value;

use crate::{
    diagnostic::{Finding, codes::lints as codes},
    manifest::{
        node::{Node, Span},
        page::Page,
        source::blot,
        written::Written,
    },
    model::{
        Address,
        secret::{self, Found, Tree},
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
    fn of(written: Written<'_>, document: &impl Tree, found: &Found) -> Self {
        let message = match found.sort == Found::NAMED {
            true => format!(
                "what looks like a secret stands in the file (`{}`)",
                found.label
            ),
            false => format!(
                "what looks like a secret stands in the file: {}",
                found.sort
            ),
        };
        let span = match &found.key {
            Some(name) => written.span_of_key(&found.path, name),
            None => {
                let text = text_at(document, &found.path).unwrap_or_default();
                written.span_of_range(&found.path, text, found.part.clone())
            }
        };
        Self { span, message }
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

    /// What of the text is overwritten: not what escapes are made of, so that it still reads.
    fn hidden(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut from = self.span.start;
        let written = text.get(self.span.clone()).unwrap_or_default();
        for (at, _) in written.match_indices('\\') {
            let at = self.span.start + at;
            if at < from {
                continue;
            }
            spans.push(from..at);
            let is_code = text.as_bytes().get(at + 1) == Some(&b'u');
            from = at + if is_code { 6 } else { 2 };
        }
        spans.push(from..self.span.end.max(from));
        spans
    }
}

/// Finds the secrets of a document of a page.
pub(in crate::manifest) fn literals(written: Written<'_>, document: &impl Tree) -> Vec<Literal> {
    let found = secret::find(document);
    let literal = |found: &Found| Literal::of(written, document, found);
    found.iter().map(literal).collect()
}

/// Overwrites them in what findings show of the page from now on.
pub(in crate::manifest) fn hide(page: &mut Page, literals: &[Literal]) {
    let spans = literals.iter();
    let spans: Vec<Span> = spans
        .flat_map(|literal| literal.hidden(&page.source.text))
        .collect();
    page.source = blot(&page.source, &spans);
}

/// The same page, to be read anew, with all overwritten that looks like a secret in the mere text:
/// for files that can't be read, of which findings tell nevertheless.
pub(in crate::manifest) fn veiled(page: &Page) -> Page {
    let found = secret::find(&Value::String(page.source.text.clone()));
    let spans: Vec<Span> = found.into_iter().map(|found| found.part).collect();
    page.beside(blot(&page.source, &spans))
}

fn text_at<'t>(document: &'t impl Tree, path: &[String]) -> Option<&'t str> {
    match path.split_first() {
        None => document.text(),
        Some((key, rest)) => {
            let member = || document.members().find(|(name, _)| name == key);
            let index = || document.items().get(key.parse::<usize>().ok()?);
            let inner = index().or_else(|| member().map(|(_, value)| value));
            text_at(inner?, rest)
        }
    }
}
