//! Logins, as a user makes and uses them.

use std::{fs, io::Write as _, path::Path, process::Stdio};

use makeform::{
    live::transport::Method,
    sandbox::{
        CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, Collection, PUBLIC_CLIENT, TOKEN,
        World as SandboxWorld, WorldOptions,
    },
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    logging_in::{LoggingIn, Visitor},
    server::Server,
    world::{Output, World},
};

const LOGINS: &str = ".config/makeform/logins.json";

/// A project with two targets on the same served sandbox.
fn project(url: &str) -> World {
    let world = World::empty();
    write_project(&world, "acme", url);
    world
}

fn write_project(world: &World, name: &str, url: &str) {
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: {name} }}\nspec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 defaultTarget: one\n\
             \x20 targets: {{ one: {{ url: \"{url}\" }}, two: {{ url: \"{url}\" }} }}\n"
        ),
    );
    world.write(
        "manifests/crm.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\nspec: { name: CRM }\n",
    );
}

/// Runs the program with something piped in.
fn piped(world: &World, args: &[&str], input: &str) -> Output {
    let mut command = world.command(args);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// Logs in by OAuth, with somebody who says yes.
fn log_in(world: &World, args: &[&str]) -> Output {
    let login = LoggingIn::start(world, args);
    let visitor = Visitor::new();
    let back = visitor.decide(&login.url, "allow");
    let page = visitor.get(&back);
    assert!(page.body.contains("You are logged in"), "{page:?}");
    login.end().success()
}

fn stored(world: &World) -> Value {
    serde_json::from_str(&world.read(LOGINS)).unwrap()
}

/// Rewrites the one stored login.
fn edit_login(world: &World, edit: impl FnOnce(&mut Value)) {
    let mut page = stored(world);
    edit(&mut page["logins"][0]);
    fs::write(world.file(LOGINS), page.to_string()).unwrap();
}

/// How often the authorization server gave tokens.
fn exchanges(account: &World) -> u64 {
    let requests = account.requests();
    requests.get("POST /oauth/v2/token").copied().unwrap_or(0)
}

/// Ends all access tokens at once, as time does.
fn expire_all(account: &World) {
    let world = SandboxWorld::open(&account.file(".makeform/sandbox"), WorldOptions::default());
    world
        .unwrap()
        .batch(|batch| {
            let mut tokens = Vec::new();
            batch.each(Collection::Tokens, |id, token| tokens.push((id, token)))?;
            for (id, mut token) in tokens {
                if token["kind"] == "oauth" {
                    token["expires"] = json!(0);
                    batch.put(Collection::Tokens, id, &token)?;
                }
            }
            Ok(())
        })
        .unwrap();
}

/// Everything in a folder but these files holds none of these texts.
fn assert_nowhere(folder: &Path, except: &[&str], secrets: &[String]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nowhere(&path, except, secrets);
        } else if !except.iter().any(|name| path.ends_with(name)) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            for secret in secrets {
                assert!(
                    !text.contains(secret.as_str()),
                    "a secret is in {}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn an_api_key_is_checked_then_kept_for_its_target_and_forgotten_again() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url);
    let none = world.run(&["plan"]).exits(1);
    assert!(none.stderr.contains("no-token"), "{none}");
    assert!(none.stderr.contains("--target one auth login"), "{none}");

    let wrong = "00000000-0000-4000-8000-00000000dead";
    let refused = piped(&world, &["auth", "login"], wrong).exits(1);
    assert!(refused.stderr.contains("token-refused"), "{refused}");
    assert!(!refused.to_string().contains("dead"), "{refused}");
    let empty = piped(&world, &["auth", "login", "--api-key"], "\n").exits(1);
    assert!(empty.stderr.contains("token-malformed"), "{empty}");
    assert!(!world.file(LOGINS).exists(), "nothing was kept");

    let kept = piped(&world, &["auth", "login"], &format!("{TOKEN}\n")).success();
    assert!(
        kept.stderr
            .contains("as Olivia Owen (olivia@acme.example), organization Sandbox"),
        "{kept}"
    );
    let _ = world.run(&["plan"]).success();
    // The other target has an account of its own, on the same host or not; so has another
    // project.
    let other = world.run(&["--target", "two", "plan"]).exits(1);
    assert!(other.stderr.contains("no-token"), "{other}");
    write_project(&world, "other", &server.url);
    let _ = world.run(&["plan"]).exits(1);
    write_project(&world, "acme", &server.url);

    let status = world.run(&["auth", "status"]).success();
    for text in [
        "Olivia Owen",
        "Sandbox team (1)",
        "an API key kept by",
        "all that makeform does",
    ] {
        assert!(status.stdout.contains(text), "{text}: {status}");
    }
    let with_key = world.command(&["plan"]).env("MAKE_API_KEY", wrong).output();
    assert_eq!(
        with_key.unwrap().status.code(),
        Some(1),
        "the environment goes first"
    );

    let out = world.run(&["auth", "logout"]).success();
    assert!(
        out.stderr.contains("The API key itself still works"),
        "{out}"
    );
    let _ = world.run(&["plan"]).exits(1);
    let again = world.run(&["auth", "logout"]).success();
    assert!(again.stderr.contains("no stored login"), "{again}");
    assert!(!world.read(LOGINS).contains(TOKEN));
}

#[test]
fn a_public_application_logs_in_and_no_secret_is_anywhere_but_in_the_file_of_logins() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url).with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT);
    let login = LoggingIn::start(&world, &[]);
    assert!(
        login.url.contains("code_challenge_method=S256"),
        "{}",
        login.url
    );
    let visitor = Visitor::new();
    let back = visitor.decide(&login.url, "allow");
    let page = visitor.get(&back);
    assert!(page.body.contains("You are logged in"), "{page:?}");
    let code = back.split("code=").nth(1).unwrap();
    let code = code.split('&').next().unwrap().to_owned();
    assert!(!page.body.contains(&code), "{page:?}");
    let login = login.end().success();

    let record = stored(&world)["logins"][0].clone();
    assert_eq!(record["kind"], "oauth");
    assert_eq!(
        record["refresh"],
        Value::Null,
        "public clients are given none"
    );
    let access = record["access"].as_str().unwrap().to_owned();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name| fs::metadata(world.file(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(LOGINS), mode(".config/makeform")), (0o600, 0o700));
    }

    let mut shown = login.to_string();
    for args in [
        &["plan", "--out", "plan.json"][..],
        &["plan", "--format", "json"],
        &["apply", "--auto-approve"],
        &["auth", "status"],
        &["auth", "status", "--format", "json"],
        &["doctor"],
        &["export", "--out", "exported"],
        &["state", "list"],
    ] {
        let output = world
            .command(args)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        shown += &String::from_utf8_lossy(&output.stdout);
        shown += &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {shown}");
    }
    world.assert_settled();
    let status = world.run(&["auth", "status"]).success();
    assert!(
        status.stdout.contains("a login by OAuth (ends "),
        "{status}"
    );
    for secret in [&access, &code] {
        assert!(!shown.contains(secret.as_str()), "{shown}");
    }
    assert_nowhere(world.path(), &["logins.json"], &[access.clone(), code]);

    // The server knows the token no more, and says so in its own words, which are not shown.
    let out = world.run(&["auth", "logout"]).success();
    assert!(out.stderr.contains("took its tokens back"), "{out}");
    let world = world.with_env("MAKE_API_KEY", &access);
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("token-refused"), "{refused}");
    let whose = "(the token came from the environment variable MAKE_API_KEY)";
    assert!(refused.stderr.contains(whose), "{refused}");
    assert!(!refused.to_string().contains(&access), "{refused}");
}

