//! Why a module failed.

use serde_json::{Value, json};

use crate::sandbox::routes::zone::scope::text;

/// What a module that failed says.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The sort of the error: `RuntimeError`, `DataError`, `AccountValidationError`.
    pub(super) name: String,
    pub(super) message: String,
    /// The module that failed, as `app:Module`.
    pub(super) module: String,
    /// Whether it will fail however often it is tried: what it names is gone.
    pub(super) is_fatal: bool,
}

impl Failure {
    /// Something went wrong while a module ran.
    pub(super) fn of(module: &Value, name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            message: message.into(),
            module: text(module, "module").unwrap_or_default().to_owned(),
            is_fatal: false,
        }
    }

    /// A module names something that is not there.
    pub(super) fn missing(module: &Value, what: &str, id: &str) -> Self {
        let name = match what {
            "Connection" => "AccountValidationError",
            _ => "ReferenceError",
        };
        Self {
            is_fatal: true,
            ..Self::of(module, name, format!("{what} not found '{id}'."))
        }
    }

    /// As the details of an execution show it.
    pub(super) fn shown(&self) -> Value {
        let (app, module) = self.module.split_once(':').unwrap_or_default();
        json!({
            "name": self.name, "message": self.message,
            "causeModule": { "name": module, "appName": app },
        })
    }
}
