//! Applies that are told to end, and networks that are lost, with the real program.

use std::{
    io::Read as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use makeform::sandbox::TOKEN;

use crate::{
    rollback::MEANT,
    support::{account::Account, git::git, relay::Relay, server::Server, world::World},
};

/// What a process said, and how it ended.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

fn start(world: &World, args: &[&str], sandbox: &str) -> Child {
    let mut command = world.command(args);
    command.env("MAKEFORM_SANDBOX", sandbox);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status();
    assert!(sent.unwrap().success());
}

fn end(mut child: Child) -> Ended {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let mut pipe = child.stderr.take().unwrap();
    let reader = thread::spawn(move || {
        pipe.read_to_string(&mut stderr).unwrap();
        stderr
    });
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_to_string(&mut stdout).unwrap();
    Ended {
        status: child.wait().unwrap(),
        stdout,
        stderr: reader.join().unwrap(),
    }
}

/// Waits until something holds; a test that waits in vain fails.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// How many lines of a kind the open journal has.
fn journalled(world: &World, kind: &str) -> usize {
    let journal = world.file(".makeform/sandbox/journal.jsonl");
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    let start = format!("{{\"{kind}\"");
    text.lines().filter(|line| line.starts_with(&start)).count()
}

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

#[test]
fn one_signal_settles_and_records_and_says_how_to_go_on() {
    for name in ["-INT", "-TERM"] {
        let world = World::copy_of("examples");
        let child = start(&world, &APPLY, "latency 150ms");
        until("it began", || journalled(&world, "intent") >= 3);
        signal(&child, name);
        let ended = end(child);
        assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("Press Ctrl-C again to stop at once"),
            "{}",
            ended.stderr
        );
        for told in [
            ": created\n",
            ": not reached\n",
            "Apply interrupted: ",
            "To go on with the rest, run:\n  makeform --target sandbox apply\n",
        ] {
            assert!(ended.stdout.contains(told), "{told}: {}", ended.stdout);
        }
        let _ = world.run(&APPLY).success();
        world.assert_settled();
    }
}

#[test]
fn a_second_signal_stops_at_once_and_the_next_run_settles() {
    let world = World::copy_of("examples");
    let child = start(&world, &APPLY, "latency 150ms; fault 4th write: hang");
    until("it began", || journalled(&world, "intent") >= 4);
    // It is in flight by now, and stays so.
    thread::sleep(Duration::from_millis(300));
    signal(&child, "-INT");
    thread::sleep(Duration::from_millis(300));
    let told = Instant::now();
    signal(&child, "-INT");
    let ended = end(child);
    assert!(told.elapsed() < Duration::from_secs(30));
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("Stopped at once."),
        "{}",
        ended.stderr
    );
    let _ = world.run(&APPLY).success();
    world.assert_settled();
    assert_eq!(Account::of(&world).scenarios().len(), 4);
}

#[test]
fn a_signal_before_anything_was_sent_gives_the_lock_back() {
    let world = World::copy_of("examples");
    let reading = start(&world, &APPLY, "latency 30s");
    until("it holds the lock", || {
        let lock = world.file(".makeform/sandbox/lock");
        std::fs::read_to_string(lock).is_ok_and(|text| text.contains("tester"))
    });
    let waiting = start(
        &world,
        &["apply", "--auto-approve", "--lock-timeout", "600"],
        "",
    );
    thread::sleep(Duration::from_millis(500));
    for child in [waiting, reading] {
        signal(&child, "-INT");
        let ended = end(child);
        assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
        let said = "Interrupted: nothing was sent.";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    let _ = world.run(&APPLY).success();
    world.assert_settled();
}

/// The examples with their ledger in a ref of a repository with a remote.
fn in_git() -> World {
    let world = World::copy_of("examples").with_env("PATH", &std::env::var("PATH").unwrap());
    world.edit("makeform.yaml", "spec:\n", "spec:\n  state: git\n");
    git(&world, &["init", "--quiet"]);
    git(&world, &["init", "--quiet", "--bare", "remote.git"]);
    git(&world, &["remote", "add", "origin", "./remote.git"]);
    world
}

#[test]
fn a_remote_lock_is_given_back_at_once_where_nothing_is_in_flight() {
    let account = World::new();
    let server = Server::start(&account, &["--latency", "30s"]);
    let world = in_git().with_env("MAKE_API_KEY", TOKEN);
    far(&world, &server.url);
    let child = start(&world, &APPLY, "");
    let locked = |world: &World| {
        let done = world.run(&["state", "unlock", "--force"]);
        !done.stderr.contains("is not locked")
    };
    until("it holds the lock", || {
        let lock = Command::new("git")
            .args([
                "-C",
                "remote.git",
                "show",
                "refs/makeform/sandbox:lock.json",
            ])
            .current_dir(world.path())
            .output()
            .unwrap();
        String::from_utf8_lossy(&lock.stdout).contains("tester")
    });
    signal(&child, "-INT");
    let ended = end(child);
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(!ended.stderr.contains("state unlock"), "{}", ended.stderr);
    assert!(!locked(&world));
}

#[test]
fn a_remote_lock_stays_while_a_request_is_in_flight_and_is_told_of() {
    let account = World::new();
    let server = Server::start(&account, &["--fault", "1st write: hang"]);
    let world = in_git()
        .with_env("MAKE_API_KEY", TOKEN)
        .with_env("MAKEFORM_LEASE", "8");
    far(&world, &server.url);
    let child = start(&world, &APPLY, "");
    until("it began", || {
        let intents = Command::new("git")
            .args([
                "-C",
                "remote.git",
                "grep",
                "-q",
                "intent",
                "refs/makeform/sandbox",
            ])
            .current_dir(world.path())
            .output();
        intents.unwrap().status.success()
    });
    // It is in flight by now, and stays so.
    thread::sleep(Duration::from_millis(1000));
    signal(&child, "-INT");
    thread::sleep(Duration::from_millis(300));
    signal(&child, "-INT");
    let ended = end(child);
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    let line = "makeform --target sandbox state unlock";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
    drop(server);
    let broken = world
        .run(&["--target", "sandbox", "state", "unlock", "--force"])
        .success();
    assert!(broken.stderr.contains("tester"), "{broken}");
}

#[test]
fn a_rollback_waits_for_a_lost_network_too() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let relay = Relay::to(&server.url, usize::MAX);
    let world = World::copy_of("examples").with_env("MAKE_API_KEY", TOKEN);
    far(&world, &relay.url);
    let _ = world.run(&APPLY).success();
    relay.cut_after(2);
    let back = [&["rollback"], &MEANT[..]].concat();
    let child = start(&world, &back, "");
    until("it is cut", || relay.is_cut());
    thread::sleep(Duration::from_millis(1500));
    relay.mend();
    let ended = end(child);
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    assert!(
        ended.stderr.contains("The network is back"),
        "{}",
        ended.stderr
    );
    drop(server);
    assert!(Account::of(&account).scenarios().is_empty());
}

