//! The real program on a real terminal: what moves on it, what stays, what is asked and typed.

use makeform::sandbox::TOKEN;

use crate::support::{server::Server, terminal::Terminal, world::World};

/// An apply of the examples that waits for an approval, and has just been asked.
fn asked(world: &World, columns: u16) -> Terminal {
    let mut command = world.command(&["apply"]);
    // What is read and done is to be seen.
    command.env("MAKEFORM_SANDBOX", "latency 5ms");
    let mut terminal = Terminal::start(command, columns);
    terminal.shows("Only `yes` is accepted");
    // The prompt shows by itself what is typed; before it is there, the terminal would.
    terminal.hides_what_is_typed();
    terminal
}

#[test]
fn an_apply_shows_what_goes_on_and_leaves_what_was_done() {
    let world = World::copy_of("examples");
    let mut terminal = asked(&world, 100);
    assert!(terminal.written().contains("Reading "));
    assert!(!terminal.screen().contains("Reading "), "it is read");
    terminal.types("yes");
    let output = terminal.end();
    assert_eq!(output.code, Some(0), "{output}");

    // Data goes elsewhere, and has nothing of a terminal.
    assert!(output.stdout.contains("Apply complete!"), "{output}");
    assert!(!output.stdout.contains('\u{1b}'), "{output}");
    // What goes on moves, what has ended stays, each step once.
    let written = terminal.written();
    assert!(
        written.contains("scenario.lead-sync: creating..."),
        "{written}"
    );
    let screen = &output.stderr;
    assert!(!screen.contains("..."), "{screen}");
    let done: Vec<&str> = screen.lines().skip(1).collect();
    assert_eq!(done.len(), 15, "{screen}");
    for (index, line) in done.iter().enumerate() {
        let is_counted = line.ends_with(&format!("ed [{}/15]", index + 1));
        assert!(is_counted, "{line}");
    }
    assert!(screen.contains("webhook.leads: created ["), "{screen}");
    world.assert_settled();
}

#[test]
fn without_a_yes_nothing_is_done() {
    let world = World::copy_of("examples");
    for answer in ["", "y", "no"] {
        let mut terminal = asked(&world, 100);
        terminal.types(answer);
        let output = terminal.end();
        assert_eq!(output.code, Some(1), "{output}");
        assert_eq!(world.writes(), 0);
    }
}

#[test]
fn a_narrow_terminal_has_no_line_that_moves_and_wraps() {
    let world = World::copy_of("examples");
    let mut terminal = asked(&world, 24);
    terminal.types("yes");
    let output = terminal.end();
    assert_eq!(output.code, Some(0), "{output}");
    // A line that wrapped would be cleared in part.
    let screen = &output.stderr;
    assert!(
        !screen.contains("...") && !screen.contains("Reading "),
        "{screen}"
    );
    assert!(screen.contains("[15/15]"), "{screen}");
}

#[test]
fn a_project_is_begun_by_answers_and_wrong_ones_are_asked_for_again() {
    let world = World::empty();
    let mut terminal = Terminal::start(world.command(&["init", "--ci", "none"]), 100);
    for (question, answer) in [
        ("Project", "acme"),
        ("Account", "ftp://x"),
        ("Account", "eu1"),
        // Later.
        ("API key for eu1.make.com", ""),
        ("Organization", ""),
        ("Team", "Marketing"),
        ("Ledger", "file"),
    ] {
        terminal.shows(question);
        terminal.hides_what_is_typed();
        terminal.forgets();
        terminal.types(answer);
    }
    let output = terminal.end();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        output.stderr.contains("Next, against the sandbox"),
        "{output}"
    );
    let project = world.read("makeform.yaml");
    for line in [
        "name: acme",
        "url: \"https://eu1.make.com\"",
        "team: Marketing",
    ] {
        assert!(project.contains(line), "{project}");
    }
    assert!(!project.contains("organization"), "{project}");
    let _ = world.run(&["validate"]).success();
}

#[test]
fn a_project_is_begun_with_a_login_a_team_of_several_and_what_is_there() {
    let account = World::new();
    account.write(
        "manifests/a.yaml",
        "apiVersion: makeform/v1\nkind: Team\nmetadata: { name: sales }\nspec: { name: Sales }\n",
    );
    let _ = account.run(&["apply", "--auto-approve"]).success();
    let server = Server::start(&account, &[]);
    let world = World::empty();
    let mut terminal = Terminal::start(world.command(&["init", "--ci", "none"]), 100);
    for (question, answer) in [
        ("Project", "acme"),
        ("Account", server.url.as_str()),
        ("API key for", "5a4db0c5-0000-4000-8000-00000000dead"),
        ("API key for", TOKEN),
        ("Team, its id or name", "Marketing"),
        ("none of these", "\u{15}Sales"),
        ("Begin with", "export"),
        ("Ledger", "file"),
    ] {
        terminal.shows(question);
        terminal.hides_what_is_typed();
        terminal.forgets();
        terminal.types(answer);
    }
    let output = terminal.end();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!terminal.written().contains(TOKEN), "{output}");
    let written = terminal.written();
    assert!(written.contains("token-refused"), "{written}");
    assert!(written.contains("The login is kept in"), "{written}");
    let project = world.read("makeform.yaml");
    assert!(project.contains("team: Sales"), "{project}");
    assert!(project.contains("organization: "), "{project}");
    // What is there was exported, and nothing else is.
    assert!(!world.file("manifests/hello.yaml").exists());
    let plan = world.run(&["--target", "production", "plan"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

#[test]
fn what_is_found_is_broken_between_words_and_has_no_stray_signs() {
    let world = World::copy_of("examples").with_env("MAKEFORM_SANDBOX", "fault POST /hooks: 422");
    let said = |args: &[&str]| {
        let mut command = world.command(args);
        command.env_remove("COLUMNS");
        let output = Terminal::start(command, 60).end();
        assert!(!output.stderr.contains(":::"), "{output}");
        output.stderr
    };
    let refused = said(&["apply", "--auto-approve", "--only", "webhook.leads"]);
    assert!(refused.contains("request-refused"), "{refused}");
    assert!(refused.contains("webhook.leads: failed: "), "{refused}");
    let lines: Vec<&str> = refused.lines().map(str::trim_end).collect();
    for pair in lines.windows(2) {
        // The terminal itself would have gone on in the first column of the next line.
        let is_full = pair[0].chars().count() == 60;
        let goes_on = pair[1].starts_with(|c: char| c.is_alphanumeric());
        assert!(!(is_full && goes_on), "{pair:?} in\n{refused}");
    }
    // The file is short, and the place is not in its first lines.
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "folder: folder.crm",
        "folder: folder.crn",
    );
    let wrong = said(&["validate"]);
    assert!(wrong.contains("19 |   folder: folder.crn"), "{wrong}");
}

#[test]
fn a_key_that_is_typed_is_not_shown() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = World::empty();
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\n\
             spec:\n  manifests: [\"manifests/**/*.yaml\"]\n  targets: {{ one: {{ url: \"{}\" }} }}\n",
            server.url
        ),
    );
    let mut terminal = Terminal::start(world.command(&["auth", "login", "--api-key"]), 100);
    terminal.hides_what_is_typed();
    terminal.types(TOKEN);
    let output = terminal.end();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stderr.contains("as Olivia Owen"), "{output}");
    assert!(!terminal.written().contains(TOKEN), "{output}");
    assert!(!output.stdout.contains(TOKEN), "{output}");
}
