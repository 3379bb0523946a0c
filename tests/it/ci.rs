//! What other programs read of ours, by their own schemas: SARIF, workflows and the action.

use std::fs;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use crate::{init::yaml, support::world::World};

fn file(name: &str) -> String {
    fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What a schema of `tests/schemas` says of a document.
fn verdict(schema: &str, document: &Value) -> Result<(), String> {
    let mut compiler = Compiler::new();
    let mut schemas = Schemas::new();
    let name = format!("https://schemas.test/{schema}.json");
    let mut text: Value =
        serde_json::from_str(&file(&format!("tests/schemas/{schema}.json"))).unwrap();
    // Known by where it is, whatever it calls itself.
    text.as_object_mut().unwrap().shift_remove("$id");
    compiler.add_resource(&name, text).unwrap();
    let index = compiler.compile(&name, &mut schemas).unwrap();
    let valid = schemas.validate(document, index);
    valid.map_err(|error| format!("{error:#}"))
}

#[test]
fn findings_are_sarif() {
    let world = World::new();
    world.write(
        "manifests/a.yaml",
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: a }\nspec: { shedule: { every: 15m } }\n",
    );
    world.write(
        "manifests/b c#.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a }\nspec: { name: \u{1f600}, x: 1 }\n---\n\
         apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: a }\nspec: { name: B }\n",
    );
    let found = world.run(&["validate", "--format", "sarif"]).exits(1);
    let document: Value = serde_json::from_str(&found.stdout).unwrap();
    verdict("sarif-2.1.0", &document).unwrap();
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{document:#}");
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert!(location["uri"].is_string(), "{result:#}");
    }
    let uris: Vec<&Value> = results
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        .collect();
    assert!(
        uris.contains(&&json!("manifests/b%20c%23.yaml")),
        "{uris:?}"
    );
    let related = results
        .iter()
        .any(|result| result["relatedLocations"].is_array());
    assert!(related, "{document:#}");

    // The schema can tell: a level that there is none of is found.
    let mut wrong = document.clone();
    wrong["runs"][0]["results"][0]["level"] = json!("fatal");
    verdict("sarif-2.1.0", &wrong).unwrap_err();

    // Nothing to tell is a document all the same.
    let world = World::new();
    world.write("manifests/none.yaml", "");
    let none = world.run(&["validate", "--format", "sarif"]).success();
    let document: Value = serde_json::from_str(&none.stdout).unwrap();
    verdict("sarif-2.1.0", &document).unwrap();
    assert_eq!(document["runs"][0]["results"], json!([]));
}

#[test]
fn the_action_and_the_workflows_are_what_their_hosts_read() {
    for (schema, name) in [
        ("github-action", "action.yml"),
        ("github-workflow", "examples/ci/github.yml"),
        ("gitlab-ci", "examples/ci/gitlab.yml"),
    ] {
        let document = yaml(&file(name));
        if let Err(error) = verdict(schema, &document) {
            panic!("{name}: {error}");
        }
    }
    let mut wrong = yaml(&file("examples/ci/github.yml"));
    wrong["jobs"]["plan"]["runs-onn"] = json!("x");
    verdict("github-workflow", &wrong).unwrap_err();
}

#[test]
fn no_text_of_a_request_or_an_account_gets_into_a_script_and_actions_are_pinned() {
    let action = yaml(&file("action.yml"));
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
    }
    let workflow = file("examples/ci/github.yml");
    for line in workflow.lines() {
        assert!(!line.contains("run:"), "the steps are the action's: {line}");
        let Some((_, uses)) = line.split_once("uses: ") else {
            continue;
        };
        let commit = uses.split_once('@').unwrap().1.split(' ').next().unwrap();
        let is_pinned = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
        assert!(is_pinned || uses == "OWNER/makeform@COMMIT", "{line}");
    }
}
