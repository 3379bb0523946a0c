//! A scenario of which modules come, change, move and go, with routes, filters, secrets and code.

use serde_json::{Value, json};

use crate::{
    model::{Field, reference::Template},
    plan::{
        Plan,
        testing::{World, connection, declared_scenario, doing, edit, make, webhook},
    },
};

fn code(line: &str) -> String {
    let mut lines: Vec<String> = (0..30).map(|n| format!("const c{n} = {n};")).collect();
    lines.insert(20, line.to_owned());
    lines.join("\n")
}

fn before() -> Value {
    json!([
        {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": "${webhook.leads}"}},
        {"id": 2, "module": "builtin:BasicRouter", "mapper": null, "routes": [
            {"flow": [
                {"id": 3, "module": "google-sheets:addRow", "parameters": {"__IMTCONN__": "${connection.sheets}"},
                 "filter": {"name": "Won", "conditions": [[{"a": "{{1.status}}", "o": "text:equal", "b": "won"}]]},
                 "mapper": {"sheet": "Leads", "values": {"0": "{{1.email}}", "1": "{{1.name}}"}},
                 "metadata": {"designer": {"name": "Add lead"}}},
            ]},
            {"flow": [
                {"id": 4, "module": "http:ActionSendData",
                 "mapper": {"url": "https://crm.test/leads", "token": "${env.CRM_TOKEN}", "timeout": 30},
                 "onerror": [{"id": 5, "module": "builtin:Break", "mapper": {"count": 3}}]},
                {"id": 6, "module": "util:Sleep", "parameters": {"duration": 5}},
                {"id": 7, "module": "code:ExecuteCode", "mapper": {"code": code("return 1;")}},
            ]},
        ]},
    ])
}

/// The scenario `lead-sync`.
pub(super) fn changed() -> Plan {
    let mut world = World::new();
    let env = &mut world.desired.variables.env;
    env.insert("CRM_TOKEN".into(), "t0p-s3cr3t-token".to_owned().into());
    env.insert("NEW_TOKEN".into(), "n3w-s3cr3t-token".to_owned().into());
    world.live(96, connection("Sheets", "google"));
    world.declare("connection.sheets", connection("Sheets", "google"));
    world.declare("webhook.leads", webhook("Leads", "custom"));
    let mut spec = doing("Lead sync", before());
    spec.active = Field::Set(true);
    spec.description = Field::Set(Template::literal("Copies leads."));
    world.declare("scenario.lead-sync", make(spec));
    world.settle();

    let spec = declared_scenario(&mut world, "scenario.lead-sync");
    spec.settings.max_errors = Field::Set(5);
    edit(&mut spec.blueprint, true, |document| {
        let routes = &mut document["flow"][1]["routes"];
        let sheet = &mut routes[0]["flow"][0];
        sheet["mapper"]["values"]["0"] = json!("{{lower(1.email)}}");
        sheet["filter"]["conditions"] = json!([
            [{"a": "{{1.status}}", "o": "text:equal:ci", "b": "won"},
             {"a": "{{1.amount}}", "o": "number:greaterorequal", "b": "1000"}],
            [{"a": "{{1.vip}}", "o": "exist"}],
        ]);
        let second = routes[1]["flow"].as_array_mut().unwrap();
        // What waits stands before the call now; the call has another token, and the code a line
        // that is another one.
        second.swap(0, 1);
        second[1]["mapper"]["token"] = json!("${env.NEW_TOKEN}");
        second[1]["mapper"]["timeout"] = json!(60);
        second[2]["mapper"]["code"] = json!(code("return 2;"));
        second[1]["onerror"] = json!([]);
        let routes = routes.as_array_mut().unwrap();
        routes.push(json!({"flow": [
            {"id": 12, "module": "slack:CreateMessage",
             "filter": {"name": "Lost", "conditions": [[{"a": "{{1.status}}", "o": "text:equal", "b": "lost"}]]},
             "mapper": {"channel": "#sales", "text": "Lost {{1.email}}"},
             "metadata": {"designer": {"name": "Tell sales"}}},
        ]}));
    });
    world.plan()
}