/// The examples against a server behind a relay.
fn far(world: &World, url: &str) {
    let there =
        format!("url: \"{url}\"\n      organization: \"1\"\n      token: ${{env.MAKE_API_KEY}}");
    world.edit("makeform.yaml", "url: \"sandbox:\"", &there);
}

#[test]
fn a_lost_network_is_waited_for_and_nothing_is_done_twice() {
    for cut_after in [2, 5, 7] {
        let account = World::new();
        let server = Server::start(&account, &[]);
        let relay = Relay::to(&server.url, cut_after);
        let world = World::copy_of("examples").with_env("MAKE_API_KEY", TOKEN);
        far(&world, &relay.url);
        let child = start(&world, &APPLY, "");
        until("it is cut", || relay.is_cut());
        thread::sleep(Duration::from_millis(1500));
        relay.mend();
        let ended = end(child);
        assert_eq!(
            ended.status.code(),
            Some(0),
            "{}{}",
            ended.stdout,
            ended.stderr
        );
        assert!(
            ended.stderr.contains("Waiting for the network: 127.0.0.1"),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("The network is back"),
            "{}",
            ended.stderr
        );
        world.assert_settled();
        drop(server);
        assert_eq!(Account::of(&account).scenarios().len(), 4);
    }
}

#[test]
fn a_network_that_stays_away_is_waited_for_until_the_timeout_or_a_signal() {
    for told in [false, true] {
        let account = World::new();
        let server = Server::start(&account, &[]);
        let relay = Relay::to(&server.url, 3);
        let world = World::copy_of("examples").with_env("MAKE_API_KEY", TOKEN);
        far(&world, &relay.url);
        let timeout = if told { "600" } else { "1" };
        let child = start(&world, &[APPLY[0], APPLY[1], "--timeout", timeout], "");
        until("it is cut", || relay.is_cut());
        if told {
            thread::sleep(Duration::from_secs(1));
            signal(&child, "-INT");
        }
        let ended = end(child);
        let code = if told { 130 } else { 4 };
        assert_eq!(ended.status.code(), Some(code), "{}", ended.stderr);
        relay.mend();
        let _ = world.run(&APPLY).success();
        world.assert_settled();
    }
}

#[test]
fn what_was_sent_last_may_arrive_after_its_sender_is_gone_and_is_not_done_twice() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let relay = Relay::holding(&server.url, Duration::from_secs(3));
    let world = World::copy_of("examples")
        .with_env("MAKE_API_KEY", TOKEN)
        .with_env("MAKEFORM_TIMEOUTS", "arrival 8s");
    far(&world, &relay.url);
    let child = start(&world, &APPLY, "");
    until("it began", || journalled(&world, "intent") == 1);
    thread::sleep(Duration::from_millis(500));
    signal(&child, "-KILL");
    let _ = end(child);
    let again = world.run(&["apply", "--auto-approve"]).success();
    let said = "1 request of an earlier run has no ending, and may still arrive: waiting";
    assert!(again.stderr.contains(said), "{again}");
    world.assert_settled();
    drop(server);
    let account = Account::of(&account);
    assert_eq!(account.scenarios().len(), 4);
    let folders = account.get("/scenarios-folders", &[("teamId", "1")]);
    let folders = folders["scenariosFolders"].as_array().unwrap();
    assert_eq!(folders.len(), 1, "{folders:?}");
}
