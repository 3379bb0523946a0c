//! Panics, kills and standstills in the middle of an apply.

use std::{fs, process::Stdio, thread};

use super::story::{APPLY, Dialect, Story};

/// It dies, panics and is looked at in the middle of things.
fn cut_short(dialect: Dialect) {
    let mut story = Story::new(dialect);
    for point in ["before-send", "after-send", "after-answer", "after-journal"] {
        for (number, end) in [(1, "panic"), (2, ""), (2, "panic"), (3, "panic")] {
            let end = match end {
                "" => format!("{point}:{number}"),
                end => format!("{point}:{number}:{end}"),
            };
            let cut = story.piped(&APPLY, &[("MAKEFORM_FAILPOINT", &end)], "");
            if end.ends_with("panic") {
                assert_eq!(cut.code, Some(101), "{end}: {cut}");
                assert!(cut.stderr.contains(&format!("at {point}: ")), "{cut}");
            } else {
                assert_eq!(cut.code, None, "{end}: {cut}");
            }
            story.assert_nowhere();
            // There is something to do again.
            let next = story.shown.len();
            story.rotate(next);
            let text = story.world.read("manifests/all.yaml");
            story
                .world
                .write("manifests/all.yaml", &text.replace("Full up.", "Full up.."));
        }
        let _ = story.run(&APPLY).success();
        story.assert_nowhere();
        story.rotate(story.shown.len());
        let text = story.world.read("manifests/all.yaml");
        story.world.write(
            "manifests/all.yaml",
            &text.replace("duration: \"", "duration: \"0"),
        );
    }
    // While it stands still: its lock, what it writes aside, what it has read.
    let mut child = story
        .world
        .command(&APPLY)
        .env("MAKEFORM_FAILPOINT", "after-journal:2:pause")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let journal = story.world.file(".makeform/main/journal.jsonl");
    let before = fs::metadata(&journal).map_or(0, |data| data.len());
    while fs::metadata(&journal).map_or(0, |data| data.len()) == before {
        thread::sleep(std::time::Duration::from_millis(20));
    }
    story.assert_nowhere();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    story.shown.push((
        "apply, paused".into(),
        String::from_utf8(output.stderr).unwrap(),
    ));
    let _ = story.run(&APPLY).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    story.assert_nowhere_at_all();
}

#[test]
fn no_panic_and_no_kill_leaves_a_secret_in_the_zone_dialect() {
    cut_short(Dialect::Zone);
}

#[test]
fn no_panic_and_no_kill_leaves_a_secret_in_the_unified_dialect() {
    cut_short(Dialect::Unified);
}
