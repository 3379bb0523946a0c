//! Ledgers that are encrypted at rest, by commands of the user's choice.

use crate::support::world::{Output, World};

const SCENARIO: &str = "apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec:
  name: Lead sync
  blueprint:
    flow:
      - { id: 1, module: \"util:SetVariable2\", version: 1, mapper: { name: x, value: y } }
    metadata: { version: 1 }
";

/// A project whose ledger is encrypted so.
fn world(encrypt: &str, decrypt: &str) -> World {
    let mut world = World::new();
    world.write("manifests/lead-sync.yaml", SCENARIO);
    set(&mut world, Some(encrypt), Some(decrypt));
    world
}

fn set(world: &mut World, encrypt: Option<&str>, decrypt: Option<&str>) {
    world.set_env("MAKEFORM_STATE_ENCRYPT", encrypt);
    world.set_env("MAKEFORM_STATE_DECRYPT", decrypt);
}

/// All that the ledger of the project is made of, but who has the lock, and what of the history was
/// there before.
fn ledger_but(world: &World, before: &[&str]) -> String {
    let files = world.files(".makeform/sandbox");
    let files = files.iter().filter(|(name, _)| {
        let is_one = ["ledger.json", "journal.jsonl", "history/"];
        is_one.iter().any(|part| name.contains(part))
            && !before.iter().any(|part| name.ends_with(part))
    });
    files
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect()
}

#[track_caller]
fn assert_refused(output: &Output, code: &str) {
    assert_eq!(output.code, Some(1), "{output}");
    assert!(
        output.stderr.contains(&format!("error[{code}]")),
        "{output}"
    );
}

fn ledger(world: &World) -> String {
    ledger_but(world, &[])
}

/// Applies, settles, changes something and applies again.
fn lives(world: &World) {
    lives_but(world, &[]);
}

fn lives_but(world: &World, before: &[&str]) {
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    world.edit("manifests/lead-sync.yaml", "name: Lead sync", "name: Leads");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let list = world.run(&["state", "list"]).success();
    assert!(list.stdout.contains("scenario.lead-sync"), "{list}");
    let ledger = ledger_but(world, before);
    assert!(ledger.contains("makeform/encrypted/v1"), "{ledger}");
    for clear in ["lead-sync", "makeform/ledger", "makeform/journal", "Leads"] {
        assert!(!ledger.contains(clear), "{clear} in {ledger}");
    }
}

#[test]
fn an_encrypted_ledger_serves_like_any_other_and_says_nothing() {
    lives(&world("tr a-z b-za", "tr b-za a-z"));
}

#[test]
fn without_the_commands_an_encrypted_ledger_is_refused_and_one_in_the_clear_becomes_encrypted() {
    let (encrypt, decrypt) = ("tr a-z b-za", "tr b-za a-z");
    let mut world = world(encrypt, decrypt);
    set(&mut world, None, None);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert!(ledger(&world).contains("lead-sync"));
    set(&mut world, Some(encrypt), Some(decrypt));
    world.assert_settled();
    // What was history in the clear stays so.
    lives_but(&world, &["history/1.jsonl"]);

    let before = ledger(&world);
    for (has, lacks) in [(None, None), (Some(encrypt), None)] {
        set(&mut world, has, lacks);
        for args in [
            &["plan"][..],
            &["apply", "--auto-approve"],
            &["state", "list"],
            &["state", "rm", "scenario.lead-sync"],
        ] {
            let output = world.run(args);
            assert_refused(&output, "ledger-encrypted");
            assert!(output.stderr.contains("MAKEFORM_STATE_DECRYPT"), "{output}");
        }
    }
    // Who may read only reads.
    set(&mut world, None, Some(decrypt));
    world.assert_settled();
    let refused = world.run(&["state", "rm", "scenario.lead-sync"]);
    assert_refused(&refused, "ledger-encrypted");
    assert!(
        refused.stderr.contains("MAKEFORM_STATE_ENCRYPT"),
        "{refused}"
    );
    assert_eq!(ledger(&world), before);
}

#[test]
fn a_command_that_fails_sends_nothing_and_its_words_are_nobodys() {
    let canary = "canary-5cA9";
    let mut world = world("tr a-z b-za", "tr b-za a-z");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let (before, writes) = (ledger(&world), world.writes());
    world.edit("manifests/lead-sync.yaml", "name: Lead sync", "name: Leads");
    world.set_env("MAKEFORM_STATE_COMMAND_TIMEOUT", Some("0.5"));
    for (encrypt, said) in [
        (format!("cat; echo {canary} >&2; exit 3"), "exit status 3"),
        (format!("KEY={canary} false"), "ended with exit status 1"),
        ("head -c 20".to_owned(), "turns it back"),
        ("exec sleep 60".to_owned(), "did not end within 0.5 s"),
    ] {
        set(&mut world, Some(&encrypt), Some("tr b-za a-z"));
        let output = world.run(&["apply", "--auto-approve"]);
        assert_refused(&output, "encryption-failed");
        assert!(output.stderr.contains(said), "{output}");
        assert!(!output.to_string().contains(canary), "{output}");
        assert_eq!(ledger(&world), before, "{encrypt}");
    }
    assert_eq!(world.writes(), writes, "nothing was sent");
    world.set_env("MAKEFORM_STATE_COMMAND_TIMEOUT", Some("soon"));
    let output = world.run(&["plan"]).exits(1);
    assert!(output.stderr.contains("no number of seconds"), "{output}");
    world.set_env("MAKEFORM_STATE_COMMAND_TIMEOUT", None);
    set(&mut world, Some("tr a-z b-za"), Some("tr b-za a-z"));
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}

#[cfg(feature = "external-tests")]
mod external {
    use std::process::Command;

    use super::{lives, set};
    use crate::support::world::World;

    #[test]
    fn age_encrypts_a_ledger() {
        let keys = World::empty();
        let key = keys.file("key.txt");
        let made = Command::new("age-keygen")
            .arg("-o")
            .arg(&key)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let text = keys.read("key.txt");
        let recipient = text
            .split_whitespace()
            .find(|word| word.starts_with("age1"))
            .unwrap();
        let decrypt = format!("age --decrypt -i {}", key.display());
        let mut world = super::world(&format!("age -r {recipient}"), &decrypt);
        lives(&world);

        // Another key opens nothing, and what age says of it stays its own.
        let other = keys.file("other.txt");
        let made = Command::new("age-keygen")
            .arg("-o")
            .arg(&other)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let decrypt = format!("age --decrypt -i {}", other.display());
        set(
            &mut world,
            Some(&format!("age -r {recipient}")),
            Some(&decrypt),
        );
        let refused = world.run(&["plan"]).exits(1);
        let said = "MAKEFORM_STATE_DECRYPT (`age`) ended with exit status 1";
        assert!(refused.stderr.contains(said), "{refused}");
    }

    #[test]
    fn gpg_encrypts_a_ledger() {
        let home = World::empty();
        let gpg = format!(
            "gpg --homedir {} --batch --quiet --pinentry-mode loopback --passphrase-file {}",
            home.path().display(),
            home.file("passphrase").display()
        );
        home.write("passphrase", "correct horse");
        lives(&super::world(
            &format!("{gpg} --symmetric"),
            &format!("{gpg} --decrypt"),
        ));
        let _ = Command::new("gpgconf")
            .args(["--kill", "all"])
            .env("GNUPGHOME", home.path())
            .status();
    }
}
