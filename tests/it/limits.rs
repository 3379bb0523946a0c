//! The program against a server that limits requests, or has an authority of its own.

use std::{process::Stdio, thread, time::Duration};

use makeform::sandbox::TOKEN;

use crate::support::{
    logging_in::Visitor,
    parrot::{Answer, Parrot, To},
    server::Server,
    world::World,
};

/// A project whose only target is a server.
fn project(url: &str) -> World {
    let world = World::empty().with_env("MAKE_API_KEY", TOKEN);
    write_project(&world, "[]", &format!("url: \"{url}\""));
    world
}

fn write_project(world: &World, manifests: &str, target: &str) {
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  \
             manifests: {manifests}\n  targets: {{ served: {{ {target} }} }}\n"
        ),
    );
}

/// A project whose only target speaks the unified dialect, and whose minute is short.
fn unified(url: &str, minute: &str) -> World {
    let world = World::empty()
        .with_env("MAKE_API_KEY", TOKEN)
        .with_env("MAKEFORM_MINUTE", minute)
        .with_env("MAKEFORM_CACHE_DIR", "cache");
    let target = format!("url: \"{url}\", dialect: unified, organization: \"1\"");
    write_project(&world, "[\"manifests/**/*.yaml\"]", &target);
    world
}

/// The address of the unified dialect, which a server says second.
fn second(server: &mut Server) -> String {
    let said = server.says();
    let url = said
        .split_whitespace()
        .find(|word| word.starts_with("http"));
    url.unwrap().trim_end_matches("/api/v2").to_owned()
}

/// What a server has counted.
fn stats(server: &Server) -> serde_json::Value {
    let page = Visitor::new().get(&format!("{}/_sandbox/stats", server.url));
    serde_json::from_str(&page.body).unwrap()
}

fn count(stats: &serde_json::Value, name: &str) -> u64 {
    stats[name].as_u64().unwrap()
}

/// So many scenarios, as manifests.
fn scenarios(count: usize) -> String {
    let one = |index| {
        format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: s-{index} }}\nspec:\n  \
             blueprint: {{ modules: [{{ id: 1, app: http, action: Get }}], connections: [] }}\n"
        )
    };
    let all: Vec<String> = (0..count).map(one).collect();
    all.join("---\n")
}

