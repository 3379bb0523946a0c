//! Where the parts of a YAML file stand: more than its values tell, and nothing of what they mean.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use crate::manifest::node::{MAX_DEPTH, Span};

/// A file.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) documents: Vec<Document>,
    /// Each from its `#` to the end of its line.
    pub(super) comments: Vec<Span>,
}

/// A document.
#[derive(Debug)]
pub(super) struct Document {
    /// Where its `---` stands; none for a first document without one.
    pub(super) marker: Option<Span>,
    pub(super) root: Part,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Without an anchor or a tag; of a block scalar its lines alone, without the head. The end of
    /// a block collection is where the next part begins: see [`Part::end`].
    pub(super) span: Span,
    pub(super) form: Form,
    /// Whether an anchor or a tag stands before it.
    pub(super) has_properties: bool,
}

/// How a value is written.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Scalar(ScalarStyle),
    Alias,
    List { is_flow: bool, items: Vec<Part> },
    Map { is_flow: bool, entries: Vec<Pair> },
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) key: Part,
    /// Whether the key is a `<<` that brings the entries of others.
    pub(super) is_merge: bool,
    pub(super) value: Part,
}

impl Part {
    /// Where its text ends: behind its last character that is no blank, comment or line break.
    pub(super) fn end(&self, text: &str) -> usize {
        let last = match &self.form {
            Form::List {
                is_flow: false,
                items,
            } => items.last(),
            Form::Map {
                is_flow: false,
                entries,
            } => entries.last().map(|pair| &pair.value),
            Form::Scalar(ScalarStyle::Literal | ScalarStyle::Folded) => {
                let written = text.get(self.span.clone()).unwrap_or_default();
                return self.span.start + written.trim_end().len();
            }
            Form::Scalar(_) | Form::Alias | Form::List { .. } | Form::Map { .. } => {
                return self.span.end;
            }
        };
        last.map_or(self.span.start, |last| last.end(text))
    }

    /// Whether it is a list or a mapping of lines.
    pub(super) fn is_block(&self) -> bool {
        match &self.form {
            Form::List { is_flow, .. } | Form::Map { is_flow, .. } => !is_flow,
            Form::Scalar(_) | Form::Alias => false,
        }
    }

    /// Whether it is a text of lines, with a head before them.
    pub(super) fn is_block_scalar(&self) -> bool {
        matches!(
            self.form,
            Form::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        )
    }
}

/// A collection that is being read.
struct Open {
    start: usize,
    is_flow: bool,
    is_map: bool,
    has_properties: bool,
    parts: Vec<Part>,
}

/// Reads a file; none where it is no YAML.
pub(super) fn read(text: &str) -> Option<Tree> {
    let options = granit_parser::options! {
        emit_comments: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut tree = Tree::default();
    let mut open: Vec<Open> = Vec::new();
    let mut marker = None;
    while let Some(event) = parser.next_event() {
        let (event, range) = event.ok()?;
        let span = range.byte_range()?;
        let part = match event {
            Event::Comment(..) => {
                tree.comments.push(span);
                continue;
            }
            Event::DocumentStart(is_explicit, _) => {
                marker = is_explicit.then_some(span);
                continue;
            }
            Event::SequenceStart(style, anchor, tag) => {
                open.push(Open::new(&span, style, false, anchor != 0 || tag.is_some()));
                continue;
            }
            Event::MappingStart(style, anchor, tag) => {
                open.push(Open::new(&span, style, true, anchor != 0 || tag.is_some()));
                continue;
            }
            Event::Scalar(_, style, anchor, tag) => Part {
                span,
                form: Form::Scalar(style),
                has_properties: anchor != 0 || tag.is_some(),
            },
            Event::Alias(_) => Part {
                span,
                form: Form::Alias,
                has_properties: false,
            },
            Event::SequenceEnd | Event::MappingEnd => open.pop()?.close(span.end, text),
            Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | _ => continue,
        };
        match open.last_mut() {
            Some(open) => open.parts.push(part),
            None => tree.documents.push(Document {
                marker: marker.take(),
                root: part,
            }),
        }
    }
    tree.comments.sort_by_key(|span| span.start);
    Some(tree)
}

impl Open {
    fn new(span: &Span, style: StructureStyle, is_map: bool, has_properties: bool) -> Self {
        Self {
            start: span.start,
            is_flow: style == StructureStyle::Flow,
            is_map,
            has_properties,
            parts: Vec::new(),
        }
    }

    fn close(self, end: usize, text: &str) -> Part {
        let is_flow = self.is_flow;
        let form = if self.is_map {
            let mut parts = self.parts.into_iter();
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                let is_plain = matches!(key.form, Form::Scalar(ScalarStyle::Plain));
                let is_merge = is_plain && text.get(key.span.clone()) == Some("<<");
                entries.push(Pair {
                    key,
                    is_merge,
                    value,
                });
            }
            Form::Map { is_flow, entries }
        } else {
            Form::List {
                is_flow,
                items: self.parts,
            }
        };
        Part {
            span: self.start..end.max(self.start),
            form,
            has_properties: self.has_properties,
        }
    }
}
