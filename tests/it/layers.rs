//! Which module may name which. The table is the architecture; this test keeps it true.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each top-level module and the ones that it may name, beside itself.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("diagnostic", &["model"]),
    ("manifest", &["model", "diagnostic"]),
    ("live", &["model", "diagnostic"]),
    ("state", &["model", "diagnostic"]),
    ("plan", &["model", "diagnostic"]),
    ("apply", &["model", "diagnostic", "plan", "live", "state"]),
    ("export", &["model", "diagnostic", "manifest"]),
    ("sandbox", &["live::transport"]),
    ("render", &["model", "diagnostic", "state", "plan", "apply"]),
    (
        "cli",
        &[
            "model",
            "diagnostic",
            "manifest",
            "live",
            "state",
            "plan",
            "apply",
            "export",
            "sandbox",
            "render",
        ],
    ),
];

/// What a module names by `crate::`, as `module` or `module::part`, with the line.
fn names(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    // Unit tests may build a whole world; the rule is about what ships.
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let line_start = text[..at].rfind('\n').map_or(0, |n| n + 1);
        if text[line_start..at].trim_start().starts_with("//") {
            continue;
        }
        let line = text[..at].matches('\n').count() + 1;
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.push((line, heads_of_group(group)));
        } else {
            found.push((line, vec![head(rest)]));
        }
    }
    found
}

/// `live::transport` of `live::transport::{A, B}`: the first two segments.
fn head(text: &str) -> String {
    let path: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
        .collect();
    path.split("::")
        .filter(|part| !part.is_empty())
        .take(2)
        .collect::<Vec<_>>()
        .join("::")
}

/// The heads of `{a::b, c::{d, e}}`, at depth one.
fn heads_of_group(text: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let item = text[start..at].trim();
                if !item.is_empty() {
                    heads.push(head(item));
                }
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads
}

/// Everything that breaks the table, as `file:line: words`.
fn violations(module: &str, file: &str, text: &str) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut broken = Vec::new();
    for (line, heads) in names(text) {
        for head in heads {
            let top = head.split("::").next().unwrap_or_default();
            let known = allowed.contains_key(top);
            let may = top == module
                || allowed[module].iter().any(|rule| {
                    *rule == top || head == *rule || head.starts_with(&format!("{rule}::"))
                });
            if known && !may {
                broken.push(format!("{file}:{line}: `{module}` may not name `{head}`"));
            }
        }
    }
    for (number, line) in text.lines().enumerate() {
        if line.contains("super::super::") {
            broken.push(format!(
                "{file}:{}: `super::super::`: use `crate::`",
                number + 1
            ));
        }
    }
    broken
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.ends_with("tests.rs") {
            // As with the unit tests at a file's end.
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn modules_name_only_what_they_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    let mut seen = 0;
    for (module, _) in TABLE {
        let mut files = Vec::new();
        rust_files(&src.join(module), &mut files);
        assert!(
            !files.is_empty(),
            "src/{module} is in the table but not in the tree"
        );
        for file in files {
            seen += 1;
            let text = fs::read_to_string(&file).unwrap();
            broken.extend(violations(module, &file.display().to_string(), &text));
        }
    }
    assert!(seen > 20, "looked at {seen} files only");
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_module_of_the_tree_is_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let listed = TABLE.iter().any(|(module, _)| *module == name);
        assert!(
            listed || name == "lib" || name == "main",
            "src/{name} is not in the table"
        );
    }
}

#[test]
fn a_forbidden_name_is_found_in_every_form_of_import() {
    for text in [
        "use crate::live::client::Client;",
        "use crate::{model::Kind, live::client};",
        "use crate::{\n    model::{Kind, Name},\n    live,\n};",
        "fn f() { crate::live::client::g() }",
        "use super::super::live;",
    ] {
        assert_eq!(violations("plan", "x.rs", text).len(), 1, "{text}");
    }
    for text in [
        "use crate::model::Kind;",
        "// crate::live is not named here",
        "use crate::{model::{Kind, Name}, diagnostic::Report};",
    ] {
        assert_eq!(
            violations("plan", "x.rs", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
    let wire = "use crate::live::transport::{Request, Response};";
    assert_eq!(violations("sandbox", "x.rs", wire), Vec::<String>::new());
    assert_eq!(
        violations("sandbox", "x.rs", "use crate::live::Client;").len(),
        1
    );
}
