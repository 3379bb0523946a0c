//! The example projects that a dialect can express.

use std::fs;

use makeform::model::Dialect;

use super::world::World;

/// What guards the webhook of `examples/unified`.
pub(crate) const TICKETS_USER: &str = "canary-desk-4c1";
/// The same, its password.
pub(crate) const TICKETS_PASSWORD: &str = "canary-password-77e";

/// A project whose target is a sandbox of the unified dialect. Its `map` names the connections of a
/// new world.
const UNIFIED: &str = r#"
apiVersion: makeform/v1
kind: Project
metadata: { name: acme-automations }
spec:
  manifests: ["manifests/**/*.yaml"]
  targets:
    sandbox:
      url: "sandbox:"
      dialect: unified
      organization: 1
      map:
        connection.slack: 301
        connection.hubspot: 302
        connection.google: 303
        connection.airtable: 305
      vars: { orders-sheet: 1AbCdEfGhIjKlMnOpQrStUvWxYz }
"#;

/// The example projects that a dialect can express, one sealed world each, with one target `sandbox`
/// on the embedded sandbox.
///
/// Zone: all of `examples/`. Unified: lead-to-crm and nightly-sync of it, whose folder and
/// `immediately` are left out there with a warning, and `examples/unified`.
pub(crate) fn projects(dialect: Dialect) -> Vec<World> {
    match dialect {
        Dialect::Zone => vec![World::copy_of("examples")],
        Dialect::Unified => vec![of_the_zones(), help_desk()],
    }
}

fn of_the_zones() -> World {
    let world = World::copy_of("examples");
    for other in ["unified", "manifests/order-desk", "manifests/team"] {
        fs::remove_dir_all(world.file(other)).unwrap();
    }
    world.write("makeform.yaml", UNIFIED);
    world
}

fn help_desk() -> World {
    World::copy_of("examples/unified")
        .with_env("TICKETS_USER", TICKETS_USER)
        .with_env("TICKETS_PASSWORD", TICKETS_PASSWORD)
}
