//! The program against a server that limits requests, or has an authority of its own.

use makeform::sandbox::TOKEN;

use crate::support::{server::Server, world::World};

/// A project whose only target is a server.
fn project(url: &str) -> World {
    let world = World::empty().with_env("MAKE_API_KEY", TOKEN);
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  \
             manifests: []\n  targets: {{ served: {{ url: \"{url}\" }} }}\n"
        ),
    );
    world
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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stats = runtime.block_on(async {
        makeform::live::install_tls();
        let stats = reqwest::get(format!("{}/_sandbox/stats", server.url));
        stats.await.unwrap().bytes().await.unwrap()
    });
    let stats: serde_json::Value = serde_json::from_slice(&stats).unwrap();
    assert!(stats["total"].as_u64().unwrap() > 120, "{stats}");
    assert_eq!(stats["limited"], 0, "{stats}");

    let host = server.url.trim_start_matches("http://").replace(':', "_");
    let remembered = world.read(&format!("cache/gate/{host}-1.v1.json"));
    assert!(remembered.contains(r#""learned":60"#), "{remembered}");
    assert!(!remembered.contains(TOKEN), "{remembered}");
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
