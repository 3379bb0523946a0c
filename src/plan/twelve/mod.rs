//! The twelve plans that every rendering keeps a golden file of: one of each kind of change, a
//! large one and a nasty one. The real planner makes them, from manifests, an account and a
//! ledger.

use std::sync::LazyLock;

use serde_json::json;

use super::{
    Plan,
    testing::{
        World, at, declared_scenario, doing, edit, every, folder, leads, make, plan_id, role,
        webhook,
    },
};
use crate::model::{
    Facts, Field, Kind, Live, Moved, RemoteId, Spec,
    reference::Template,
    spec::{FolderSpec, Link, Schedule, ScheduleUse},
};

mod modules;
mod nasty;

/// The plans by name, always in this order.
pub(crate) fn twelve() -> Vec<(&'static str, Plan)> {
    static TWELVE: LazyLock<Vec<(&'static str, Plan)>> = LazyLock::new(planned);
    TWELVE.clone()
}

fn planned() -> Vec<(&'static str, Plan)> {
    vec![
        ("create", leads().plan()),
        ("modules", modules::changed()),
        ("schedules", schedules()),
        ("roles", roles()),
        ("replace", replace()),
        ("delete", delete()),
        ("adopt", adopt()),
        ("moved", moved()),
        ("origins", origins()),
        ("refused", refused()),
        ("large", large()),
        ("nasty", nasty::plan()),
    ]
}

fn inline(schedule: &serde_json::Value) -> Field<ScheduleUse> {
    Field::Set(ScheduleUse::Inline(Schedule::from_make(schedule)))
}

/// What starts by itself.
fn polling(name: &str) -> crate::model::spec::ScenarioSpec {
    let flow = json!([{"id": 1, "module": "rss:TriggerNewArticle", "parameters": {"url": "https://example.com/feed"}}]);
    doing(name, flow)
}

/// A shorter interval, other days, a first schedule, none any more, and one that two share.
fn schedules() -> Plan {
    let shared = |interval: u64| {
        let schedule = json!({"type": "indefinitely", "interval": interval});
        Spec::Schedule(Schedule::from_make(&schedule))
    };
    let daily = json!({"type": "daily", "time": "06:30"});
    let weekly = json!({"type": "weekly", "days": [1, 3, 5], "time": "02:30"});
    let limited = json!({"type": "indefinitely", "interval": 900,
        "restrict": [{"days": [1, 2, 3, 4, 5], "time": ["08:00", "18:00"]}]});
    let mut world = World::new();
    world.declare("schedule.often", shared(1800));
    for (name, schedule) in [
        ("digest", inline(&daily)),
        ("often", every(15)),
        ("rests", every(60)),
        ("starts", inline(&json!({"type": "on-demand"}))),
        ("stops", every(30)),
        ("works", every(15)),
    ] {
        let mut spec = polling(name);
        spec.active = Field::Set(name != "rests");
        spec.schedule = schedule;
        world.declare(&format!("scenario.{name}"), make(spec));
    }
    for name in ["shares-a", "shares-b"] {
        let mut spec = polling(name);
        spec.active = Field::Set(true);
        spec.schedule = Field::Set(ScheduleUse::Shared(at("schedule.often")));
        world.declare(&format!("scenario.{name}"), make(spec));
    }
    world.settle();
    world.declare("schedule.often", shared(600));
    declared_scenario(&mut world, "scenario.digest").schedule = inline(&weekly);
    declared_scenario(&mut world, "scenario.often").schedule = every(1);
    declared_scenario(&mut world, "scenario.rests").schedule = every(120);
    declared_scenario(&mut world, "scenario.starts").schedule = inline(&daily);
    declared_scenario(&mut world, "scenario.stops").active = Field::Set(false);
    declared_scenario(&mut world, "scenario.works").schedule = inline(&limited);
    world.plan()
}

/// One gets a role, one another, and one loses it.
fn roles() -> Plan {
    let mut world = World::new();
    let people = &mut world.snapshot.directory.people;
    for (id, email) in [(3, "grace@example.com"), (4, "alan@example.com")] {
        people.push(crate::model::Person {
            id,
            name: email.into(),
            email: email.into(),
        });
    }
    let allowed = [
        (
            "Team Admin",
            &[
                "scenario edit",
                "scenario view",
                "team delete",
                "team user add",
            ][..],
        ),
        ("Team Member", &["scenario edit", "scenario view"][..]),
    ];
    for role in &mut world.snapshot.directory.team_roles {
        let allowed = allowed.iter().find(|(name, _)| *name == role.name);
        role.permissions =
            allowed.map(|(_, names)| names.iter().map(|&name| name.into()).collect());
    }
    world.declare("team-role.ada", role("ada@example.com", "builder"));
    world.declare("team-role.alan", role("alan@example.com", "Team Operator"));
    world.settle();
    world.declare("team-role.ada", role("ada@example.com", "admin"));
    world.forget("team-role.alan");
    world.declare("team-role.grace", role("grace@example.com", "builder"));
    world.plan()
}

/// A webhook of another type is another webhook, with another address; what names it follows.
fn replace() -> Plan {
    let mut world = leads();
    world.settle();
    world.declare("webhook.leads", webhook("Leads", "mail"));
    world.plan()
}

/// No manifest names them any more.
fn delete() -> Plan {
    let mut world = leads();
    world.declare("folder.kept", folder("Kept"));
    world.settle();
    for address in [
        "folder.a-inner",
        "scenario.a-lead",
        "scenario.child",
        "webhook.leads",
    ] {
        world.forget(address);
    }
    world.plan()
}

/// Objects of the same names, which nothing manages: one differs, and is refused at first.
fn adopt() -> Plan {
    let mut world = World::new();
    world.live(11, folder("CRM"));
    world.live(12, folder("Archive"));
    let mut there = polling("Digest");
    there.active = Field::Set(true);
    there.schedule = every(60);
    world.live(13, make(there.clone()));
    world.declare("folder.archive", folder("Archive"));
    world.declare("folder.crm", folder("CRM"));
    there.schedule = every(15);
    world.declare("scenario.digest", make(there));
    world.plan()
}

/// A thing at another address, and with another name there.
fn moved() -> Plan {
    let mut world = World::new();
    world.declare("folder.crm", folder("CRM"));
    let inner = FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at("folder.crm"))),
    };
    world.declare("folder.inner", Spec::Folder(inner));
    world.settle();
    world.forget("folder.crm");
    let place = world.declare("folder.sales", folder("Sales")).place.clone();
    let to = at("folder.sales");
    world
        .desired
        .moved
        .insert(at("folder.crm"), Moved { to, place });
    let inner = FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at("folder.sales"))),
    };
    world.declare("folder.inner", Spec::Folder(inner));
    world.plan()
}

