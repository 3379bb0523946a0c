//! What the modules of an app need to log in, from their forms.

use super::form::{FORMS, Role};
use super::reference::Sort;

/// A field of a module that wants a connection or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    /// The module, without its app.
    pub(crate) module: &'static str,
    /// The field.
    pub(crate) field: &'static str,
    /// The types that fit, as the editor notes them: `account:google`, `keychain:apikeyauth`.
    pub(crate) tag: String,
    /// Whether the module starts a scenario when something happens.
    pub(crate) is_instant: bool,
}

/// All of an app, in the order of its modules; none for an app that the sandbox does not know.
pub(crate) fn logins(app: &str) -> Vec<Login> {
    let mut found = Vec::new();
    for form in FORMS {
        let Some((of, module)) = form.module.split_once(':') else {
            continue;
        };
        let slots = form.slots.iter();
        let wanted = slots.filter(|slot| matches!(slot.sort, Sort::Connection | Sort::Key));
        for slot in wanted.filter(|_| of == app) {
            found.push(Login {
                module,
                field: slot.name,
                tag: slot.sort.tag(slot.types),
                is_instant: form.role == Role::Instant,
            });
        }
    }
    found
}
