//! References in texts: what is read prints as what reads back the same, and what is escaped holds
//! none.

use makeform::model::reference::{Part, Template, escape, escape_texts};
use serde_json::Value;

/// Holds for every text.
pub(super) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let template = Template::parse(text);
    let printed = template.to_string();
    assert_eq!(
        Template::parse(&printed),
        template,
        "{text:?} prints as {printed:?}"
    );
    if !text.contains("$${") {
        assert_eq!(
            printed, text,
            "a text without escapes prints as it was written"
        );
    }
    let literal = escape(text);
    assert_eq!(
        Template::parse(&literal).as_literal(),
        Some(text),
        "escaped as {literal:?}"
    );

    let mut neighbours = template.parts().iter().peekable();
    while let Some(part) = neighbours.next() {
        match part {
            Part::Text(text) => {
                assert!(!text.is_empty(), "an empty part of {printed:?}");
                let next = neighbours.peek();
                assert!(
                    !matches!(next, Some(Part::Text(_))),
                    "two texts in a row: {printed:?}"
                );
            }
            Part::Reference(reference) => {
                let written = reference.to_string();
                assert!(
                    text.contains(&written),
                    "{written:?} does not stand in {text:?}"
                );
                assert_eq!(Template::parse(&written).single(), Some(reference));
            }
        }
    }

    let mut document = Value::from(vec![text]);
    escape_texts(&mut document);
    let escaped = document[0].as_str().map(Template::parse);
    let escaped = escaped.as_ref().and_then(Template::as_literal);
    assert_eq!(escaped, Some(text), "in a document");
}
