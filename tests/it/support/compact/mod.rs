//! One small project for each dialect with something of every kind in it, in two versions: in the
//! second, something of every kind is another, and what is called `going` is gone.

use makeform::{live::transport::Method, model::Dialect};
use serde_json::json;

use super::{account::Account, world::World};

const ZONE: &str = include_str!("zone-first.yaml");
const UNIFIED: &str = include_str!("unified-first.yaml");

/// What changes from the first version to the second: (from, to).
const ZONE_CHANGES: &[(&str, &str)] = &[
    ("name: Operations", "name: Operations desk"),
    ("value: /desk", "value: /front-desk"),
    ("type: number, value: 12", "type: number, value: 13"),
    (
        "email: Nina@acme.example, role: Member",
        "email: Nina@acme.example, role: Accountant",
    ),
    ("role: viewer", "role: builder"),
    ("role: Team Operator", "role: admin"),
    ("strict: true", "strict: false"),
    ("maxSizeMB: 2", "maxSizeMB: 3"),
    ("name: Night, parent: folder.desk", "name: Nights"),
    (
        "headers: true, method: true",
        "headers: false, method: true",
    ),
    (
        "name: Orders, dataStructure: data-structure.order }",
        "name: Orders of shops, dataStructure: data-structure.order }",
    ),
    (
        "name: Parked, enabled: false",
        "name: Parked, enabled: true",
    ),
    ("daily: \"02:30\"", "daily: \"03:45\""),
    (
        "name: Leads\n  folder: folder.desk",
        "name: Leads of today\n  folder: folder.night",
    ),
    ("description: Takes leads.", "description: Takes all leads."),
    ("maxRunsPerMinute: 30", "maxRunsPerMinute: 40"),
    ("maxErrors: 5", "maxErrors: 6"),
    (
        "customProperties: { owner: Mia }",
        "customProperties: { owner: Max }",
    ),
    ("text: \"{{1.email}}\"", "text: \"{{lower(1.email)}}\""),
    ("limit: 1.0", "limit: 2.0"),
    (
        "label: Number, required: true }, { name: urgent",
        "label: Order, required: false }, { name: urgent",
    ),
    ("every: 15m", "every: 30m"),
    ("description: null", "description: Once a week."),
    (
        "active: false\n  schedule: { weekly",
        "active: true\n  schedule: { weekly",
    ),
    ("{ name: day, type: date }", "{ name: day, type: text }"),
    ("days: [15, 1]", "days: [16, 2]"),
    ("months: [7, 1]", "months: [8, 2]"),
    ("once: 2098-12-01", "once: 2098-12-02"),
];

const UNIFIED_CHANGES: &[(&str, &str)] = &[
    (
        "description: Copies leads.",
        "description: Copies all leads.",
    ),
    ("priority: high", "priority: low"),
    ("0 9,17 * * 1-5", "0 8,16 * * 1-5"),
    ("maxErrors: 7", "maxErrors: 8"),
    ("https://crm.test", "https://crm.example"),
    ("hookType: GET", "hookType: HEAD"),
    (
        "active: true\n  schedule: { daily: \"02:30\" }",
        "active: false\n  schedule: { daily: \"03:30\" }",
    ),
    ("days: [wed, mon]", "days: [tue]"),
    (
        "mia@acme.example, role: viewer",
        "mia@acme.example, role: manager",
    ),
    (
        "Nina@acme.example, role: viewer",
        "Nina@acme.example, role: builder",
    ),
];

/// The project in its first version, on a new world that behaves as options say.
pub(crate) fn compact(dialect: Dialect, options: &str) -> World {
    let world = World::in_memory()
        .with_env("MAKEFORM_SANDBOX", options)
        .with_env("HOOK_USER", "desk")
        .with_env("HOOK_PASSWORD", "open sesame 4711");
    let (target, manifests) = match dialect {
        Dialect::Zone => ("team: Sandbox team", ZONE),
        Dialect::Unified => ("dialect: unified, organization: \"1\"", UNIFIED),
    };
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\n\
             kind: Project\n\
             metadata: {{ name: compact }}\n\
             spec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 env: [HOOK_USER, HOOK_PASSWORD]\n\
             \x20 targets: {{ sandbox: {{ url: \"sandbox:\", {target} }} }}\n"
        ),
    );
    world.write("manifests/all.yaml", manifests);
    if dialect == Dialect::Zone {
        define_properties(&Account::with_options(
            &world.file(".makeform/sandbox"),
            options,
        ));
    }
    world
}

/// Brings the manifests to the second version.
pub(crate) fn change(world: &World, dialect: Dialect) {
    let changes = match dialect {
        Dialect::Zone => ZONE_CHANGES,
        Dialect::Unified => UNIFIED_CHANGES,
    };
    for (from, to) in changes {
        world.edit("manifests/all.yaml", from, to);
    }
    let text = world.read("manifests/all.yaml");
    let stays = |document: &&str| !document.contains("metadata: { name: going");
    let documents: Vec<&str> = text.split("---\n").filter(stays).collect();
    world.write("manifests/all.yaml", &documents.join("---\n"));
}

/// Custom properties are values of fields that somebody has defined in Make.
fn define_properties(account: &Account) {
    let structures = "/custom-property-structures";
    let of = json!({"associatedType": "scenario", "belongerType": "organization", "belongerId": 1});
    let made = account.write(Method::Post, structures, of);
    let structure = made.pointer("/customPropertyStructure/id").unwrap();
    let path = format!("{structures}/{structure}/custom-property-structure-items");
    let owner = json!({"name": "owner", "label": "Owner", "type": "shortText", "required": false});
    account.write(Method::Post, &path, owner);
}
