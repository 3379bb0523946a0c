//! Further variables under `env` of `makeform.yaml`: what stands there stays as it is, comments
//! included.

use std::sync::Arc;

use super::{
    discover::PROJECT_FILE,
    node::{Key, Node},
    page::Page,
    yaml,
};
use crate::model::Source;

/// The text of `makeform.yaml` with further variables that manifests may name; none where it is
/// written in a way that can't be added to. All of `names` are new.
#[must_use]
pub fn declare_env(text: &str, names: &[&str]) -> Option<String> {
    let spec = spec_of(text)?;
    let mut wanted = declared(&spec);
    wanted.extend(names.iter().map(|name| (*name).to_owned()));
    let (at, written) = addition(text, &spec, names)?;
    let mut edited = text.to_owned();
    edited.insert_str(at, &written);
    // It is read again: what it says now is what was meant, or nothing is changed.
    let is_meant = declared(&spec_of(&edited)?) == wanted;
    is_meant.then_some(edited)
}

fn spec_of(text: &str) -> Option<Node> {
    let page = Page::new(Arc::new(Source {
        name: PROJECT_FILE.to_owned(),
        text: text.to_owned(),
    }));
    let stream = yaml::read(&page);
    let documents = stream.documents.iter();
    let spec = documents.filter_map(|document| document.get("spec")).next();
    spec.cloned().filter(|_| stream.whole)
}

fn declared(spec: &Node) -> Vec<String> {
    let items = spec.get("env").map(Node::items).unwrap_or_default();
    let names = items.iter().filter_map(Node::as_text);
    names.map(str::to_owned).collect()
}

/// What is inserted, and where.
fn addition(text: &str, spec: &Node, names: &[&str]) -> Option<(usize, String)> {
    let line_break = match text.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let list = names.join(", ");
    let Some(env) = spec.get("env") else {
        // Above the targets, which are long.
        let keys = || spec.entries().iter().map(|entry| &entry.key);
        let key = keys()
            .find(|key| key.text == "targets")
            .or(keys().next_back())?;
        let (start, indent) = line_of(text, key);
        return Some((start, format!("{indent}env: [{list}]{line_break}")));
    };
    let Some(last) = env.items().last() else {
        let bracket = text.get(env.span.clone())?.find('[')?;
        return Some((env.span.start + bracket + 1, list));
    };
    let line_start = text
        .get(..last.span.start)?
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = text.get(line_start..last.span.start)?;
    let indent = line.get(..line.len() - line.trim_start().len())?;
    if line.trim_start().starts_with('-') {
        let rest = text.get(last.span.end..)?;
        let end = rest
            .find(['\r', '\n'])
            .map_or(text.len(), |at| last.span.end + at);
        let lines = names
            .iter()
            .map(|name| format!("{line_break}{indent}- {name}"));
        return Some((end, lines.collect()));
    }
    Some((last.span.end, format!(", {list}")))
}

/// Where the line of a key begins, and how far in it stands.
fn line_of<'t>(text: &'t str, key: &Key) -> (usize, &'t str) {
    let before = text.get(..key.span.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (start, before.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::declare_env;

    #[test]
    fn variables_are_added_and_everything_else_stays() {
        let head = "apiVersion: makeform/v1\nkind: Project # ours\nspec:\n";
        for (before, after) in [
            (
                "  targets: {} # two\n",
                "  env: [A, B_2]\n  targets: {} # two\n",
            ),
            ("  env: [X] # one\n", "  env: [X, A, B_2] # one\n"),
            ("  env: [ X, \"Y\" ]\n", "  env: [ X, \"Y\", A, B_2 ]\n"),
            ("  env: []\n", "  env: [A, B_2]\n"),
            (
                "  env:\n    - X # why\n    # end\n  targets: {}\n",
                "  env:\n    - X # why\n    - A\n    - B_2\n    # end\n  targets: {}\n",
            ),
            ("  env:\n  - X\r\n", "  env:\n  - X\r\n  - A\r\n  - B_2\r\n"),
            ("  env:\n    - X", "  env:\n    - X\n    - A\n    - B_2"),
            (
                "  env: [\n    X, # why\n  ]\n",
                "  env: [\n    X, A, B_2, # why\n  ]\n",
            ),
        ] {
            let edited = declare_env(&format!("{head}{before}"), &["A", "B_2"]);
            assert_eq!(edited, Some(format!("{head}{after}")), "{before}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_left_alone() {
        for text in [
            "spec: { targets: {} }\n",
            "spec: [",
            "a: 1\n",
            "spec:\n  env: X\n",
        ] {
            assert_eq!(declare_env(text, &["A"]), None, "{text}");
        }
    }
}
