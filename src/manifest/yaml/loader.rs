//! The events of the parser -> nodes.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, Span as Range, Tag};

use crate::{
    diagnostic::{Finding, codes::manifest as codes},
    manifest::{
        findings::too_deep,
        node::{Entry, MAX_DEPTH, Node, Shape, Span, number_length},
        page::Page,
    },
};

use super::mapping::{MapKey, key_of, merge, unique};

/// The most values that the aliases of one file may stand for together: enough for any shared
/// part that a person wrote, little enough to hold in memory.
const MAX_ALIASED: usize = 100_000;

/// A collection that is being read.
struct Open {
    start: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// What `<<` keys brought: explicit keys win over them.
        merged: Vec<Entry>,
        key: Option<MapKey>,
        broken: bool,
    },
}

/// What was read of a file so far.
pub(super) struct Loader<'a> {
    page: &'a Page,
    open: Vec<Open>,
    /// Finished anchored nodes, each with its size and depth.
    anchors: HashMap<usize, (Node, usize, usize)>,
    aliased: usize,
    documents: Vec<Node>,
}

/// Stops the reading of the file.
type Stop = Box<Finding>;

impl<'a> Loader<'a> {
    /// Before anything was read.
    pub(super) fn new(page: &'a Page) -> Self {
        Self {
            page,
            open: Vec::new(),
            anchors: HashMap::new(),
            aliased: 0,
            documents: Vec::new(),
        }
    }

    /// Forgets the document that is being read: it breaks off.
    pub(super) fn abandon(&mut self) {
        self.open.clear();
    }

    /// The documents that were read to their ends.
    pub(super) fn into_documents(self) -> Vec<Node> {
        self.documents
    }

    /// Takes what comes next; a finding where nothing behind it can be read.
    pub(super) fn take(&mut self, event: Event<'_>, range: &Range) -> Result<(), Stop> {
        let span = range.byte_range().unwrap_or_default();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), span);
                self.keep_anchor(anchor, &node);
                self.place(node, style == ScalarStyle::Plain);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), &["seq"], &span);
                self.begin(anchor, &span, Content::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), &["map"], &span);
                let content = Content::Map {
                    entries: Vec::new(),
                    merged: Vec::new(),
                    key: None,
                    broken: false,
                };
                self.begin(anchor, &span, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(span.end),
            Event::Alias(anchor) => {
                let node = self.alias(anchor, &span)?;
                self.place(node, false);
            }
            Event::DocumentEnd => self.anchors.clear(),
            // No values; the last three were not asked for.
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | Event::Comment(..)
            | _ => {}
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let plain = style == ScalarStyle::Plain;
        let shape = match tag.map(|tag| (tag, tag.core_suffix())) {
            None if plain => plain_shape(text),
            None | Some((_, Some("str"))) => Shape::Text(text.to_owned()),
            Some((_, Some("null" | "bool" | "int" | "float"))) => plain_shape(text),
            Some((tag, _)) if tag.original() == "!" => Shape::Text(text.to_owned()),
            Some((tag, _)) => {
                self.refuse_tag(tag, &span);
                Shape::Broken
            }
        };
        Node { span, shape }
    }

    fn check_tag(&self, tag: Option<&Tag>, known: &[&str], span: &Span) {
        if let Some(tag) = tag
            && !tag
                .core_suffix()
                .is_some_and(|suffix| known.contains(&suffix))
        {
            self.refuse_tag(tag, span);
        }
    }

    fn refuse_tag(&self, tag: &Tag, span: &Span) {
        let message = format!("the tag `{}` means nothing in a manifest", tag.original());
        let finding = self.page.finding(&codes::UNSUPPORTED_YAML, span, message);
        self.page.report(finding.help("remove the tag"));
    }

    fn begin(&mut self, anchor: usize, span: &Span, content: Content) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(self.page, span)));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            content,
        });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Node, Stop> {
        let Some((node, size, depth)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside of what it names";
            return Err(Box::new(self.page.finding(
                &codes::UNSUPPORTED_YAML,
                span,
                message,
            )));
        };
        self.aliased += size;
        if self.aliased > MAX_ALIASED {
            let message = format!("aliases stand for more than {MAX_ALIASED} values");
            return Err(Box::new(self.page.finding(
                &codes::ALIAS_BOMB,
                span,
                message,
            )));
        }
        if self.open.len() + depth > MAX_DEPTH {
            return Err(Box::new(too_deep(self.page, span)));
        }
        Ok(node.clone())
    }

    fn keep_anchor(&mut self, anchor: usize, node: &Node) {
        if anchor != 0 {
            let (size, depth) = node.measure();
            self.anchors.insert(anchor, (node.clone(), size, depth));
        }
    }

    /// Ends the innermost collection.
    fn finish(&mut self, end: usize) {
        let Some(Open {
            start,
            anchor,
            content,
        }) = self.open.pop()
        else {
            return;
        };
        let shape = match content {
            Content::List(items) => Shape::List(items),
            Content::Map { broken: true, .. } => Shape::Broken,
            Content::Map {
                entries, merged, ..
            } => Shape::Map(unique(self.page, entries, merged)),
        };
        let span = start..end.max(start);
        let node = Node { span, shape };
        self.keep_anchor(anchor, &node);
        self.place(node, false);
    }

    /// Puts a finished node where it belongs: into the innermost collection, or at the top.
    fn place(&mut self, node: Node, plain: bool) {
        let page = self.page;
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        let start = open.start;
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map {
                entries,
                merged,
                key,
                broken,
            } => match key.take() {
                None => *key = Some(key_of(page, node, plain, start, broken)),
                Some(MapKey::Text(key)) => entries.push(Entry { key, value: node }),
                Some(MapKey::Merge) => merge(page, node, merged),
                Some(MapKey::Broken) => {}
            },
        }
    }
}

fn plain_shape(text: &str) -> Shape {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Shape::Null,
        "true" | "True" | "TRUE" => Shape::Bool(true),
        "false" | "False" | "FALSE" => Shape::Bool(false),
        _ if number_length(text) == Some(text.len()) => Shape::Number(text.to_owned()),
        _ => Shape::Text(text.to_owned()),
    }
}
