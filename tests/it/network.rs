//! Ways to an account: through a proxy, past it, by an authority of one's own, and to a server
//! that stalls.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use makeform::sandbox::TOKEN;

use crate::support::{server::Server, tunnels::Tunnels, world::World};

/// A name that leads nowhere but through a proxy.
const HOST: &str = "make.example.com";

/// An address of this machine that is not one of its own names, so that a proxy is used for it.
const HERE: &str = "0.0.0.0";

const DIALECTS: [&str; 2] = ["zone", "unified"];

/// A project with one scenario in the dialect's form.
fn project(url: &str, dialect: &str) -> World {
    let world = World::empty()
        .with_env("MAKE_API_KEY", TOKEN)
        .with_env("MAKEFORM_ALLOWED_HOSTS", &format!("{HOST},{HERE}"));
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: far }}\nspec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 targets: {{ far: {{ url: \"{url}\", dialect: {dialect}, organization: \"1\" }} }}\n"
        ),
    );
    let blueprint = match dialect {
        "zone" => "{ flow: [], metadata: {} }",
        _ => "{ modules: [], connections: [] }",
    };
    world.write(
        "manifests/sync.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: sync }}\n\
             spec: {{ name: Sync {dialect}, blueprint: {blueprint} }}\n"
        ),
    );
    world
}

#[test]
fn both_dialects_go_through_a_proxy_and_trust_an_authority_of_ones_own() {
    let account = World::new();
    let names = ["--tls", "--tls-name", HOST, "--tls-name", HERE];
    let (mut server, unified) = Server::start_both(&account, &names);
    let said = server.says();
    let authority = said.split_whitespace().next_back().unwrap().to_owned();
    let requests = || {
        // A server writes them down each second.
        thread::sleep(Duration::from_millis(1_500));
        account.requests().values().sum::<u64>()
    };
    for (dialect, url) in DIALECTS.into_iter().zip([server.url.as_str(), &unified]) {
        let (_, port) = url.rsplit_once(':').unwrap();
        let tunnels = Tunnels::open();
        let before = requests();
        let proxy = format!("http://ann:pa%20ss@{}", tunnels.address);
        let mut world = project(&format!("https://{HOST}:{port}"), dialect)
            .with_env("HTTPS_PROXY", &proxy)
            .with_env("MAKEFORM_CA_FILE", &authority);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
        let heard = tunnels.heard();
        // Connections are used again. How many there are is up to the machine: each program begins
        // with reads that go at once, and finds connections busy whose answers it has not yet read
        // to the end.
        let (tunnelled, sent) = (heard.len() as u64, requests() - before);
        assert!(
            tunnelled >= 2 && tunnelled * 3 <= sent * 2,
            "{tunnelled} for {sent}: {heard:?}"
        );
        let basic = format!("basic {}", STANDARD.encode("ann:pa ss")).to_lowercase();
        for head in &heard {
            let asked = format!("CONNECT {HOST}:{port} HTTP/1.1\r\n");
            assert!(head.starts_with(&asked), "{head}");
            assert!(head.to_lowercase().contains(&basic), "{head}");
            assert!(!head.contains(TOKEN), "{head}");
        }

        // Past the proxy: the hosts of NO_PROXY, and this machine's own names.
        let past = |world: &World, host: &str| {
            let before = tunnels.heard().len();
            world.edit("makeform.yaml", HOST, host);
            world.edit("makeform.yaml", "{ far:", &format!("{{ {}:", name(host)));
            let _ = world.run(&["apply", "--auto-approve"]).success();
            world.edit("makeform.yaml", host, HOST);
            world.edit("makeform.yaml", &format!("{{ {}:", name(host)), "{ far:");
            tunnels.heard().len() - before
        };
        assert_eq!(past(&world, "127.0.0.1"), 0, "{dialect}");
        assert!(past(&world, HERE) > 0, "{dialect}");
        world.set_env("NO_PROXY", Some("elsewhere.example, 0.0.0.0"));
        assert_eq!(past(&world, HERE), 0, "{dialect}");
        // In small letters, too; and a proxy for everything is one for this.
        world.set_env("NO_PROXY", None);
        world.set_env("HTTPS_PROXY", None);
        world.set_env("all_proxy", Some(&proxy));
        assert!(past(&world, HERE) > 0, "{dialect}");
        world.set_env("no_proxy", Some("*"));
        assert_eq!(past(&world, HERE), 0, "{dialect}");

        // Without the authority whoever answers there is not believed.
        world.set_env("no_proxy", None);
        world.set_env("MAKEFORM_CA_FILE", None);
        let refused = world.run(&["plan"]).exits(1);
        assert!(refused.stderr.contains("account-unreached"), "{refused}");
        assert!(refused.stderr.contains("certificate"), "{refused}");
        assert!(!refused.to_string().contains("pa%20ss"), "{refused}");
    }
}

/// A target's name for a host: each has a ledger of its own.
fn name(host: &str) -> String {
    format!("at-{}", host.replace('.', "-"))
}

/// A server that says this and then nothing more: its port, and how many it said it to.
fn stalling(answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
            held.push(stream);
        }
    });
    (port, count)
}

#[test]
fn a_server_that_stalls_is_given_up_in_each_phase_and_asked_again() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    // The other phases may take an hour.
    let phases = [
        (
            "https",
            "",
            "connect 200ms; answer 1h; body 1h",
            "timed out",
        ),
        (
            "http",
            "",
            "connect 1s; answer 200ms; body 1h",
            "no answer began within 200ms",
        ),
        (
            "http",
            begun,
            "connect 1h; answer 1h; body 200ms",
            "it did not end within 200ms",
        ),
    ];
    let mut running: Vec<(World, Child, Arc<AtomicUsize>, &str)> = Vec::new();
    for dialect in DIALECTS {
        for (scheme, answer, times, words) in phases {
            let (port, count) = stalling(answer);
            let world = project(&format!("{scheme}://127.0.0.1:{port}"), dialect)
                .with_env("MAKEFORM_TIMEOUTS", times);
            let mut command = world.command(&["plan"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().unwrap();
            running.push((world, child, count, words));
        }
    }
    for (_world, child, count, words) in running {
        let output = child.wait_with_output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{shown}");
        assert!(shown.contains("account-unreached"), "{shown}");
        assert!(shown.contains(words), "{words}: {shown}");
        assert_eq!(count.load(Ordering::SeqCst), 5, "{words}: {shown}");
    }
}

#[test]
fn times_that_are_none_are_refused_before_anything_is_sent() {
    let (port, count) = stalling("");
    let world = project(&format!("http://127.0.0.1:{port}"), "zone")
        .with_env("MAKEFORM_TIMEOUTS", "answer soon");
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("MAKEFORM_TIMEOUTS"), "{refused}");
    assert!(refused.stderr.contains("`answer soon`"), "{refused}");
    assert_eq!(count.load(Ordering::SeqCst), 0);
}
