//! Single values: what a place wants, and what to say where something else stands.

use std::{fmt::Display, ops::RangeInclusive};

use crate::{
    diagnostic::{Finding, codes::manifest as codes, nearest, nearest_address},
    model::AddressError,
};

use super::{
    node::{Node, Shape},
    page::Page,
};

/// Reports a value of the wrong type.
pub(super) fn wrong_type(page: &Page, node: &Node, wanted: &str) {
    if node.shape == Shape::Broken {
        return;
    }
    let message = format!("expected {wanted}, found {}", node.in_words());
    page.report(page.finding(&codes::WRONG_TYPE, &node.span, message));
}

/// Reports a value that has the right type and says nothing.
pub(super) fn bad_value(page: &Page, node: &Node, message: impl Into<String>, help: &str) {
    let finding = page.finding(&codes::BAD_VALUE, &node.span, message);
    page.report(if help.is_empty() {
        finding
    } else {
        finding.help(help)
    });
}

/// Reports a text that is no address.
pub(super) fn no_address(page: &Page, node: &Node, error: &AddressError) {
    let finding = page.finding(&codes::BAD_VALUE, &node.span, error.to_string());
    let written = node.as_text().unwrap_or_default();
    page.report(with_meant_address(finding, written));
}

/// A finding about a text that is no address, with the one that was probably meant.
pub(super) fn with_meant_address(finding: Finding, written: &str) -> Finding {
    match nearest_address(written) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding,
    }
}

/// A text. A number is taken as it is written; `true`, `false` and `null` have to be quoted.
pub(super) fn text(page: &Page, node: &Node) -> Option<String> {
    match &node.shape {
        Shape::Text(text) | Shape::Number(text) => Some(text.clone()),
        Shape::Bool(_) | Shape::Null => {
            let message = format!("expected a text, found {}", node.in_words());
            let written = page.written(&node.span);
            page.report(
                page.finding(&codes::WRONG_TYPE, &node.span, message)
                    .help(format!("write `\"{written}\"` if that text is meant")),
            );
            None
        }
        Shape::List(_) | Shape::Map(_) | Shape::Broken => {
            wrong_type(page, node, "a text");
            None
        }
    }
}

/// `true` or `false`.
pub(super) fn flag(page: &Page, node: &Node) -> Option<bool> {
    if let Shape::Bool(flag) = node.shape {
        return Some(flag);
    }
    let meant = match node.as_text().map(str::to_lowercase).as_deref() {
        Some("yes" | "on" | "y" | "true") => Some("true"),
        Some("no" | "off" | "n" | "false") => Some("false"),
        _ => None,
    };
    match meant {
        Some(word) => {
            let message = "expected true or false, found a text";
            page.report(
                page.finding(&codes::WRONG_TYPE, &node.span, message)
                    .help(format!("write `{word}`")),
            );
        }
        None => wrong_type(page, node, "true or false"),
    }
    None
}

/// A whole number of a range.
pub(super) fn whole(page: &Page, node: &Node, range: RangeInclusive<u64>) -> Option<u64> {
    let Shape::Number(text) = &node.shape else {
        wrong_type(page, node, "a number");
        return None;
    };
    let number = text.parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        let message = match *range.end() {
            u64::MAX => format!("expected a whole number from {} on", range.start()),
            end => format!("expected a whole number from {} to {end}", range.start()),
        };
        bad_value(page, node, message, "");
    }
    number
}

/// The items of a list.
pub(super) fn list<'a>(page: &Page, node: &'a Node, of: &str) -> Option<&'a [Node]> {
    if let Shape::List(items) = &node.shape {
        return Some(items);
    }
    wrong_type(page, node, &format!("a list of {of}"));
    None
}

/// Refuses a text that is longer than Make takes, counted in characters.
pub(super) fn limit(page: &Page, node: &Node, text: &str, most: usize) {
    let length = text.chars().count();
    if length > most {
        let message = format!("this has {length} characters, and Make takes at most {most}");
        page.report(page.finding(&codes::TOO_LONG, &node.span, message));
    }
}

/// What to say about a word that is none of those that there are.
pub(super) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match nearest(written, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => one_of(known),
    }
}

/// The words that there are.
fn one_of<T: Display>(known: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = known.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() {
        "there is none yet".to_owned()
    } else if words.len() > 12 {
        format!("there are {} to choose from", words.len())
    } else {
        format!("there are: {}", words.join(", "))
    }
}