#[test]
fn commands_keep_to_the_limit_together() {
    let account = World::new();
    let seed = ["sandbox", "seed", "--scenarios", "40"];
    let _ = account.run(&seed).success();
    // A minute of half a second, in which 60 requests may be sent.
    let server = Server::start(&account, &["--plan", "core", "--minute", "0.5"]);
    let world = project(&server.url)
        .with_env("MAKEFORM_MINUTE", "0.5")
        .with_env("MAKEFORM_CACHE_DIR", "cache");
    for out in ["one", "two", "three"] {
        let _ = world.run(&["export", "--out", out]).success();
    }
    let stats = stats(&server);
    assert!(stats["total"].as_u64().unwrap() > 120, "{stats}");
    assert_eq!(stats["limited"], 0, "{stats}");

    let host = server.url.trim_start_matches("http://").replace(':', "_");
    let remembered = world.read(&format!("cache/gate/{host}-1.v1.json"));
    assert!(remembered.contains(r#""learned":60"#), "{remembered}");
    assert!(!remembered.contains(TOKEN), "{remembered}");
}

#[test]
fn an_apply_of_more_than_the_burst_is_refused_nothing_in_the_unified_dialect() {
    let account = World::new();
    // 120 requests a minute of two seconds, and a burst of 200.
    let limits = [
        "--plan",
        "core",
        "--minute",
        "2",
        "--unified",
        "127.0.0.1:0",
    ];
    let mut server = Server::start(&account, &limits);
    let url = second(&mut server);
    let world = unified(&url, "2");
    world.write("manifests/all.yaml", &scenarios(130));
    let _ = world.run(&["plan"]).success();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let applied = stats(&server);
    assert!(count(&applied, "total") > 260, "{applied}");
    assert_eq!(applied["limited"], 0, "{applied}");

    // The headers were heard: the limit, and the bucket.
    let host = url.trim_start_matches("http://").replace(':', "_");
    let remembered = world.read(&format!("cache/gate/{host}-1.v1.json"));
    assert!(remembered.contains(r#""learned":120"#), "{remembered}");
    assert!(!remembered.contains(r#""bucket":null"#), "{remembered}");

    // Two commands at once, which keep to one window.
    let start = || {
        let mut plan = world.command(&["plan", "--detailed-exitcode"]);
        plan.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
    };
    for plan in [start(), start()] {
        let output = plan.unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let after = stats(&server);
    assert!(count(&after, "total") > count(&applied, "total") + 260);
    assert_eq!(after["limited"], 0, "{after}");
}

#[test]
fn beside_a_client_that_eats_the_budget_a_command_goes_on_in_the_unified_dialect() {
    let account = World::new();
    let seed = ["sandbox", "seed", "--scenarios", "100"];
    let _ = account.run(&seed).success();
    let limits = [
        "--plan",
        "free",
        "--minute",
        "1",
        "--unified",
        "127.0.0.1:0",
    ];
    let mut server = Server::start(&account, &limits);
    let url = second(&mut server);
    let world = unified(&url, "1");
    world.write("manifests/none.yaml", "");
    let mut export = world.command(&["export", "--out", "out"]);
    let export = export.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut export = export.unwrap();
    // Another client, which takes up to half of what there is as long as that lasts.
    let eater = Visitor::new();
    let (mut taken, mut refused) = (0, 0);
    let status = loop {
        if let Some(status) = export.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(30));
        match eater
            .get_as(&format!("{url}/api/v2/scenarios"), TOKEN)
            .status
        {
            429 => refused += 1,
            200 => taken += 1,
            other => unreachable!("{other}"),
        }
    };
    assert_eq!(status.code(), Some(0));
    let after = stats(&server);
    // It read all 100, and was refused now and then, not again and again.
    assert!(
        taken > 0 && count(&after, "total") > taken + refused + 100,
        "{after}"
    );
    let own = count(&after, "limited") - refused;
    assert!(own <= 60, "{own} of {after}");
}

#[test]
fn a_server_that_says_when_to_come_back_is_left_alone_until_then() {
    let account = World::new();
    let mut server = Server::start(&account, &["--unified", "127.0.0.1:0"]);
    let parrot = Parrot::before(&second(&mut server));
    let world = unified(&parrot.url, "0.5");
    world.write("manifests/all.yaml", &scenarios(1));
    parrot.answer(To::All, Answer::LimitOnce { seconds: 1 });
    let _ = world.run(&["plan"]).success();
    let times = parrot.times();
    let pause = times[1].duration_since(times[0]);
    assert!(pause >= Duration::from_secs(1), "{pause:?}");
    assert!(times.len() > 2, "{times:?}");
}

#[test]
fn a_log_is_told_why_nothing_goes_on() {
    let account = World::new();
    let seed = ["sandbox", "seed", "--scenarios", "70"];
    let _ = account.run(&seed).success();
    let server = Server::start(&account, &["--plan", "core", "--minute", "5"]);
    let world = project(&server.url)
        .with_env("MAKEFORM_MINUTE", "5")
        .with_env("MAKEFORM_CACHE_DIR", "cache");
    let export = world.run(&["export", "--out", "out"]).success();
    let why = "Make allows 60 requests a minute, and no more in this one";
    let lines = export.stderr.lines().filter(|line| line.contains(why));
    assert!((1..10).contains(&lines.count()), "{export}");
}

#[test]
fn a_private_authority_is_trusted_where_the_environment_names_it() {
    let account = World::new();
    let mut server = Server::start(&account, &["--tls"]);
    let said = server.says();
    let authority = said.split_whitespace().next_back().unwrap();
    let world = project(&server.url).with_env("MAKEFORM_CA_FILE", authority);
    let _ = world.run(&["plan"]).success();

    let world = project(&server.url);
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("account-unreached"), "{refused}");
    let world = world.with_env("MAKEFORM_CA_FILE", "makeform.yaml");
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("MAKEFORM_CA_FILE"), "{refused}");
    let world = world.with_env("HTTPS_PROXY", "socks5://ann:canary@x");
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("HTTPS_PROXY"), "{refused}");
    assert!(!refused.to_string().contains("canary"), "{refused}");
}
