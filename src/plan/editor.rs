//! What Make's editor keeps with a blueprint: positions, labels of picked values, samples.
//!
//! It changes nothing of what a scenario does, and colleagues change it by merely opening one. So
//! a plan tells of it in one line, and an apply leaves it alone unless it is asked not to. But a
//! blueprint is saved whole: whatever else changes in it, each module needs its part of this.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::{
    Change, Difference, Sign, comparable::SENSITIVE, diff_blueprint::own, diff_value::Around,
};
use crate::model::{
    Blueprint, Path,
    blueprint::{
        Container, EDITOR_KEYS, Module, functional, is_editor_metadata, is_graph, lay_out, modules,
        place_of, split, visit_modules_mut,
    },
    digest_of, secret, value_at_mut, values_equal,
};

/// Where the editor's part of a wanted blueprint is another than that of the live one. What the
/// wanted one does not say is no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditorDifference {
    /// The keys of the modules.
    pub modules: Vec<String>,
    /// Whether what is kept with the blueprint itself differs: notes.
    pub canvas: bool,
    /// How many modules there are.
    pub of: usize,
}

impl EditorDifference {
    /// Compares two blueprints.
    pub(super) fn between(wanted: &Value, live: &Value) -> Self {
        let mut difference = Self::default();
        if is_graph(wanted) || is_graph(live) {
            return difference;
        }
        let there: BTreeMap<_, _> = modules(live).into_iter().map(by_key_and_type).collect();
        for module in modules(wanted) {
            difference.of += 1;
            let (key, wanted) = by_key_and_type(module);
            if let Some(live) = there.get(&key)
                && is_module_other(wanted.value, live.value, &wanted.module)
            {
                difference.modules.push(wanted.key);
            }
        }
        let is_editors = |key: &str| matches!(key, "designer" | "notes");
        difference.canvas = is_metadata_other(wanted, live, is_editors, |key| key != "orphans");
        difference
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.modules.is_empty() && !self.canvas
    }

    /// How much: `2 of 9 modules, notes`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let modules = match (self.modules.len(), self.of) {
            (0, _) => None,
            (some, 1) => Some(format!("{some} of 1 module")),
            (some, all) => Some(format!("{some} of {all} modules")),
        };
        let canvas = self.canvas.then(|| "the canvas".to_owned());
        let parts: Vec<String> = modules.into_iter().chain(canvas).collect();
        parts.join(" and ")
    }

    /// The line of a plan that brings it about.
    pub(super) fn change(&self) -> Change {
        Change {
            path: vec!["editor".to_owned()],
            title: "editor".to_owned(),
            difference: Difference::Part {
                sign: Sign::Change,
                note: self.in_words(),
                value: json!({ "modules": self.modules, "canvas": self.canvas }),
                changes: Vec::new(),
            },
            origin: None,
        }
    }
}

type KeyAndType<'a> = (String, Cow<'a, str>);

fn by_key_and_type(module: Module<'_>) -> (KeyAndType<'_>, Module<'_>) {
    ((module.key.clone(), module.module.clone()), module)
}

/// Whether the editor's part of a module says something else than that of the live one.
fn is_module_other(wanted: &Value, live: &Value, kind: &str) -> bool {
    let is_editors = |key: &str| is_editor_metadata(kind, key);
    // Warnings come and go with each opening.
    let in_designer = |key: &str| key != "name" && key != "messages";
    is_other(wanted.get("samples"), live.get("samples"))
        || is_metadata_other(wanted, live, is_editors, in_designer)
}

fn is_metadata_other(
    wanted: &Value,
    live: &Value,
    is_editors: impl Fn(&str) -> bool,
    in_designer: impl Fn(&str) -> bool,
) -> bool {
    let Some(Value::Object(wanted)) = wanted.get("metadata") else {
        return false;
    };
    let live = live.get("metadata");
    let mut wanted = wanted.iter().filter(|(key, _)| is_editors(key));
    wanted.any(|(key, value)| {
        let live = live.and_then(|live| live.get(key));
        let has_place = place_of(Some(value)).is_some();
        match (key.as_str(), value) {
            ("designer", Value::Object(designer)) => designer
                .iter()
                .filter(|(key, _)| in_designer(key) && (has_place || !is_coordinate(key)))
                .any(|(key, value)| is_other(Some(value), live.and_then(|live| live.get(key)))),
            (_, value) => is_other(Some(value), live),
        }
    })
}

