//! Quirks: what Make does not document, or documents in two ways, decided either way.
//!
//! Each question is one field of [`Quirks`], and its settings are the answers that Make may turn
//! out to give; the first of them is how a world behaves unasked. They hold for this process and
//! may be changed while it serves. [`Quirks::all`] lists them, for tests and for people.

mod catalogue;
mod table;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use catalogue::*;

/// One question about Make.
#[derive(Clone, Copy, Debug)]
pub struct Quirk {
    /// Its name on the command line: `last-edit`.
    pub name: &'static str,
    /// What is not known.
    pub question: &'static str,
    /// What there is about it: which sources are silent or disagree.
    pub source: &'static str,
    /// The answers that Make may give; the first is the default.
    pub settings: &'static [Setting],
}

impl Quirk {
    /// How a world behaves unasked.
    #[must_use]
    pub fn default_setting(&self) -> &'static str {
        self.settings.first().map_or("", |setting| setting.name)
    }
}

/// One answer to a question.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name on the command line: `any`.
    pub name: &'static str,
    /// What the sandbox does then.
    pub meaning: &'static str,
}

/// A quirk or setting that there is none of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownQuirk {
    /// It is not of the form `NAME=SETTING`.
    #[error("{0:?} is no quirk: write NAME=SETTING, such as last-edit=save")]
    Form(String),
    /// No question has this name.
    #[error("unknown quirk {0:?}: there are {known}", known = names())]
    Name(String),
    /// The question has no such answer.
    #[error(
        "quirk {name} has no setting {setting:?}: there are {}",
        settings(name)
    )]
    Setting {
        /// The question.
        name: &'static str,
        /// The answer that it does not have.
        setting: String,
    },
}

fn names() -> String {
    joined(Quirks::all().iter().map(|quirk| quirk.name))
}

fn settings(name: &str) -> String {
    let quirk = Quirks::all().iter().find(|quirk| quirk.name == name);
    let settings = quirk.into_iter().flat_map(|quirk| quirk.settings);
    joined(settings.map(|setting| setting.name))
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl Quirks {
    /// Changes one, as `NAME=SETTING` says.
    pub fn set_from(&mut self, text: &str) -> Result<(), UnknownQuirk> {
        let wrong = || UnknownQuirk::Form(text.to_owned());
        let (name, setting) = text.split_once('=').ok_or_else(wrong)?;
        self.set(name.trim(), setting.trim())
    }

    /// All that are not at their default, as `NAME=SETTING`.
    #[must_use]
    pub fn changed(&self) -> Vec<String> {
        let quirks = Self::all().iter();
        let changed = quirks.filter(|quirk| self.get(quirk.name) != Some(quirk.default_setting()));
        changed
            .filter_map(|quirk| Some(format!("{}={}", quirk.name, self.get(quirk.name)?)))
            .collect()
    }

    /// All of them, setting by name.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let quirks = Self::all().iter();
        let settings = quirks.map(|quirk| (quirk.name.to_owned(), self.get(quirk.name).into()));
        Value::Object(settings.collect::<Map<_, _>>())
    }
}
