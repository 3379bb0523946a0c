//! What of a live form must not be shown or kept.
//!
//! Beside what looks like a secret, and the values of today's variables: what stands where the
//! form last applied had a secret. The variable may be declared no more, or be another by now.

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{
    comparable::{SENSITIVE, Secrets, remembered_blueprint},
    normalize::Drawn,
};
use crate::model::{
    Live, Mark, Path, Trail,
    blueprint::modules,
    each_text,
    reference::{Reference, Template},
    value_at,
};

/// Marks what is secret in the form of a live object, as far as it is known what was applied.
pub(super) fn hide(before: &mut Drawn, live: &Live, last: Option<&Value>, secrets: &Secrets) {
    secrets.mark(before);
    if let Some(url) = &live.facts.url {
        let url = url.expose_secret();
        Secrets::new([url, udid(url)].into_iter()).mark(before);
    }
    let Some(Value::Object(last)) = last else {
        return;
    };
    let mut found = Vec::new();
    for (field, value) in last {
        let Some(now) = before.fields.get(field) else {
            continue;
        };
        for path in secret_paths(value) {
            found.extend(below(field, &[], counterparts(&path, value, now)));
        }
    }
    let remembered = before.document.as_ref().and_then(|now| {
        let last = remembered_blueprint(&Value::Object(last.clone()))?;
        Some((last, now))
    });
    if let Some((last, now)) = &remembered {
        found.extend(in_blueprint(last, now));
    }
    for path in found {
        let mark = || Mark::Sensitive("the form last applied".to_owned());
        before.marks.entry(path).or_insert_with(mark);
    }
}

/// What tells a hook from all others: the end of its URL, or the beginning of its address.
fn udid(url: &str) -> &str {
    match url.split_once('@') {
        Some((udid, _)) => udid,
        None => url.rsplit('/').next().unwrap_or_default(),
    }
}

/// Where a live blueprint has what stands for a secret in the one last applied: in the same
/// module, wherever that is now.
fn in_blueprint(last: &Value, now: &Value) -> Vec<Path> {
    let secrets = secret_paths(last);
    if secrets.is_empty() {
        return Vec::new();
    }
    let (modules_then, modules_now) = (modules(last), modules(now));
    let mut found = Vec::new();
    for path in secrets {
        let module = modules_then
            .iter()
            .filter(|module| path.starts_with(&module.path))
            .max_by_key(|module| module.path.len());
        let twin = module.and_then(|module| {
            let twin = modules_now.iter().find(|now| now.key == module.key)?;
            let inner = path.get(module.path.len()..)?;
            Some((twin, counterparts(inner, module.value, twin.value)))
        });
        match twin {
            Some((twin, inner)) => found.extend(below("blueprint", &twin.path, inner)),
            None => found.extend(below("blueprint", &[], counterparts(&path, last, now))),
        }
    }
    found
}

fn below(field: &str, outer: &[String], inner: Vec<Path>) -> impl Iterator<Item = Path> {
    let outer: Path = std::iter::once(field.to_owned())
        .chain(outer.iter().cloned())
        .collect();
    inner
        .into_iter()
        .map(move |inner| outer.iter().cloned().chain(inner).collect())
}

/// The paths of all texts that stand for secrets in a remembered value.
pub(super) fn secret_paths(value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    each_text(value, &Trail::from(&[]), &mut |text, trail| {
        if stands_for_a_secret(text) {
            found.push(trail.path());
        }
    });
    found
}

fn stands_for_a_secret(text: &str) -> bool {
    text == SENSITIVE
        || text.contains("${")
            && Template::parse(text)
                .references()
                .any(|reference| match reference {
                    Reference::Env(_) => true,
                    Reference::Thing { attribute, .. } => attribute.is_some(),
                    Reference::Target(_) | Reference::Var(_) => false,
                })
}

/// The paths in a live value of what a path leads to in a remembered one. Where a list has
/// become longer or shorter, nobody knows which item is which: all count.
fn counterparts(path: &[String], then: &Value, now: &Value) -> Vec<Path> {
    let Some((key, rest)) = path.split_first() else {
        // The very text is a literal that only looks like a reference.
        let kept = if then == now { None } else { Some(Vec::new()) };
        return kept.into_iter().collect();
    };
    let Some(then_inner) = value_at(then, std::slice::from_ref(key)) else {
        return Vec::new();
    };
    let inner: Vec<(String, &Value)> = match (then, now) {
        (Value::Array(then), Value::Array(now)) if then.len() != now.len() => {
            let indices = (0..).map(|index: usize| index.to_string());
            indices.zip(now).collect()
        }
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => {
            let now = value_at(now, std::slice::from_ref(key));
            now.map(|now| (key.clone(), now)).into_iter().collect()
        }
        // It is something else by now, and may hold it anywhere.
        _ => return vec![Vec::new()],
    };
    let mut found = Vec::new();
    for (key, now) in inner {
        for inner in counterparts(rest, then_inner, now) {
            found.push(std::iter::once(key.clone()).chain(inner).collect());
        }
    }
    found
}
