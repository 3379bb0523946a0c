//! What the texts of modules name: functions and other modules; and what is left in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::{
    diagnostic::{Code, codes::lints as codes},
    model::{
        Trail,
        blueprint::{Formulas, Module, formulas_of, is_graph, own_functions},
        each_text,
    },
};

use super::{Lint, in_words, listed, placeholder};

/// The keys of a module that hold other modules, or what only the editor needs.
const ELSEWHERE: [&str; 5] = ["metadata", "routes", "branches", "tools", "onerror"];

/// A slip of a shorter name could be any word.
const SHORTEST_SLIP: usize = 5;

/// What was found, the same thing once: where first, and in which modules.
#[derive(Default)]
struct Found(BTreeMap<(&'static str, String), (Lint, Vec<String>)>);

impl Found {
    /// Adds what is wrong, in a text of a module that is given in words.
    fn add(
        &mut self,
        (code, message): (&'static Code, String),
        (trail, part): (&Trail<'_>, &str),
        help: String,
        module: &str,
    ) {
        let entry = self.0.entry((code.name, message.clone()));
        let (_, modules) = entry.or_insert_with(|| {
            let lint = Lint {
                code,
                path: trail.path(),
                part: part.to_owned(),
                message,
                help,
            };
            (lint, Vec::new())
        });
        if modules.last().is_none_or(|last| last != module) {
            modules.push(module.to_owned());
        }
    }

    fn into_lints(self) -> impl Iterator<Item = Lint> {
        self.0.into_values().map(|(lint, modules)| Lint {
            message: format!("{} (in {})", lint.message, listed(&modules)),
            ..lint
        })
    }
}

/// Looks at the texts of all modules that are part of the flow.
pub(super) fn check(document: &Value, modules: &[Module<'_>], found: &mut Vec<Lint>) {
    let order = Order::of(document, modules);
    let mut all = Found::default();
    for (index, module) in modules.iter().enumerate() {
        if is_parked(module) {
            continue;
        }
        let Value::Object(members) = module.value else {
            continue;
        };
        texts_of(members, &Trail::from(&module.path), &mut |text, trail| {
            if formulas_of(text).next().is_some() {
                in_formulas(text, trail, index, &order, &mut all);
            }
            if let Some(left) = placeholder::in_text(text) {
                let what = (
                    &codes::LEFTOVER_PLACEHOLDER,
                    format!("`{left}` was never filled in"),
                );
                let help = "write the value, or `${var.NAME}`".to_owned();
                all.add(what, (trail, &left), help, &in_words(module));
            }
        });
    }
    found.extend(all.into_lints());
}

/// The texts of a module's own, and of its branches' conditions, with their paths.
fn texts_of(
    members: &Map<String, Value>,
    module: &Trail<'_>,
    visit: &mut dyn FnMut(&str, &Trail<'_>),
) {
    for (key, value) in members {
        let trail = module.key(key);
        if key == "branches" || key == "routes" {
            for (index, branch) in value.as_array().into_iter().flatten().enumerate() {
                let trail = trail.index(index);
                for (inner, value) in branch.as_object().into_iter().flatten() {
                    if inner != "flow" {
                        each_text(value, &trail.key(inner), visit);
                    }
                }
            }
        } else if !ELSEWHERE.contains(&key.as_str()) {
            each_text(value, &trail, visit);
        }
    }
}

fn in_formulas(text: &str, trail: &Trail<'_>, reader: usize, order: &Order<'_>, all: &mut Found) {
    let Some(module) = order.modules.get(reader) else {
        return;
    };
    let mut named = Formulas::default();
    named.add(text);
    for function in &named.functions {
        if let Some(meant) = slip_of(function) {
            let what = format!("`{function}` is no function of Make's");
            let what = (&codes::UNKNOWN_FUNCTION, what);
            let help = format!("did you mean `{meant}`?");
            all.add(what, (trail, function), help, &in_words(module));
        }
    }
    for id in &named.modules {
        let (code, fault, help) = match order.look(reader, id) {
            Seen::Before => continue,
            Seen::Later => (
                &codes::MODULE_LATER,
                "comes later",
                "read a module that comes before",
            ),
            Seen::Parked => (
                &codes::MODULE_MISSING,
                "has nothing that leads to it",
                "connect the module, or read another",
            ),
            Seen::Nowhere => (
                &codes::MODULE_MISSING,
                "is not there",
                "write the id of the module that is meant",
            ),
        };
        let what = format!("a formula reads module {id}, which {fault}");
        let part = format!("{id}.");
        all.add(
            (code, what),
            (trail, &part),
            help.to_owned(),
            &in_words(module),
        );
    }
}

/// The function of Make's of which a name is a slip: other capitals, or one letter wrong in a name
/// that begins alike. `getDay` beside Make's `setDay` is somebody's own.
fn slip_of(name: &str) -> Option<&'static str> {
    let own = own_functions();
    let lower = name.to_lowercase();
    if let Some(meant) = own.iter().find(|known| known.to_lowercase() == lower) {
        return Some(meant);
    }
    if name.chars().count() < SHORTEST_SLIP {
        return None;
    }
    own.iter()
        .find(|known| {
            known.len() >= SHORTEST_SLIP
                && known.chars().next() == name.chars().next()
                && strsim::damerau_levenshtein(known, name) == 1
        })
        .copied()
}

fn is_parked(module: &Module<'_>) -> bool {
    module.path.first().is_some_and(|head| head == "metadata")
}

/// Where a module that a formula reads stands.
enum Seen {
    /// Where it may have run; or nobody can say.
    Before,
    Later,
    Parked,
    Nowhere,
}

/// In which order modules run.
struct Order<'a> {
    modules: &'a [Module<'a>],
    /// The places of each id in the list of modules.
    places: BTreeMap<String, BTreeSet<usize>>,
    /// The module in whose branches each one stands.
    parents: Vec<Option<usize>>,
    /// Whether the order of the list says something.
    is_known: bool,
}

impl<'a> Order<'a> {
    fn of(document: &Value, modules: &'a [Module<'a>]) -> Self {
        let keys: BTreeMap<&str, usize> = modules
            .iter()
            .enumerate()
            .map(|(index, module)| (module.key.as_str(), index))
            .collect();
        let mut places: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, module) in modules.iter().enumerate() {
            let id = match module.value.get("id") {
                Some(Value::String(id)) => id.clone(),
                Some(id) => id.to_string(),
                None => continue,
            };
            places.entry(id).or_default().insert(index);
        }
        let parent = |module: &Module<'_>| keys.get(module.container.parent.as_deref()?).copied();
        Self {
            modules,
            places,
            parents: modules.iter().map(parent).collect(),
            is_known: !is_graph(document),
        }
    }

    fn look(&self, reader: usize, id: &str) -> Seen {
        let Some(places) = self.places.get(id) else {
            return Seen::Nowhere;
        };
        let parked = |place: &usize| self.modules.get(*place).is_some_and(is_parked);
        if places.iter().all(parked) {
            return Seen::Parked;
        }
        // What a module holds in its own branches may give it something: the tools of an agent do.
        let may_have_run = |place: &usize| *place <= reader || self.is_within(*place, reader);
        match self.is_known && !places.iter().any(may_have_run) {
            true => Seen::Later,
            false => Seen::Before,
        }
    }

    fn is_within(&self, inner: usize, outer: usize) -> bool {
        let parent = |index: &usize| self.parents.get(*index).copied().flatten();
        std::iter::successors(Some(inner), parent).any(|index| index == outer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::blueprint::modules;

    /// `path part: message` of what is found in a blueprint.
    fn found(document: &Value) -> Vec<String> {
        let mut found = Vec::new();
        super::check(document, &modules(document), &mut found);
        let lines = found.iter().map(|lint| {
            format!(
                "{} {} {}: {}",
                lint.code,
                lint.path.join("."),
                lint.part,
                lint.message
            )
        });
        lines.collect()
    }

    fn with_text(text: &str) -> Value {
        json!({"flow": [{"id": 1, "module": "a:b"}, {"id": 2, "module": "c:d", "mapper": {"x": text}}]})
    }

    #[test]
    fn slips_of_functions_are_told_and_names_of_ones_own_are_not() {
        for (text, function) in [
            ("{{fomatDate(now)}}", "fomatDate"),
            ("{{formatdate(now)}}", "formatdate"),
            ("{{if(1.a; parseJson(1.b); 0)}}", "parseJson"),
            ("{{encodeURI(1.a)}}", "encodeURI"),
            ("{{IF(1.a; 1; 2)}}", "IF"),
        ] {
            let found = found(&with_text(text));
            assert_eq!(
                found,
                [format!(
                    "unknown-function flow.1.mapper.x {function}: `{function}` is no function of Make's (in module 2 (c:d))"
                )],
                "{text}"
            );
        }
        for text in [
            "{{toCents(1.price)}} {{getDay(1.a)}} {{maps(1.a)}}",
            "{{custom.fn(1.a)}} {{1.formatdate(2)}} {{mime(1.name)}}",
            "{{\"fomatDate(x)\"}} {{1.`fomatDate(`}}",
            "fomatDate(now) function(a) { return a }",
            "const f = (a) => { if (a) { return `${parsejson(a)}` } }",
        ] {
            assert_eq!(found(&with_text(text)), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn modules_that_are_missing_or_come_later_are_told() {
        let document = json!({
            "flow": [
                {"id": 1, "module": "gateway:CustomWebHook", "mapper": {"a": "{{1.self}}"}},
                {"id": 2, "module": "http:Get", "mapper": {"a": "{{3.x}}", "b": "{{9.x}} {{9.y}}", "c": ["{{9.z}}"]},
                 "filter": {"conditions": [[{"a": "{{8.x}}", "o": "exist"}]]},
                 "onerror": [{"id": 4, "module": "builtin:Resume", "mapper": {"a": "{{2.error}} {{3.x}}"}}]},
                {"id": 3, "module": "builtin:BasicIfElse", "branches": [
                    {"conditions": [[{"a": "{{7.x}}", "o": "exist"}]],
                     "flow": [{"id": 5, "module": "a:b", "mapper": {"a": "{{1.x}}{{2.x}}{{6.x}}"}}]},
                    {"flow": [{"id": 6, "module": "a:b", "mapper": {"a": "{{3.x}}"},
                               "metadata": {"expect": "{{99.x}}"}}]}]},
            ],
            "metadata": {"designer": {"orphans": [[{"id": 7, "module": "a:b", "mapper": {"a": "{{77.x}}"}}]]}},
        });
        assert_eq!(
            found(&document),
            [
                "module-later flow.1.mapper.a 3.: a formula reads module 3, which comes later (in module 2 (http:Get), module 4 (builtin:Resume))",
                "module-later flow.2.branches.0.flow.0.mapper.a 6.: a formula reads module 6, which comes later (in module 5 (a:b))",
                "module-missing flow.2.branches.0.conditions.0.0.a 7.: a formula reads module 7, which has nothing that leads to it (in module 3 (builtin:BasicIfElse))",
                "module-missing flow.1.filter.conditions.0.0.a 8.: a formula reads module 8, which is not there (in module 2 (http:Get))",
                "module-missing flow.1.mapper.b 9.: a formula reads module 9, which is not there (in module 2 (http:Get))",
            ]
        );
    }

    #[test]
    fn modules_before_around_and_inside_may_be_read() {
        let document = json!({"flow": [
            {"id": 1, "module": "a:b"},
            {"id": 2, "module": "ai:RunAgent", "mapper": {"a": "{{1.x}} {{4.answer}}"},
             "tools": [{"name": "t", "flow": [{"id": 4, "module": "a:b", "mapper": {"a": "{{2.q}}"}}]}]},
            {"id": "5-copy", "module": "a:b", "mapper": {"a": "{{1.x}} {{3.5 + 1}} {{12}}"}},
            {"id": 1, "module": "a:b"},
        ]});
        assert_eq!(found(&document), [] as [&str; 0]);
        // What leads where, connections say: the order of modules says nothing.
        let graph = json!({
            "modules": [{"id": 1, "app": "a", "mapper": {"a": "{{2.x}} {{3.x}}"}}, {"id": 2, "app": "b"}],
            "connections": [{"from": 2, "to": 1}],
        });
        let found = found(&graph);
        assert_eq!(
            found,
            [
                "module-missing modules.0.mapper.a 3.: a formula reads module 3, which is not there (in module 1 (a))"
            ]
        );
    }
}
