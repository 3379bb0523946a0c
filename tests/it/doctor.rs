//! `doctor`: what is wrong, and what to do.

use makeform::sandbox::TOKEN;
use serde_json::Value;

use crate::support::{server::Server, world::World};

fn project(url: &str, more: &str) -> World {
    let world = World::empty();
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: acme }}\nspec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 targets: {{ one: {{ url: \"{url}\"{more} }} }}\n"
        ),
    );
    world
}

/// Status, words and help of a check.
fn check(world: &World, name: &str, code: i32) -> (String, String) {
    let output = world.run(&["doctor", "--format", "json"]).exits(code);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name);
    assert!(check.is_some(), "there is no check `{name}`:\n{output}");
    let check = check.unwrap();
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (text("status"), text("found") + " | " + &text("help"))
}

#[test]
fn all_is_well_on_a_sandbox_in_this_process_and_on_a_served_one() {
    let world = World::new();
    let output = world.run(&["doctor"]).success();
    assert!(!output.stdout.contains("fail"), "{output}");
    assert!(!output.stdout.contains("warn"), "{output}");
    let server = Server::start(&world, &[]);
    let served = project(&server.url, "").with_env("MAKE_API_KEY", TOKEN);
    let output = served.run(&["doctor"]).success();
    for name in [
        "url",
        "zone",
        "clock",
        "token",
        "scopes",
        "organization",
        "team",
        "plan",
        "proxy",
        "authorities",
        "state",
    ] {
        assert!(
            output.stdout.contains(&format!("ok    {name} ")),
            "{name}: {output}"
        );
    }
    assert!(!output.stdout.contains(TOKEN), "{output}");
}

#[test]
fn each_fault_is_named_with_what_to_do() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let url = server.url.as_str();
    let with_token = |more: &str| project(url, more).with_env("MAKE_API_KEY", TOKEN);
    let is = |found: (String, String), status: &str, text: &str| {
        assert_eq!(found.0, status, "{found:?}");
        assert!(found.1.contains(text), "{text}: {found:?}");
    };
    let elsewhere = project("https://evil.example", "").with_env("MAKE_API_KEY", TOKEN);
    is(
        check(&elsewhere, "url", 1),
        "fail",
        "MAKEFORM_ALLOWED_HOSTS",
    );
    let nowhere = project("http://127.0.0.1:9", "");
    is(
        check(&nowhere, "zone", 1),
        "fail",
        "failed to connect to 127.0.0.1:9",
    );
    is(check(&project(url, ""), "token", 1), "fail", "auth login");
    let wrong = project(url, "").with_env("MAKE_API_KEY", "canary-key");
    is(check(&wrong, "token", 1), "fail", "401");
    is(
        check(&with_token(", organization: 7"), "organization", 1),
        "fail",
        "one zone only",
    );
    is(
        check(&with_token(", team: Sales"), "team", 1),
        "fail",
        "no team `Sales`",
    );
    let small = World::new();
    let limited = Server::start(&small, &["--plan", "free"]);
    let free = project(&limited.url, "").with_env("MAKE_API_KEY", TOKEN);
    is(check(&free, "plan", 0), "warn", "Free, by its limit of 30");
    let zone = with_token("").with_env("MAKE_ZONE", "us1.make.com");
    is(
        check(&zone, "token", 0),
        "warn",
        "MAKE_ZONE says us1.make.com",
    );
    let proxy = with_token("").with_env("HTTPS_PROXY", "http://user:canary@proxy.example:3128");
    is(
        check(&proxy, "proxy", 0),
        "ok",
        "proxy.example:3128 (HTTPS_PROXY)",
    );
    assert!(!check(&proxy, "proxy", 0).1.contains("canary"));
    let proxy = with_token("").with_env("HTTPS_PROXY", "socks5://user:canary@proxy.example:1080");
    is(check(&proxy, "proxy", 1), "fail", "http://HOST:PORT");
    assert!(!check(&proxy, "proxy", 1).1.contains("canary"));
    let times = with_token("").with_env("MAKEFORM_TIMEOUTS", "answer 2m");
    is(check(&times, "timeouts", 0), "ok", "answer 2m");
    let times = with_token("").with_env("MAKEFORM_TIMEOUTS", "answer soon");
    is(check(&times, "timeouts", 1), "fail", "`answer soon`");
    let blamed = times.run(&["doctor"]).exits(1);
    assert!(!blamed.stdout.contains("url"), "{blamed}");
    let authority = with_token("").with_env("SSL_CERT_FILE", "/nothing.pem");
    is(check(&authority, "authorities", 1), "fail", "/nothing.pem");
    let blocked = with_token("");
    blocked.write(".makeform", "a file where a folder should be");
    is(check(&blocked, "state", 1), "fail", "can't be written");
}

#[test]
fn a_ledger_that_can_not_be_reached_is_found_before_the_first_plan() {
    let world = project("http://127.0.0.1:9", "");
    world.edit("makeform.yaml", "spec:\n", "spec:\n  state: git\n");
    let (status, told) = check(&world, "ledger", 1);
    assert_eq!(status, "fail", "{told}");
    assert!(told.contains("repository"), "{told}");
}
