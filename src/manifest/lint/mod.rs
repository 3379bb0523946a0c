//! Lints: what is sound, and probably not what was meant.
//!
//! [`blueprint`] looks at one document, [`across`] at scenarios together; both are pure. A false
//! alarm costs more than a miss: people who learn to skip warnings skip the true ones too. So each
//! lint says something only where nothing else can be meant.

mod across;
mod flow;
mod levels;
mod placeholder;
mod secret;
#[cfg(test)]
mod tests;
mod texts;

use serde_json::Value;

use crate::{
    diagnostic::{Code, codes::lints as codes, codes::ties},
    model::{
        Address, Field, Kind, Path, Place,
        blueprint::{IdPlace, Module, Trigger, is_graph, modules, trigger},
        reference::{Reference, Template},
        spec::Settings,
    },
};

use super::written::Written;

pub(super) use across::across;
pub(super) use levels::levels;
pub use levels::{Level, Levels};
pub(super) use secret::{hide, literals, veiled};

/// How many places a finding lists; the others it counts.
const LISTED: usize = 5;

/// Something that was found in a document, with the path of where.
#[derive(Debug)]
struct Lint {
    code: &'static Code,
    path: Path,
    /// The part of the text at that path that it is about; empty for all of it.
    part: String,
    message: String,
    help: String,
}

/// What one blueprint says that matters to other manifests.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The instant trigger that it begins with, in words, and where it stands..
    pub(super) instant: Option<(String, Place)>,
    /// ..or, in words, the module that nothing tells of news. Most scenarios begin with one: its place
    /// is not looked for.
    pub(super) polling: Option<String>,
    /// The scenarios that it calls, each with the module that does, and where.
    pub(super) calls: Vec<(Address, String, Place)>,
}

/// Reports what is odd in a blueprint, and gives what others have to know of it.
///
/// `document` is the whole, `written` where what it does stands, `places` are those of its ids.
/// `references` says whether texts may hold `${..}`.
pub(super) fn blueprint(
    written: Written<'_>,
    document: &Value,
    places: &[IdPlace<'_>],
    references: bool,
    settings: &Settings,
) -> Facts {
    let page = written.page;
    let modules = modules(document);
    let mut found = Vec::new();
    texts::check(document, &modules, &mut found);
    placeholder::in_id_places(places, &mut found);
    raw_ids(places, &mut found);
    if !is_graph(document) {
        flow::check(&modules, &mut found);
        breaks(document, &modules, settings, &mut found);
    }
    for lint in found {
        let span = written.span_of_part(&lint.path, &lint.part);
        page.report(page.finding(lint.code, &span, lint.message).help(lint.help));
    }
    let place = |path: &Path| page.place(&written.span(path));
    let (mut instant, mut polling) = (None, None);
    match trigger(document) {
        Some(Trigger::Instant(first)) => instant = Some((in_words(&first), place(&first.path))),
        Some(Trigger::Polling(first)) => polling = Some(in_words(&first)),
        Some(Trigger::Unclear(_)) | None => {}
    }
    Facts {
        instant,
        polling,
        calls: if references {
            calls(places)
        } else {
            Vec::new()
        }
        .into_iter()
        .map(|(address, id)| (address, id.holder(), place(&id.path)))
        .collect(),
    }
}

/// The scenarios that modules call.
fn calls<'a>(places: &'a [IdPlace<'a>]) -> Vec<(Address, &'a IdPlace<'a>)> {
    let called = places.iter().filter(|place| place.kind == Kind::Scenario);
    called
        .filter_map(|place| {
            let template = Template::parse(place.value.as_str()?);
            match template.single()? {
                Reference::Thing { address, .. } if address.kind == Kind::Scenario => {
                    Some((address.clone(), place))
                }
                Reference::Thing { .. }
                | Reference::Var(_)
                | Reference::Env(_)
                | Reference::Target(_) => None,
            }
        })
        .collect()
}

/// Ids of one account, all of a blueprint together.
fn raw_ids(places: &[IdPlace<'_>], found: &mut Vec<Lint>) {
    let raw: Vec<(&IdPlace<'_>, String)> = places
        .iter()
        .filter_map(|place| {
            let id = place.id()?;
            let what = format!("{} {id} ({})", place.kind.prefix(), place.holder());
            Some((place, what))
        })
        .collect();
    let Some((first, _)) = raw.first() else {
        return;
    };
    let words: Vec<&str> = raw.iter().map(|(_, words)| words.as_str()).collect();
    found.push(Lint {
        code: &ties::RAW_ID,
        path: first.path.clone(),
        part: String::new(),
        message: format!("the blueprint holds ids of one account: {}", listed(&words)),
        help: "write references, as `makeform export` does".to_owned(),
    });
}

/// Error handlers that store what is not kept.
fn breaks(document: &Value, modules: &[Module<'_>], settings: &Settings, found: &mut Vec<Lint>) {
    let in_blueprint = document.pointer("/metadata/scenario/dlq");
    let is_kept = match settings.keep_incomplete {
        Field::Set(is_kept) => is_kept,
        Field::Null => false,
        Field::Absent => in_blueprint.is_some_and(|dlq| *dlq != Value::Bool(false)),
    };
    let breaks: Vec<&Module<'_>> = modules
        .iter()
        .filter(|module| module.container.slot == "onerror" && module.module == "builtin:Break")
        .collect();
    let (false, Some(first)) = (is_kept, breaks.first()) else {
        return;
    };
    let names: Vec<String> = breaks
        .iter()
        .map(|module| format!("module {}", module.key))
        .collect();
    let store = if breaks.len() == 1 { "stores" } else { "store" };
    found.push(Lint {
        code: &codes::BREAK_NOT_KEPT,
        path: first.path.clone(),
        part: String::new(),
        message: format!(
            "{} {store} a failed run, and incomplete executions are not kept",
            listed(&names)
        ),
        help: "write `settings: { keepIncomplete: true }` in the manifest".to_owned(),
    });
}

/// A module in words: `module 3 (http:Get)`.
fn in_words(module: &Module<'_>) -> String {
    match module.module.is_empty() {
        true => format!("module {}", module.key),
        false => format!("module {} ({})", module.key, module.module),
    }
}

/// The first few of some things, and how many more there are.
fn listed(things: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = things.iter().take(LISTED).map(AsRef::as_ref).collect();
    match things.len().saturating_sub(LISTED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
