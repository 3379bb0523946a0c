//! A variable that was set to a placeholder never gets over a live secret.

use crate::support::{account::Account, world::World};

const TOKEN: &str = "q8Zr41kPxT7w2LmNb";

const CALLER: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: caller }
spec:
  name: Caller
  blueprint:
    flow:
      - id: 1
        module: "http:ActionSendData"
        version: 3
        mapper:
          url: "https://api.acme.test/leads"
          headers: [{ name: authorization, value: "Bearer ${env.CRM_TOKEN}" }]
    metadata: {}
"#;

/// What the header holds in the account.
fn header(world: &World) -> String {
    let account = Account::of(world);
    let blueprint = account.blueprint(&account.scenario("Caller")["id"]);
    let header = &blueprint["flow"][0]["mapper"]["headers"][0]["value"];
    header.as_str().unwrap().to_owned()
}

#[test]
fn a_placeholder_is_refused_before_anything_is_sent_and_the_live_secret_stays() {
    let mut world = World::new();
    world.write("manifests/caller.yaml", CALLER);
    let apply = ["apply", "--auto-approve"];
    let allowed = [&apply[..], &["--allow", "placeholder-value"]].concat();

    // Nothing new is made with one.
    world.set_env("CRM_TOKEN", Some("<YOUR-TOKEN>"));
    let refused = world.run(&apply).exits(3);
    assert!(refused.stderr.contains("placeholder-value"), "{refused}");
    assert_eq!(world.writes(), 0);
    world.set_env("CRM_TOKEN", Some(TOKEN));
    let _ = world.run(&apply).success();
    world.assert_settled();

    for value in [
        "changeme",
        "<YOUR-TOKEN>",
        "REDACTED-4711",
        "your-token-here",
    ] {
        world.set_env("CRM_TOKEN", Some(value));
        let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
        let before = world.writes();
        let refused = world.run(&apply).exits(3);
        assert_eq!(world.writes(), before, "{refused}");
        assert_eq!(header(&world), format!("Bearer {TOKEN}"));
        for output in [plan, refused] {
            let said = output.to_string();
            for part in [
                "placeholder-value",
                "`${env.CRM_TOKEN}`",
                "scenario.caller",
                "manifests/caller.yaml:",
                "--allow placeholder-value",
            ] {
                assert!(said.contains(part), "{part} is not in {said}");
            }
            assert!(!said.contains(value) && !said.contains(TOKEN), "{said}");
        }
    }

    // Somebody else put a new token in: the right one is set, and nothing is left to do.
    world.set_env("CRM_TOKEN", Some("Zx81Kd02Lmq93Pw7a"));
    let _ = world.run(&apply).success();
    assert_eq!(header(&world), "Bearer Zx81Kd02Lmq93Pw7a");
    world.assert_settled();

    // Who means it says so.
    world.set_env("CRM_TOKEN", Some("changeme"));
    let _ = world.run(&allowed).success();
    assert_eq!(header(&world), "Bearer changeme");
    world.assert_settled();
}

#[test]
fn a_saved_plan_does_not_carry_a_placeholder_past_the_guard() {
    let mut world = World::new();
    world.write("manifests/caller.yaml", CALLER);
    world.set_env("CRM_TOKEN", Some(TOKEN));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.set_env("CRM_TOKEN", Some("Zx81Kd02Lmq93Pw7a"));
    let _ = world.run(&["plan", "--out", "plan.json"]).success();
    world.set_env("CRM_TOKEN", Some("changeme"));
    let before = world.writes();
    let refused = world.run(&["apply", "plan.json"]).exits(3);
    assert!(refused.stderr.contains("placeholder-value"), "{refused}");
    assert_eq!(world.writes(), before);
    assert_eq!(header(&world), format!("Bearer {TOKEN}"));
    world.set_env("CRM_TOKEN", Some("Zx81Kd02Lmq93Pw7a"));
    let _ = world.run(&["apply", "plan.json"]).success();
    world.assert_settled();
}
