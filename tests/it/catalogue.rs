//! `export --html --runs`: how often scenarios ran and failed, as the account's own log has it.

use crate::support::world::World;

const MANIFEST: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  active: true
  schedule: { onDemand: true }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1, mapper: { when: "{{1.bad}}", message: "No canary-4711@example.org." } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: kept }
spec:
  name: Kept
  active: true
  schedule: { onDemand: true }
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1 }
    metadata: { version: 1, scenario: { dlq: true } }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: parked }
spec:
  name: Parked
  active: false
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
    metadata: { version: 1 }
"#;

/// How often something was asked for with a part of its route in it.
fn asked(world: &World, part: &str) -> u64 {
    let requests = world.requests();
    let of = requests.iter().filter(|(route, _)| route.contains(part));
    of.map(|(_, count)| count).sum()
}

/// The part of a page that is about a scenario.
fn article<'p>(page: &'p str, name: &str) -> &'p str {
    let head = format!("scenario.{name}, ");
    let start = page.find(&head).unwrap();
    page[start..].split_once("</article>").unwrap().0
}

#[test]
fn a_catalogue_tells_how_often_scenarios_ran_and_failed() {
    let world = World::new();
    world.write("manifests/all.yaml", MANIFEST);
    world.write("good.json", "{}");
    world.write("bad.json", r#"{ "bad": true }"#);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    for (scenario, input, code) in [
        ("leads", "good.json", 0),
        ("leads", "bad.json", 5),
        ("leads", "good.json", 0),
        ("leads", "bad.json", 5),
        ("kept", "good.json", 5),
    ] {
        let scenario = format!("scenario.{scenario}");
        let _ = world
            .run(&["run", &scenario, "--input", input, "--wait"])
            .exits(code);
    }

    // Unless it is asked for, no log is read.
    let before = asked(&world, "/logs");
    let _ = world.run(&["export", "--html", "account.html"]).success();
    assert_eq!(asked(&world, "/logs"), before);
    let page = world.read("account.html");
    assert!(
        !page.contains(">Failing<") && !page.contains("failed ("),
        "{page}"
    );
    // What was consumed, one request tells of all.
    assert!(
        article(&page, "leads").contains(" operations since 20"),
        "{page}"
    );

    let told = world
        .run(&["export", "--html", "account.html", "--runs"])
        .success();
    assert!(told.stderr.contains(": 3 requests or more"), "{told}");
    assert_eq!(asked(&world, "/logs"), before + 3);
    let page = world.read("account.html");
    assert!(page.contains("<th scope=\"col\">Failing</th>"), "{page}");
    let leads = article(&page, "leads");
    assert!(
        leads.contains("4 runs since 20") && leads.contains(": 2 failed (50 %)"),
        "{leads}"
    );
    assert!(leads.contains("its last run failed"), "{leads}");
    assert!(page.contains("<td>4</td><td>50 %</td>"), "{page}");
    // One whose run was kept to be taken up again ended with a warning.
    let kept = article(&page, "kept");
    assert!(
        kept.contains("1 ended with a warning") && kept.contains("none failed"),
        "{kept}"
    );
    assert!(
        article(&page, "parked").contains("none has ended, as far as"),
        "{page}"
    );
    assert!(!page.contains("canary-4711") && !told.to_string().contains("canary-4711"));

    let without = world.run(&["export", "--runs"]).exits(1);
    assert!(without.stderr.contains("--html"), "{without}");
}

#[test]
fn a_catalogue_knows_two_scenarios_of_one_name_apart() {
    let world = World::new();
    let second = MANIFEST.split("---\n").next().unwrap();
    let second = second.replace("name: leads", "name: leads-too");
    let first = MANIFEST.split("---\n").next().unwrap();
    world.write("manifests/all.yaml", &format!("{first}---{second}"));
    world.write("good.json", "{}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let run = [
        "run",
        "scenario.leads-too",
        "--input",
        "good.json",
        "--wait",
    ];
    let _ = world.run(&run).success();
    let export = ["export", "--html", "account.html", "--runs"];
    let _ = world.run(&export).success();
    let page = world.read("account.html");
    let (one, other) = (article(&page, "leads"), article(&page, "leads-too"));
    assert!(other.contains("<dt>Runs</dt><dd>1 run since 20"), "{other}");
    assert!(other.contains(": none failed"), "{other}");
    assert!(
        one.contains("<dt>Runs</dt><dd>none has ended, as far as"),
        "{one}"
    );
    assert!(
        page.contains("<td>1</td><td>0 %</td>") || page.contains("<td>1</td><td></td>"),
        "{page}"
    );
}

#[test]
fn what_a_scenario_uses_is_named_without_saying_so_twice() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let _ = world.run(&["export", "--html", "account.html"]).success();
    let page = world.read("account.html");
    let sync = article(&page, "lead-sync");
    let uses = "<dt>Uses</dt><dd>connection.hubspot<br>connection.slack</dd>";
    assert!(sync.contains(uses), "{sync}");
}
