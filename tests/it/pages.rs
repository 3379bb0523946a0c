//! What stands in the docs as typed and printed is what a shell prints.
//!
//! The commands are those behind `$ ` in fences called `console`, those behind `> ` go on with the line
//! before; what follows is what they print. All of a page run in one shell, one after the other, in an
//! empty home. A command that does not end with 0 has to say so: `# exits with 3`.
//! `UPDATE_DOCS=1 cargo test --test it pages` writes what they print into the pages.
#![cfg(unix)]

use std::{fmt::Write as _, fs, path::Path, process::Command};

use crate::support::world::World;

/// What stands on a page for the home of who reads it.
const HOME: &str = "/home/ada";

/// Comes before the exit code of a command.
const END: char = '\u{1}';

/// A part of a page.
enum Part {
    /// What is not run.
    Text(String),
    /// A command, as it is typed, and what stands there as printed.
    Command { typed: String, printed: String },
}

/// A page in its parts.
fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut is_console = false;
    for line in page.split_inclusive('\n') {
        if line.starts_with("```") {
            is_console = line.trim_end() == "```console";
        } else if is_console && line.starts_with("$ ") {
            parts.push(Part::Text(std::mem::take(&mut text)));
            let (typed, printed) = (line.to_owned(), String::new());
            parts.push(Part::Command { typed, printed });
            continue;
        } else if is_console
            && text.is_empty()
            && let Some(Part::Command { typed, printed }) = parts.last_mut()
        {
            match printed.is_empty() && line.starts_with("> ") {
                true => typed.push_str(line),
                false => printed.push_str(line),
            }
            continue;
        }
        text.push_str(line);
    }
    parts.push(Part::Text(text));
    parts
}

/// What is to be run of what is typed.
fn to_run(typed: &str) -> String {
    typed
        .lines()
        .map(|line| format!("{}\n", &line[2..]))
        .collect()
}

/// What the commands of a page print, and how they end.
fn run(commands: &[String]) -> Vec<(String, i32)> {
    let world = World::empty();
    let home = world.path().to_str().unwrap().to_owned();
    let mut script = String::from("exec 2>&1\n");
    for command in commands {
        writeln!(script, "{command}printf '{END}%d{END}' $?").unwrap();
    }
    world.write(".script", &script);
    let program = Path::new(env!("CARGO_BIN_EXE_makeform")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .arg(world.file(".script"))
        .current_dir(world.path())
        .env_clear()
        .envs([
            ("HOME", home.as_str()),
            ("PATH", &format!("{}:{path}", program.display())),
            ("USER", "ada"),
            ("HOSTNAME", "laptop"),
            ("COLUMNS", "100"),
            ("EXAMPLES", concat!(env!("CARGO_MANIFEST_DIR"), "/examples")),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
            // Commits have the same names each time.
            ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
            ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout)
        .unwrap()
        .replace(&home, HOME);
    let mut pieces = said.split(END);
    let mut done = Vec::new();
    while let (Some(printed), Some(code)) = (pieces.next(), pieces.next()) {
        done.push((printed.to_owned(), code.parse().unwrap()));
    }
    assert_eq!(done.len(), commands.len(), "{said}");
    done
}

/// A text without what differs from day to day: dates, the days of the week that they are, and whether it is
/// summer.
fn lasting(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(['(', ')', ',', '"']);
        let digits = bare.bytes().take(10).map(|byte| match byte {
            b'0'..=b'9' => b'0',
            other => other,
        });
        let is_varying = digits.collect::<Vec<u8>>() == b"0000-00-00"
            || ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&bare)
            || ["CET", "CEST", "+01:00", "+02:00"].contains(&bare);
        match is_varying {
            true => "TIME".to_owned(),
            false => word.to_owned(),
        }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.lines()
        .map(|text| line(text).trim_end().to_owned() + "\n")
        .collect()
}

/// Holds a page against what its commands do.
fn holds(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = fs::read_to_string(&path).unwrap();
    let parts = parts(&page);
    let commands: Vec<String> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Command { typed, .. } => Some(to_run(typed)),
            Part::Text(_) => None,
        })
        .collect();
    assert!(!commands.is_empty(), "{name} has no command");
    let mut done = run(&commands).into_iter();
    let mut true_page = String::new();
    for part in parts {
        let (typed, printed) = match part {
            Part::Text(text) => {
                true_page.push_str(&text);
                continue;
            }
            Part::Command { typed, printed } => (typed, printed),
        };
        let (said, code) = done.next().unwrap();
        let (_, expected) = typed.split_once("# exits with ").unwrap_or(("", "0"));
        assert_eq!(code.to_string(), expected.trim(), "{name}: {typed}{said}");
        true_page.push_str(&typed);
        // Times that moved are no reason to write a page anew.
        match lasting(&said) == lasting(&printed) {
            true => true_page.push_str(&printed),
            false => true_page.extend(said.lines().map(|line| format!("{}\n", line.trim_end()))),
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &true_page).unwrap();
        return;
    }
    assert_same(name, &page, &true_page);
}

/// Fails where a page is not what it should be, with the first line that differs.
fn assert_same(name: &str, page: &str, true_page: &str) {
    let differs = page
        .lines()
        .zip(true_page.lines())
        .find(|(is, should)| is != should);
    assert!(
        page == true_page,
        "{name} is out of date, at {differs:?}: run `UPDATE_DOCS=1 cargo test --test it pages`"
    );
}

#[test]
fn the_readme_prints_what_it_says() {
    holds("README.md");
}

#[test]
fn the_tutorial_prints_what_it_says() {
    holds("docs/tutorial.md");
}

#[test]
fn the_recipes_print_what_they_say() {
    for recipe in ["promote", "rollback", "connections", "clients"] {
        holds(&format!("docs/recipes/{recipe}.md"));
    }
}

#[test]
fn the_book_has_every_page_and_no_other() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        // Chapters that have no page of their own.
        .filter(|name| !name.is_empty())
        .collect();
    listed.sort_unstable();
    let mut there = Vec::new();
    let mut folders = vec![docs.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(&docs).unwrap().display().to_string();
                there.push(name);
            }
        }
    }
    there.retain(|name| name != "SUMMARY.md");
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn what_is_typed_is_told_from_what_is_printed() {
    let page = "a\n```console\n$ one\n> more\nprinted\n\n> too\n$ two\n```\n$ no\n```sh\n$ nor this\n```\n";
    let mut again = String::new();
    let mut commands = Vec::new();
    for part in parts(page) {
        match part {
            Part::Text(text) => again.push_str(&text),
            Part::Command { typed, printed } => {
                again.push_str(&typed);
                again.push_str(&printed);
                commands.push((to_run(&typed), printed));
            }
        }
    }
    assert_eq!(again, page);
    let first = ("one\nmore\n".to_owned(), "printed\n\n> too\n".to_owned());
    assert_eq!(commands, [first, ("two\n".to_owned(), String::new())]);
    assert_eq!(
        lasting("at 2026-11-22T18:00:00Z and 12 things  \n"),
        "at TIME and 12 things\n"
    );
    assert_ne!(lasting("12 things"), lasting("13 things"));
}
