//! What scenarios consume.

use serde_json::Value;

use crate::{
    live::{
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Consumed, Consumptions, RemoteId, UsageDay},
};

/// What each scenario of a team has consumed since the last reset.
pub(in crate::live) fn consumptions(team: u64) -> Request {
    Request::get(&["scenarios", "consumptions"]).query("teamId", team)
}

/// What a scenario consumed on each of the last 30 days.
pub(in crate::live) fn of_scenario(scenario: &RemoteId) -> Request {
    Request::get(&["scenarios", &scenario.to_string(), "usage"])
}

/// The answer to [`consumptions`].
pub(in crate::live) fn read_consumptions(answer: &Value) -> Result<Consumptions, Wrong> {
    let node = Node::at(answer, "");
    let rows = node.get("scenarioConsumptions")?.items()?;
    let scenarios = rows.iter().map(|row| {
        let id = RemoteId::Int(row.get("scenarioId")?.int()?);
        Ok((id, consumed(row, "transfer")?))
    });
    Ok(Consumptions {
        since: node.find_time("lastReset"),
        scenarios: scenarios.collect::<Result<_, Wrong>>()?,
    })
}

/// The answer to [`of_scenario`].
pub(in crate::live) fn read_days(answer: &Value) -> Result<Vec<UsageDay>, Wrong> {
    let rows = Node::at(answer, "").get("data")?.items()?;
    let days = rows.iter().map(|row| {
        let date = row.get("date")?;
        Ok(UsageDay {
            date: date.text()?.parse().map_err(|_| date.no("a date"))?,
            consumed: consumed(row, "dataTransfer")?,
        })
    });
    days.collect()
}

/// Amounts; where one is not told, there is none of it.
fn consumed(row: &Node<'_>, transfer: &str) -> Result<Consumed, Wrong> {
    Ok(Consumed {
        operations: row.find_int("operations")?.unwrap_or(0),
        transfer: row.find_int(transfer)?.unwrap_or(0),
        centicredits: row.find_int("centicredits")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{read_consumptions, read_days};
    use crate::model::{Consumed, RemoteId};

    #[test]
    fn numbers_may_be_texts_and_credits_may_be_missing() {
        let answer = json!({"lastReset": "2026-11-01T00:00:00Z", "scenarioConsumptions": [
            {"scenarioId": 925, "operations": "12", "transfer": 3942, "centicredits": 1200},
            {"scenarioId": 926, "operations": 1, "transfer": "0"},
        ]});
        let read = read_consumptions(&answer).unwrap();
        assert_eq!(read.since, "2026-11-01T00:00:00Z".parse().ok());
        let twelve = Consumed {
            operations: 12,
            transfer: 3942,
            centicredits: Some(1200),
        };
        assert_eq!(read.scenarios[0], (RemoteId::Int(925), twelve));
        assert_eq!(read.scenarios[1].1.centicredits, None);
        assert!(read_consumptions(&json!({"scenarioConsumptions": 1})).is_err());

        let days = json!({"data": [{"date": "2026-11-02", "operations": 1, "dataTransfer": 2, "centicredits": 100}]});
        let days = read_days(&days).unwrap();
        assert_eq!(days[0].date.to_string(), "2026-11-02");
        assert_eq!(days[0].consumed.transfer, 2);
        assert!(read_days(&json!({"data": [{"date": "yesterday"}]})).is_err());
    }
}
