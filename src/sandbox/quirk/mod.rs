//! Quirks: what Make does not document, or documents in two ways, decided either way.
//!
//! Each question is one field of [`Quirks`], and its settings are the answers that Make may turn
//! out to give; the first of them is how a world behaves unasked. They hold for this process and
//! may be changed while it serves. [`Quirks::all`] lists them, for tests and for people.

mod catalogue;
mod table;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{LastEdit, Quirks, UnknownQuirk};

    #[test]
    fn every_setting_of_every_quirk_is_set_by_its_name() {
        let mut names = BTreeSet::new();
        for quirk in Quirks::all() {
            assert!(names.insert(quirk.name), "{} is there twice", quirk.name);
            assert!(quirk.settings.len() > 1, "{} asks nothing", quirk.name);
            assert!(quirk.question.ends_with('?'), "{}", quirk.question);
            let mut quirks = Quirks::default();
            assert_eq!(quirks.get(quirk.name), Some(quirk.default_setting()));
            for setting in quirk.settings {
                let text = format!("{}={}", quirk.name, setting.name);
                quirks.set_from(&text).unwrap();
                assert_eq!(quirks.get(quirk.name), Some(setting.name));
                let is_default = setting.name == quirk.default_setting();
                let changed = if is_default { vec![] } else { vec![text] };
                assert_eq!(quirks.changed(), changed);
            }
        }
    }

    #[test]
    fn what_is_no_quirk_is_refused_with_what_there_is() {
        let mut quirks = Quirks::default();
        quirks.set_from("last-edit = save").unwrap();
        assert_eq!(quirks.last_edit, LastEdit::Save);
        let wrong = |text: &str| Quirks::default().set_from(text).unwrap_err().to_string();
        assert!(wrong("last-edit").contains("write NAME=SETTING"));
        assert!(wrong("lastedit=any").contains("last-edit, scenario-version"));
        assert_eq!(
            wrong("last-edit=never"),
            "quirk last-edit has no setting \"never\": there are any, save, blueprint"
        );
        assert!(matches!(
            quirks.set("x", "y"),
            Err(UnknownQuirk::Name(name)) if name == "x"
        ));
    }
}
