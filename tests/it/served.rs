//! The same world, served: over HTTP, and to several processes at once.

use makeform::sandbox::TOKEN;

use crate::support::{account::Account, server::Server, world::World};

/// The examples with a second target: the same world, over HTTP.
fn examples(url: &str) -> World {
    let world = World::copy_of("examples").with_env("MAKE_API_KEY", TOKEN);
    let target = format!(
        "  targets:\n    served:\n      url: {url}\n      token: ${{env.MAKE_API_KEY}}\n      vars: {{ orders-sheet: 1AbCdEfGhIjKlMnOpQrStUvWxYz }}\n"
    );
    world.edit("makeform.yaml", "  targets:\n", &target);
    world
}

#[test]
fn what_is_applied_over_http_is_what_the_world_holds_in_process() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = examples(&server.url);
    let served = |args: &[&str]| {
        let mut all = vec!["--target", "served"];
        all.extend(args);
        world.run(&all)
    };
    let _ = served(&["apply", "--auto-approve"]).success();
    let plan = served(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");

    // Beside the running server, this process looks into the same world.
    let beside = Account::of(&account);
    assert_eq!(beside.scenarios().len(), 4);
    assert_eq!(beside.scenario("Lead Sync to CRM")["isActive"], true);
    beside.create_scenario("Made beside the server");
    let exported = served(&["export", "--out", "exported"]).success();
    assert!(exported.stderr.contains("no changes"), "{exported}");
    let text = world.read("exported/makeform.yaml");
    assert!(
        text.contains(&server.url) && !text.contains(TOKEN),
        "{text}"
    );
    assert!(
        world
            .file("exported/manifests/scenarios/made-beside-the-server.yaml")
            .exists()
    );
}

#[test]
fn a_wrong_token_a_dead_server_and_a_host_that_is_not_makes_are_told_apart() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = examples(&server.url).with_env("MAKE_API_KEY", "canary-wrong-token-93af");
    let refused = world.run(&["--target", "served", "plan"]).exits(1);
    assert!(refused.stderr.contains("token-refused"), "{refused}");
    assert!(!refused.to_string().contains("canary"), "{refused}");

    world.edit(
        "makeform.yaml",
        &server.url,
        "https://make.com.evil.example",
    );
    let refused = world.run(&["--target", "served", "plan"]).exits(1);
    assert!(refused.stderr.contains("host-not-allowed"), "{refused}");
}

#[test]
fn a_plan_limits_requests_only_where_it_is_named() {
    let account = World::new();
    let server = Server::start(&account, &["--plan", "core"]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let statuses = runtime.block_on(async {
        makeform::live::install_tls();
        let client = reqwest::Client::new();
        let mut statuses = Vec::new();
        for _ in 0..61 {
            let request = client
                .get(format!("{}/api/v2/users/me", server.url))
                .header("authorization", format!("Token {TOKEN}"));
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        statuses
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 60);
    assert_eq!(statuses.last(), Some(&429));
}

#[test]
fn with_tls_the_authority_is_named_and_is_all_that_a_client_must_trust() {
    let account = World::new();
    let mut server = Server::start(&account, &["--tls"]);
    let said = server.says();
    let authority = said.split_whitespace().next_back().unwrap();
    let authority = reqwest::Certificate::from_pem(&std::fs::read(authority).unwrap()).unwrap();
    makeform::live::install_tls();
    let client = reqwest::Client::builder().tls_certs_only([authority]);
    let client = client.no_proxy().build().unwrap();
    let request = client
        .get(format!("{}/api/v2/users/me", server.url))
        .header("authorization", format!("Token {TOKEN}"))
        .send();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(request).unwrap();
    assert!(server.url.starts_with("https://127.0.0.1:"));
    assert_eq!(answer.status(), 200);

    let refused = account.run(&["sandbox", "serve", "--tls-name", "make.test"]);
    assert!(refused.exits(1).stderr.contains("--tls"));
}
