//! The documents of a file.

use granit_parser::Parser;

use crate::manifest::{
    findings::syntax,
    node::{MAX_DEPTH, Node},
    page::Page,
};

use super::loader::Loader;

/// What a file holds.
#[derive(Debug)]
pub(in crate::manifest) struct Stream {
    pub(in crate::manifest) documents: Vec<Node>,
    /// Whether all of it could be read. Of a document that is no YAML nothing is here, and a
    /// finding says where it breaks off; the next one is read again.
    pub(in crate::manifest) whole: bool,
}

/// The documents of a file.
pub(in crate::manifest) fn read(page: &Page) -> Stream {
    let mut loader = Loader::new(page);
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
                loader.abandon();
                parser.proceed_next_document().unwrap_or(false)
            }
        };
        if !goes_on {
            whole = false;
            break;
        }
    }
    Stream {
        documents: loader.into_documents(),
        whole,
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