#[test]
fn a_login_is_renewed_before_it_ends_and_where_it_is_refused_by_one_process_for_all() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url)
        .with_env("MAKE_CLIENT_ID", CONFIDENTIAL_CLIENT)
        .with_env("MAKE_CLIENT_SECRET", CONFIDENTIAL_SECRET);
    let _ = log_in(&world, &[]);
    let first = stored(&world)["logins"][0].clone();
    assert!(!world.read(LOGINS).contains(CONFIDENTIAL_SECRET));
    let _ = world.run(&["plan"]).success();
    assert_eq!(exchanges(&account), 1, "it is good for an hour");

    // Its end has come, by our clock.
    edit_login(&world, |login| {
        login["expires"] = json!("2020-01-01T00:00:00Z");
    });
    let _ = world.run(&["plan"]).success();
    assert_eq!(exchanges(&account), 2);
    let second = stored(&world)["logins"][0].clone();
    assert_ne!(first["access"], second["access"]);
    assert_ne!(first["refresh"], second["refresh"], "it was rotated");

    // Two processes find that at the same time, and each reads what the other wrote.
    edit_login(&world, |login| {
        login["expires"] = json!("2020-01-01T00:00:00Z");
    });
    let plans: Vec<_> = (0..3)
        .map(|_| {
            let mut command = world.command(&["plan"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for plan in plans {
        let output = plan.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    assert_eq!(exchanges(&account), 3);

    // The server's clock is ahead of ours: what is refused is renewed, and asked again.
    expire_all(&account);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(exchanges(&account), 4);
    world.assert_settled();

    // Somebody used the refresh token: there is no way on but another login.
    edit_login(&world, |login| {
        login["expires"] = json!("2020-01-01T00:00:00Z");
        login["refresh"] = first["refresh"].clone();
    });
    let ended = world.run(&["plan"]).exits(1);
    assert!(ended.stderr.contains("login-expired"), "{ended}");
    assert!(ended.stderr.contains("invalid_grant"), "{ended}");
    assert!(ended.stderr.contains("makeform auth login"), "{ended}");
    let secrets = [&first, &second]
        .into_iter()
        .flat_map(|login| [&login["access"], &login["refresh"]])
        .map(|secret| secret.as_str().unwrap().to_owned())
        .chain([CONFIDENTIAL_SECRET.to_owned()]);
    let secrets: Vec<String> = secrets.collect();
    assert_nowhere(world.path(), &["logins.json"], &secrets);
}

#[test]
fn a_no_at_the_server_s_page_and_strange_visits_keep_nothing() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url).with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT);
    let visitor = Visitor::new();
    let login = LoggingIn::start(&world, &["--scope", "scenarios:read teams:read"]);
    assert!(
        visitor
            .get(&login.url)
            .body
            .contains("<li><code>teams:read</code></li>")
    );
    let back = visitor.decide(&login.url, "deny");

    // Others on this machine may knock: they are turned away, and the login goes on.
    let (address, query) = back.split_once('?').unwrap();
    let state = query
        .split('&')
        .find(|pair| pair.starts_with("state="))
        .unwrap();
    assert_eq!(
        visitor.get(&format!("{address}?code=x&state=y")).status,
        400
    );
    assert_eq!(visitor.get(&format!("{address}?code=x")).status, 400);
    assert_eq!(
        visitor.get(&format!("{address}x?code=x&{state}")).status,
        404
    );
    let page = visitor.get(&back);
    assert!(page.body.contains("did not come about"), "{page:?}");
    let output = login.end().exits(1);
    assert!(output.stderr.contains("login-failed"), "{output}");
    assert!(
        output.stderr.contains("access_denied (The user said no.)"),
        "{output}"
    );
    assert!(!world.file(LOGINS).exists());

    // A code that is not the server's.
    let login = LoggingIn::start(&world, &[]);
    let back = visitor.decide(&login.url, "deny");
    let (address, query) = back.split_once('?').unwrap();
    let state = query
        .split('&')
        .find(|pair| pair.starts_with("state="))
        .unwrap();
    let page = visitor.get(&format!("{address}?code=canary-code&{state}"));
    assert!(page.body.contains("did not come about"), "{page:?}");
    let output = login.end().exits(1);
    assert!(output.stderr.contains("invalid_grant"), "{output}");
    assert!(!output.to_string().contains("canary-code"), "{output}");

    // Tokens that open too little are not kept.
    let login = LoggingIn::start(&world, &["--scope", "scenarios:read"]);
    let page = visitor.get(&visitor.decide(&login.url, "allow"));
    assert!(page.body.contains("did not come about"), "{page:?}");
    let output = login.end().exits(1);
    assert!(output.stderr.contains("access-denied"), "{output}");
    assert!(!world.file(LOGINS).exists());

    // No application, and one that is unknown.
    let nobody = project(&server.url);
    let output = nobody.run(&["auth", "login", "--oauth"]).exits(1);
    assert!(output.stderr.contains("MAKE_CLIENT_ID"), "{output}");
    let stranger = nobody.with_env("MAKE_CLIENT_ID", "stranger");
    let login = LoggingIn::start(&stranger, &[]);
    assert_eq!(visitor.get(&login.url).status, 400);
}

#[cfg(unix)]
#[test]
fn the_page_is_opened_in_the_user_s_browser_unless_they_say_otherwise() {
    use std::os::unix::fs::PermissionsExt as _;
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url).with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT);
    let opener = "#!/bin/sh\nprintf '%s' \"$1\" > \"$HOME/opened\"\n";
    world.write("bin/xdg-open", opener);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(world.file("bin/xdg-open"), executable).unwrap();
    let path = format!("{}:/usr/bin:/bin", world.file("bin").display());
    let world = world.with_env("PATH", &path);
    // `LoggingIn` says --no-browser.
    let _ = log_in(&world, &[]);
    assert!(!world.file("opened").exists());
    let mut command = world.command(&["auth", "login"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let opened = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let url = fs::read_to_string(world.file("opened")).unwrap_or_default();
        (!url.is_empty()).then_some(url)
    });
    let visitor = Visitor::new();
    let back = visitor.decide(&opened.unwrap(), "allow");
    assert_eq!(visitor.get(&back).status, 200);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_sealed_file_of_logins_wants_its_key() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url);
    let mut login = world.command(&["auth", "login", "--api-key"]);
    login.env("MAKEFORM_STATE_KEY", "correct horse battery staple");
    login.stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = login.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(TOKEN.as_bytes()).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    let text = world.read(LOGINS);
    assert!(
        !text.contains(TOKEN) && !text.contains("127.0.0.1"),
        "{text}"
    );

    let locked = world.run(&["plan"]).exits(1);
    assert!(locked.stderr.contains("logins-sealed"), "{locked}");
    assert!(locked.stderr.contains("MAKEFORM_STATE_KEY"), "{locked}");
    let world = world.with_env("MAKEFORM_STATE_KEY", "correct horse battery staple");
    let _ = world.run(&["plan"]).success();
    let world = world.with_env("MAKEFORM_STATE_KEY", "another");
    let locked = world.run(&["plan"]).exits(1);
    assert!(locked.stderr.contains("logins-sealed"), "{locked}");
    // Who has a token at hand needs no file.
    let world = world.with_env("MAKE_API_KEY", TOKEN);
    let _ = world.run(&["plan"]).success();
}

