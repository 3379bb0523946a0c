//! A git remote on another machine, which is reached as by ssh: the line may be slow or down, and the
//! machine may refuse what is pushed, or die over it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use makeform::sandbox::TOKEN;

use super::{server::Server, world::World};

/// What is in the address of the remote, and nowhere else.
pub(crate) const PASSWORD: &str = "c4n4ry-far";

/// What git takes for ssh. The environment of the one machine is none of the other's.
const LINE: &str = r#"#!/bin/sh
far=$(dirname "$0")
for word; do host=$command; command=$word; done
unset GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT GIT_SSH_COMMAND
case $command in git-receive-pack*) way=push ;; *) way=fetch ;; esac
echo "$way" >> "$far/calls"
if test -e "$far/$way-down"; then
    echo "ssh: connect to host far.example port 22: Connection refused" >&2
    exit 255
fi
if test -e "$far/denied"; then
    echo "$host: Permission denied (publickey)." >&2
    exit 255
fi
eval exec git "${command#git-}"
"#;

/// What the other machine does with a push whose subject is in the file `on`, as the file `then` says.
const TAKES: &str = r#"#!/bin/sh
far=$(cd .. && pwd)
test -e "$far/on" || exit 0
while read -r old new ref; do
    git log -1 --format=%s "$new" | grep -qE -f "$far/on" || exit 0
done
touch "$far/met"
case $(cat "$far/then") in
refuses) echo "no pushes today" >&2; exit 1 ;;
holds) while test -e "$far/on"; do sleep 0.05; done ;;
takes-its-time) sleep 0.6 ;;
goes) touch "$far/push-down" "$far/fetch-down"; kill -9 $PPID ;;
dies-first) if test -e "$far/died"; then rm "$far/died"; else touch "$far/died"; kill -9 $PPID; fi ;;
esac
exit 0
"#;

/// It dies once a push is stored, and before it says so.
const STORED: &str = r#"#!/bin/sh
far=$(cd .. && pwd)
test "$1" = committed && test -e "$far/on" && test "$(cat "$far/then")" = loses || exit 0
while read -r old new ref; do
    case $ref in refs/makeform/*) echo "$ref" >> "$far/lost"; kill -9 $PPID ;; esac
done
"#;

/// A project whose ledger is far away, and the account that it is of.
pub(crate) struct Far {
    pub(crate) world: World,
    pub(crate) server: Server,
}

impl Far {
    /// `lease`: how long a lock lasts, in seconds.
    pub(crate) fn new(lease: &str) -> Self {
        let world = World::new()
            .with_env("PATH", &std::env::var("PATH").unwrap())
            .with_env("GIT_SSH_VARIANT", "ssh")
            .with_env("MAKEFORM_LEASE", lease)
            .with_env("MAKEFORM_TIMEOUTS", "arrival 1s")
            .with_env("MAKE_API_KEY", TOKEN);
        let line = world.file("far/line").display().to_string();
        let world = world.with_env("GIT_SSH_COMMAND", &line);
        world.write("far/line", LINE);
        git(
            world.path(),
            &["init", "--quiet", "--bare", "far/remote.git"],
        );
        world.write("far/remote.git/hooks/pre-receive", TAKES);
        world.write("far/remote.git/hooks/reference-transaction", STORED);
        for script in [
            "line",
            "remote.git/hooks/pre-receive",
            "remote.git/hooks/reference-transaction",
        ] {
            let path = world.file(&format!("far/{script}"));
            let done = Command::new("chmod").arg("+x").arg(path).status();
            assert!(done.unwrap().success());
        }
        let server = Server::start(&world, &[]);
        Self { world, server }
    }

    /// What another machine has: a repository of its own with these manifests, in which the remote
    /// is known by its address.
    pub(crate) fn machine(&self, name: &str, manifests: &str) -> PathBuf {
        let folder = self.world.file(&format!("machines/{name}"));
        self.world.write(
            &format!("machines/{name}/makeform.yaml"),
            &format!(
                "apiVersion: makeform/v1\n\
                 kind: Project\n\
                 metadata: {{ name: test }}\n\
                 spec:\n\
                 \x20 manifests: [\"manifests/**/*.yaml\"]\n\
                 \x20 state: git\n\
                 \x20 targets: {{ served: {{ url: \"{}\", token: \"${{env.MAKE_API_KEY}}\" }} }}\n",
                self.server.url
            ),
        );
        self.world
            .write(&format!("machines/{name}/manifests/all.yaml"), manifests);
        self.world
            .write(&format!("machines/{name}/.gitignore"), ".makeform\n");
        git(&folder, &["init", "--quiet", "-b", "main"]);
        let address = format!(
            "ssh://git:{PASSWORD}@far.example{}",
            self.world.file("far/remote.git").display()
        );
        git(&folder, &["config", "makeform.remote", &address]);
        folder
    }

    pub(crate) fn command(&self, machine: &Path, args: &[&str]) -> Command {
        let mut command = self.world.command(args);
        command
            .current_dir(machine)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end, which has to have this exit code; what it said.
    #[track_caller]
    pub(crate) fn run(&self, machine: &Path, args: &[&str], code: i32) -> String {
        let output = self.command(machine, args).output().unwrap();
        ended(&output, code)
    }

    /// Pushes whose subject fits an expression meet this from now on.
    pub(crate) fn meet(&self, on: &str, then: &str) {
        let _ = fs::remove_file(self.world.file("far/met"));
        self.world.write("far/then", then);
        self.world.write("far/on", on);
    }

    /// From now on all goes well.
    pub(crate) fn mend(&self) {
        for name in ["on", "push-down", "fetch-down", "died", "denied"] {
            let _ = fs::remove_file(self.world.file(&format!("far/{name}")));
        }
    }

    /// Waits until a push has met what it was to meet.
    #[track_caller]
    pub(crate) fn met(&self) {
        let begun = Instant::now();
        while !self.world.file("far/met").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing met it");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A machine's plan shows no changes, and the ledger can be read there.
    #[track_caller]
    pub(crate) fn assert_settled(&self, machine: &Path) {
        let plan = self.run(machine, &["plan", "--detailed-exitcode"], 0);
        assert!(plan.contains("No changes"), "{plan}");
    }

    /// How many requests the account was sent that change something.
    pub(crate) fn writes(&self) -> u64 {
        self.world.writes()
    }

    /// What the remote knows that was written, the first one first.
    pub(crate) fn log(&self) -> Vec<String> {
        let bare = self.world.file("far/remote.git");
        let log = git(&bare, &["log", "--format=%s", "refs/makeform/served"]);
        log.lines().rev().map(str::to_owned).collect()
    }
}

/// What a run said that has to have ended with a code; never a secret.
#[track_caller]
pub(crate) fn ended(output: &Output, code: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert!(!said.contains("panicked at"), "{said}");
    said
}

/// Runs git in a folder; what it wrote.
pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"])
        .arg("-C")
        .arg(folder)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}
