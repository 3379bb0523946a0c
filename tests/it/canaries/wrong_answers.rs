//! A server that answers wrongly, in the words of what it was sent and of what it keeps.

use std::fs;

use super::{
    life::edited_by_hand,
    story::{APPLY, Dialect, Story},
};
use crate::support::{
    account::Account,
    parrot::{Answer, To},
};

/// All ways in which a server may answer wrongly.
pub(super) const ANSWERS: [Answer; 11] = [
    Answer::Refuse(400),
    Answer::Refuse(401),
    Answer::Refuse(403),
    Answer::Refuse(404),
    Answer::Refuse(422),
    Answer::RefusePlainly(400),
    Answer::Page,
    Answer::OtherJson,
    Answer::Truncated,
    Answer::Wrapped,
    Answer::Redirect,
];

/// The server answers wrongly, in the words of what it was sent and of what it keeps.
fn badly(dialect: Dialect) {
    let mut story = Story::new(dialect);
    let _ = story.run(&APPLY).success();
    edited_by_hand(&mut story);
    let account = Account::of(&story.account);
    let hook = account.hooks()[0]["url"].as_str().unwrap().to_owned();
    let address = format!("{}@hook.eu1.make.com", hook.rsplit('/').next().unwrap());
    drop(account);
    story
        .parrot
        .says_too(&[&hook, &address, "xoxb-7312998104321-canaryQzLm81Lm0xPq"]);
    let export = ["export", "--out", "exported"];
    let all: [&[&str]; 9] = [
        &["plan"],
        &["plan", "--format", "json"],
        &["status"],
        &["executions", "list", "scenario.runs"],
        &["run", "scenario.runs", "--input", "slow.json"],
        &["doctor"],
        &["auth", "status"],
        &["import", "scenario.runs", "1"],
        &export,
    ];
    for (turn, answer) in ANSWERS.into_iter().enumerate() {
        story.parrot.answer(To::All, answer);
        for (at, args) in all.into_iter().enumerate() {
            // Each with each takes the feature; a third of them has each command and each answer.
            if cfg!(feature = "long-tests") || (turn + at) % 3 == 0 {
                let _ = story.run(args);
            }
        }
        assert!(story.parrot.hush() > 0, "{answer:?}");
    }
    // What is only read later, or only by some.
    for path in [
        "/blueprint",
        "/hooks",
        "/webhooks",
        "/scenarios",
        "/team-variables",
        "/roles",
    ] {
        for answer in [
            Answer::Refuse(403),
            Answer::Refuse(404),
            Answer::OtherJson,
            Answer::Wrapped,
        ] {
            story.parrot.answer(To::Path(path), answer);
            let _ = story.run(&["plan", "--refresh"]);
            let _ = story.run(&["status"]);
            let _ = story.run(&export);
            story.parrot.hush();
            let _ = fs::remove_dir_all(story.world.file("exported"));
        }
    }
    story.assert_nowhere();
    // Writes: of what changes and of what stays, the old values and the new ones.
    for (round, answer) in ANSWERS.into_iter().enumerate() {
        story.rotate(round + 2);
        let text = story.world.read("manifests/all.yaml");
        let text = text.replace(
            &format!("Full up.{}", ".".repeat(round)),
            &format!("Full up.{}", ".".repeat(round + 1)),
        );
        story.world.write("manifests/all.yaml", &text);
        let _ = story.run(&["plan", "--out", "plan.json"]).success();
        story.parrot.answer(To::Writes, answer);
        let failed = story.run(&[&["apply", "plan.json"], &APPLY[2..]].concat());
        // What an answer to a write says is not needed: the account is read again.
        let is_done = matches!(answer, Answer::Truncated | Answer::Wrapped);
        assert!(
            is_done || matches!(failed.code, Some(1 | 4)),
            "{answer:?}: {failed}"
        );
        assert!(story.parrot.hush() > 0, "{answer:?}");
        story.assert_nowhere();
    }
    let _ = story.run(&APPLY).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    story.assert_nowhere();
    // The key that is refused is quoted too.
    story.secret(
        "wrong key",
        "ACME_KEY",
        "ca4a7e00-9999-4222-8333-0000deadbeef",
    );
    for args in all {
        let _ = story.run(args).exits(1);
    }
    story.secret("malformed key", "ACME_KEY", "canary key\"7/f+é=%Zq81LmX0");
    let _ = story.run(&["plan"]).exits(1);
    story.assert_nowhere_at_all();
}

#[test]
fn no_wrong_answer_shows_a_secret_in_the_zone_dialect() {
    badly(Dialect::Zone);
}

#[test]
fn no_wrong_answer_shows_a_secret_in_the_unified_dialect() {
    badly(Dialect::Unified);
}
