//! The documents that say what the program does are made from the program.

use std::{fmt::Write as _, fs, path::Path};

use makeform::sandbox::{Fault, Quirks};

use crate::support::world::World;

/// All commands, as they are typed.
const COMMANDS: [&str; 47] = [
    "",
    "init",
    "validate",
    "plan",
    "apply",
    "drift",
    "rollback",
    "export",
    "fmt",
    "graph",
    "import",
    "state",
    "state list",
    "state show",
    "state rm",
    "state mv",
    "state history",
    "state pull",
    "state push",
    "state unlock",
    "state migrate",
    "run",
    "executions",
    "executions list",
    "executions show",
    "executions stop",
    "incomplete",
    "incomplete list",
    "incomplete show",
    "incomplete retry",
    "incomplete delete",
    "status",
    "auth",
    "auth login",
    "auth status",
    "auth logout",
    "doctor",
    "sandbox",
    "sandbox serve",
    "sandbox seed",
    "sandbox reset",
    "sandbox stats",
    "sandbox quirks",
    "schema",
    "explain",
    "completions",
    "man",
];

/// Compares a document with what it should be. `UPDATE_DOCS=1 cargo test` writes it instead.
fn assert_document(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, text,
        "docs/{name} is out of date: run `UPDATE_DOCS=1 cargo test`"
    );
}

#[test]
fn the_reference_of_commands_is_what_help_prints() {
    let world = World::empty();
    let mut text = String::from(
        "# Commands\n\nWhat `makeform COMMAND --help` prints; a test keeps this page true.\n",
    );
    for command in COMMANDS {
        let mut args: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
        let title = ["makeform", command].join(" ");
        args.push("--help");
        let help = world.run(&args).success();
        let title = title.trim();
        let lines: Vec<&str> = help.stdout.lines().map(str::trim_end).collect();
        let help = lines.join("\n");
        let examples = help.split_once("\nExamples:\n  makeform");
        assert!(examples.is_some(), "`{title}` has no example");
        // What is the command's own comes first.
        let (own, everywhere) = help.split_once("\nOptions of all commands:\n").unwrap();
        assert!(own.contains("\n  -h, --help"), "`{title}`: {own}");
        for option in [
            "-C <DIR>",
            "--target <NAME>",
            "--all-targets",
            "--color <WHEN>",
            "--full",
        ] {
            assert!(!own.contains(option), "`{title}`: {option} in {own}");
            assert!(everywhere.contains(option), "`{title}`: no {option}");
        }
        write!(text, "\n## {title}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
    }
    assert_document("cli-reference.md", &text);
}

#[test]
fn the_published_schemas_are_those_that_the_program_prints() {
    let world = World::empty();
    let all = world.run(&["schema"]).success().stdout;
    assert_document("schema/makeform.schema.json", &all);
    let blueprint = world.run(&["schema", "--kind", "Blueprint"]).success();
    assert_document("schema/blueprint.schema.json", &blueprint.stdout);
}

#[test]
fn the_page_of_quirks_lists_them_all() {
    let mut text = String::from(
        "# Quirks of the sandbox\n\nQuestions that Make leaves open, and the answers that it may turn out to give. \
         The first of each is how a\nsandbox behaves unasked; `--quirk NAME=SETTING` chooses another. \
         A test keeps this page true.\n",
    );
    for quirk in Quirks::all() {
        let (name, question, source) = (quirk.name, quirk.question, quirk.source);
        write!(text, "\n## {name}\n\n{question} {source}\n\n").unwrap();
        for setting in quirk.settings {
            writeln!(text, "- `{}`: {}", setting.name, setting.meaning).unwrap();
        }
    }
    assert_document("quirks.md", &text);
}

#[test]
fn the_faults_on_the_page_of_the_sandbox_are_rules() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sandbox.md"));
    let page = page.unwrap();
    let (_, rest) = page.split_once("```fault\n").unwrap();
    let (rules, _) = rest.split_once("```").unwrap();
    assert!(rules.lines().count() > 5);
    for rule in rules.lines() {
        let fault: Fault = rule.parse().unwrap();
        assert_eq!(fault.to_string(), rule);
    }
}

#[test]
fn every_command_is_in_the_reference() {
    let world = World::empty();
    for (parent, args) in [
        ("", vec!["--help"]),
        ("state ", vec!["state", "--help"]),
        ("executions ", vec!["executions", "--help"]),
        ("incomplete ", vec!["incomplete", "--help"]),
        ("auth ", vec!["auth", "--help"]),
        ("sandbox ", vec!["sandbox", "--help"]),
    ] {
        let help = world.run(&args).success();
        let (_, commands) = help.stdout.split_once("Commands:\n").unwrap();
        // What a line has no room for goes on far to the right.
        let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
        let lines = commands.lines().take_while(|line| !line.is_empty());
        for line in lines.filter(is_command) {
            let command = format!("{parent}{}", line.split_whitespace().next().unwrap());
            // `help` is clap's own.
            let known = COMMANDS.contains(&command.as_str()) || command.ends_with("help");
            assert!(known, "`{command}` is not in the reference");
        }
    }
}

#[test]
fn every_code_can_be_explained() {
    let world = World::empty();
    let list = world.run(&["explain"]).success();
    let codes: Vec<&str> = list
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(codes.len() > 40, "{list}");
    for code in ["mass-delete", "unknown-key", "ledger-locked"] {
        assert!(codes.contains(&code), "{list}");
        let explained = world.run(&["explain", code]).success();
        assert!(explained.stdout.len() > 100, "{explained}");
    }
    let wrong = world.run(&["explain", "mass-delet"]).exits(1);
    assert!(
        wrong.stderr.contains("did you mean `mass-delete`?"),
        "{wrong}"
    );
}

#[test]
fn the_page_of_exit_codes_lists_them_all() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exit-codes.md"))
        .unwrap();
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 130 |"] {
        assert!(page.contains(code), "{code}");
    }
}
