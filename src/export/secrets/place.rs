//! Where in a thing something stands: which module, which field.

use std::fmt;

use serde_json::Value;

use crate::model::{Path, blueprint::modules};

/// A place in a thing that stays the same when modules are added before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The key and the type of the module.
    module: Option<(String, String)>,
    /// The field, from there on.
    pub(super) field: Path,
}

impl Place {
    /// The place of a path in a document that may have a blueprint under `blueprint`.
    pub(super) fn of(document: &Value, path: &Path) -> Self {
        let plain = |field: &[String]| Self {
            module: None,
            field: field.to_vec(),
        };
        let Some((head, rest)) = path.split_first() else {
            return plain(path);
        };
        let (Some(blueprint), "blueprint") = (document.get("blueprint"), head.as_str()) else {
            return plain(path);
        };
        // A module comes before those inside it: the last that holds the field is the nearest.
        let modules = modules(blueprint);
        let holder = modules
            .iter()
            .rev()
            .find(|module| rest.starts_with(&module.path));
        match holder {
            None => plain(path),
            Some(module) => Self {
                module: Some((module.key.clone(), module.module.to_string())),
                field: rest.get(module.path.len()..).unwrap_or_default().to_vec(),
            },
        }
    }

    /// The key of the module.
    pub(super) fn module(&self) -> Option<&str> {
        self.module.as_ref().map(|(key, _)| key.as_str())
    }
}

impl fmt::Display for Place {
    /// `module 3 (http:Get): mapper.url`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module {
            Some((key, kind)) if kind.is_empty() => write!(f, "module {key}: ")?,
            Some((key, kind)) => write!(f, "module {key} ({kind}): ")?,
            None => {}
        }
        f.write_str(&self.field.join("."))
    }
}