#[test]
fn the_official_command_line_s_login_is_a_last_resort_for_its_own_host() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url);
    let host = server.url.trim_start_matches("http://");
    let save = |zone: &str| {
        let config = json!({"apiKey": TOKEN, "zone": zone}).to_string();
        world.write(".config/make-cli/config.json", &config);
    };
    save("eu1.make.com");
    let none = world.run(&["plan"]).exits(1);
    assert!(none.stderr.contains("no-token"), "{none}");
    save(host);
    let _ = world.run(&["plan"]).success();
    let status = world.run(&["auth", "status"]).success();
    assert!(
        status.stdout.contains("Make's own command line"),
        "{status}"
    );
    // A target that names a variable of its own has an account of its own.
    let target = format!("url: \"{}\"", server.url);
    let own = format!("{target}, token: \"${{env.MAKE_API_KEY_ONE}}\"");
    world.edit(
        "makeform.yaml",
        &format!("one: {{ {target}"),
        &format!("one: {{ {own}"),
    );
    let none = world.run(&["plan"]).exits(1);
    assert!(
        none.stderr
            .contains("`MAKE_API_KEY_ONE`, which it names, is not set"),
        "{none}"
    );
    let world = world.with_env("MAKE_API_KEY", TOKEN);
    let _ = world.run(&["plan"]).exits(1);
    let _ = piped(&world, &["auth", "login", "--api-key"], TOKEN).success();
    let _ = world.run(&["plan"]).success();
}

