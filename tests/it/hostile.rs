//! Projects that want a token for somebody else: no token, login or secret leaves for a host
//! that may not have it. A listener stands for the thief, and for every proxy too, so that
//! whatever tries to leave this machine arrives there.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use makeform::sandbox::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};
use serde_json::{Value, json};

use crate::support::{
    logging_in::{LoggingIn, Visitor},
    server::Server,
    world::World,
};

/// Writes down all that arrives, and gives each the same answer.
struct Thief {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Thief {
    fn answering(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept) = (answer.to_owned(), Arc::clone(&taken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let text = take(stream.unwrap(), &answer);
                kept.lock().unwrap().push(text);
            }
        });
        Self { address, taken }
    }

    fn new() -> Self {
        Self::answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that arrived so far.
    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn take(mut stream: TcpStream, answer: &str) -> String {
    stream
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    // A client that waits for the answer sends nothing more.
    while let Ok(read) = stream.read(&mut buffer) {
        text.extend_from_slice(&buffer[..read]);
        if read == 0 || read < buffer.len() {
            break;
        }
    }
    stream.write_all(answer.as_bytes()).ok();
    String::from_utf8_lossy(&text).into_owned()
}

fn project(world: &World, target: &str) {
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: acme }}\nspec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 env: [CRM_TOKEN]\n\
             \x20 targets:\n    one: {target}\n"
        ),
    );
    world.write(
        "manifests/crm.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\nspec: { name: CRM }\n",
    );
}

#[test]
fn no_trick_with_an_address_gets_a_token_or_even_a_connection() {
    let thief = Thief::new();
    let port = thief.address.port();
    let world = World::empty()
        .with_env("MAKE_API_KEY", "canary-key-7f21")
        .with_env("HTTP_PROXY", &thief.url())
        .with_env("HTTPS_PROXY", &thief.url())
        .with_env("ALL_PROXY", &thief.url());
    for url in [
        "https://evil.example".to_owned(),
        "http://eu1.make.com".to_owned(),
        "https://eu1.make.com@evil.example".to_owned(),
        "https://eu1.make.com:443@evil.example".to_owned(),
        format!("http://eu1.make.com@127.0.0.1:{port}"),
        format!("http://user:pass@127.0.0.1:{port}"),
        "https://eu1.make.com.".to_owned(),
        "https://eu1.make.com.evil.example".to_owned(),
        "https://evil.example/eu1.make.com".to_owned(),
        "https://evil.example#eu1.make.com".to_owned(),
        "https://evil.example?eu1.make.com".to_owned(),
        "https://evil.example\\\\@eu1.make.com".to_owned(),
        "https:evil.example".to_owned(),
        "//evil.example".to_owned(),
        "https://xn--eu1-make-com.evil.example".to_owned(),
        // Letters that look like Latin ones.
        "https://eu1.m\u{430}ke.com".to_owned(),
        "https://eu1.make.c\u{43e}m".to_owned(),
        "https://eu1\u{3002}make.com.evil.example".to_owned(),
        "https://hook.eu1.make.com".to_owned(),
        "https://www.make.com".to_owned(),
        "https://make.com".to_owned(),
        "https://eu1.make.com/../hook".to_owned(),
        "https://eu1.make.com/api/v2/hooks".to_owned(),
        "https://eu1-make.com".to_owned(),
        "https://notmake.com".to_owned(),
        "https://eu1.make.celonis.com.evil.example".to_owned(),
        format!("http://0.0.0.0:{port}"),
        format!("http://[::]:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://localhost.:{port}"),
        format!("http://localhost.evil.example:{port}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://127.0.0.1:{port}/steal"),
        format!("http://127.0.0.1:{port}/api/v2?steal="),
        format!("ws://127.0.0.1:{port}"),
        format!("ftp://127.0.0.1:{port}"),
        "file:///etc/passwd".to_owned(),
        "https://10.0.0.1".to_owned(),
        "https://169.254.169.254".to_owned(),
        "https://${env.MAKE_API_KEY}.evil.example".to_owned(),
        "https://${env.CRM_TOKEN}".to_owned(),
        String::new(),
    ] {
        project(&world, &format!("{{ url: \"{url}\" }}"));
        for args in [&["plan"][..], &["auth", "status"], &["doctor"]] {
            let output = world.run(args).exits(1);
            assert!(
                !output.to_string().contains("canary-key"),
                "{url}: {output}"
            );
        }
    }
    assert_eq!(thief.taken(), [] as [String; 0], "nobody was even called");
    // What may leave does arrive here: the proxy catches it.
    project(&world, "{ url: \"https://eu1.make.com\" }");
    let _ = world.run(&["doctor"]).exits(1);
    let taken = thief.taken().concat();
    assert!(taken.starts_with("CONNECT eu1.make.com:443"), "{taken}");
    assert!(!taken.contains("canary-key"), "{taken}");
}

