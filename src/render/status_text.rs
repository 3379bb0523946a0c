//! How scenarios fare, as text and as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use jiff::Timestamp;

use crate::model::{Account, Address, Consumed, RemoteId, ScenarioHealth, Trouble};

use super::{
    Role, Style, Table,
    runs_text::{execution_value, in_credits, moment, none, number, one_line},
    words,
};

/// One managed scenario, as `status` shows it.
#[derive(Clone, Debug)]
pub struct StatusRow {
    /// Its address.
    pub address: Address,
    /// Its id.
    pub id: RemoteId,
    /// How it fares; none if the account does not have it any more.
    pub health: Option<ScenarioHealth>,
    /// What is wrong with it.
    pub troubles: Vec<Trouble>,
    /// What it has consumed, where that was asked for.
    pub consumed: Option<Consumed>,
}

/// How the scenarios of a target fare, as a table with a line of sums. `since`: from when on what
/// they consumed is counted.
#[must_use]
pub fn status_text(rows: &[StatusRow], since: Option<Timestamp>, style: &Style) -> String {
    let heads = [
        "ADDRESS",
        "ID",
        "STATE",
        "LAST RUN",
        "RESULT",
        "INCOMPLETE",
        "NEXT RUN",
    ];
    let table = match rows.iter().any(|row| row.consumed.is_some()) {
        false => {
            let mut table = Table::new(heads);
            for row in rows {
                table.row(cells(row));
            }
            table.text(style)
        }
        true => {
            let [a, b, c, d, e, f, g] = heads;
            let mut table = Table::new([a, b, c, d, e, f, g, "OPERATIONS", "CREDITS"]);
            for row in rows {
                let consumed = row.consumed;
                let credits = consumed.and_then(|consumed| consumed.centicredits);
                let [a, b, c, d, e, f, g] = cells(row);
                let operations = number(consumed.map(|consumed| consumed.operations));
                let credits = credits.map_or_else(none, in_credits);
                table.row([a, b, c, d, e, f, g, operations, credits]);
            }
            table.text(style)
        }
    };
    let sums: Vec<String> = sums(rows)
        .into_iter()
        .map(|(trouble, count)| match trouble {
            Trouble::Invalid => format!("{count} invalid"),
            Trouble::Errors => format!("{count} with an error in the last run"),
            Trouble::Incomplete => format!("{count} with incomplete executions"),
            Trouble::Inactive => format!("{count} inactive that should be active"),
            Trouble::Gone => format!("{count} gone from the account"),
        })
        .collect();
    let all = words::count(rows.len(), "scenario");
    let line = match sums.is_empty() {
        true => style.paint(Role::Added, &format!("{all}, all healthy")),
        false => style.paint(Role::Warning, &format!("{all}: {}", words::and_list(&sums))),
    };
    let counted = match since {
        Some(since) => format!("Operations and credits since {}\n", moment(Some(since))),
        None => String::new(),
    };
    format!("{table}\n{counted}{line}\n")
}

fn cells(row: &StatusRow) -> [String; 7] {
    let health = row.health.as_ref();
    let last = health.and_then(|health| health.last_run.as_ref());
    [
        row.address.to_string(),
        row.id.to_string(),
        state(health),
        moment(last.and_then(|run| run.began)),
        last.map_or_else(none, |run| run.status.word().to_owned()),
        number(health.and_then(|health| health.incomplete)),
        moment(health.and_then(|health| health.next_run)),
    ]
}

/// The same as `makeform/status/v1`, one line of JSON.
#[must_use]
pub fn status_json(
    target: &str,
    account: &Account,
    rows: &[StatusRow],
    since: Option<Timestamp>,
) -> String {
    let scenarios: Vec<Value> = rows.iter().map(row_value).collect();
    let mut summary = serde_json::Map::new();
    summary.insert("scenarios".to_owned(), json!(rows.len()));
    let sums = sums(rows);
    for trouble in [
        Trouble::Invalid,
        Trouble::Errors,
        Trouble::Incomplete,
        Trouble::Inactive,
        Trouble::Gone,
    ] {
        let count = sums.get(&trouble).copied().unwrap_or(0);
        summary.insert(trouble.word().to_owned(), json!(count));
    }
    let mut status = json!({
        "format": "makeform/status/v1",
        "target": target,
        "account": {
            "host": account.host, "organization": account.organization, "team": account.team,
        },
        "summary": summary,
        "scenarios": scenarios,
    });
    if let (Some(since), Some(status)) = (since, status.as_object_mut()) {
        status.insert("consumedSince".to_owned(), json!(since));
    }
    one_line(&status)
}

