//! Ids between things as references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{environment::Environment, name::Names, urls::HookUrls};
use crate::{
    diagnostic::{Finding, Report, codes::export as codes},
    model::{
        Address, Field, Kind, Path, RemoteId,
        blueprint::{IdPlace, id_places, id_places_of_inputs},
        spec::Link,
        value_at_mut,
    },
};

/// A field that names another thing, by its address where the account lists that thing.
pub(super) fn to_address(
    field: &Field<Link>,
    kind: Kind,
    of: &Address,
    names: &Names,
    report: &mut Report,
) -> Field<Link> {
    let Field::Set(Link::Id(id)) = field else {
        return field.clone();
    };
    if let Some(address) = names.address(kind, id) {
        return Field::Set(Link::Thing(address.clone()));
    }
    report.push(unknown(of, kind, id, names, ""));
    field.clone()
}

/// Writes references into a blueprint: for each id of a thing that the account lists, for each
/// URL of its webhooks and for each value of the environment. What else looks like a reference is
/// escaped.
pub(super) fn refer(
    document: &mut Value,
    of: &Address,
    names: &Names,
    urls: &HookUrls<'_>,
    environment: &Environment<'_>,
    report: &mut Report,
) {
    let (found, strangers) = sort_out(id_places(document), names);
    rewrite_texts(document, &|text| {
        let written = urls.refer(text);
        let filled = environment.refer(text, of, written.as_deref().unwrap_or(text));
        filled.or(written)
    });
    for (path, reference) in found {
        if let Some(value) = value_at_mut(document, &path) {
            *value = Value::String(reference);
        }
    }
    report_strangers(&strangers, of, names, report);
}

/// Writes references for the ids in the inputs of a scenario, whose texts are escaped already.
pub(super) fn refer_inputs(
    inputs: Vec<Value>,
    of: &Address,
    names: &Names,
    report: &mut Report,
) -> Vec<Value> {
    let (found, strangers) = sort_out(id_places_of_inputs(&inputs), names);
    report_strangers(&strangers, of, names, report);
    let mut inputs = Value::Array(inputs);
    for (path, reference) in found {
        if let Some(value) = value_at_mut(&mut inputs, &path) {
            *value = Value::String(reference);
        }
    }
    match inputs {
        Value::Array(inputs) => inputs,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Vec::new()
        }
    }
}

/// Ids that the account does not list, with the modules that hold them.
type Strangers = BTreeMap<(Kind, RemoteId), BTreeSet<String>>;

/// The references that are written at some places, and the ids that stay.
fn sort_out(places: Vec<IdPlace<'_>>, names: &Names) -> (Vec<(Path, String)>, Strangers) {
    let mut found = Vec::new();
    let mut strangers = Strangers::new();
    for place in places {
        let Some(id) = place.id() else { continue };
        match names.address(place.kind, &id) {
            // Most ids are numbers: of one that stands there as a text, the reference says so.
            Some(address) if place.is_written_number() => {
                found.push((place.path, format!("${{{address}.id}}")));
            }
            Some(address) => found.push((place.path, format!("${{{address}}}"))),
            None => {
                let modules = strangers.entry((place.kind, id)).or_default();
                modules.extend(place.module.map(|(key, _)| key));
            }
        }
    }
    (found, strangers)
}

fn report_strangers(strangers: &Strangers, of: &Address, names: &Names, report: &mut Report) {
    for ((kind, id), modules) in strangers {
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        let place = match modules.as_slice() {
            [] => String::new(),
            [module] => format!(" in module {module}"),
            several => format!(" in modules {}", several.join(", ")),
        };
        report.push(unknown(of, *kind, id, names, &place));
    }
}

fn rewrite_texts(value: &mut Value, rewrite: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = rewrite(text) {
                *text = new;
            }
        }
        Value::Array(items) => {
            for item in items {
                rewrite_texts(item, rewrite);
            }
        }
        Value::Object(members) => {
            for (_, member) in members {
                rewrite_texts(member, rewrite);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unknown(of: &Address, kind: Kind, id: &RemoteId, names: &Names, place: &str) -> Finding {
    let what = kind.prefix();
    let why = if names.nameless().contains(&(kind, id.clone())) {
        "has no name"
    } else {
        "the account does not list"
    };
    let message = format!("it names {what} {id}{place}, which {why}");
    Finding::new(&codes::EXPORT_UNKNOWN_ID, message)
        .about(of)
        .help("the id was written instead: it fits this team only")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::refer;
    use crate::{
        diagnostic::Report,
        export::{
            environment::Environment,
            fixture::{connection, snapshot, webhook},
            known::Known,
            name::Names,
            urls::HookUrls,
        },
    };

    const URL: &str = "https://hook.eu1.make.com/d4ezzfwgyav7qaukv8dbh3l21eru0fld";

    /// A module's fields as a file has them, and what is said of them.
    fn referred(mapper: Value) -> (Value, Vec<String>) {
        let account = snapshot([connection(11, "Slack", "slack"), webhook(58, "Leads", URL)]);
        let names = Names::of(&[(&account, &Known::default())]).remove(0);
        let urls = HookUrls::of(&account, &names);
        let mut document = json!({"flow": [{"id": 3, "module": "slack:Post", "mapper": mapper,
            "parameters": {"__IMTCONN__": 11, "hook": 58, "datastore": 99}}]});
        let mut report = Report::default();
        let of = "scenario.a".parse().unwrap();
        let variables = [("TOKEN".to_owned(), "s3cr3t-enough".into())].into();
        let environment = Environment::new(&variables);
        refer(&mut document, &of, &names, &urls, &environment, &mut report);
        assert_eq!(
            document["flow"][0]["parameters"],
            json!({"__IMTCONN__": "${connection.slack}", "hook": "${webhook.leads}", "datastore": 99})
        );
        let messages = report.iter().map(|finding| finding.message.clone());
        (document["flow"][0]["mapper"].clone(), messages.collect())
    }

    #[test]
    fn what_the_account_does_not_list_stays_an_id_and_is_said() {
        let (_, messages) = referred(json!({}));
        assert_eq!(
            messages,
            ["it names data-store 99 in module 3, which the account does not list"]
        );
    }

    #[test]
    fn urls_of_webhooks_are_references_wherever_they_stand_in_a_text() {
        for (text, expected) in [
            (URL.to_owned(), "${webhook.leads.url}"),
            (format!("{URL}?a=1"), "${webhook.leads.url}?a=1"),
            (
                format!("{URL}/, {URL}."),
                "${webhook.leads.url}/, ${webhook.leads.url}.",
            ),
            (
                format!("${{x}} {{{{1.a}}}} <{URL}>"),
                "${x} {{1.a}} <${webhook.leads.url}>",
            ),
            (format!("${{var.x}}{URL}"), "$${var.x}${webhook.leads.url}"),
            (
                format!("{URL}?t=s3cr3t-enough${{env.A}}"),
                "${webhook.leads.url}?t=${env.TOKEN}$${env.A}",
            ),
            // Not what Make gives: another text would come back.
            (format!("${URL}"), &format!("${URL}")),
            (URL.replace("https", "http"), &URL.replace("https", "http")),
            (format!("{URL}x"), &format!("{URL}x")),
        ] {
            let (mapper, _) = referred(json!({ "text": text }));
            assert_eq!(mapper["text"], expected, "{text}");
        }
    }
}