#[test]
fn the_other_dialect_s_authorization_server_gives_a_refresh_token_and_takes_none_back() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let url = |page: &str| format!("{}/oauth/{page}", server.url);
    let world = project(&server.url)
        .with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT)
        .with_env("MAKE_REDIRECT_URI", "http://localhost:0/back/from/make")
        .with_env("MAKEFORM_OAUTH_AUTHORIZE_URL", &url("authorize"))
        .with_env("MAKEFORM_OAUTH_TOKEN_URL", &url("token"));
    let login = log_in(&world, &["--scope", "read", "--scope", "write execute"]);
    assert!(
        login
            .stderr
            .contains("redirect_uri=http%3A%2F%2Flocalhost%3A"),
        "{login}"
    );
    assert!(login.stderr.contains("%2Fback%2Ffrom%2Fmake"), "{login}");
    let record = stored(&world)["logins"][0].clone();
    assert_eq!(record["tokenUrl"], url("token").as_str());
    assert_eq!(record["scope"], json!(["read", "write", "execute"]));
    let status = world.run(&["auth", "status"]).success();
    assert!(status.stdout.contains("(renewed "), "{status}");
    assert!(status.stdout.contains("all that makeform does"), "{status}");
    expire_all(&account);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    assert_eq!(account.requests()["POST /oauth/token"], 2);
}