#[test]
fn a_stored_login_goes_to_no_other_host_port_project_or_target_whatever_a_project_says() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let thief = Thief::new();
    let world = World::empty().with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT);
    project(&world, &format!("{{ url: \"{}\" }}", server.url));
    let login = LoggingIn::start(&world, &[]);
    let visitor = Visitor::new();
    visitor.get(&visitor.decide(&login.url, "allow"));
    let _ = login.end().success();
    let official = json!({"apiKey": "canary-official", "zone": "eu1.make.com"});
    world.write(".config/make-cli/config.json", &official.to_string());
    let logins = world.read(".config/makeform/logins.json");

    // A pull request changes the address: another port, the same port by another name.
    let localhost = server.url.replace("127.0.0.1", "localhost");
    for url in [
        thief.url(),
        thief.url().replace("127.0.0.1", "localhost"),
        localhost,
    ] {
        for more in [
            "",
            ", token: \"${env.MAKE_API_KEY}\"",
            ", token: \"${env.CRM_TOKEN}\"",
        ] {
            project(&world, &format!("{{ url: \"{url}\"{more} }}"));
            let output = world.run(&["plan"]).exits(1);
            assert!(output.stderr.contains("no-token"), "{output}");
            let _ = world.run(&["auth", "logout"]).success();
            let _ = world.run(&["doctor"]).exits(1);
        }
    }
    // A project can't name another authorization server, nor a secret of the login.
    for more in [
        ", oauth: { token: \"https://evil.example\" }",
        ", tokenUrl: \"https://evil.example\"",
        ", token: \"canary\"",
        ", token: \"${env.HOME}\"",
        ", vars: { a: \"${env.MAKE_CLIENT_SECRET}\" }",
    ] {
        project(&world, &format!("{{ url: \"{}\"{more} }}", server.url));
        let _ = world.run(&["plan"]).exits(1);
    }
    let taken = thief.taken().join("\n");
    // `doctor` knocks without any token.
    assert!(!taken.to_lowercase().contains("authorization"), "{taken}");
    assert!(
        !taken.contains("canary") && !taken.contains("sandbox-access"),
        "{taken}"
    );
    assert_eq!(
        world.read(".config/makeform/logins.json"),
        logins,
        "it is still there"
    );
}

#[test]
fn redirects_are_not_followed_with_a_token_or_a_secret_in_hand() {
    let thief = Thief::new();
    let location = thief.url();
    let moved = Thief::answering(&format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}/\r\ncontent-length: 0\r\n\
         connection: close\r\n\r\n"
    ));
    let world = World::empty().with_env("MAKE_API_KEY", "canary-key-7f21");
    project(&world, &format!("{{ url: \"{}\" }}", moved.url()));
    for args in [&["plan"][..], &["auth", "status"], &["doctor"]] {
        let _ = world.run(args).exits(1);
    }
    assert!(
        moved.taken().concat().contains("canary-key-7f21"),
        "this machine may have it"
    );

    // The authorization server sends the code, the secret and the refresh token on.
    let account = World::new();
    let server = Server::start(&account, &[]);
    let token_url = format!("{}/oauth/v2/token", moved.url());
    let world = World::empty()
        .with_env("MAKE_CLIENT_ID", CONFIDENTIAL_CLIENT)
        .with_env("MAKE_CLIENT_SECRET", CONFIDENTIAL_SECRET)
        .with_env("MAKEFORM_OAUTH_TOKEN_URL", &token_url);
    project(&world, &format!("{{ url: \"{}\" }}", server.url));
    let login = LoggingIn::start(&world, &[]);
    let visitor = Visitor::new();
    visitor.get(&visitor.decide(&login.url, "allow"));
    let output = login.end().exits(1);
    assert!(output.stderr.contains("status 307"), "{output}");
    assert!(
        !output.to_string().contains(CONFIDENTIAL_SECRET),
        "{output}"
    );
    assert!(moved.taken().concat().contains(CONFIDENTIAL_SECRET));
    assert_eq!(thief.taken(), [] as [String; 0]);
}

#[test]
fn a_refresh_token_goes_only_where_it_came_from_and_only_while_that_is_allowed() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let thief = Thief::new();
    let world = World::empty()
        .with_env("MAKE_CLIENT_ID", CONFIDENTIAL_CLIENT)
        .with_env("MAKE_CLIENT_SECRET", CONFIDENTIAL_SECRET);
    project(&world, &format!("{{ url: \"{}\" }}", server.url));
    let login = LoggingIn::start(&world, &[]);
    let visitor = Visitor::new();
    visitor.get(&visitor.decide(&login.url, "allow"));
    let _ = login.end().success();
    // The environment names another server now; the login was made at the first.
    let path = world.file(".config/makeform/logins.json");
    let mut page: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    page["logins"][0]["expires"] = json!("2020-01-01T00:00:00Z");
    fs::write(&path, page.to_string()).unwrap();
    let world = world
        .with_env("MAKEFORM_OAUTH_TOKEN_URL", &thief.url())
        .with_env("MAKEFORM_OAUTH_REVOKE_URL", &thief.url());
    let _ = world.run(&["plan"]).success();
    // A file of logins from elsewhere names a server that may have no token.
    page["logins"][0]["tokenUrl"] = json!("https://evil.example/token");
    fs::write(&path, page.to_string()).unwrap();
    let world = world.with_env("HTTPS_PROXY", &thief.url());
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("host-not-allowed"), "{refused}");
    let out = world.run(&["auth", "logout"]).success();
    assert!(out.stderr.contains("could not be revoked"), "{out}");
    assert_eq!(thief.taken(), [] as [String; 0]);

    // The environment itself may not name one either.
    let world = world.with_env("MAKEFORM_OAUTH_TOKEN_URL", "https://evil.example/token");
    let refused = world
        .run(&["auth", "login", "--oauth", "--no-browser"])
        .exits(1);
    assert!(refused.stderr.contains("host-not-allowed"), "{refused}");
    let world = world
        .with_env("MAKEFORM_OAUTH_TOKEN_URL", "")
        .with_env("MAKE_REDIRECT_URI", "https://evil.example/callback");
    let refused = world
        .run(&["auth", "login", "--oauth", "--no-browser"])
        .exits(1);
    assert!(refused.stderr.contains("MAKE_REDIRECT_URI"), "{refused}");
    assert_eq!(thief.taken(), [] as [String; 0]);
}
