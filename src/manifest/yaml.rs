//! YAML -> nodes, by rules of our own for what is a text and what is not.
//!
//! Only `null`, `~`, nothing at all, `true`, `false` and the numbers of JSON are no texts when
//! they stand unquoted; `no`, `1:30`, `007` and dates are texts as they are written. Duplicate
//! keys, tags, runaway aliases and absurd nesting are findings, never panics.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Range, Tag};

use crate::diagnostic::{Finding, codes::manifest as codes};

use super::{
    node::{Entry, Key, MAX_DEPTH, Node, Shape, Span, number_length},
    page::Page,
};

/// The most values that the aliases of one file may stand for together: enough for any shared
/// part that a person wrote, little enough to hold in memory.
const MAX_ALIASED: usize = 100_000;

/// The documents of a file. Where it can't be read on, a finding says so and what stands before
/// is returned.
pub(super) fn read(page: &Page) -> Vec<Node> {
    let mut loader = Loader {
        page,
        open: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        documents: Vec::new(),
    };
    let options = granit_parser::options! {
        emit_comments: false,
        // Ours counts both and comes first.
        flow_nesting_limit: MAX_DEPTH + 2,
        block_nesting_limit: MAX_DEPTH + 2,
    };
    for event in Parser::new_from_str_with_options(&page.source.text, options) {
        let outcome = match event {
            Ok((event, range)) => loader.take(event, &range),
            Err(error) => Err(Box::new(syntax(page, &error))),
        };
        if let Err(finding) = outcome {
            page.report(*finding);
            break;
        }
    }
    loader.documents
}

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

enum MapKey {
    Text(Key),
    Merge,
    /// No text; a finding says so.
    Broken,
}

struct Loader<'a> {
    page: &'a Page,
    open: Vec<Open>,
    /// Finished anchored nodes, each with its size and depth.
    anchors: HashMap<usize, (Node, usize, usize)>,
    aliased: usize,
    documents: Vec<Node>,
}

/// Stops the reading of the file.
type Stop = Box<Finding>;

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, range: &Range) -> Result<(), Stop> {
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
        let finding = self.page.finding(codes::UNSUPPORTED_YAML, span, message);
        self.page.report(finding.help("remove the tag"));
    }

    fn begin(&mut self, anchor: usize, span: &Span, content: Content) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(self.too_deep(span)));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            content,
        });
        Ok(())
    }

    fn too_deep(&self, span: &Span) -> Finding {
        let message = format!("lists and mappings are nested more than {MAX_DEPTH} levels deep");
        self.page.finding(codes::NESTING_TOO_DEEP, span, message)
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Node, Stop> {
        let Some((node, size, depth)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside of what it names";
            return Err(Box::new(self.page.finding(
                codes::UNSUPPORTED_YAML,
                span,
                message,
            )));
        };
        self.aliased += size;
        if self.aliased > MAX_ALIASED {
            let message = format!("aliases stand for more than {MAX_ALIASED} values");
            return Err(Box::new(self.page.finding(
                codes::ALIAS_BOMB,
                span,
                message,
            )));
        }
        if self.open.len() + depth > MAX_DEPTH {
            return Err(Box::new(self.too_deep(span)));
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
            } => Shape::Map(self.unique(entries, merged)),
        };
        let span = start..end.max(start);
        let node = Node { span, shape };
        self.keep_anchor(anchor, &node);
        self.place(node, false);
    }

    /// The entries of a mapping, each key once.
    fn unique(&self, entries: Vec<Entry>, merged: Vec<Entry>) -> Vec<Entry> {
        let mut kept = refuse_duplicates(self.page, entries);
        for entry in merged {
            if !kept.iter().any(|other| other.key.text == entry.key.text) {
                kept.push(entry);
            }
        }
        kept
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

/// A node in the place of a key, in a mapping that begins at `start`.
fn key_of(page: &Page, node: Node, plain: bool, start: usize, broken: &mut bool) -> MapKey {
    let Node { span, shape } = node;
    let written = || page.source.text.get(span.clone()).unwrap_or_default();
    let text = match shape {
        Shape::Text(text) if plain && text == "<<" => return MapKey::Merge,
        Shape::Text(text) | Shape::Number(text) => text,
        // `true: x`: a key is the text as written.
        Shape::Null | Shape::Bool(_) => written().to_owned(),
        Shape::List(_) | Shape::Map(_) | Shape::Broken => {
            let opening = page.source.text.get(start..).unwrap_or_default();
            if opening.starts_with("{{") {
                *broken = true;
                page.report(unquoted_braces(page, start));
            } else if !matches!(shape, Shape::Broken) {
                let message = "a key must be a text, not a list or a mapping";
                page.report(page.finding(codes::UNSUPPORTED_YAML, &span, message));
            }
            return MapKey::Broken;
        }
    };
    MapKey::Text(Key { span, text })
}

/// The entries that a `<<` brings: those of a mapping, or of each mapping of a list.
fn merge(page: &Page, node: Node, merged: &mut Vec<Entry>) {
    match node.shape {
        Shape::Map(entries) => merged.extend(entries),
        Shape::List(items) => {
            for item in items {
                merge(page, item, merged);
            }
        }
        Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) => {
            let message = "`<<` takes a mapping or a list of mappings";
            page.report(page.finding(codes::UNSUPPORTED_YAML, &node.span, message));
        }
        Shape::Broken => {}
    }
}

/// The entries of a mapping without those whose key stood before, which are reported.
pub(super) fn refuse_duplicates(page: &Page, entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut seen: HashMap<String, Span> = HashMap::with_capacity(entries.len());
    for entry in entries {
        if let Some(first) = seen.get(&entry.key.text) {
            let message = format!("the key `{}` stands twice in one mapping", entry.key.text);
            page.report(
                page.finding(codes::DUPLICATE_KEY, &entry.key.span, message)
                    .label(page.place(first), "first here")
                    .help("remove one of the two"),
            );
        } else {
            seen.insert(entry.key.text.clone(), entry.key.span.clone());
            kept.push(entry);
        }
    }
    kept
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

/// The finding of an expression of Make that YAML takes for a mapping.
fn unquoted_braces(page: &Page, start: usize) -> Finding {
    let rest = page.source.text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let expression = line.find("}}").and_then(|end| line.get(..end + 2));
    let expression = expression.unwrap_or(line).trim_end();
    page.finding(
        codes::UNQUOTED_BRACES,
        &(start..start + expression.len()),
        "an expression of Make must stand in quotes",
    )
    .help(format!("write `\"{expression}\"`"))
}

fn syntax(page: &Page, error: &ScanError) -> Finding {
    let text = &page.source.text;
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let at = at.min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text
        .get(line_start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    for opening in [": {{", "- {{"] {
        if let Some(found) = line.find(opening) {
            return unquoted_braces(page, line_start + found + 2);
        }
    }
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    let length = next.filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let finding = page.finding(codes::YAML_SYNTAX, &(at..at + length), error.info());
    if line.trim_start_matches(' ').starts_with('\t') {
        return finding.help("indent with spaces, not tabs");
    }
    finding
}