#[test]
fn a_login_of_the_unified_dialect_knows_what_it_was_made_for() {
    let account = World::new();
    let (_server, url) = Server::start_both(&account, &["--plan", "pro"]);
    let world = project(&url).with_env("MAKE_CLIENT_ID", PUBLIC_CLIENT);
    let spoken = format!("one: {{ url: \"{url}\", dialect: unified, organization: 1 }}");
    world.edit(
        "makeform.yaml",
        &format!("one: {{ url: \"{url}\" }}"),
        &spoken,
    );
    let _ = log_in(&world, &[]);
    let record = stored(&world)["logins"][0].clone();
    assert_eq!(record["scope"], json!(["read", "write", "execute"]));
    let status = world.run(&["auth", "status"]).success();
    assert!(status.stdout.contains("read write execute"), "{status}");
    assert!(status.stdout.contains("all that makeform does"), "{status}");
    assert!(
        status.stdout.contains("Pro, by its limit of 300"),
        "{status}"
    );

    let _ = log_in(&world, &["--scope", "read"]);
    let status = world.run(&["auth", "status"]).success();
    for lacking in ["apply: scenarios, webhooks and members", "run: starting"] {
        assert!(status.stdout.contains(lacking), "{lacking}: {status}");
    }
    let doctor = world.run(&["doctor", "--target", "one"]).success();
    assert!(doctor.stdout.contains("warn  scopes"), "{doctor}");
    assert!(doctor.stdout.contains("without write execute"), "{doctor}");
}

#[test]
fn what_scopes_do_not_allow_is_said_by_command() {
    let account = World::new();
    let server = Server::start(&account, &["--plan", "teams"]);
    let made = Account::of(&account).write(
        Method::Post,
        "/users/me/api-tokens",
        json!({"label": "reader", "scope": [
            "organizations:read", "teams:read", "scenarios:read", "user:read", "hooks:read",
        ]}),
    );
    let token = made["apiToken"]["token"].as_str().unwrap();
    let world = project(&server.url).with_env("MAKE_API_KEY", token);
    let status = world.run(&["auth", "status"]).success();
    assert!(status.stdout.contains("apply: webhooks"), "{status}");
    assert!(status.stdout.contains("needs hooks:write"), "{status}");
    assert!(!status.stdout.contains("needs hooks:read"), "{status}");
    let status = world.run(&["auth", "status", "--format", "json"]).success();
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["user"]["email"], "olivia@acme.example");
    assert_eq!(status["plan"], "Teams");
    assert_eq!(status["token"]["source"], "environment");
    let lacking = status["lacking"].as_array().unwrap();
    let run = json!({"command": "run", "what": "starting scenarios", "scope": "scenarios:run"});
    assert!(lacking.contains(&run), "{status}");
}

#[test]
fn the_emulator_in_this_process_needs_no_login() {
    let world = World::new();
    let login = world.run(&["auth", "login"]).success();
    assert!(login.stderr.contains("needs no login"), "{login}");
    let status = world.run(&["auth", "status"]).success();
    assert!(status.stdout.contains("the emulator's own"), "{status}");
    let _ = world.run(&["auth", "logout"]).success();
    assert!(!world.file(LOGINS).exists());
}
