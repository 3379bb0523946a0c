//! What a new object is recognised by, when nobody heard how its create ended.

use serde_json::Value;

use super::{
    comparable::{SENSITIVE, keepable},
    defaults::default_value,
    normalize::live_form,
};
use crate::model::{Fingerprint, Form, Kind, Live, Mark, Path, digest_of, values_equal};

/// The fingerprint of the form that a create brings about. `marks`: the form whose marks say
/// what in it is secret: of that not even a hash is kept.
#[must_use]
pub fn fingerprint(kind: Kind, standing: &Form, marks: &Form) -> Fingerprint {
    let secret = marks.marks.iter().filter_map(|(path, mark)| match mark {
        Mark::Sensitive(_) => Some(path.clone()),
        Mark::Unknown => None,
    });
    let hidden: Vec<Path> = secret.collect();
    Fingerprint {
        digest: digest(kind, standing, &hidden, &[]),
        hidden,
        open: Vec::new(),
    }
}

/// The same of a create after which requests follow that bring about the rest of `after`: each of
/// them may have been carried out or not.
#[must_use]
pub fn fingerprint_of_some(kind: Kind, standing: &Form, after: &Form) -> Fingerprint {
    let told = fingerprint(kind, standing, after);
    let nothing = Value::Null;
    let differs = |field: &&String| {
        let of = |form: &Form| form.get(field).cloned().unwrap_or_else(|| nothing.clone());
        !values_equal(&of(standing), &of(after))
    };
    let open: Vec<String> = after.fields.keys().filter(differs).cloned().collect();
    Fingerprint {
        digest: digest(kind, standing, &told.hidden, &open),
        open,
        ..told
    }
}

/// Whether an object is what a create was to bring about; none for a scenario whose blueprint
/// was not read.
#[must_use]
pub fn is_of(fingerprint: &Fingerprint, live: &Live) -> Option<bool> {
    let kind = live.spec.kind();
    let form = live_form(live);
    if kind == Kind::Scenario && form.blueprint.is_none() {
        return None;
    }
    let Fingerprint {
        digest: sent,
        hidden,
        open,
    } = fingerprint;
    Some(digest(kind, &form, hidden, open) == *sent)
}

/// The digest of what is not as Make makes it by itself: that, the one side may leave out and
/// the other spell out.
fn digest(kind: Kind, form: &Form, hidden: &[Path], open: &[String]) -> String {
    let is_said = |field: &str, value: &Value| {
        if kind == Kind::Scenario && field == "timezone" {
            // Where none was sent, the account takes its own.
            return false;
        }
        let default = default_value(kind, field);
        !value.is_null() && !default.is_some_and(|default| values_equal(value, &default))
    };
    let said = form
        .fields
        .iter()
        .filter(|(key, value)| is_said(key, value) && !open.contains(key));
    let fields = said.map(|(key, value)| (key.clone(), value.clone()));
    let document = form.blueprint.as_ref();
    let document = document.and_then(|blueprint| blueprint.document().ok());
    let cover = hidden.iter().cloned();
    let cover = cover.map(|path| (path, SENSITIVE.to_owned())).collect();
    digest_of(&keepable(&fields.collect(), document.as_ref(), &cover))
}
