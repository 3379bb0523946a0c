//! The modules and lines of one blueprint, what must not be shown covered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::EdgeKind;
use crate::{
    model::{
        Mark, Path,
        blueprint::{Module, is_graph, modules, place_of},
        value_at, value_at_mut,
    },
    plan::{comparable::SENSITIVE, filter_words::filter_words},
};

/// What stands for a value that only apply will know.
const UNKNOWN: &str = "(known after apply)";

/// One side of a drawing.
pub(super) struct Side<'a> {
    /// The modules, in the order of the walk.
    pub(super) modules: Vec<Module<'a>>,
    /// The lines between them, by their keys.
    pub(super) lines: Vec<LineBetween>,
    form: &'a Value,
    whole: &'a Value,
    marks: &'a BTreeMap<Path, Mark>,
}

/// A line, by the keys of its modules.
pub(super) struct LineBetween {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) kind: EdgeKind,
    pub(super) filter: Option<String>,
    pub(super) disabled: bool,
}

impl<'a> Side<'a> {
    /// Reads a blueprint: its comparable form, and the whole of it for the places of modules.
    pub(super) fn new(form: &'a Value, whole: &'a Value, marks: &'a BTreeMap<Path, Mark>) -> Self {
        let mut side = Self {
            modules: modules(form),
            lines: Vec::new(),
            form,
            whole,
            marks,
        };
        side.lines = match is_graph(form) {
            true => side.connections(),
            false => side.modules.iter().filter_map(|to| side.line(to)).collect(),
        };
        side
    }

    /// The type of a module, as it may be shown.
    pub(super) fn type_of(&self, module: &Module<'_>) -> String {
        let hidden = ["module", "app", "action"]
            .iter()
            .find_map(|key| self.cover_at(&below(&module.path, &[key])));
        hidden.map_or_else(|| module.module.to_string(), str::to_owned)
    }

    /// The label of a module, as it may be shown.
    pub(super) fn label(&self, module: &Module<'_>) -> Option<String> {
        let own = module.value.get("label").and_then(Value::as_str);
        let own = own.map(|text| (text, ["label"].as_slice()));
        let designed = module.label;
        let designed = designed.map(|text| (text, ["metadata", "designer", "name"].as_slice()));
        let (text, keys) = designed.or(own).filter(|(text, _)| !text.is_empty())?;
        let cover = self.cover_at(&below(&module.path, keys));
        Some(cover.unwrap_or(text).to_owned())
    }

    /// What else there is to say of where a module stands.
    pub(super) fn note(&self, module: &Module<'_>) -> Option<String> {
        let parked = module.container.slot.starts_with("orphans");
        let first = parked && module.after.is_none();
        first.then(|| "parked".to_owned())
    }

    /// Where a module stands on the canvas of the editor.
    pub(super) fn place(&self, module: &Module<'_>) -> Option<(f64, f64)> {
        place_of(value_at(self.whole, &module.path)?.pointer("/metadata/designer"))
    }

    /// The line that leads to a module.
    fn line(&self, to: &Module<'_>) -> Option<LineBetween> {
        let mut filters = Vec::new();
        let mut disabled = false;
        let (from, kind) = match (&to.after, &to.container.parent) {
            (Some(after), _) => (after.clone(), EdgeKind::Flow),
            (None, None) => return None,
            (None, Some(parent)) => {
                let slot = to.container.slot.split_once('.');
                let number = slot.and_then(|(_, index)| index.parse::<usize>().ok());
                let number = number.unwrap_or(0) + 1;
                let kind = match slot.map(|(list, _)| list) {
                    Some("routes") => EdgeKind::Route(number),
                    Some("branches") => EdgeKind::Branch(number),
                    Some(_) => EdgeKind::Tool(number),
                    None => EdgeKind::Error,
                };
                if kind != EdgeKind::Error {
                    // ..routes, 1, flow, 0
                    let end = to.path.len().saturating_sub(2);
                    let branch = to.path.get(..end).unwrap_or_default();
                    filters.extend(self.branch(branch));
                    let flag = value_at(self.form, branch).and_then(|it| it.get("disabled"));
                    disabled = flag.and_then(Value::as_bool).unwrap_or(false);
                }
                (parent.clone(), kind)
            }
        };
        filters.extend(self.filter(&to.path));
        Some(LineBetween {
            from,
            to: to.key.clone(),
            kind,
            filter: (!filters.is_empty()).then(|| filters.join(", ")),
            disabled,
        })
    }

