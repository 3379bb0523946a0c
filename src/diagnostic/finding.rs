//! One thing to tell the user.

use crate::model::{Address, Place};

use super::{Code, Severity};

/// Something to tell the user: what is wrong, where, and what to do.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its stable name.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// The thing it is about.
    pub address: Option<Address>,
    /// What is wrong: a lowercase fragment without a period.
    pub message: String,
    /// Where, if it is about a file.
    pub place: Option<Place>,
    /// Other places that belong to it, each with its words.
    pub labels: Vec<Label>,
    /// What to do: an imperative fragment without a period.
    pub help: Option<String>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there: `first named here`.
    pub text: String,
}

impl Finding {
    /// A finding of a code, with its default severity.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            address: None,
            message: message.into(),
            place: None,
            labels: Vec::new(),
            help: None,
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says which thing.
    #[must_use]
    pub fn about(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: text.into(),
        });
        self
    }
}
