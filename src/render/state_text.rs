//! Bindings as text: what `state list` and `state show` print.

use std::fmt::Write as _;

use crate::model::{Address, Binding, Bindings};

use super::{Role, Style, Table, words};

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

/// One binding, with the form last applied.
#[must_use]
pub fn state_show_text(address: &Address, binding: &Binding, style: &Style) -> String {
    let heading = format!(
        "# {address} (id {})",
        words::printable(&binding.id.to_string())
    );
    let mut out = style.paint(Role::Heading, &heading) + "\n";
    if binding.prevent_destroy {
        out.push_str("Its manifest protects it from being destroyed.\n");
    }
    match &binding.form {
        None => out.push_str("It was not applied in whole yet.\n"),
        Some(form) => {
            let form = serde_json::to_string_pretty(form).unwrap_or_default();
            let _ = writeln!(out, "Last applied:\n{}", words::safe_json(&form));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{state_list_text, state_show_text};
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
        };
        let leads = Binding {
            id: RemoteId::Int(7),
            form: None,
            prevent_destroy: false,
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
        let shown = state_show_text(&address("scenario.lead-sync"), &lead_sync, &Style::plain());
        insta::assert_snapshot!(shown, @r#"
        # scenario.lead-sync (id 925)
        Its manifest protects it from being destroyed.
        Last applied:
        {
          "name": "Lead \u009bSync"
        }
        "#);
    }
}
