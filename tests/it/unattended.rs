//! A ledger in git asks nobody at the terminal: what was set up to answer does, and else it is an error.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use crate::support::{
    far::{Far, git},
    terminal::Terminal,
    world::World,
};

/// What stands for ssh: it says how it was run, and goes on as the line to the remote.
const SSH: &str = r#"#!/bin/sh
far=$(cd "$(dirname "$0")/.." && pwd)
echo "$* askpass=$SSH_ASKPASS require=$SSH_ASKPASS_REQUIRE" >> "$far/said"
exec "$far/line" "$@"
"#;

/// Writes a program.
fn program(world: &World, name: &str, text: &str) -> PathBuf {
    world.write(name, text);
    let path = world.file(name);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// How ssh was run for a plan.
#[track_caller]
fn said(environment: &[(&str, &str)], configured: Option<&str>) -> String {
    let mut far = Far::new("30");
    let ssh = program(&far.world, "far/bin/ssh", SSH);
    let ssh = ssh.display().to_string();
    let machine = far.machine("one", "");
    far.world.set_env("GIT_SSH_COMMAND", None);
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", far.world.file("far/bin").display());
    far.world.set_env("PATH", Some(&path));
    for (name, value) in environment {
        far.world.set_env(name, Some(&value.replace("SSH", &ssh)));
    }
    if let Some(configured) = configured {
        git(
            &machine,
            &[
                "config",
                "core.sshCommand",
                &configured.replace("SSH", &ssh),
            ],
        );
    }
    far.run(&machine, &["plan"], 0);
    far.world.read("far/said")
}

#[test]
fn ssh_asks_nothing_where_nobody_says_how_it_is_run() {
    let said = said(&[("SSH_ASKPASS", "/bin/false")], None);
    assert!(!said.is_empty());
    for line in said.lines() {
        assert!(line.starts_with("-o BatchMode=yes "), "{line}");
        assert!(line.ends_with(" askpass= require="), "{line}");
    }
}

#[test]
fn ssh_is_run_just_so_where_somebody_says_how() {
    let by_command = said(&[("GIT_SSH_COMMAND", "SSH -o Port=7")], None);
    let by_program = said(&[("GIT_SSH", "SSH")], None);
    let by_setting = said(&[], Some("SSH -o Port=7"));
    for (said, port) in [(by_command, true), (by_program, false), (by_setting, true)] {
        assert!(!said.contains("BatchMode"), "{said}");
        assert_eq!(said.contains("-o Port=7"), port, "{said}");
    }
}

#[test]
fn a_program_that_is_meant_to_answer_ssh_is_asked_in_the_place_of_the_terminal() {
    for require in ["force", "prefer"] {
        let answering = [
            ("SSH_ASKPASS", "/bin/false"),
            ("SSH_ASKPASS_REQUIRE", require),
        ];
        let said = said(&answering, None);
        for line in said.lines() {
            assert!(!line.contains("BatchMode"), "{line}");
            assert!(
                line.ends_with(" askpass=/bin/false require=force"),
                "{line}"
            );
        }
    }
}

/// A server of repositories that lets nobody in; which credentials it was shown.
fn closed() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/acme.git", listener.local_addr().unwrap());
    let shown = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&shown);
    // It ends with the process of the tests.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            for line in lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
            {
                if let Some(basic) = line.strip_prefix("Authorization: Basic ") {
                    keep.lock().unwrap().push(basic.to_owned());
                }
            }
            let _ = stream.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acme\"\r\n\
                  Content-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    (url, shown)
}

/// A project on a terminal whose ledger is at a server that asks for a password. What it says, and the
/// credentials that the server was shown.
fn asked(answering: &[(&str, &str)], helper: bool) -> (String, Vec<String>, World) {
    let (url, shown) = closed();
    let mut world = World::new()
        .with_env("PATH", &std::env::var("PATH").unwrap())
        .with_env("MAKEFORM_TIMEOUTS", "arrival 1s")
        .with_env("MAKE_API_KEY", "none");
    let answers = "#!/bin/sh\ndate >> \"$(dirname \"$0\")/asked\"\necho c4n4ry-answer\n";
    let askpass = program(&world, "bin/answers", answers)
        .display()
        .to_string();
    for (name, value) in answering {
        world.set_env(name, Some(&value.replace("ANSWERS", &askpass)));
    }
    world.write(
        "makeform.yaml",
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: test }\nspec:\n\
         \x20 manifests: [\"manifests/**/*.yaml\"]\n\
         \x20 state: git\n\
         \x20 targets: { served: { url: \"http://127.0.0.1:9\", token: \"${env.MAKE_API_KEY}\" } }\n",
    );
    world.write("manifests/all.yaml", "");
    let folder = world.path().to_owned();
    git(&folder, &["init", "--quiet", "-b", "main"]);
    git(&folder, &["config", "makeform.remote", &url]);
    if helper {
        let text =
            "!f() { test \"$1\" = get && echo username=ada && echo password=c4n4ry-helper; }; f";
        git(&folder, &["config", "credential.helper", text]);
    }
    let mut terminal = Terminal::start(world.command(&["state", "list"]), 200);
    let output = terminal.end();
    assert_eq!(output.code, Some(1), "{output}");
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(!said.contains("c4n4ry"), "{said}");
    let shown = shown.lock().unwrap().clone();
    (said, shown, world)
}

#[test]
fn a_server_that_wants_a_password_gets_none_from_the_terminal() {
    // A desktop sets that for all its programs.
    let (said, shown, world) = asked(&[("SSH_ASKPASS", "ANSWERS")], false);
    assert!(said.contains("could not read Username"), "{said}");
    assert!(!world.file("bin/asked").exists(), "{said}");
    assert!(shown.is_empty(), "{shown:?}");
}

#[test]
fn what_was_set_up_to_answer_a_server_answers() {
    let (said, shown, world) = asked(&[("GIT_ASKPASS", "ANSWERS")], false);
    assert!(world.file("bin/asked").exists(), "{said}");
    assert!(!shown.is_empty(), "{said}");
    // Base64 of `ada:c4n4ry-helper`.
    let (said, shown, world) = asked(&[], true);
    assert!(!world.file("bin/asked").exists(), "{said}");
    assert!(
        shown.contains(&"YWRhOmM0bjRyeS1oZWxwZXI=".to_owned()),
        "{said}: {shown:?}"
    );
}
