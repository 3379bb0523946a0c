//! Values as the text that is put into a file.

use granit_parser::ScalarStyle;
use serde_json::{Value, json};

use super::Unfit;
use crate::manifest::emit::to_yaml;

/// A value behind a key or a dash.
pub(super) struct Written {
    /// What stands on the line of the key; empty where all of it stands below.
    pub(super) head: String,
    /// The lines below, without their indentation.
    pub(super) lines: Vec<String>,
}

/// A value as export would write it behind a key.
pub(super) fn written(value: &Value) -> Result<Written, Unfit> {
    let text = to_yaml(&json!({ "k": value })).map_err(|_| Unfit)?;
    let text = text.strip_prefix("k:").ok_or(Unfit)?;
    let mut lines = text.trim_end_matches('\n').split('\n');
    let head = lines.next().unwrap_or_default().trim();
    // What stands below is indented by two.
    let lines = lines.map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned());
    Ok(Written {
        head: head.to_owned(),
        lines: lines.collect(),
    })
}

/// The lines of an entry of a mapping.
pub(super) fn entry(key: &str, value: &Value) -> Result<Vec<String>, Unfit> {
    lines(&json!({ key: value }))
}

/// The lines of an item of a list.
pub(super) fn item(value: &Value) -> Result<Vec<String>, Unfit> {
    lines(&json!([value]))
}

fn lines(value: &Value) -> Result<Vec<String>, Unfit> {
    let text = to_yaml(value).map_err(|_| Unfit)?;
    let lines = text.trim_end_matches('\n').split('\n');
    Ok(lines.map(str::to_owned).collect())
}

/// Lines one below the other, so far in, the first one too.
pub(super) fn indented(lines: &[String], by: usize, newline: &str) -> String {
    let indent = " ".repeat(by);
    let lines = lines.iter().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("{indent}{line}"),
    });
    lines.collect::<Vec<_>>().join(newline)
}

/// A text in the quotes that another had in its place; none where they can't hold it.
pub(super) fn quoted(text: &str, style: ScalarStyle) -> Option<String> {
    let is_plain =
        |letter: char| !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}');
    match style {
        ScalarStyle::DoubleQuoted => Some(Value::from(text).to_string()),
        ScalarStyle::SingleQuoted if text.chars().all(is_plain) => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        ScalarStyle::SingleQuoted
        | ScalarStyle::Plain
        | ScalarStyle::Literal
        | ScalarStyle::Folded => None,
    }
}

/// A value on one line, as it may stand between the brackets of others.
pub(super) fn flow(value: &Value) -> Result<String, Unfit> {
    Ok(match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => written(value)?.head,
        Value::String(text) => {
            let plain = written(value)?;
            let is_safe = plain.lines.is_empty()
                && !plain.head.is_empty()
                && (plain.head.starts_with(['"', '\''])
                    || !text.contains(['[', ']', '{', '}', ',']));
            match is_safe {
                true => plain.head,
                false => Value::from(text.as_str()).to_string(),
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect::<Result<_, _>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| flow_entry(key, value));
            let members: Vec<String> = members.collect::<Result<_, _>>()?;
            format!("{{ {} }}", members.join(", "))
        }
    })
}

/// An entry of a mapping between braces.
pub(super) fn flow_entry(key: &str, value: &Value) -> Result<String, Unfit> {
    let key = flow(&Value::from(key))?;
    Ok(format!("{key}: {}", flow(value)?))
}
