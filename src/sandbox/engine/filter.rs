//! Whether a bundle passes a filter.
//!
//! Comparisons of texts, numbers and booleans are made, and whether something exists. A condition
//! with another operator, or whose operand is more than a path, holds: the route is walked.

use serde_json::Value;

use crate::sandbox::routes::zone::scope::text;

use super::mapping::{Bundles, evaluate, words};

/// Whether what came so far passes the filter of a module; without one everything does.
pub(super) fn passes(module: &Value, bundles: &Bundles) -> bool {
    let conditions = module.pointer("/filter/conditions");
    conditions.is_none_or(|conditions| hold(conditions, bundles))
}

/// Whether conditions hold: of the outer list one, of each inner one all.
pub(super) fn hold(conditions: &Value, bundles: &Bundles) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let groups = list(conditions);
    let holds = |condition: &Value| compare(condition, bundles).unwrap_or(true);
    groups.is_empty() || groups.iter().any(|group| list(group).iter().all(holds))
}

fn compare(condition: &Value, bundles: &Bundles) -> Option<bool> {
    let operand = |name: &str| match condition.get(name) {
        Some(Value::String(text)) => evaluate(text, bundles),
        Some(value) => Some(value.clone()),
        None => Some(Value::Null),
    };
    let a = operand("a")?;
    let exists = !matches!(&a, Value::Null) && a.as_str() != Some("");
    let mut operator = text(condition, "o").unwrap_or("exist").splitn(3, ':');
    match (operator.next()?, operator.next(), operator.next()) {
        ("exist", None, None) => Some(exists),
        ("notexist", None, None) => Some(!exists),
        ("text", Some(operator), case) => {
            let b = operand("b")?;
            compare_texts(operator, case, &words(&a), &words(&b))
        }
        ("number", Some(operator), None) => {
            let order = number(&a)?.partial_cmp(&number(&operand("b")?)?)?;
            match operator {
                "equal" => Some(order.is_eq()),
                "notequal" => Some(order.is_ne()),
                "greater" => Some(order.is_gt()),
                "greaterorequal" => Some(order.is_ge()),
                "less" => Some(order.is_lt()),
                "lessorequal" => Some(order.is_le()),
                _ => None,
            }
        }
        ("boolean", Some(operator), None) => {
            let is_equal = words(&a) == words(&operand("b")?);
            match operator {
                "equal" => Some(is_equal),
                "notequal" => Some(!is_equal),
                _ => None,
            }
        }
        _ => None,
    }
}

fn compare_texts(operator: &str, case: Option<&str>, a: &str, b: &str) -> Option<bool> {
    let (a, b) = match case {
        None => (a.to_owned(), b.to_owned()),
        Some("ci") => (a.to_lowercase(), b.to_lowercase()),
        Some(_) => return None,
    };
    Some(match operator {
        "equal" => a == b,
        "notequal" => a != b,
        "contain" => a.contains(&b),
        "notcontain" => !a.contains(&b),
        "startwith" => a.starts_with(&b),
        "notstartwith" => !a.starts_with(&b),
        "endwith" => a.ends_with(&b),
        "notendwith" => !a.ends_with(&b),
        _ => return None,
    })
}

fn number(value: &Value) -> Option<f64> {
    let written = value.as_str().map(str::trim);
    written.map_or_else(|| value.as_f64(), |text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::hold;

    #[test]
    fn literal_comparisons_are_made_and_others_hold() {
        let bundles = json!({ "1": { "name": "Ada", "age": 36, "vip": true, "mail": "" } });
        let bundles = bundles.as_object().unwrap();
        let holds =
            |a: &str, o: &str, b: &str| hold(&json!([[{ "a": a, "o": o, "b": b }]]), bundles);
        assert!(holds("{{1.name}}", "text:equal", "Ada"));
        assert!(!holds("{{1.name}}", "text:equal", "ada"));
        assert!(holds("{{1.name}}", "text:equal:ci", "ada"));
        assert!(holds("{{1.name}}", "text:notcontain", "x"));
        assert!(!holds("{{1.name}}", "text:startwith", "d"));
        assert!(holds("{{1.age}}", "number:greaterorequal", "36.0"));
        assert!(!holds("{{1.age}}", "number:less", "9"));
        assert!(holds("{{1.vip}}", "boolean:equal", "true"));
        assert!(!holds("{{1.mail}}", "exist", ""));
        assert!(holds("{{1.other}}", "notexist", ""));
        assert!(
            holds("{{length(1.name)}}", "number:greater", "99"),
            "cannot be evaluated"
        );
        assert!(holds("a", "array:contain", "b"), "not known");
        let (yes, no) = (json!({ "a": "x" }), json!({ "a": "x", "o": "notexist" }));
        assert!(hold(&json!([[no, yes], [yes]]), bundles));
        assert!(!hold(&json!([[yes, no], [no]]), bundles));
        assert!(hold(&json!([]), bundles));
    }
}
