//! The apps that an organization has installed: the first scenario that uses another one must
//! be confirmed, and installs it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Batch;

use super::scope::{existing, set};

/// Where the organization's object keeps those beyond [`BUILT_IN`]. No answer shows it.
pub(super) const FIELD: &str = "installedApps";

/// The apps that are part of Make, and those that the people of a new world have used.
const BUILT_IN: [&str; 24] = [
    "airtable",
    "archive",
    "builtin",
    "csv",
    "datastore",
    "email",
    "gateway",
    "google-email",
    "google-sheets",
    "hubspotcrm",
    "http",
    "json",
    "make",
    "math",
    "placeholder",
    "regexp",
    "rss",
    "sandbox",
    "scenario-service",
    "scenarios",
    "slack",
    "tools",
    "util",
    "xml",
];

/// Installs what of `apps` nothing has used before, if the caller confirmed that.
pub(super) fn install<'a>(
    batch: &mut Batch<'_>,
    apps: impl Iterator<Item = &'a String>,
    confirmed: bool,
) -> Result<(), Refusal> {
    let is_foreign = |app: &&String| !BUILT_IN.contains(&app.as_str());
    let foreign: BTreeSet<&String> = apps.filter(is_foreign).collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let mut organization = existing(
        batch,
        Collection::Organizations,
        ORGANIZATION,
        "Organization",
    )?;
    let installed = organization.get(FIELD).and_then(Value::as_array).cloned();
    let mut installed = installed.unwrap_or_default();
    let is_new = |app: &&String| !installed.iter().any(|known| known == app.as_str());
    let new: Vec<&String> = foreign.into_iter().filter(is_new).collect();
    if new.is_empty() {
        return Ok(());
    }
    if !confirmed {
        return Err(Refusal::unconfirmed(
            json!([{ "type": "installApps", "data": new }]),
        ));
    }
    installed.extend(new.into_iter().map(|app| json!(app)));
    set(&mut organization, FIELD, installed);
    batch.put(Collection::Organizations, ORGANIZATION, &organization)?;
    Ok(())
}
