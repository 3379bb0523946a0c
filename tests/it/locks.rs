//! One apply per target.

use std::{thread, time::Duration};

use crate::support::world::World;

/// A process that holds the target's lock until it is killed: an apply stopped at its first send.
fn holder(world: &World) -> std::process::Child {
    let child = world
        .command(&["apply", "--auto-approve"])
        .env("MAKEFORM_FAILPOINT", "before-send:1:pause")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // It holds the lock once it has journalled its first intent.
    for _ in 0..600 {
        let journal = world.file(".makeform/sandbox/journal.jsonl");
        if std::fs::read_to_string(journal).is_ok_and(|text| text.contains("intent")) {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    child
}

#[test]
fn a_second_apply_is_refused_with_who_holds_the_lock_or_waits_for_it() {
    let world = World::copy_of("examples");
    let mut first = holder(&world);
    let refused = world.run(&["apply", "--auto-approve"]).exits(1);
    assert!(refused.stderr.contains("tester@testhost"), "{refused}");
    assert!(
        refused.stderr.contains(&first.id().to_string()),
        "{refused}"
    );
    let refused = world.run(&["sandbox", "reset"]).exits(1);
    assert!(refused.stderr.contains("tester@testhost"), "{refused}");
    // A plan needs no lock.
    let _ = world.run(&["plan"]).success();

    let waiting = world
        .command(&["apply", "--auto-approve", "--lock-timeout", "60"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    // Killed, not released: what a dead process held blocks nobody.
    first.kill().unwrap();
    first.wait().unwrap();
    let output = waiting.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    world.assert_settled();
}
