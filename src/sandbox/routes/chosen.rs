//! `{"ids":[..]}` or `{"all":true,"exceptIds":[..]}`: which of many a request is about.

use serde_json::Value;

use super::body::{Body, wrong};
use super::refusal::Refusal;

/// The choice that a body makes.
pub(crate) enum Chosen {
    /// These.
    Ids(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

impl Chosen {
    /// Reads it.
    pub(crate) fn of(body: Body) -> Result<Self, Refusal> {
        let body = body.only(&["ids", "all", "exceptIds"])?;
        let all = body.flag("all")?.unwrap_or(false);
        match (ids(&body, "ids")?, all) {
            (Some(_), true) => Err(Refusal::invalid("ids and all cannot be used together")),
            (Some(ids), false) => Ok(Self::Ids(ids)),
            (None, true) => Ok(Self::AllBut(ids(&body, "exceptIds")?.unwrap_or_default())),
            (None, false) => Err(Refusal::invalid("should have required property 'ids'")),
        }
    }

    /// Whether it holds an id.
    pub(crate) fn holds(&self, id: &str) -> bool {
        match self {
            Self::Ids(ids) => ids.iter().any(|chosen| chosen == id),
            Self::AllBut(ids) => !ids.iter().any(|spared| spared == id),
        }
    }

    /// The named ids that are not among `found`.
    pub(crate) fn missing(&self, found: &[String]) -> Vec<String> {
        match self {
            Self::Ids(ids) => ids
                .iter()
                .filter(|id| !found.contains(id))
                .cloned()
                .collect(),
            Self::AllBut(_) => Vec::new(),
        }
    }
}

fn ids(body: &Body, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let items = value.as_array().ok_or_else(|| wrong(name, "array"))?;
    let id = |item: &Value| match item.as_str() {
        Some(id) => Ok(id.to_owned()),
        None => Err(wrong(name, "array of ids")),
    };
    items.iter().map(id).collect::<Result<_, _>>().map(Some)
}