fn row_value(row: &StatusRow) -> Value {
    let health = row.health.as_ref();
    let troubles: Vec<&str> = row.troubles.iter().map(|trouble| trouble.word()).collect();
    let mut value = json!({
        "address": row.address,
        "id": row.id,
        "name": health.map(|health| &health.name),
        "active": health.and_then(|health| health.active),
        "invalid": health.and_then(|health| health.invalid),
        "paused": health.and_then(|health| health.paused),
        "incomplete": health.and_then(|health| health.incomplete),
        "editedAt": health.and_then(|health| health.edited_at),
        "nextRun": health.and_then(|health| health.next_run),
        "lastRun": health.and_then(|health| health.last_run.as_ref()).map(execution_value),
        "troubles": troubles,
    });
    if let (Some(consumed), Some(value)) = (row.consumed, value.as_object_mut()) {
        let consumed = json!({
            "operations": consumed.operations,
            "transfer": consumed.transfer,
            "centicredits": consumed.centicredits,
        });
        value.insert("consumed".to_owned(), consumed);
    }
    value
}

fn state(health: Option<&ScenarioHealth>) -> String {
    let Some(health) = health else {
        return "gone".to_owned();
    };
    let state = match health.active {
        _ if health.paused == Some(true) => "paused",
        Some(true) => "active",
        Some(false) => "inactive",
        None => "-",
    };
    match health.invalid {
        Some(true) => format!("{state}, invalid"),
        Some(false) | None => state.to_owned(),
    }
}

fn sums(rows: &[StatusRow]) -> BTreeMap<Trouble, usize> {
    let mut sums = BTreeMap::new();
    for trouble in rows.iter().flat_map(|row| &row.troubles) {
        *sums.entry(*trouble).or_default() += 1;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{StatusRow, status_text};
    use crate::{
        model::{Consumed, Execution, ExecutionStatus, RemoteId, ScenarioHealth},
        render::{Style, sample::address},
    };

    fn row(name: &str, health: ScenarioHealth) -> StatusRow {
        StatusRow {
            address: address(name),
            id: health.id.clone(),
            troubles: health.troubles(false),
            health: Some(health),
            consumed: None,
        }
    }

    fn healthy() -> ScenarioHealth {
        ScenarioHealth {
            id: RemoteId::Int(925),
            name: "Lead Sync".to_owned(),
            active: Some(true),
            invalid: Some(false),
            paused: Some(false),
            incomplete: Some(0),
            edited_at: None,
            next_run: "2026-11-01T09:15:00Z".parse().ok(),
            last_run: None,
        }
    }

    #[test]
    fn scenarios_that_fare_well_and_badly_are_told_apart() {
        let bad = ScenarioHealth {
            id: RemoteId::Int(7),
            active: Some(false),
            invalid: Some(true),
            incomplete: Some(3),
            next_run: None,
            last_run: Some(Execution {
                id: "ab".to_owned(),
                status: ExecutionStatus::Error,
                began: "2026-11-01T09:00:00Z".parse().ok(),
                duration: None,
                operations: None,
                centicredits: None,
                transfer: None,
                trigger: None,
            }),
            ..healthy()
        };
        let good = row("scenario.lead-sync", healthy());
        let rows = [good.clone(), row("scenario.x", bad)];
        let text = status_text(&rows, None, &Style::plain());
        insta::assert_snapshot!(text, @r"
        ADDRESS             ID   STATE              LAST RUN              RESULT  INCOMPLETE  NEXT RUN
        scenario.lead-sync  925  active             -                     -       0           2026-11-01T09:15:00Z
        scenario.x          7    inactive, invalid  2026-11-01T09:00:00Z  error   3           -

        2 scenarios: 1 invalid, 1 with an error in the last run, 1 with incomplete executions and 1 inactive that should be active
        ");
        let text = status_text(std::slice::from_ref(&good), None, &Style::plain());
        assert!(text.ends_with("\n1 scenario, all healthy\n"), "{text}");
        let consumed = Some(Consumed {
            operations: 12,
            transfer: 3942,
            centicredits: Some(1205),
        });
        let since = "2026-11-01T00:00:00Z".parse().ok();
        let text = status_text(&[StatusRow { consumed, ..good }], since, &Style::plain());
        insta::assert_snapshot!(text, @r"
        ADDRESS             ID   STATE   LAST RUN  RESULT  INCOMPLETE  NEXT RUN              OPERATIONS  CREDITS
        scenario.lead-sync  925  active  -         -       0           2026-11-01T09:15:00Z  12          12.05

        Operations and credits since 2026-11-01T00:00:00Z
        1 scenario, all healthy
        ");
    }
}
