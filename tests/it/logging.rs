//! `--log`: what was done, as JSON lines.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::world::World;

fn lines(world: &World, file: &str) -> Vec<Value> {
    let text = world.read(file);
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn every_request_and_every_step_is_a_line_and_no_secret_is() {
    let world = World::copy_of("examples");
    let _ = world.run(&["plan"]).success();
    let before: u64 = world.requests().values().sum();
    let _ = world
        .run(&["apply", "--auto-approve", "--log", "log.jsonl"])
        .success();
    let lines = lines(&world, "log.jsonl");
    let mut events: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &lines {
        *events.entry(line["event"].as_str().unwrap()).or_default() += 1;
        assert!(
            line["at"].is_string() && line["level"].is_string(),
            "{line}"
        );
        assert!(
            line["from"].as_str().unwrap().starts_with("makeform"),
            "{line}"
        );
    }
    let sent: u64 = world.requests().values().sum::<u64>() - before;
    assert_eq!(events["request answered"], sent, "{events:?}");
    assert_eq!(events["step begun"], events["step done"], "{events:?}");
    assert_eq!((events["begun"], events["ended"]), (1, 1));
    assert_eq!(lines.last().unwrap()["exit"], 0);
    let text = world.read("log.jsonl");
    assert!(text.contains("pg[limit]"), "{text}");
    for secret in ["authorization", "Token ", "hook.make", "/hook/"] {
        assert!(!text.contains(secret), "{secret}");
    }

    // Where a log can't be, nothing is done.
    let refused = world
        .run(&["--log", "no/such/folder.jsonl", "apply", "--auto-approve"])
        .exits(1);
    assert!(refused.stderr.contains("folder.jsonl"), "{refused}");
    world.assert_settled();
}
