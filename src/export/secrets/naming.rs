//! The names of variables: `LEAD_SYNC_3_AUTHORIZATION`.

use std::collections::BTreeSet;

use super::place::Place;
use crate::model::{Address, Kind};

/// How long each part of a name may be, in bytes.
const LONGEST: usize = 40;

/// Gives names that are not taken.
pub(super) struct Namer {
    taken: BTreeSet<String>,
    /// Those of the project. The same place has the same name again.
    declared: BTreeSet<String>,
}

impl Namer {
    pub(super) fn new(declared: &BTreeSet<String>) -> Self {
        Self {
            taken: BTreeSet::new(),
            declared: declared.clone(),
        }
    }

    /// Takes a name that a manifest has; false if another secret has it already.
    pub(super) fn keep(&mut self, name: &str) -> bool {
        self.declared.contains(name) && self.taken.insert(name.to_owned())
    }

    /// A name for what stands at a place and goes by a label.
    pub(super) fn name(&mut self, address: &Address, place: &Place, label: &str) -> String {
        let label = match constant(label) {
            label if label.is_empty() => "SECRET".to_owned(),
            label => label,
        };
        let of = match address.kind == Kind::Scenario {
            true => String::new(),
            false => format!("{}_", constant(address.kind.prefix())),
        };
        let thing = constant(address.name.as_str());
        let module = place.module().map(constant);
        let module = module.filter(|module| !module.is_empty());
        let module = module.map_or_else(String::new, |module| format!("{module}_"));
        // A variable of Make says its name twice.
        let label = match label == thing {
            true => String::new(),
            false => format!("_{module}{label}"),
        };
        let mut name = format!("{of}{thing}{label}");
        let is_free = |start: &str| !name.starts_with(start);
        if !(is_free("MAKE_") && is_free("MAKEFORM_"))
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            name.insert_str(0, "SCENARIO_");
        }
        let mut numbers = 2_u32..;
        let mut unique = name.clone();
        while !self.taken.insert(unique.clone()) {
            unique = format!("{name}_{}", numbers.next().unwrap_or_default());
        }
        unique
    }
}

/// `X_RAPIDAPI_KEY` of `x-rapidapi-key`, `AUTH_PASS` of `authPass`.
fn constant(label: &str) -> String {
    let mut constant = String::new();
    let mut after_small = false;
    for c in label.chars() {
        if !c.is_ascii_alphanumeric() {
            after_small = false;
            if !constant.is_empty() && !constant.ends_with('_') {
                constant.push('_');
            }
            continue;
        }
        if c.is_ascii_uppercase() && after_small {
            constant.push('_');
        }
        after_small = !c.is_ascii_uppercase();
        constant.push(c.to_ascii_uppercase());
        if constant.len() >= LONGEST {
            break;
        }
    }
    constant.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{Namer, constant};
    use crate::export::secrets::place::Place;

    #[test]
    fn names_tell_the_thing_the_module_and_the_field_and_are_unique() {
        let document = json!({"blueprint": {"flow": [
            {"id": 3, "module": "http:Get", "mapper": {"url": ""}}], "metadata": {}}});
        let path = |path: &str| path.split('.').map(str::to_owned).collect();
        let inside = Place::of(&document, &path("blueprint.flow.0.mapper.url"));
        assert_eq!(inside.to_string(), "module 3 (http:Get): mapper.url");
        let beside = Place::of(&document, &path("description"));
        let declared = BTreeSet::from(["KEPT".to_owned()]);
        let mut namer = Namer::new(&declared);
        assert!(namer.keep("KEPT") && !namer.keep("KEPT") && !namer.keep("OTHER"));
        let mut name = |address: &str, place: &Place, label: &str| {
            namer.name(&address.parse().unwrap(), place, label)
        };
        for (address, place, label, expected) in [
            (
                "scenario.lead-sync",
                &inside,
                "Authorization",
                "LEAD_SYNC_3_AUTHORIZATION",
            ),
            (
                "scenario.lead-sync",
                &inside,
                "authorization",
                "LEAD_SYNC_3_AUTHORIZATION_2",
            ),
            (
                "scenario.lead-sync",
                &beside,
                "Slack token",
                "LEAD_SYNC_SLACK_TOKEN",
            ),
            (
                "scenario.make-backup",
                &inside,
                "X-Key",
                "SCENARIO_MAKE_BACKUP_3_X_KEY",
            ),
            (
                "scenario.2024-sync",
                &inside,
                "ключ",
                "SCENARIO_2024_SYNC_3_SECRET",
            ),
            (
                "webhook.leads",
                &beside,
                "appSecret",
                "WEBHOOK_LEADS_APP_SECRET",
            ),
            (
                "variable.crm-token",
                &beside,
                "crmToken",
                "VARIABLE_CRM_TOKEN",
            ),
        ] {
            assert_eq!(name(address, place, label), expected);
        }
        assert_eq!(constant("OAuth2Token--x"), "OAUTH2_TOKEN_X");
    }
}
