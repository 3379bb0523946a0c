//! `onUnhealthy` and `verify`: what is done with a scenario that does not work.

use serde_json::{Map, Value};

use crate::{
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        schema::{VERIFY, VERIFY_RUN},
        values::{bad_value, did_you_mean, text, wrong_type},
    },
    model::{HealthRule, OnUnhealthy, Verify, reference::Template},
};

use super::moments::duration;

/// The only end of a run that can be expected.
const SUCCESS: &str = "success";

/// Reads both.
pub(super) fn health(fields: &mut Fields<'_>) -> HealthRule {
    let page = fields.page();
    let on_unhealthy = fields.optional("onUnhealthy", |node| on_unhealthy(page, node));
    HealthRule {
        on_unhealthy: on_unhealthy.unwrap_or_default(),
        verify: fields.optional("verify", |node| verify(page, node)),
    }
}

fn on_unhealthy(page: &Page, node: &Node) -> Option<OnUnhealthy> {
    let written = text(page, node)?;
    let mut all = OnUnhealthy::ALL.into_iter();
    let meant = all.find(|rule| rule.as_str() == written);
    if meant.is_none() {
        let words = OnUnhealthy::ALL.map(OnUnhealthy::as_str);
        let message = format!("`{written}` is nothing that is done with a scenario");
        bad_value(page, node, message, &did_you_mean(&written, words));
    }
    meant
}

fn verify(page: &Page, node: &Node) -> Option<Verify> {
    let mut fields = Fields::of(page, node, &VERIFY)?;
    let run = fields.required("run", |node| run(page, node));
    let expected = fields.optional("expect", |node| text(page, node).map(|text| (text, node)));
    if let Some((expected, node)) = expected
        && expected != SUCCESS
    {
        let message = format!("a run that ends in `{expected}` can't be expected");
        bad_value(page, node, message, "it takes: success");
    }
    let within = fields.optional("within", |node| duration(page, node));
    fields.finish();
    Some(Verify {
        input: run?,
        within: within.unwrap_or(Verify::WITHIN),
    })
}

/// The inputs of the run; none where it is given none.
fn run(page: &Page, node: &Node) -> Option<Option<Map<String, Value>>> {
    let mut fields = Fields::of(page, node, &VERIFY_RUN)?;
    let input = fields.optional("input", |node| input(page, node));
    fields.finish();
    Some(input)
}

fn input(page: &Page, node: &Node) -> Option<Map<String, Value>> {
    if !matches!(node.shape, Shape::Map(_)) {
        wrong_type(page, node, "a mapping from inputs to values");
        return None;
    }
    // It stands in the plan and is sent as it is: nothing of it may be secret.
    node.walk(&mut |node| {
        let text = node.as_text().filter(|text| text.contains("${"));
        if text.is_some_and(|text| Template::parse(text).references().next().is_some()) {
            let help = "write the value itself: inputs of a verification are never secret";
            bad_value(page, node, "references are not filled in here", help);
        }
    });
    match node.to_value() {
        Value::Object(input) => Some(input),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
