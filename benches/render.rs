//! How long it takes to write a plan of 500 changed scenarios as text.
//!
//! `cargo bench --bench render` prints a line for `docs/benchmarks.md`, and fails where a
//! rendering takes more than 0.3 s.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench that can't go on has failed, and its table is its result"
)]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use makeform::{
    export::{ExportOptions, export},
    model::{
        Account, Bindings, Blueprint, Dialect, Directory, Facts, Field, Kind, Licence, Live,
        Reading, RemoteId, Snapshot, Spec,
        spec::{ScenarioSpec, Schedule, ScheduleUse},
    },
    plan::{Plan, PlanInput, Target, plan},
    render::{Style, plan_json, plan_summary_text, plan_text},
};
use serde_json::json;

const SCENARIOS: u64 = 500;

/// The most that a rendering may take, in seconds.
const LIMIT: f64 = 0.3;

/// An account whose scenarios all run each so many minutes and send a text.
fn account(minutes: u64, text: &str) -> Snapshot {
    let scenario = |n: u64| {
        let modules = (0..30).map(|id| {
            json!({"id": id + 1, "module": "http:ActionSendData",
                "mapper": {"url": format!("https://example.com/{n}/{id}"), "data": text}})
        });
        let flow: Vec<_> = modules.collect();
        let name = format!("Scenario {n}");
        let document = json!({"name": name, "flow": flow, "metadata": {}});
        let schedule = json!({"type": "indefinitely", "interval": minutes * 60});
        let spec = Spec::Scenario(Box::new(ScenarioSpec {
            name,
            active: Field::Set(true),
            schedule: Field::Set(ScheduleUse::Inline(Schedule::from_make(&schedule))),
            blueprint: Field::Set(Blueprint::new(&document, false)),
            ..ScenarioSpec::default()
        }));
        let id = RemoteId::Int(n + 1);
        let facts = Facts::default();
        (id.clone(), Live { id, spec, facts })
    };
    let all: BTreeMap<RemoteId, Live> = (0..SCENARIOS).map(scenario).collect();
    Snapshot {
        account: Account {
            host: "eu1.make.com".to_owned(),
            dialect: Dialect::Zone,
            organization: 1,
            organization_name: "Acme".to_owned(),
            team: 1,
            team_name: "Marketing".to_owned(),
            timezone: Some("Europe/Prague".to_owned()),
            minimum_interval: Some(1),
            licence: Licence::default(),
            own_user: Some(1),
        },
        live: BTreeMap::from([(Kind::Scenario, all)]),
        reading: Kind::ALL.map(|kind| (kind, Reading::Whole)).into(),
        directory: Directory::default(),
        functions: None,
    }
}

fn planned() -> Plan {
    let desired = export(&account(15, "{{trim(1.title)}}"), &ExportOptions::default());
    let snapshot = account(60, "{{1.title}}");
    plan(&PlanInput {
        target: Target {
            name: "main".to_owned(),
            account: snapshot.account.clone(),
        },
        desired: &desired.desired,
        snapshot: &snapshot,
        bindings: &Bindings::default(),
        only: &[],
        destroy: false,
        editor: false,
        ledger_shared: true,
        now: "2026-03-27T12:00:00Z".parse().unwrap(),
    })
}

fn main() {
    let plan = planned();
    assert_eq!(plan.steps.len(), 500);
    let renderings: [(&str, fn(&Plan) -> String); 3] = [
        ("text", |plan| plan_text(plan, &Style::plain())),
        ("summary", |plan| plan_summary_text(plan, &Style::plain())),
        ("JSON", plan_json),
    ];
    println!("| rendering of 500 changed scenarios | size | time |\n|---|---|---|");
    for (name, render) in renderings {
        let begun = Instant::now();
        let text = black_box(render(black_box(&plan)));
        let seconds = begun.elapsed().as_secs_f64();
        println!("| {name} | {} kB | {seconds:.3} s |", text.len() / 1024);
        assert!(seconds < LIMIT, "{name} takes too long");
    }
}