/// One field of git, one of somebody in Make, one of both; a module of each.
fn origins() -> Plan {
    let mut world = leads();
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.description = Field::Set(Template::literal("Copies leads."));
    world.settle();
    let id = plan_id(&world, "scenario.a-lead");
    let live = world.live_scenario(id);
    live.active = Field::Set(false);
    live.schedule = every(30);
    edit(&mut live.blueprint, false, |document| {
        document["flow"][2]["mapper"]["text"] = json!("by hand");
        document["flow"][0]["parameters"] = json!({"url": "https://example.com/other"});
    });
    let kind = world.snapshot.live.get_mut(&Kind::Scenario).unwrap();
    let facts: &mut Live = kind.get_mut(&RemoteId::Int(id)).unwrap();
    facts.facts = Facts {
        edited_at: Some("2026-03-26T16:20:00Z".parse().unwrap()),
        edited_by: Some("Ada Lovelace".into()),
        ..facts.facts.clone()
    };
    let spec = declared_scenario(&mut world, "scenario.a-lead");
    spec.description = Field::Set(Template::literal("Copies leads to the CRM."));
    spec.schedule = every(5);
    edit(&mut spec.blueprint, true, |document| {
        document["flow"][2]["mapper"]["text"] = json!("{{lower(1.email)}}");
        document["flow"][1]["mapper"] = json!({"limit": 5});
    });
    world.plan()
}

/// Too much at once, something protected, and something of which nobody knows enough.
fn refused() -> Plan {
    let mut world = World::new();
    for n in 0..10 {
        world.declare(&format!("folder.f{n}"), folder(&format!("Folder {n}")));
    }
    let declared = world.declare("scenario.leads", make(polling("Leads")));
    declared.lifecycle.prevent_destroy = true;
    world.declare("team-role.owner", role("owner@example.com", "admin"));
    world.settle();
    let id = plan_id(&world, "scenario.leads");
    let live = world.snapshot.live.get_mut(&Kind::Scenario).unwrap();
    live.get_mut(&RemoteId::Int(id)).unwrap().facts.incomplete = Some(3);
    for n in 0..6 {
        world.forget(&format!("folder.f{n}"));
    }
    world.forget("scenario.leads");
    world.declare("team-role.owner", role("owner@example.com", "builder"));
    world.plan()
}

/// Five hundred scenarios, each with another interval and another value in one of its modules.
fn large() -> Plan {
    let flow = |n: usize, text: &str| {
        json!([
            {"id": 1, "module": "rss:TriggerNewArticle", "parameters": {"url": format!("https://example.com/{n}")}},
            {"id": 2, "module": "http:ActionSendData", "mapper": {"url": "https://example.com", "data": text}},
            {"id": 3, "module": "slack:CreateMessage", "mapper": {"channel": "sales", "text": "{{2.data}}"}},
        ])
    };
    let declare = |world: &mut World, text: &str, minutes: u64| {
        for n in 0..500 {
            let mut spec = doing(&format!("Scenario {n}"), flow(n, text));
            spec.active = Field::Set(true);
            spec.schedule = every(minutes);
            world.declare(&format!("scenario.s{n:03}"), make(spec));
        }
    };
    let mut world = World::new();
    declare(&mut world, "{{1.title}}", 60);
    world.settle();
    declare(&mut world, "{{trim(1.title)}}", 15);
    world.plan()
}
