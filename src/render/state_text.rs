//! Bindings as text: what `state list` and `state show` print.

use crate::model::{Address, Binding, Bindings};

use super::{Style, Table, words};

/// What a ledger binds: addresses, ids, and what is protected or not yet applied in whole.
#[must_use]
pub fn state_list_text(bindings: &Bindings, style: &Style) -> String {
    let mut table = Table::new(["ADDRESS", "ID", "NOTES"]);
    for (address, binding) in &bindings.by_address {
        let notes = [
            (binding.prevent_destroy, "protected"),
            (binding.form.is_none(), "not applied yet"),
        ];
        let notes: Vec<&str> = notes
            .into_iter()
            .filter_map(|(holds, note)| holds.then_some(note))
            .collect();
        table.row([
            address.to_string(),
            binding.id.to_string(),
            notes.join(", "),
        ]);
    }
    table.text(style)
}

/// One binding with the form last applied, as JSON.
#[must_use]
pub fn state_show_json(address: &Address, binding: &Binding) -> String {
    let document = serde_json::json!({
        "address": address,
        "id": binding.id,
        "preventDestroy": binding.prevent_destroy,
        "applied": binding.form,
    });
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    words::safe_json(&text) + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{state_list_text, state_show_json};
    use crate::{
        model::{Binding, Bindings, RemoteId},
        render::{Style, sample::address},
    };

    #[test]
    fn bindings_are_listed_and_shown() {
        let lead_sync = Binding {
            id: RemoteId::Int(925),
            form: Some(json!({"name": "Lead \u{9b}Sync"}).into()),
            prevent_destroy: true,
            invited: false,
            unchecked: None,
        };
        let leads = Binding {
            id: RemoteId::Int(7),
            form: None,
            prevent_destroy: false,
            invited: false,
            unchecked: None,
        };
        let bindings = Bindings {
            identity: None,
            by_address: BTreeMap::from([
                (address("scenario.lead-sync"), lead_sync.clone()),
                (address("webhook.leads"), leads),
            ]),
        };
        insta::assert_snapshot!(state_list_text(&bindings, &Style::plain()), @r#"
        ADDRESS             ID   NOTES
        scenario.lead-sync  925  protected
        webhook.leads       7    not applied yet
        "#);
        let shown = state_show_json(&address("scenario.lead-sync"), &lead_sync);
        insta::assert_snapshot!(shown, @r#"
        {
          "address": "scenario.lead-sync",
          "id": 925,
          "preventDestroy": true,
          "applied": {
            "name": "Lead \u009bSync"
          }
        }
        "#);
    }
}
