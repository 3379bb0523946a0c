//! YAML -> nodes, by rules of our own for what is a text and what is not.
//!
//! Only `null`, `~`, nothing at all, `true`, `false` and the numbers of JSON are no texts when
//! they stand unquoted; `no`, `1:30`, `007` and dates are texts as they are written. Duplicate
//! keys, tags, runaway aliases and absurd nesting are findings, never panics.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, Tag};

use crate::diagnostic::{Finding, codes::manifest as codes};

use super::{
    findings::{refuse_duplicates, syntax, too_deep, unquoted_braces},
    node::{Entry, Key, MAX_DEPTH, Node, Shape, Span, number_length},
    page::Page,
};

/// The most values that the aliases of one file may stand for together: enough for any shared
/// part that a person wrote, little enough to hold in memory.
const MAX_ALIASED: usize = 100_000;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) documents: Vec<Node>,
    /// Whether all of it could be read. Of a document that is no YAML nothing is here, and a
    /// finding says where it breaks off; the next one is read again.
    pub(super) whole: bool,
}

/// The documents of a file.
pub(super) fn read(page: &Page) -> Stream {
    let mut loader = Loader {
        page,
        open: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        documents: Vec::new(),
    };
    let options = granit_parser::options! {
        emit_comments: false,
        // Each counts its own style only; the loader counts both together.
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(&page.source.text, options);
    let mut whole = true;
    while let Some(event) = parser.next_event() {
        let goes_on = match event {
            Ok((event, range)) => loader
                .take(event, &range)
                .map_err(|finding| page.report(*finding))
                .is_ok(),
            Err(error) => {
                let finding = syntax(page, &error);
                // Braces without quotes are seen twice where they also end the document.
                if !page.has(&finding) {
                    page.report(finding);
                }
                whole = false;
                loader.open.clear();
                parser.proceed_next_document().unwrap_or(false)
            }
        };
        if !goes_on {
            whole = false;
            break;
        }
    }
    Stream {
        documents: loader.documents,
        whole,
    }
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
                page.report(page.finding(&codes::UNSUPPORTED_YAML, &span, message));
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
            page.report(page.finding(&codes::UNSUPPORTED_YAML, &node.span, message));
        }
        Shape::Broken => {}
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::read;
    use crate::{
        manifest::{page::Page, source::decode},
        model::Source,
    };

    fn page(text: &str) -> Page {
        let source = Source {
            name: "a.yaml".to_owned(),
            text: text.to_owned(),
        };
        Page::new(Arc::new(source))
    }

    /// The documents, and `line:column code` of each finding.
    fn parse(text: &str) -> (Vec<Value>, Vec<String>) {
        let page = page(text);
        let documents = read(&page).documents;
        let values = documents.iter().map(super::Node::to_value).collect();
        let report = page.into_report();
        let findings = report.sorted().into_iter().map(|finding| {
            let (line, column) = finding.place.as_ref().unwrap().line_column();
            format!("{line}:{column} {}", finding.code)
        });
        let findings = findings.collect();
        (values, findings)
    }

    #[test]
    fn only_what_json_knows_is_no_text() {
        for text in [
            "no",
            "yes",
            "on",
            "off",
            "y",
            "N",
            "1:30",
            "06:30:00",
            "007",
            "0x1F",
            "0o17",
            "1_000",
            ".5",
            "5.",
            "+1",
            "1e",
            "2026-12-01",
            "2026-12-01T09:00:00Z",
            ".inf",
            ".nan",
            "=",
            "1.2.3",
            "01",
            "-01",
            "tRue",
        ] {
            let (values, findings) = parse(&format!("key: {text}"));
            assert_eq!(values, [json!({ "key": text })], "{text}");
            assert!(findings.is_empty(), "{text}: {findings:?}");
        }
        for (text, value) in [
            ("", "null"),
            ("~", "null"),
            ("null", "null"),
            ("true", "true"),
            ("False", "false"),
            ("0", "0"),
            ("-1.50", "-1.50"),
            ("1e+400", "1e+400"),
            ("9007199254740993", "9007199254740993"),
        ] {
            let (values, _) = parse(&format!("key: {text}"));
            let shown: Vec<String> = values.iter().map(ToString::to_string).collect();
            assert_eq!(shown, [format!("{{\"key\":{value}}}")], "{text}");
        }
        assert_eq!(
            parse("'007': 'true'\n1: \"~\"\nyes: !!str 5\n").0,
            [json!({ "007": "true", "1": "~", "yes": "5" })]
        );
    }

    #[test]
    fn several_documents_line_ends_and_aliases_are_read() {
        assert_eq!(
            parse("a: &x [1, {b: c}]\r\nd: *x\r\n---\r\n- |\r\n  é\r\n  two\r\n").0,
            [
                json!({ "a": [1, { "b": "c" }], "d": [1, { "b": "c" }] }),
                json!(["é\ntwo\n"])
            ]
        );
        assert_eq!(
            parse("base: &b { x: 1, y: 2 }\nuse: { <<: *b, y: 3 }\n").0,
            [json!({ "base": { "x": 1, "y": 2 }, "use": { "x": 1, "y": 3 } })]
        );
    }

    #[test]
    fn mistakes_are_findings_with_their_places() {
        for (text, findings) in [
            ("a: 1\nb: 2\na: 3\n", vec!["3:1 duplicate-key"]),
            ("a: {{1.id}}\n", vec!["1:4 unquoted-braces"]),
            (
                "a: é {{1.id}}\nb: {{1.id}}-{{2.id}}\n",
                vec!["2:4 unquoted-braces"],
            ),
            (
                "- {{1.a}}\n- {{2.b}}\n",
                vec!["1:3 unquoted-braces", "2:3 unquoted-braces"],
            ),
            ("a: !custom x\n", vec!["1:12 unsupported-yaml"]),
            ("? [a]\n: b\n", vec!["1:3 unsupported-yaml"]),
            ("a: *x\n", vec!["1:4 yaml-syntax"]),
            ("a: &x [*x]\n", vec!["1:8 unsupported-yaml"]),
            ("a:\n\tb: 1\n", vec!["2:2 yaml-syntax"]),
            ("a: b: c\n", vec!["1:5 yaml-syntax"]),
            (
                "ok: 1\n---\na: [1\n---\nb: 1\nb: 2\n",
                vec!["3:4 yaml-syntax", "6:1 duplicate-key"],
            ),
        ] {
            assert_eq!(parse(text).1, findings, "{text:?}");
        }
    }

    #[test]
    fn a_bomb_and_an_abyss_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let one = format!("*a{}, ", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", one.repeat(10));
        }
        assert_eq!(parse(&bomb).1, ["5:45 alias-bomb"]);
        for opening in ["[", "{a: ", "- ", "{{", "[[{"] {
            let (_, findings) = parse(&opening.repeat(50_000));
            assert_eq!(findings.len(), 1, "{opening}");
        }
        assert_eq!(parse(&"[".repeat(200)).1, ["1:101 nesting-too-deep"]);
        let chain = (0..100).fold("n0: &n0 [x]\n".to_owned(), |text, level| {
            format!("{text}n{}: &n{} [*n{level}]\n", level + 1, level + 1)
        });
        assert!(parse(&chain).1.concat().ends_with("nesting-too-deep"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?";
        let text = "[a-z0-9 :#,\\[\\]{}&*!|>'\"%@`\\\\/\t\n\r~<=-]{0,8}|\\PC{0,6}|.{0,4}|\u{85}|\u{2028}|\u{feff}|no|1:30|null|<<";
        // YAML refuses these even in quotes, where JSON takes them.
        let text = text.prop_map(|text| {
            let refused = |c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
            text.replace(refused, "")
        });
        let key = text.clone();
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number.prop_map(|text| Value::Number(text.parse().unwrap())),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(key.clone(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_reads_as_yaml_with_the_same_meaning(value in any_json(), pretty: bool) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let (values, findings) = parse(&text);
            prop_assert_eq!(&findings, &Vec::<String>::new(), "{}", text);
            prop_assert_eq!(values, vec![value]);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, text in "([-?:,\\[\\]{}#&*!|>'\"%@` \t\r\n~a0]|é|\u{feff}|<<|---|\\.\\.\\.|!!str|&a|\\*a|\\{\\{){0,60}") {
            for bytes in [bytes, text.into_bytes()] {
                if let Ok(source) = decode("a.yaml".to_owned(), bytes) {
                    let page = Page::new(source);
                    for document in read(&page).documents {
                        document.to_value();
                    }
                    for finding in page.into_report().sorted() {
                        prop_assert!(finding.place.as_ref().unwrap().line_column() > (0, 0));
                    }
                }
            }
        }
    }
}
