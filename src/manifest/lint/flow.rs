//! Routes, branches and filters through which nothing passes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    diagnostic::codes::lints as codes,
    model::{Path, blueprint::Module},
};

use super::{Lint, in_words};

/// Looks for modules that can never run. What is switched off is so on purpose.
pub(super) fn check(modules: &[Module<'_>], found: &mut Vec<Lint>) {
    let by_key: BTreeMap<&str, &Module<'_>> = modules
        .iter()
        .map(|module| (module.key.as_str(), module))
        .collect();
    for module in modules {
        let parked = module.path.first().is_some_and(|head| head == "metadata");
        if parked || is_disabled(module, &by_key) {
            continue;
        }
        if let Some(why) = module.value.pointer("/filter/conditions").and_then(never) {
            let words = in_words(module);
            let message = format!("nothing passes the filter of {words}: {why}");
            found.push(lint(module, &["filter"], message, "mend the filter"));
        }
        match module.module.as_ref() {
            "builtin:BasicRouter" => fallback(module, found),
            "builtin:BasicIfElse" => branches(module, found),
            _ => {}
        }
    }
}

fn lint(module: &Module<'_>, below: &[&str], message: String, help: &str) -> Lint {
    let mut path: Path = module.path.clone();
    path.extend(below.iter().map(|key| (*key).to_owned()));
    Lint {
        code: &codes::UNREACHABLE,
        path,
        part: String::new(),
        message,
        help: help.to_owned(),
    }
}

/// Whether a route that leads to a module is switched off.
fn is_disabled(module: &Module<'_>, by_key: &BTreeMap<&str, &Module<'_>>) -> bool {
    let mut at = module;
    while let Some(parent) = at
        .container
        .parent
        .as_deref()
        .and_then(|key| by_key.get(key))
    {
        let list = at.container.slot.split_once('.');
        let branch = list
            .and_then(|(list, index)| parent.value.get(list)?.get(index.parse::<usize>().ok()?));
        if branch.is_some_and(is_off) {
            return true;
        }
        at = parent;
    }
    false
}

fn is_off(branch: &Value) -> bool {
    branch.get("disabled") == Some(&Value::Bool(true))
}

/// The fallback route of a router (`parameters.else`), beside a route that is always taken.
fn fallback(router: &Module<'_>, found: &mut Vec<Lint>) {
    let Some(Value::Array(routes)) = router.value.get("routes") else {
        return;
    };
    let fallback = router
        .value
        .pointer("/parameters/else")
        .and_then(Value::as_u64);
    let Some(fallback) = fallback.and_then(|index| usize::try_from(index).ok()) else {
        return;
    };
    if routes.get(fallback).is_none_or(is_off) {
        return;
    }
    let always = routes.iter().enumerate().find(|(index, route)| {
        let first = route.pointer("/flow/0");
        *index != fallback
            && !is_off(route)
            && first.is_some_and(|first| !has_conditions(first.pointer("/filter/conditions")))
    });
    if let Some((index, _)) = always {
        let message = format!(
            "{} takes its fallback route, number {}, never: route {} has no filter",
            in_words(router),
            fallback + 1,
            index + 1
        );
        let below = ["routes", &fallback.to_string()];
        let help = "give the other route a filter, or make this one no fallback";
        found.push(lint(router, &below, message, help));
    }
}

/// The branches of an If-else: the first that holds is taken.
fn branches(if_else: &Module<'_>, found: &mut Vec<Lint>) {
    let Some(Value::Array(branches)) = if_else.value.get("branches") else {
        return;
    };
    let is_else = |branch: &Value| branch.get("type").and_then(Value::as_str) == Some("else");
    let always = |branch: &Value| !has_conditions(branch.get("conditions"));
    let words = in_words(if_else);
    let mut catcher: Option<(usize, bool)> = None;
    for (index, branch) in branches.iter().enumerate() {
        if is_off(branch) {
            continue;
        }
        let below = ["branches", &index.to_string()];
        if let Some(why) = branch.get("conditions").and_then(never) {
            let message = format!("{words} never takes branch {}: {why}", index + 1);
            found.push(lint(if_else, &below, message, "mend the conditions"));
        }
        // An else may stand anywhere in the list; another branch without conditions ends it.
        if let Some((first, ends)) = catcher
            && (ends || always(branch))
        {
            let message = format!(
                "{words} never takes branch {}: branch {} takes all",
                index + 1,
                first + 1
            );
            let help = "give the earlier branch conditions, or delete this one";
            found.push(lint(if_else, &below, message, help));
        } else if always(branch) {
            catcher.get_or_insert((index, !is_else(branch)));
        }
    }
}

fn has_conditions(conditions: Option<&Value>) -> bool {
    let groups = conditions.and_then(Value::as_array).into_iter().flatten();
    groups
        .filter_map(Value::as_array)
        .any(|group| !group.is_empty())
}

/// Why conditions can never hold, where that is plain: of the outer list one has to, and of each
/// inner one all.
fn never(conditions: &Value) -> Option<String> {
    let groups = conditions.as_array()?;
    let reasons: Option<Vec<String>> = groups
        .iter()
        .map(|group| never_together(group.as_array()?))
        .collect();
    reasons?.into_iter().next()
}

fn never_together(group: &[Value]) -> Option<String> {
    if let Some(reason) = group.iter().find_map(never_alone) {
        return Some(reason);
    }
    group.iter().enumerate().find_map(|(index, one)| {
        let others = group.get(index + 1..).unwrap_or_default();
        others.iter().find_map(|other| contradiction(one, other))
    })
}

/// A comparison of two fixed values that does not hold.
fn never_alone(condition: &Value) -> Option<String> {
    let a = condition.get("a");
    let operator = condition.get("o").and_then(Value::as_str)?;
    if operator == "exist" {
        return (a?.as_str() == Some("")).then(|| "it asks whether nothing is there".to_owned());
    }
    let (a, b) = (literal(a?)?, literal(condition.get("b")?)?);
    (holds(operator, &a, &b) == Some(false))
        .then(|| format!("{operator} of `{}` and `{}`", short(&a), short(&b)))
}

/// Two conditions on one value of which one at most holds.
fn contradiction(one: &Value, other: &Value) -> Option<String> {
    let operator = |condition: &Value| {
        condition
            .get("o")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let subject = one.get("a")?.as_str()?;
    if other.get("a")?.as_str()? != subject {
        return None;
    }
    match (operator(one)?.as_str(), operator(other)?.as_str()) {
        ("exist", "notexist") | ("notexist", "exist") => {
            Some("a value is to be there and not to be there".to_owned())
        }
        (equal @ ("text:equal" | "text:equal:ci"), second) if equal == second => {
            let (a, b) = (literal(one.get("b")?)?, literal(other.get("b")?)?);
            (holds(equal, &a, &b) == Some(false)).then(|| {
                format!(
                    "a value is to be `{}` and `{}` at once",
                    short(&a),
                    short(&b)
                )
            })
        }
        _ => None,
    }
}

/// A value that no run changes.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.contains("{{") || text.contains("${") => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a comparison holds; none where that is not plain.
fn holds(operator: &str, a: &str, b: &str) -> Option<bool> {
    let numbers = || Some((a.trim().parse::<f64>().ok()?, b.trim().parse::<f64>().ok()?));
    Some(match operator {
        "text:equal" => a == b,
        "text:notequal" => a != b,
        "text:equal:ci" => a.to_lowercase() == b.to_lowercase(),
        "text:notequal:ci" => a.to_lowercase() != b.to_lowercase(),
        "number:equal" => numbers().map(|(a, b)| a.total_cmp(&b).is_eq())?,
        "number:notequal" => numbers().map(|(a, b)| a.total_cmp(&b).is_ne())?,
        "number:greater" => numbers().map(|(a, b)| a > b)?,
        "number:greaterorequal" => numbers().map(|(a, b)| a >= b)?,
        "number:less" => numbers().map(|(a, b)| a < b)?,
        "number:lessorequal" => numbers().map(|(a, b)| a <= b)?,
        "boolean:equal" if is_flag(a) && is_flag(b) => a == b,
        "boolean:notequal" if is_flag(a) && is_flag(b) => a != b,
        _ => return None,
    })
}

fn is_flag(text: &str) -> bool {
    text == "true" || text == "false"
}

/// The beginning of a text, for a message.
fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::model::blueprint::modules;

    fn found(flow: Value) -> Vec<String> {
        let document = json!({"flow": flow});
        let mut found = Vec::new();
        check(&modules(&document), &mut found);
        let lines = found.into_iter();
        lines
            .map(|lint| format!("{} {}", lint.path.join("."), lint.message))
            .collect()
    }

    fn filtered(conditions: &Value) -> Value {
        json!([{"id": 1, "module": "a:b", "filter": {"name": "f", "conditions": conditions}}])
    }

    #[test]
    fn filters_that_never_hold_are_told() {
        for (conditions, why) in [
            (
                json!([[{"a": "1", "b": "2", "o": "text:equal"}]]),
                "text:equal of `1` and `2`",
            ),
            (
                json!([[{"a": 1, "b": "1.0", "o": "number:notequal"}]]),
                "number:notequal of `1` and `1.0`",
            ),
            (
                json!([[{"a": "true", "b": false, "o": "boolean:equal"}]]),
                "boolean:equal of `true` and `false`",
            ),
            (
                json!([[{"a": "", "o": "exist"}]]),
                "it asks whether nothing is there",
            ),
            (
                json!([[{"a": "{{1.x}}", "b": "a", "o": "text:equal"}, {"a": "{{1.x}}", "b": "b", "o": "text:equal"}]]),
                "a value is to be `a` and `b` at once",
            ),
            (
                json!([[{"a": "{{1.x}}", "o": "exist"}, {"a": "{{1.y}}", "o": "exist"}, {"a": "{{1.x}}", "o": "notexist"}]]),
                "a value is to be there and not to be there",
            ),
        ] {
            let line = format!("flow.0.filter nothing passes the filter of module 1 (a:b): {why}");
            assert_eq!(found(filtered(&conditions)), [line], "{conditions}");
        }
        for conditions in [
            json!([]),
            json!([[]]),
            json!(null),
            json!([[{"a": "1", "b": "1", "o": "text:equal"}]]),
            json!([[{"a": "A", "b": "a", "o": "text:equal:ci"}]]),
            json!([[{"a": "1", "b": "2", "o": "text:equal"}], [{"a": "{{1.x}}", "o": "exist"}]]),
            json!([[{"a": "{{1.x}}", "b": "2", "o": "text:equal"}]]),
            json!([[{"a": "${var.stage}", "b": "live", "o": "text:equal"}]]),
            json!([[{"a": "x", "b": "2", "o": "number:equal"}]]),
            json!([[{"a": "yes", "b": "true", "o": "boolean:equal"}]]),
            json!([[{"a": "2026-01-01", "b": "2025-01-01", "o": "date:less"}]]),
            json!([[{"a": "{{1.x}}", "b": "a", "o": "text:equal"}, {"a": "{{1.y}}", "b": "b", "o": "text:equal"}]]),
        ] {
            assert_eq!(
                found(filtered(&conditions)),
                [] as [&str; 0],
                "{conditions}"
            );
        }
    }

    #[test]
    fn a_fallback_beside_a_route_without_filter_is_told() {
        let conditions = json!([[{"a": "{{1.x}}", "o": "exist"}]]);
        let router = |last: Value, fallback: Value| {
            json!([{"id": 2, "module": "builtin:BasicRouter", "parameters": {"else": fallback}, "routes": [
                {"flow": [{"id": 3, "filter": {"conditions": conditions}}]}, last, {"flow": [{"id": 5}]}]}])
        };
        let open = json!({"flow": [{"id": 4, "filter": {"name": "", "conditions": []}}]});
        assert_eq!(
            found(router(open.clone(), json!(2))),
            [
                "flow.0.routes.2 module 2 (builtin:BasicRouter) takes its fallback route, number 3, never: route 2 has no filter"
            ]
        );
        let guarded = json!({"flow": [{"id": 4, "filter": {"conditions": conditions}}]});
        let off = json!({"disabled": true, "flow": [{"id": 4}]});
        for (route, fallback) in [
            (guarded, json!(2)),
            (off, json!(2)),
            (open.clone(), json!(null)),
            (open, json!(7)),
            (json!({"flow": []}), json!(2)),
        ] {
            assert_eq!(found(router(route, fallback)), [] as [&str; 0]);
        }
    }

    #[test]
    fn branches_after_one_that_takes_all_are_told_and_what_is_off_is_not() {
        let conditions = json!([[{"a": "{{1.x}}", "o": "exist"}]]);
        let held = json!({"type": "condition", "conditions": conditions, "flow": [{"id": 3}]});
        let open = json!({"type": "condition", "flow": [{"id": 4}]});
        let last = json!({"type": "else", "flow": [{"id": 5}]});
        let never = json!({"conditions": [[{"a": "1", "b": "2", "o": "text:equal"}]], "flow": []});
        let told = |branches: Value| {
            found(json!([{"id": 2, "module": "builtin:BasicIfElse", "branches": branches}]))
        };
        let line = |branch: usize, why: &str| {
            format!(
                "flow.0.branches.{} module 2 (builtin:BasicIfElse) never takes branch {branch}: {why}",
                branch - 1
            )
        };
        assert_eq!(told(json!([open, held])), [line(2, "branch 1 takes all")]);
        assert_eq!(
            told(json!([held, last, last])),
            [line(3, "branch 2 takes all")]
        );
        assert_eq!(
            told(json!([never, last])),
            [line(1, "text:equal of `1` and `2`")]
        );
        assert_eq!(told(json!([held, held, last])), [] as [&str; 0]);
        assert_eq!(told(json!([last, held])), [] as [&str; 0]);
        let off = json!([{"id": 2, "module": "builtin:BasicRouter", "routes": [
            {"disabled": true, "flow": filtered(&json!([[{"a": "", "o": "exist"}]]))}]}]);
        assert_eq!(found(off), [] as [&str; 0]);
    }
}