    /// When a branch is taken.
    fn branch(&self, path: &[String]) -> Vec<String> {
        let Some(Value::Object(branch)) = value_at(self.form, path) else {
            return Vec::new();
        };
        let text = |key: &str| {
            let text = branch.get(key)?.as_str().filter(|text| !text.is_empty())?;
            let cover = self.cover_at(&below(path, &[key]));
            Some(cover.unwrap_or(text).to_owned())
        };
        let mut found: Vec<String> = text("label").or_else(|| text("name")).into_iter().collect();
        if branch.get("type").and_then(Value::as_str) == Some("else") {
            found.push("else".to_owned());
        }
        if branch.contains_key("conditions") {
            found.extend(self.shown_filter(&below(path, &["conditions"])));
        }
        found.extend(self.filter(path));
        found
    }

    /// The filter of a module or a branch in words.
    fn filter(&self, path: &[String]) -> Option<String> {
        self.shown_filter(&below(path, &["filter"]))
    }

    fn shown_filter(&self, path: &[String]) -> Option<String> {
        let filter = value_at(self.form, path)?;
        match self.cover_at(path) {
            Some(cover) if !filter.is_null() => Some(format!("only if {cover}")),
            _ => {
                let filter = self.conceal(filter, path);
                match &filter {
                    Value::Null => None,
                    Value::Object(map) if map.is_empty() => None,
                    Value::String(text) => (!text.is_empty()).then(|| format!("only if {text}")),
                    // One that no sentence can tell is there all the same, and may change.
                    filter @ (Value::Bool(_)
                    | Value::Number(_)
                    | Value::Array(_)
                    | Value::Object(_)) => {
                        Some(filter_words(filter).unwrap_or_else(|| format!("only if {filter}")))
                    }
                }
            }
        }
    }

    /// The lines of a blueprint of modules and connections.
    fn connections(&self) -> Vec<LineBetween> {
        let Some(Value::Array(connections)) = self.form.get("connections") else {
            return Vec::new();
        };
        let key = |id: &Value| {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            let is_there = self.modules.iter().any(|module| module.key == id);
            is_there.then_some(id)
        };
        let mut lines: Vec<LineBetween> = Vec::new();
        for (index, connection) in connections.iter().enumerate() {
            let ends = connection.get("from").zip(connection.get("to"));
            let Some((from, to)) = ends.and_then(|(from, to)| Some((key(from)?, key(to)?))) else {
                continue;
            };
            if lines.iter().any(|line| line.from == from && line.to == to) {
                continue;
            }
            let path = below(&[], &["connections", &index.to_string()]);
            let mut filters: Vec<String> = self.branch(&path);
            let target = self.modules.iter().find(|module| module.key == to);
            filters.extend(target.and_then(|module| self.filter(&module.path)));
            lines.push(LineBetween {
                from,
                to,
                kind: EdgeKind::Flow,
                filter: (!filters.is_empty()).then(|| filters.join(", ")),
                disabled: false,
            });
        }
        lines
    }

    /// What stands for a value that is not shown, because it or what holds it is marked.
    fn cover_at(&self, path: &[String]) -> Option<&'static str> {
        let path = in_form(path);
        let around = (1..=path.len()).filter_map(|end| self.marks.get(path.get(..end)?));
        around.map(cover).next()
    }

    /// A value whose marked parts are covered.
    fn conceal(&self, value: &Value, path: &[String]) -> Value {
        let path = in_form(path);
        let mut value = value.clone();
        let marks = self.marks.range(path.clone()..);
        for (key, mark) in marks.take_while(|(key, _)| key.starts_with(&path)) {
            let inner = key.get(path.len()..).unwrap_or_default();
            if let Some(value) = value_at_mut(&mut value, inner) {
                *value = Value::from(cover(mark));
            }
        }
        value
    }
}

fn cover(mark: &Mark) -> &'static str {
    match mark {
        Mark::Sensitive(_) => SENSITIVE,
        Mark::Unknown => UNKNOWN,
    }
}

fn in_form(path: &[String]) -> Path {
    std::iter::once("blueprint".to_owned())
        .chain(path.iter().cloned())
        .collect()
}

fn below(path: &[String], keys: &[&str]) -> Path {
    path.iter()
        .cloned()
        .chain(keys.iter().map(|key| (*key).to_owned()))
        .collect()
}
