//! Completions, in real shells, and the pages of the manual.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::support::world::{Output, World};

/// What a script of `shell` is told of the words typed so far, the last of which is completed.
fn candidates(world: &World, shell: &str, words: &[&str]) -> Output {
    let mut all = vec!["--", "makeform"];
    all.extend(words);
    let mut command = world.command(&all);
    command
        .env("MAKEFORM_COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n");
    let output = command.output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// The same, as lines without the descriptions that some shells show.
fn told(world: &World, words: &[&str]) -> Vec<String> {
    let output = candidates(world, "bash", words).success();
    assert_eq!(output.stderr, "");
    output.stdout.lines().map(str::to_owned).collect()
}

/// The same, without the flags that may stand in the place of a value.
fn values(world: &World, words: &[&str]) -> Vec<String> {
    let mut told = told(world, words);
    told.retain(|word| !word.starts_with('-'));
    told
}

/// The examples, in which a shell can find the program.
fn examples() -> World {
    let program = Path::new(env!("CARGO_BIN_EXE_makeform")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    World::copy_of("examples").with_env("PATH", &format!("{}:{path}", program.display()))
}

/// What a shell that is no terminal's makes of a script.
#[cfg(feature = "external-tests")]
fn said(world: &World, shell: &str, script: &str) -> String {
    let mut command = shell_in(world, shell);
    let output = command.args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A shell in a world, with nothing of our own environment.
fn shell_in(world: &World, shell: &str) -> Command {
    let mut command = Command::new(shell);
    command
        .current_dir(world.path())
        .env_clear()
        .env("HOME", world.path())
        .env("ZDOTDIR", world.path())
        .env("COLUMNS", "100")
        .envs(world.env())
        .stdin(Stdio::null());
    command
}

#[test]
fn what_is_typed_is_completed_from_the_project() {
    let world = examples();
    assert_eq!(told(&world, &["valid"]), ["validate"]);
    assert_eq!(told(&world, &["plan", "--detail"]), ["--detailed-exitcode"]);
    assert_eq!(told(&world, &["--target", ""]), ["production", "sandbox"]);
    assert_eq!(
        told(&world, &["plan", "--only", "scenario.lead"]),
        ["scenario.lead-sync"]
    );
    assert_eq!(
        told(&world, &["state", "mv", "webhook.leads", "scenario.le"]),
        ["scenario.lead-sync"]
    );
    assert_eq!(told(&world, &["explain", "unknown-ki"]), ["unknown-kind"]);
    // Only scenarios are drawn and run.
    for command in [
        &["graph", ""][..],
        &["run", ""],
        &["executions", "list", ""],
    ] {
        let scenarios = values(&world, command);
        assert!(!scenarios.is_empty(), "{command:?}");
        assert!(
            scenarios.iter().all(|it| it.starts_with("scenario.")),
            "{command:?}: {scenarios:?}"
        );
    }
    // Guards only: nothing else can be allowed.
    let guards = told(&world, &["apply", "--allow", "mass-"]);
    assert_eq!(guards, ["mass-delete", "mass-update"]);
    assert!(told(&world, &["apply", "--allow", "unknown-k"]).is_empty());
    // An address of the network is none of a thing.
    assert!(told(&world, &["sandbox", "serve", "--listen", "sc"]).is_empty());

    let outside = World::empty();
    let examples = world.path().to_str().unwrap();
    let words = ["-C", examples, "run", "scenario.lead"];
    assert_eq!(told(&outside, &words), ["scenario.lead-sync"]);
}

#[test]
fn a_rollback_is_completed_with_the_applies_that_there_were() {
    let world = examples();
    assert!(values(&world, &["rollback", ""]).is_empty());
    assert!(!world.file(".makeform").exists());
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit("manifests/lead-to-crm/lead-sync.yaml", "Copies", "Brings");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let before = world.files(".makeform");
    assert_eq!(values(&world, &["rollback", ""]), ["2", "1"]);
    assert_eq!(
        values(&world, &["--target", "sandbox", "rollback", "1"]),
        ["1"]
    );
    assert!(values(&world, &["--target", "production", "rollback", ""]).is_empty());
    let shown = candidates(&world, "fish", &["rollback", ""]).success();
    let first = shown.stdout.lines().find(|line| line.starts_with("1\t"));
    let first = first.unwrap();
    for text in ["Z by tester@testhost, complete: ", "13 create", "requests"] {
        assert!(first.contains(text), "{first}");
    }
    assert!(before == world.files(".makeform"), "it only reads");
}

#[test]
fn what_a_shell_shows_beside_a_candidate_says_what_it_is() {
    let world = examples();
    for (shell, words, shown) in [
        ("zsh", ["explain", "mass-delete"], "mass-delete:"),
        ("fish", ["explain", "mass-delete"], "mass-delete\t"),
        ("zsh", ["--target", "prod"], "https"),
        ("fish", ["run", "scenario.lead"], "manifests/lead-to-crm"),
        ("powershell", ["run", "scenario.lead"], "scenario.lead-sync"),
        ("elvish", ["run", "scenario.lead"], "scenario.lead-sync"),
    ] {
        let output = candidates(&world, shell, &words).success();
        assert!(output.stdout.contains(shown), "{shell}: {output}");
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn a_shell_sees_no_error_whatever_the_project_is_like() {
    let broken = World::empty();
    broken.write("makeform.yaml", "apiVersion: [\n");
    let wrong = World::new();
    wrong.write(
        "manifests/a.yaml",
        "kind: Scenario\nmetadata: { name: [\n---\n",
    );
    wrong.write(
        "manifests/b.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\n",
    );
    for world in [World::empty(), broken, wrong] {
        for shell in ["bash", "zsh", "fish", "powershell", "elvish", "tcsh"] {
            for words in [
                ["plan", "--only", ""],
                ["--target", "", ""],
                ["-C", "nowhere", "run"],
                ["no-such-command", "x", ""],
            ] {
                let output = candidates(&world, shell, &words).success();
                assert_eq!(output.stderr, "", "{shell} {words:?}");
            }
        }
        assert!(!world.file(".makeform").exists());
    }
    // What can be read of it counts.
    let half = World::new();
    half.write("manifests/a.yaml", "kind: [\n");
    half.write(
        "manifests/b.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\n",
    );
    assert_eq!(told(&half, &["plan", "--only", ""]), ["folder.crm"]);
}

#[test]
fn there_is_a_script_for_each_shell() {
    let world = World::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.run(&["completions", shell]).success().stdout;
        assert!(script.contains("MAKEFORM_COMPLETE"), "{script}");
    }
    let wrong = world.run(&["completions", "bsh"]).exits(1);
    assert!(wrong.stderr.contains("'bash'"), "{wrong}");
}

#[cfg(unix)]
#[test]
fn bash_completes_what_is_typed_on_a_terminal() {
    use crate::support::terminal::Terminal;

    let world = examples();
    let mut command = shell_in(&world, "bash");
    command
        .args(["--noprofile", "--norc", "-i"])
        .env("PS1", "here> ");
    let mut terminal = Terminal::start(command, 100);
    terminal.shows("here> ");
    terminal.types("eval \"$(makeform completions bash)\"");
    terminal.forgets();
    terminal.shows("here> ");
    terminal.types("makeform explain mass-d\t");
    terminal.forgets();
    terminal.shows("here> ");
    terminal.types("makeform plan --only schedule.n\t");
    terminal.forgets();
    terminal.shows("here> ");
    terminal.types("exit");
    let output = terminal.end();
    assert!(output.stdout.contains("[mass-delete]"), "{output}");
    assert!(
        output
            .stderr
            .contains("makeform plan --only schedule.nightly"),
        "{output}"
    );
}

/// zsh, on a terminal.
#[cfg(feature = "external-tests")]
#[test]
fn zsh_completes_what_is_typed_on_a_terminal() {
    use crate::support::terminal::Terminal;

    let world = examples();
    world.write(
        ".zshrc",
        "PS1='here> '\nautoload -U compinit\ncompinit -u\nsource <(makeform completions zsh)\n",
    );
    let mut command = shell_in(&world, "zsh");
    command.arg("-i");
    let mut terminal = Terminal::start(command, 100);
    terminal.shows("here> ");
    terminal.hides_what_is_typed();
    terminal.forgets();
    terminal.types("makeform explain mass-d\t");
    terminal.shows("here> ");
    terminal.types("exit");
    let output = terminal.end();
    assert!(output.stdout.contains("[mass-delete]"), "{output}");
}

/// fish, by its own engine.
#[cfg(feature = "external-tests")]
#[test]
fn fish_completes_by_its_own_engine() {
    let world = examples();
    let script = "makeform completions fish | source\n\
                  complete -C 'makeform plan --only scenario.lead'";
    let said = said(&world, "fish", script);
    assert!(said.starts_with("scenario.lead-sync\t"), "{said}");
}

#[test]
fn there_is_a_page_of_the_manual_for_each_command() {
    let world = World::empty();
    let first = world.run(&["man"]).success().stdout;
    assert!(first.contains(".SH NAME\nmakeform"), "{first}");
    let done = world.run(&["man", "--out", "share/man1"]).success();
    assert!(done.stderr.contains("pages to share/man1"), "{done}");
    let pages = world.files("share/man1");
    assert!(pages.len() > 40, "{}", pages.len());
    assert_eq!(pages["share/man1/makeform.1"], first.as_bytes());
    let plan = String::from_utf8(pages["share/man1/makeform-plan.1"].clone()).unwrap();
    assert!(
        plan.contains(".SH EXAMPLES\n.nf\n  makeform plan"),
        "{plan}"
    );
    assert!(pages.contains_key("share/man1/makeform-state-mv.1"));
    // Again: files are replaced.
    let again = world.run(&["man", "--out", "share/man1"]).success();
    assert_eq!(again.stderr, done.stderr);
    assert_eq!(world.files("share/man1"), pages);
}