fn is_other(wanted: Option<&Value>, live: Option<&Value>) -> bool {
    let same = |wanted: &Value| live.is_some_and(|live| values_equal(wanted, live));
    wanted.is_some_and(|wanted| !same(wanted))
}

/// Completes the editor's part of a blueprint that is to be sent. Modules that do not change keep
/// what the account has, and all that stay in their list keep their place: a colleague may have
/// moved them since the manifest was written. The others take what the manifest has. With `all` of
/// it wanted, the manifest's counts everywhere. Whatever only one of the two has is kept, and
/// modules without a place get one. Nothing that the scenario does changes.
pub(super) fn complete(wanted: &mut Value, live: &Value, all: bool) {
    let twins = twins(wanted, live);
    visit_modules_mut(wanted, &mut |key, module| {
        let Some(twin) = twins.get(key) else { return };
        let lives = !all && twin.same == Same::All;
        if let Some(samples) = twin.live.get("samples")
            && (lives || !module.contains_key("samples"))
        {
            module.insert("samples".to_owned(), samples.clone());
        }
        let Some(kept) = twin.live.get("metadata") else {
            return;
        };
        let stays = !all && twin.same != Same::Nothing;
        let is_editors = |key: &str| is_editor_metadata(&twin.kind, key);
        // Old warnings can make a scenario invalid.
        let in_designer = |key: &str| key != "name" && key != "messages";
        overlay(module, kept, (lives, stays), is_editors, in_designer);
    });
    if let (Value::Object(wanted), Some(kept)) = (&mut *wanted, live.get("metadata")) {
        let is_editors = |key: &str| EDITOR_KEYS.contains(&key) || key == "designer";
        overlay(wanted, kept, (!all, !all), is_editors, |key| {
            key != "orphans"
        });
    }
    lay_out(wanted);
}

/// The live module that a wanted one becomes of.
struct Twin<'a> {
    live: &'a Value,
    kind: String,
    same: Same,
}

/// What of a module is as it was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    /// It does the same in the same list.
    All,
    /// It does something else.
    List,
    /// It is elsewhere.
    Nothing,
}

/// The live modules by the keys of the wanted ones.
fn twins<'a>(wanted: &Value, live: &'a Value) -> BTreeMap<String, Twin<'a>> {
    let (does, did) = (functional(wanted), functional(live));
    let form = |module: Module<'_>| (module.key.clone(), (own(&module), module.container));
    let before: BTreeMap<String, (Value, Container)> =
        modules(&did).into_iter().map(form).collect();
    let after: BTreeMap<String, (Value, Container)> =
        modules(&does).into_iter().map(form).collect();
    let there: BTreeMap<_, _> = modules(live).into_iter().map(by_key_and_type).collect();
    let twin = |module: Module<'_>| {
        let (key, module) = by_key_and_type(module);
        let live = there.get(&key)?.value;
        let same = match (before.get(&module.key)?, after.get(&module.key)?) {
            ((_, before), (_, after)) if before != after => Same::Nothing,
            ((before, _), (after, _)) if values_equal(before, after) => Same::All,
            _ => Same::List,
        };
        let kind = module.module.into_owned();
        Some((module.key, Twin { live, kind, same }))
    };
    modules(wanted).into_iter().filter_map(twin).collect()
}

/// Lays the editor's part of live metadata over that of a module or a blueprint, or under it:
/// whether `lives` counts where both have something, and whether its place does.
fn overlay(
    wanted: &mut Map<String, Value>,
    kept: &Value,
    (lives, stays): (bool, bool),
    is_editors: impl Fn(&str) -> bool,
    in_designer: impl Fn(&str) -> bool,
) {
    let Value::Object(kept) = kept else { return };
    let metadata = wanted.entry("metadata").or_insert_with(|| json!({}));
    let Value::Object(metadata) = metadata else {
        return;
    };
    for (key, value) in kept.iter().filter(|(key, _)| is_editors(key)) {
        if key != "designer" {
            put(metadata, key, value, lives);
            continue;
        }
        let has_place = place_of(metadata.get("designer")).is_some();
        let designer = metadata.entry("designer").or_insert_with(|| json!({}));
        if let (Value::Object(designer), Value::Object(kept)) = (designer, value) {
            for (key, value) in kept.iter().filter(|(key, _)| in_designer(key)) {
                let is_open = !has_place && is_coordinate(key);
                put(designer, key, value, stays || is_open);
            }
        }
    }
}

