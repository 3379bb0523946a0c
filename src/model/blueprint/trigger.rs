//! What a flow begins with.

use serde_json::Value;

use super::{Module, ids::in_module, modules::first_module};
use crate::model::Kind;

/// The triggers whose hook is their own.
const GATEWAYS: [&str; 2] = ["gateway:CustomWebHook", "gateway:CustomMailHook"];

/// The first module of a flow, by how it comes to know of new data.
#[derive(Clone, Debug)]
pub enum Trigger<'a> {
    /// It is told the moment that arrives, through a hook.
    Instant(Module<'a>),
    /// Nothing tells it: it looks when the schedule says so.
    Polling(Module<'a>),
    /// One or the other.
    Unclear(Module<'a>),
}

/// What the flow of a blueprint begins with; none where it has no module yet, or is one of modules
/// and connections.
#[must_use]
pub fn trigger(document: &Value) -> Option<Trigger<'_>> {
    let first = first_module(document)?;
    let mut places = Vec::new();
    in_module(&first, &mut places);
    let is_given = |value: &Value| !value.is_null() && value.as_str() != Some("");
    let has_hook = places
        .iter()
        .any(|place| place.kind == Kind::Webhook && is_given(place.value));
    let is_instant = GATEWAYS.contains(&first.module.as_ref())
        || first.value.get("listener") == Some(&Value::Bool(true))
        || has_hook;
    // Make says so of what it saved; a template may have lost its hook, and a device is asked nothing.
    let may_be = || {
        document.pointer("/metadata/instant") == Some(&Value::Bool(true))
            || first.module.is_empty()
            || places.iter().any(|place| place.kind == Kind::Device)
    };
    Some(match is_instant {
        true => Trigger::Instant(first),
        false if may_be() => Trigger::Unclear(first),
        false => Trigger::Polling(first),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Trigger, trigger};

    fn told(document: &Value) -> &'static str {
        match trigger(document) {
            None => "none",
            Some(Trigger::Instant(_)) => "instant",
            Some(Trigger::Polling(_)) => "polling",
            Some(Trigger::Unclear(_)) => "unclear",
        }
    }

    fn first(module: Value) -> &'static str {
        told(&json!({"flow": [module, {"id": 2, "module": "gateway:CustomWebHook"}]}))
    }

    #[test]
    fn triggers_with_a_hook_are_instant() {
        for module in [
            json!({"id": 1, "module": "gateway:CustomWebHook"}),
            json!({"id": 1, "module": "gateway:CustomMailHook", "parameters": {}}),
            json!({"id": 1, "module": "slack:watch", "parameters": {"__IMTHOOK__": 12}}),
            json!({"id": 1, "module": "slack:watch", "parameters": {"__IMTHOOK__": "${webhook.leads}"}}),
            json!({"id": 1, "module": "a:b", "parameters": {"x": 12},
                   "metadata": {"parameters": [{"name": "x", "type": "hook:a"}]}}),
            json!({"id": 1, "module": "a:b", "listener": true}),
        ] {
            assert_eq!(first(module.clone()), "instant", "{module}");
        }
    }

    #[test]
    fn all_others_are_asked_where_nothing_hints_at_another_way() {
        for module in [
            json!({"id": 1, "module": "rss:ActionReadArticles"}),
            json!({"id": 1, "module": "slack:watch", "parameters": {"__IMTHOOK__": ""}}),
            json!({"id": 1, "module": "a:b", "listener": false}),
        ] {
            assert_eq!(first(module.clone()), "polling", "{module}");
        }
        let device = json!({"id": 1, "module": "android:watch", "parameters": {"device": 7},
            "metadata": {"parameters": [{"name": "device", "type": "device:android"}]}});
        assert_eq!(first(device), "unclear");
        let saved = json!({"flow": [{"id": 1, "module": "a:b"}], "metadata": {"instant": true}});
        assert_eq!(told(&saved), "unclear");
        for empty in [
            json!({"flow": []}),
            json!({}),
            json!({"modules": [{"id": 1}]}),
        ] {
            assert_eq!(told(&empty), "none");
        }
    }
}
