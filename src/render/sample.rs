//! Plans made by hand, for tests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    diagnostic::{Code, Report, Severity},
    model::{Account, Address, HealthRule, Origin, RemoteId},
    plan::{Action, Change, Decided, Difference, Plan, Reason, Shown, Sign, Step, Target},
};

pub(super) fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

pub(super) const fn code(name: &'static str, severity: Severity) -> Code {
    Code {
        name,
        severity,
        summary: "A code of a test.",
        explanation: "It is here so that a test has one.",
        example: "",
    }
}

pub(super) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        target: Target {
            name: "production".into(),
            account: Account {
                host: "eu1.make.com".into(),
                dialect: crate::model::Dialect::Zone,
                organization: 7,
                organization_name: "Acme".into(),
                team: 22,
                team_name: "Marketing".into(),
                timezone: None,
                minimum_interval: None,
                licence: crate::model::Licence::default(),
                own_user: None,
            },
        },
        coverage: crate::plan::Coverage::default(),
        steps,
        unchanged: 0,
        editor: std::collections::BTreeMap::new(),
        forecast: crate::plan::Forecast::default(),
        findings: Report::default(),
        records: BTreeMap::new(),
        rebindings: Vec::new(),
        lapsed: Vec::new(),
        digest: "sha256:c0ffee".into(),
    }
}

pub(super) fn step(thing: &str, action: Action, id: Option<u64>, changes: Vec<Change>) -> Step {
    Step {
        address: address(thing),
        action,
        id: id.map(RemoteId::Int),
        reasons: Vec::new(),
        changes,
        unchanged: 0,
        upcoming: None,
        depends_on: BTreeSet::new(),
        later: BTreeSet::new(),
        before: None,
        after: None,
        remembered: None,
        prevent_destroy: false,
        releases: false,
        health: HealthRule::default(),
        place: None,
        edited: None,
        decided: Decided::default(),
    }
}

pub(super) fn change(path: &[&str], title: &str, difference: Difference) -> Change {
    Change {
        path: path.iter().map(|&key| key.to_owned()).collect(),
        title: title.to_owned(),
        difference,
        origin: None,
    }
}

pub(super) fn value(value: impl Into<Value>) -> Shown {
    Shown::Value(value.into())
}

pub(super) fn group(sign: Sign, note: &str, changes: Vec<Change>) -> Difference {
    Difference::Group {
        sign,
        note: note.to_owned(),
        changes,
    }
}

/// The plan that the design shows.
pub(super) fn lead_sync() -> Plan {
    let module = ["blueprint", "flow", "3"];
    let mapper = Change {
        origin: Some(Origin::Git),
        ..change(
            &["blueprint", "flow", "3", "mapper", "values", "0"],
            "mapper.values.0",
            Difference::Changed(value("{{1.email}}"), value("{{lower(1.email)}}")),
        )
    };
    let schedule = Difference::Changed(
        Shown::Words(
            json!({"type": "indefinitely", "interval": 900}),
            "every 15m".into(),
        ),
        Shown::Words(
            json!({"type": "indefinitely", "interval": 300}),
            "every 5m".into(),
        ),
    );
    let modules = vec![
        change(
            &module,
            r#"3 google-sheets:addRow "Add lead""#,
            group(Sign::Change, "", vec![mapper]),
        ),
        change(
            &["blueprint", "flow", "12"],
            r#"12 slack:CreateMessage "Tell sales""#,
            Difference::Part {
                sign: Sign::Add,
                note: "after 3".into(),
                value: json!({"module": "slack:CreateMessage", "position": "after 3"}),
                changes: Vec::new(),
            },
        ),
    ];
    let update = Step {
        reasons: vec![Reason::FieldsDiffer(vec![
            "schedule".into(),
            "blueprint".into(),
        ])],
        unchanged: 11,
        depends_on: BTreeSet::from([address("webhook.leads")]),
        later: BTreeSet::new(),
        ..step(
            "scenario.lead-sync",
            Action::Update,
            Some(925),
            vec![
                change(&["schedule"], "schedule", schedule),
                change(
                    &["blueprint"],
                    "blueprint",
                    group(Sign::Change, "2 of 9 modules", modules),
                ),
            ],
        )
    };
    let create = Step {
        reasons: vec![Reason::NotFound],
        ..step(
            "webhook.leads",
            Action::Create,
            None,
            vec![
                change(&["name"], "name", Difference::Added(value("leads"))),
                change(&["url"], "url", Difference::Added(Shown::Unknown(None))),
            ],
        )
    };
    plan(vec![update, create])
}