fn is_coordinate(key: &str) -> bool {
    matches!(key, "x" | "y")
}

fn put(map: &mut Map<String, Value>, key: &str, value: &Value, over: bool) {
    if over || !map.contains_key(key) {
        map.insert(key.to_owned(), value.clone());
    }
}

/// The digest of the editor's part of a blueprint as its manifest has it: references by their
/// names, and of secrets nothing.
pub(super) fn digest_of_editor(blueprint: &Blueprint, around: &Around<'_>) -> Option<String> {
    let (_, editor) = split(blueprint.document().ok()?);
    let mut editor = editor.into_value();
    let mut hidden: Vec<Path> = secret::sensitive_paths(&editor).into_iter().collect();
    around
        .secrets
        .search(&editor, &mut Path::new(), &mut |path| {
            hidden.push(path.clone());
        });
    for path in hidden {
        if let Some(value) = value_at_mut(&mut editor, &path) {
            *value = Value::from(SENSITIVE);
        }
    }
    Some(digest_of(&editor))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::complete;

    fn live() -> Value {
        json!({
            "flow": [
                {"id": 1, "module": "a:b", "samples": [1], "metadata": {
                    "designer": {"x": 5, "y": 6, "name": "Label", "messages": [1]},
                    "restore": {"r": 1}, "expect": [{"name": "live"}]}},
                {"id": 3, "module": "scenario-service:ReturnData", "metadata": {
                    "expect": ["live"], "interface": ["live"]}},
                {"id": 4, "module": "old:type", "metadata": {"designer": {"x": 1, "y": 1}}},
            ],
            "metadata": {"zone": "eu1.make.com", "notes": [1],
                "designer": {"orphans": [[{"id": 9}]], "zoom": 2}, "scenario": {"dlq": true}},
        })
    }

    fn wanted() -> Value {
        json!({
            "flow": [
                {"id": 1, "module": "a:b", "metadata": {
                    "designer": {"x": 7, "name": "Label"}, "expect": [], "interface": [1]}},
                {"id": 2, "module": "c:d", "metadata": {"designer": {"x": 900, "y": 0}}},
                {"id": 3, "module": "scenario-service:ReturnData", "metadata": {"expect": ["git"],
                    "designer": {"x": 1, "y": 900}}},
                {"id": 4, "module": "new:type"},
            ],
            "metadata": {"notes": [], "zone": "us1.make.com"},
        })
    }

    #[test]
    fn what_colleagues_did_in_the_editor_outlives_a_change_in_the_manifest() {
        let mut document = wanted();
        complete(&mut document, &live(), false);
        let expected = json!({
            "flow": [
                {"id": 1, "module": "a:b", "samples": [1], "metadata": {
                    "designer": {"x": 5, "name": "Label", "y": 6}, "restore": {"r": 1},
                    "expect": [{"name": "live"}], "interface": [1]}},
                {"id": 2, "module": "c:d", "metadata": {"designer": {"x": 900, "y": 0}}},
                {"id": 3, "module": "scenario-service:ReturnData", "metadata": {
                    "expect": ["git"], "interface": ["live"], "designer": {"x": 1, "y": 900}}},
                {"id": 4, "module": "new:type", "metadata": {"designer": {"x": 301, "y": 900}}},
            ],
            "metadata": {"zone": "eu1.make.com", "notes": [1], "designer": {"zoom": 2}},
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn modules_that_change_take_what_the_manifest_has_and_all_do_if_asked() {
        let mut changed = wanted();
        changed["flow"][0]["mapper"] = json!("another");
        let mut document = changed.clone();
        complete(&mut document, &live(), false);
        let first = |x: i64| {
            json!({"id": 1, "module": "a:b", "samples": [1], "mapper": "another",
            "metadata": {"designer": {"x": x, "name": "Label", "y": 6}, "restore": {"r": 1},
            "expect": [], "interface": [1]}})
        };
        assert_eq!(document["flow"][0], first(5), "but for its place");
        assert_eq!(document["metadata"]["notes"], json!([1]));
        changed["flow"][0]["metadata"]["designer"]["y"] = json!(6);
        complete(&mut changed, &live(), true);
        assert_eq!(changed["flow"][0], first(7));
        assert_eq!(changed["metadata"]["notes"], json!([]));
    }
}
