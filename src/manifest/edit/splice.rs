//! Replacements of ranges of a text.

use crate::manifest::node::Span;

/// What takes the place of a range.
#[derive(Debug)]
struct Splice {
    span: Span,
    text: String,
}

/// The replacements that make one edit.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<Splice>);

impl Splices {
    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push(Splice {
            span,
            text: text.into(),
        });
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// How many there are so far.
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forgets those that came after a mark.
    pub(super) fn forget(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// The text with all of them made; of two at one place the earlier comes first. None where
    /// they overlap.
    pub(super) fn apply(mut self, text: &str) -> Option<String> {
        self.0
            .sort_by_key(|splice| (splice.span.start, splice.span.end));
        let mut made = String::with_capacity(text.len());
        let mut from = 0;
        for splice in self.0 {
            made.push_str(text.get(from..splice.span.start)?);
            made.push_str(&splice.text);
            from = splice.span.end;
        }
        made.push_str(text.get(from..)?);
        Some(made)
    }
}
