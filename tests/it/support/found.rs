//! What the variables stand for that an export writes in place of secrets.

use std::{collections::BTreeMap, fs, path::Path};

use super::world::World;

impl World {
    /// Exports the account with its secrets beside an export without, and sets the variables that
    /// the latter names to what the former has in their place. Their names, and what they are.
    pub(crate) fn set_found(&mut self, args: &[&str], exported: &str) -> BTreeMap<String, String> {
        let kept = format!("{exported}-kept");
        let export = [args, &["export", "--keep-secrets", "--out", &kept]].concat();
        let _ = self.run(&export).success();
        let mut found = BTreeMap::new();
        collect(&self.file(exported), &self.file(&kept), &mut found);
        for (name, value) in &found {
            self.set_env(name, Some(value));
        }
        fs::remove_dir_all(self.file(&kept)).unwrap();
        found
    }

    /// Declares the variables of `.env.example` in a `makeform.yaml` that a test wrote.
    pub(crate) fn declare_found(&self, exported: &str, found: &BTreeMap<String, String>) {
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        let line = format!("spec:\n  env: [{}]\n", names.join(", "));
        self.edit(&format!("{exported}/makeform.yaml"), "spec:\n", &line);
    }
}

fn collect(one: &Path, other: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(one).unwrap() {
        let path = entry.unwrap().path();
        let twin = other.join(path.file_name().unwrap());
        if path.is_dir() {
            collect(&path, &twin, found);
            continue;
        }
        let is_of_things = path
            .extension()
            .is_some_and(|end| end == "json" || end == "yaml");
        let text = fs::read_to_string(&path).unwrap();
        if !is_of_things || !text.contains("${env.") || path.ends_with("makeform.yaml") {
            continue;
        }
        let twin = fs::read_to_string(&twin).unwrap();
        assert_eq!(text.lines().count(), twin.lines().count(), "{path:?}");
        for (line, twin) in text.lines().zip(twin.lines()) {
            solve(line, twin, path.extension().unwrap() == "json", found);
        }
    }
}

/// Finds out what each reference of a line stands for. What stands between them is in both.
fn solve(line: &str, twin: &str, is_json: bool, found: &mut BTreeMap<String, String>) {
    let mut rest = twin;
    let mut parts = line.split("${env.");
    rest = rest.strip_prefix(parts.next().unwrap()).unwrap_or(rest);
    for part in parts {
        let (name, after) = part.split_once('}').unwrap();
        // To the end of the line, what follows is the end of the text.
        let end = match line.ends_with(after) {
            true => rest.len() - after.len(),
            false => rest.find(after).unwrap(),
        };
        let (value, behind) = rest.split_at(end);
        let value = match is_json {
            true => serde_json::from_str(&format!("\"{value}\"")).unwrap(),
            false => value.to_owned(),
        };
        found.insert(name.to_owned(), value);
        rest = &behind[after.len()..];
    }
}
