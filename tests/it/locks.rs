//! One apply per target.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use makeform::sandbox::TOKEN;

use crate::support::{server::Server, world::World};

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

/// A project of one folder on a served sandbox, whose remote, ledger and sandbox others share.
struct Shared {
    world: World,
    _server: Server,
}

impl Shared {
    /// `state`: where its ledger is kept.
    fn new(state: &str, extra: &[&str]) -> Self {
        let world = World::new().with_env("PATH", &std::env::var("PATH").unwrap());
        let server = Server::start(&world, extra);
        world.write(
            "makeform.yaml",
            &format!(
                "apiVersion: makeform/v1\n\
                 kind: Project\n\
                 metadata: {{ name: test }}\n\
                 spec:\n\
                 \x20 manifests: [\"manifests/**/*.yaml\"]\n\
                 \x20 state: {state}\n\
                 \x20 targets: {{ served: {{ url: \"{}\", token: \"${{env.MAKE_API_KEY}}\" }} }}\n",
                server.url
            ),
        );
        world.write(".gitignore", ".makeform\n");
        git(
            world.path(),
            &["init", "--quiet", "--bare", ".makeform/remote.git"],
        );
        git(world.path(), &["init", "--quiet", "-b", "main"]);
        git(
            world.path(),
            &["remote", "add", "origin", ".makeform/remote.git"],
        );
        Self {
            world,
            _server: server,
        }
    }

    /// What another machine has: a clone with manifests of its own, and the same files where the
    /// ledger is one.
    fn machine(&self, name: &str, manifests: &str) -> PathBuf {
        let folder = self.world.file(&format!(".makeform/machines/{name}"));
        std::fs::create_dir_all(folder.join("manifests")).unwrap();
        git(&folder, &["init", "--quiet", "-b", "main"]);
        let remote = self.world.file(".makeform/remote.git");
        let remote = remote.display().to_string();
        git(&folder, &["remote", "add", "origin", &remote]);
        let project = self.world.read("makeform.yaml");
        std::fs::write(folder.join("makeform.yaml"), project).unwrap();
        std::fs::write(folder.join("manifests/all.yaml"), manifests).unwrap();
        std::fs::create_dir_all(self.world.file(".makeform/kept")).unwrap();
        std::os::unix::fs::symlink(self.world.file(".makeform/kept"), folder.join(".makeform"))
            .unwrap();
        folder
    }

    fn command(&self, machine: &Path, args: &[&str]) -> Command {
        let mut command = self.world.command(args);
        command
            .current_dir(machine)
            .env("MAKE_API_KEY", TOKEN)
            .env("MAKEFORM_TIMEOUTS", "arrival 1s")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, machine: &Path, args: &[&str]) -> Output {
        self.command(machine, args).output().unwrap()
    }

    /// How many requests the account was sent that change something.
    fn writes(&self) -> u64 {
        let requests = self.world.requests().into_iter();
        let writes = requests.filter(|(route, _)| !route.starts_with("GET "));
        writes.map(|(_, count)| count).sum()
    }
}

fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn folder(name: &str, shown: &str) -> String {
    format!(
        "---\napiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: {name} }}\n\
         spec: {{ name: {shown} }}\n"
    )
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

/// Ten machines want the same folder to have ten names: each is the only one while it renames.
fn ten_take_turns(state: &str) {
    let shared = Shared::new(state, &[]);
    let running: Vec<(PathBuf, Child)> = (0..10)
        .map(|n| {
            let machine = shared.machine(&format!("m{n}"), &folder("crm", &format!("CRM {n}")));
            let args = ["apply", "--auto-approve", "--lock-timeout", "300"];
            let child = shared.command(&machine, &args).spawn().unwrap();
            (machine, child)
        })
        .collect();
    let mut machines = Vec::new();
    for (machine, child) in running {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{state}: {}", said(&output));
        machines.push(machine);
    }
    let history = shared.run(&machines[0], &["state", "history", "--format", "json"]);
    let history: serde_json::Value = serde_json::from_slice(&history.stdout).unwrap();
    let applies = history["applies"].as_array().unwrap();
    assert_eq!(applies.len(), 10, "{history}");
    let time = |value: &serde_json::Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    for pair in applies.windows(2) {
        assert!(
            time(&pair[1]["at"]) >= time(&pair[0]["finished"]),
            "{state}: two at once: {pair:?}"
        );
    }
    assert!(applies.iter().all(|apply| apply["outcome"] == "complete"));
    // One of them was the last, and there is one folder.
    let settled = machines.iter().filter(|machine| {
        let plan = shared.run(machine, &["plan", "--detailed-exitcode"]);
        let text = said(&plan);
        assert!(
            text.contains("No changes") || text.contains("0 to add, 1 to change"),
            "{text}"
        );
        plan.status.code() == Some(0)
    });
    assert_eq!(settled.count(), 1);
}

#[test]
fn of_ten_applies_with_a_ledger_in_a_file_one_runs_at_a_time() {
    ten_take_turns("file");
}

#[test]
fn of_ten_applies_with_a_ledger_in_git_one_runs_at_a_time() {
    ten_take_turns("git");
}

#[test]
fn a_paused_owner_that_wakes_after_its_lease_was_taken_over_sends_nothing_more() {
    let mut shared = Shared::new("git", &["--latency", "300ms"]);
    shared.world.set_env("MAKEFORM_LEASE", Some("2"));
    let manifests: String = (0..8)
        .map(|n| folder(&format!("f{n}"), &format!("F{n}")))
        .collect();
    let [first, second] = ["first", "second"].map(|name| shared.machine(name, &manifests));
    let args = ["apply", "--auto-approve", "--lock-timeout", "120"];
    let paused = shared.command(&first, &args).spawn().unwrap();
    for _ in 0..600 {
        if shared.writes() >= 2 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    signal(&paused, "-STOP");
    let next = shared.run(&second, &args);
    assert_eq!(next.status.code(), Some(0), "{}", said(&next));
    let before = shared.writes();

    signal(&paused, "-CONT");
    let woken = paused.wait_with_output().unwrap();
    let text = said(&woken);
    assert!(matches!(woken.status.code(), Some(1 | 4)), "{text}");
    assert!(text.contains("ledger-locked"), "{text}");
    assert_eq!(shared.writes(), before, "{text}");
    let plan = shared.run(&second, &["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
    let list = shared.run(&second, &["state", "list"]);
    assert_eq!(said(&list).matches("folder.f").count(), 8);
    // The next one is not kept out by what is left of either.
    let again = shared.run(&first, &["apply", "--auto-approve"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
}

fn signal(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_ref_that_is_in_no_remote_is_lost_with_the_runner() {
    let mut shared = Shared::new("git", &[]);
    let machine = shared.machine("runner", &folder("crm", "CRM"));
    git(&machine, &["remote", "remove", "origin"]);
    shared.world.set_env("CI", Some("true"));
    let refused = shared.run(&machine, &["apply", "--auto-approve"]);
    assert!(!refused.status.success());
    let said = said(&refused);
    assert!(said.contains("ledger-not-shared"), "{said}");
    assert_eq!(shared.writes(), 0);

    // What was begun on this disk has to be taken there, or be given up, by whoever knows.
    git(&machine, &["update-ref", "-d", "refs/makeform/served"]);
    let remote = shared.world.file(".makeform/remote.git");
    let remote = remote.display().to_string();
    git(&machine, &["remote", "add", "origin", &remote]);
    let applied = shared.run(&machine, &["apply", "--auto-approve"]);
    assert!(applied.status.success(), "{applied:?}");
    let plan = shared.run(&machine, &["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(0), "{plan:?}");
}
