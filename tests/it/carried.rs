//! The line that a plan prints to carry it out: taken from each rendering and run as it stands.

use crate::support::world::{Output, World};

const FOLDERS: &str = "\
apiVersion: makeform/v1
kind: Folder
metadata: { name: first }
spec: { name: First }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: second }
spec: { name: Second }
";

/// A project of two targets, so that each command has to name one.
fn project() -> World {
    let world = World::new();
    world.edit(
        "makeform.yaml",
        "targets: { sandbox: { url: \"sandbox:\" } }",
        "targets: { sandbox: { url: \"sandbox:\" }, other: { url: \"sandbox:\" } }",
    );
    world.write("manifests/all.yaml", FOLDERS);
    world
}

fn guarded(world: &World, guards: &str) {
    let project = world.read("makeform.yaml");
    world.write("makeform.yaml", &format!("{project}  guards: {guards}\n"));
}

/// What a plan prints or writes, in each way in which it names the command.
const RENDERINGS: [&[&str]; 4] = [
    &["--format", "markdown"],
    &["--format", "github"],
    &["--html", "plan.html"],
    &["--out", "plan.json"],
];

fn planned(world: &World, flags: &[&str], rendering: &[&str]) -> String {
    let plan = ["--target", "sandbox", "plan"];
    let Output { stdout, stderr, .. } = world.run(&[&plan, flags, rendering].concat()).success();
    match rendering {
        ["--html", file] => world.read(file),
        ["--format", "github"] => world.read("summary.md"),
        _ => format!("{stdout}\n{stderr}"),
    }
}

/// The arguments of the one command with `apply` in it.
fn printed(text: &str) -> Vec<String> {
    let mut lines = text.split("makeform --target ").skip(1);
    let mut lines: Vec<&str> = lines
        .by_ref()
        .map(|rest| rest.split(['\n', '<', '`']).next().unwrap().trim())
        .filter(|line| line.contains(" apply "))
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}: {text}");
    let line = lines.remove(0);
    // A word that has to be quoted would need a shell.
    assert!(!line.contains(['\'', '"', '&']), "{line}");
    let words = std::iter::once("--target").chain(line.split(' '));
    words.map(str::to_owned).collect()
}

#[test]
fn the_line_that_each_rendering_prints_carries_out_that_very_plan() {
    for flags in [
        &[][..],
        &["--only", "folder.second"],
        &[
            "--only",
            "folder.second",
            "--only",
            "folder.first",
            "--editor",
        ],
        &["--destroy"],
        &["--destroy", "--only", "folder.first"],
    ] {
        for rendering in RENDERINGS {
            let world = project().with_env("GITHUB_STEP_SUMMARY", "summary.md");
            guarded(&world, "{ massDelete: { percent: 100 } }");
            if flags.contains(&"--destroy") {
                let apply = ["--target", "sandbox", "apply", "--auto-approve"];
                let _ = world.run(&apply).success();
            }
            let text = planned(&world, flags, rendering);
            let applied = world.run(&printed(&text));
            assert_eq!(applied.code, Some(0), "{flags:?} {rendering:?}: {applied}");
            let plan = ["--target", "sandbox", "plan", "--detailed-exitcode"];
            let _ = world.run(&[&plan, flags].concat()).success();
        }
    }
}

#[test]
fn what_a_guard_refuses_is_printed_without_the_override_and_said_in_words() {
    for rendering in RENDERINGS {
        let world = project().with_env("GITHUB_STEP_SUMMARY", "summary.md");
        let apply = ["--target", "sandbox", "apply", "--auto-approve"];
        let _ = world.run(&apply).success();
        guarded(&world, "{ massDelete: { count: 0 } }");
        let text = planned(&world, &["--destroy"], rendering);
        let command = printed(&text);
        assert!(!command.iter().any(|word| word == "--allow"), "{command:?}");
        let said = "Apply refuses it without --allow mass-delete. Read the findings first";
        assert!(
            text.contains(said) || rendering == ["--out", "plan.json"],
            "{text}"
        );
        let writes = world.writes();
        let _ = world.run(&command).exits(3);
        assert_eq!(world.writes(), writes);
        let mut meant = command;
        meant.extend(["--allow", "mass-delete"].map(str::to_owned));
        let carried = world.run(&meant).success();
        assert!(!carried.stdout.contains("Apply refuses"), "{carried}");
        let plan = [
            "--target",
            "sandbox",
            "plan",
            "--destroy",
            "--detailed-exitcode",
        ];
        let _ = world.run(&plan).success();
    }
}
