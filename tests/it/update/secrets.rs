//! A token that somebody typed into Make's editor, and `export --update`.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::{diff, files, updated};
use crate::{
    support::world::World,
    two_files::{applied, edit},
};

/// Nobody's.
const TOKEN: &str = "q8Zr41kPxT7w2LmNbV5cD9";

const PROJECT: &str = "\
# Acme's automations
apiVersion: makeform/v1
kind: Project
metadata: { name: acme } # as in the wiki
spec:
  manifests: [\"manifests/**/*.yaml\"] # all
  # What CI sets
  env:
    - CRM_TOKEN # Ann has it
  targets: { sandbox: { url: \"sandbox:\" } }
";

/// Types a token into a header of a call that is new, in Make's editor.
fn type_in(world: &World) {
    edit(world, |blueprint| {
        let call = json!({"id": 9, "module": "http:ActionSendData", "version": 3, "parameters": {},
            "mapper": {"url": "https://api.acme.test/v1", "headers": [
                {"name": "Authorization", "value": format!("Bearer {TOKEN}")}]},
            "metadata": {"designer": {"x": 900, "y": 150}}});
        let path = "/flow/1/routes/1/flow";
        let Some(Value::Array(flow)) = blueprint.pointer_mut(path) else {
            unreachable!("the account has another blueprint: {blueprint}");
        };
        flow.push(call);
    });
}

/// The names of all files that hold the token, the account's own aside.
fn holding(world: &World) -> BTreeSet<String> {
    let all = files(world.path()).into_iter();
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(TOKEN);
    all.filter(|(_, (bytes, _))| holds(bytes))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn a_typed_token_becomes_a_variable_that_is_declared_and_listed() {
    let mut world = applied();
    world.write("makeform.yaml", PROJECT);
    world.write(".env.example", "# Ask Ann.\nCRM_TOKEN=\n");
    type_in(&world);

    let update = world.run(&["export", "--update"]).success();
    let name = "LEAD_SYNC_9_AUTHORIZATION";
    let said = update.to_string();
    assert!(said.contains(name) && !said.contains(TOKEN), "{said}");
    assert_eq!(holding(&world), BTreeSet::new());
    let does = world.read("manifests/lead-sync.blueprint.json");
    let reference = format!("\"Bearer ${{env.{name}}}\"");
    assert_eq!(does.matches(&reference).count(), 1, "{does}");
    let declared = diff(PROJECT, &world.read("makeform.yaml"));
    assert_eq!(declared, [format!("+    - {name}")]);
    let example = world.read(".env.example");
    assert!(example.starts_with("# Ask Ann.\nCRM_TOKEN=\n"), "{example}");
    assert!(example.contains(&format!("\n{name}=\n")), "{example}");

    // Not set, it is asked for before anything is sent; and an update needs none.
    let unset = world.run(&["plan"]).exits(1);
    assert!(unset.stderr.contains("error[unset-variable]"), "{unset}");
    updated_without(&world);
    world.set_env(name, Some(TOKEN));
    let said = updated(&world);
    assert!(said.contains("no file was written"), "{said}");
    assert_eq!(holding(&world), BTreeSet::new());
}

/// Updates once more, without the variable: no byte changes.
fn updated_without(world: &World) {
    let before = files(world.path());
    let again = world.run(&["export", "--update"]).success();
    assert!(again.stderr.contains("no file was written"), "{again}");
    assert!(files(world.path()) == before, "{again}");
}

#[cfg(unix)]
#[test]
fn a_token_that_is_kept_is_in_files_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = applied();
    world.write("makeform.yaml", PROJECT);
    let open = fs::Permissions::from_mode(0o644);
    let path = "manifests/lead-sync.blueprint.json";
    fs::set_permissions(world.file(path), open).unwrap();
    type_in(&world);
    let update = ["export", "--update", "--keep-secrets"];
    let kept = world.run(&update).success();
    let said = kept.to_string();
    assert!(said.contains("warning[export-secret-kept]"), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
    assert_eq!(holding(&world), BTreeSet::from([path.to_owned()]));
    for name in [path, "manifests/lead-sync.editor.json"] {
        let mode = fs::metadata(world.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(world.read("makeform.yaml"), PROJECT);
    assert!(!world.file(".env.example").exists());
    let again = world.run(&update).success();
    assert!(again.stderr.contains("no file was written"), "{again}");
    world.assert_settled();
}
