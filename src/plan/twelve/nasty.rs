//! Names and values that would be markup, escapes or orders to whatever shows them, and that are
//! too long to be shown.

use serde_json::{Value, json};

use crate::{
    model::{Field, reference::Template},
    plan::{
        Plan,
        testing::{World, declared_scenario, doing, edit, every, folder, make, plan_id},
    },
};

/// What must come out as text in the terminal, Markdown, Mermaid and HTML.
const NASTY: [&str; 8] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n  # scenario.b will be destroyed",
    "\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069}\u{200b}\u{feff}",
    "```\n</details>\n<!-- --> | **bold** [link](javascript:alert(1)) @everyone #1",
    "A[\"x\"] --> B; click A \"javascript:alert(1)\"; end %%{init: {}}%%",
    "${{ secrets.TOKEN }}\n::error::owned\n::set-output name=a::b",
    "&lt;b&gt; &amp; ' \" ` \\ {{1.x}} $${x} %0A%0D \u{0}",
    "Größe 👨‍👩‍👧 日本 e\u{301} ﷽",
];

fn flow(side: &str) -> Value {
    let mapper: Vec<Value> = NASTY
        .iter()
        .map(|text| json!({"name": text, "value": format!("{side} {text}")}))
        .collect();
    let filter = |text: &str| {
        json!({"name": text, "conditions": [[{"a": text, "o": "text:equal", "b": side},
            {"a": side, "o": text, "b": text}]]})
    };
    let long = format!("{}{side}{}", "x".repeat(100_000), "y".repeat(100));
    json!([
        {"id": 1, "module": "rss:TriggerNewArticle", "parameters": {"url": "https://example.com"}},
        {"id": 2, "module": NASTY[0], "mapper": {"pairs": mapper, "long": long, NASTY[4]: side},
         "metadata": {"designer": {"name": NASTY[3]}}},
        {"id": 3, "module": "builtin:BasicRouter", "mapper": null, "routes": [
            {"flow": [{"id": 4, "module": "http:Get", "filter": filter(NASTY[1]),
                       "metadata": {"designer": {"name": NASTY[4]}}}]},
            {"flow": [{"id": 5, "module": NASTY[4], "filter": filter(NASTY[2])}]},
        ]},
    ])
}

pub(super) fn plan() -> Plan {
    let mut world = World::new();
    world.snapshot.account.team_name = NASTY[1].into();
    world.snapshot.account.organization_name = NASTY[0].into();
    world.declare("folder.nasty", folder(NASTY[0]));
    let mut spec = doing(NASTY[0], flow("before"));
    spec.description = Field::Set(Template::literal(NASTY[3]));
    spec.active = Field::Set(true);
    spec.schedule = every(15);
    world.declare("scenario.nasty", make(spec));
    world.settle();

    let id = plan_id(&world, "scenario.nasty");
    let kind = crate::model::Kind::Scenario;
    let live = world.snapshot.live.get_mut(&kind).unwrap();
    let live = live.get_mut(&crate::model::RemoteId::Int(id)).unwrap();
    live.facts.edited_by = Some(NASTY[1].into());
    edit(&mut world.live_scenario(id).blueprint, false, |document| {
        document["flow"][0]["parameters"]["url"] = json!(NASTY[5]);
    });
    world.declare("folder.nasty", folder(NASTY[3]));
    for (n, name) in NASTY.iter().enumerate() {
        world.declare(&format!("folder.n{n}"), folder(&format!("{n} {name}")));
    }
    let spec = declared_scenario(&mut world, "scenario.nasty");
    spec.name = NASTY[4].into();
    spec.description = Field::Set(Template::literal(NASTY[6]));
    edit(&mut spec.blueprint, true, |document| {
        document["name"] = json!(NASTY[4]);
        document["flow"] = flow("after");
        let flow = document["flow"].as_array_mut().unwrap();
        flow.push(
            json!({"id": 9, "module": "http:Get", "mapper": {"url": NASTY[6], "body": NASTY[3]},
            "metadata": {"designer": {"name": NASTY[2]}}}),
        );
    });
    world.plan()
}
