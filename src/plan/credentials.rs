//! Credentials that guard a webhook: said when it is made, and told by no account again.

use serde_json::Value;

use super::normalize::Drawn;

/// The parts of a webhook's `security` that no account tells.
pub(super) const CREDENTIALS: [&str; 2] = ["password", "token"];

/// Takes credentials out of what is compared: those that were applied as they are wanted, known by
/// the variables that they came from, and those of which nobody knows what was applied. Gives
/// `security` back as it was.
pub(super) fn told_alone(wanted: &mut Drawn, live: &Drawn, base: Option<&Value>) -> Option<Value> {
    let kind = |security: &Value| security.get("type").cloned();
    let live = live.fields.get("security").and_then(kind);
    let security = wanted.fields.get_mut("security")?;
    let whole = security.clone();
    let is_kept = kind(security) == live;
    let Value::Object(parts) = security else {
        return None;
    };
    for key in CREDENTIALS {
        let path = ["security", key].map(str::to_owned);
        let symbol = wanted.symbols.get(&path[..]).map(String::as_str);
        let is_same = base.is_none_or(|base| {
            let applied = base.get("security").and_then(|applied| applied.get(key));
            symbol.is_some() && applied.and_then(Value::as_str) == symbol
        });
        if is_kept && is_same {
            parts.shift_remove(key);
        }
    }
    Some(whole)
}

/// Whether a live webhook is guarded by credentials.
pub(super) fn is_guarded(live: &Drawn) -> bool {
    live.fields.get("security").is_some_and(Value::is_object)
}
