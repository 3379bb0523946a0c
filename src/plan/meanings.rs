//! What the texts of a project's manifests stand for in an account, as planning reads them.

use serde_json::Value;

use super::{
    input::PlanInput, merge::keep_ignored, normalize::Drawn, pair::pair, resolve::Notes,
    resolve::Resolver, standing::standings,
};
use crate::{
    diagnostic::Report,
    model::{Path, RemoteId},
};

/// The values of references in one account. They hold secrets.
pub struct Meanings<'a>(Resolver<'a>);

impl<'a> Meanings<'a> {
    /// What is known where this is planned.
    #[must_use]
    pub fn of(input: &PlanInput<'a>) -> Self {
        let pairs = pair(input, &mut Report::default());
        let (standings, _) = standings(input, &pairs);
        Self(Resolver::new(&input.desired.variables, standings))
    }

    /// A document with what its references stand for; those that lead nowhere stay.
    #[must_use]
    pub fn document(&self, document: &Value) -> Value {
        let mut resolved = document.clone();
        let mut notes = Notes::default();
        self.0.document(&mut resolved, &mut Path::new(), &mut notes);
        resolved
    }

    /// A blueprint with what its references stand for, each as its place wants it.
    #[must_use]
    pub fn blueprint(&self, document: &Value) -> Value {
        let mut resolved = document.clone();
        let mut notes = Notes::default();
        self.0
            .blueprint(&mut resolved, &mut Path::new(), &mut notes);
        resolved
    }
}

/// Gives a value the parts of another that `ignoreChanges` names. `field`: which field of the form
/// both are.
pub fn keep_ignored_parts(field: &str, value: &mut Value, of: &Value, ignored: &[Path]) {
    let drawn = |value: &Value| {
        let mut drawn = Drawn::default();
        match field {
            "blueprint" => drawn.document = Some(value.clone()),
            _ => drop(drawn.fields.insert(field.to_owned(), value.clone())),
        }
        drawn
    };
    let mut kept = drawn(value);
    keep_ignored(&mut kept, &drawn(of), ignored);
    let now = match field {
        "blueprint" => kept.document,
        _ => kept.fields.remove(field),
    };
    if let Some(now) = now {
        *value = now;
    }
}

/// The ids of bindings alone: what was applied last tells nothing of what stands in a file.
#[must_use]
pub fn bare(bindings: &crate::model::Bindings) -> crate::model::Bindings {
    let mut bare = bindings.clone();
    for binding in bare.by_address.values_mut() {
        let id: RemoteId = binding.id.clone();
        *binding = crate::model::Binding::bare(id);
    }
    bare
}
