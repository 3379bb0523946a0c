//! Canaries: unmistakable values for everything that must be nowhere but where it belongs. Every
//! command runs, in every format, well and badly, in both dialects; then all that it said and all
//! that it left on disk is searched.
//!
//! | what | may be in |
//! |---|---|
//! | an API key of the environment, the application's secret, codes, `MAKEFORM_STATE_KEY`, the proxy's password | nothing |
//! | an API key of `auth login`, access and refresh tokens | the file of logins, unless it is sealed |
//! | values of `${env.*}` | the account, and with its blueprints the local cache |
//! | the URL of a hook, a token in a live blueprint | the local cache; the token also in what `export` writes, which says so |

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use makeform::{
    live::transport::Method,
    sandbox::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    commands,
    hunt::Hunt,
    logging_in::{LoggingIn, Visitor},
    parrot::{Answer, Parrot, To},
    server::Server,
    world::{Output, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Zone,
    Unified,
}

/// The variables that manifests name.
const VARIABLES: [&str; 8] = [
    "CRM_TOKEN",
    "QUERY",
    "PLAIN",
    "NOTE",
    "SHARED",
    "HOOK_TOKEN",
    "HOOK_USER",
    "HOOK_PASSWORD",
];

const LOGINS: &str = ".config/makeform/logins.json";

/// What both dialects have: what runs, and what somebody edits by hand.
const COMMON: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: runs }
spec:
  name: Runs
  active: true
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "util:FunctionSleep", version: 1, mapper: { duration: "{{1.seconds}}" } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: kept }
spec:
  name: Kept
  active: true
  blueprint:
    flow:
      - { id: 1, module: "scenario-service:StartSubscenario", version: 1 }
      - { id: 2, module: "sandbox:Fail", version: 1, mapper: { message: "Full up." } }
      - { id: 3, module: "http:ActionSendData", version: 3, mapper: { url: "https://a.example", headers: [] } }
    metadata: { version: 1, scenario: { dlq: true } }
  lifecycle: { ignoreChanges: [/blueprint/flow/3] }
---
"#;

const ZONE: &str = r#"
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Variable
metadata: { name: shared }
spec: { scope: team, type: text, value: "${env.SHARED}" }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: caller }
spec:
  name: Caller
  description: "Asks ${env.NOTE}"
  active: true
  schedule: { immediately: true }
  blueprint:
    flow:
      - { id: 1, module: "gateway:CustomWebHook", version: 1, parameters: { hook: "${webhook.leads}" } }
      - id: 2
        module: "http:ActionSendData"
        version: 3
        mapper:
          url: "${webhook.leads.url}?key=${env.QUERY}"
          headers: [{ name: authorization, value: "Bearer ${env.CRM_TOKEN}" }]
          data: "plain ${env.PLAIN}"
    metadata: { version: 1 }
"#;

const UNIFIED: &str = r#"
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: Leads, type: custom, scenario: scenario.caller, security: { type: token, token: "${env.HOOK_TOKEN}" } }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: guarded }
spec:
  name: Guarded
  type: raw
  scenario: scenario.second
  security: { type: basic, username: "${env.HOOK_USER}", password: "${env.HOOK_PASSWORD}" }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: caller }
spec:
  name: Caller
  description: "Asks ${env.NOTE}"
  active: true
  blueprint:
    modules:
      - { id: 1, app: gateway, action: CustomWebHook, parameters: { hook: "${webhook.leads}" } }
      - id: 2
        app: http
        action: ActionSendData
        parameters:
          url: "${webhook.leads.url}?key=${env.QUERY}"
          headers: [{ name: authorization, value: "Bearer ${env.CRM_TOKEN}" }]
          data: "plain ${env.PLAIN}"
          more: "${env.SHARED}"
    connections: [{ from: 1, to: 2 }]
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: second }
spec:
  name: Second
  active: true
  blueprint:
    modules: [{ id: 1, app: gateway, action: CustomWebHook, parameters: { hook: "${webhook.guarded}" } }]
    connections: []
"#;

/// A value that no other is like, with all that needs to be escaped somewhere.
fn canary(name: &str, round: usize) -> String {
    format!("canary{round}-{name}\"7/f+é=%Zq81LmX0")
}

struct Story {
    world: World,
    account: World,
    _server: Server,
    parrot: Parrot,
    hunt: Hunt,
    /// What was said, with what was typed.
    shown: Vec<(String, String)>,
    /// How many of them were searched.
    searched: usize,
    /// The commands that ran, each with its formats.
    ran: BTreeMap<String, BTreeSet<String>>,
    commands: BTreeMap<String, Vec<String>>,
}

impl Story {
    fn new(dialect: Dialect) -> Self {
        let account = World::new();
        let mut server = Server::start(&account, &["--unified", "127.0.0.1:0"]);
        let said = server.says();
        let behind = match dialect {
            Dialect::Zone => server.url.clone(),
            Dialect::Unified => {
                let url = said
                    .split_whitespace()
                    .find(|word| word.starts_with("http"));
                url.unwrap().trim_end_matches("/api/v2").to_owned()
            }
        };
        let parrot = Parrot::before(&behind);
        let world = World::empty();
        let named = VARIABLES.join(", ");
        let url = &parrot.url;
        let (word, far) = match dialect {
            Dialect::Zone => ("zone", "https://eu1.make.com"),
            Dialect::Unified => ("unified", "https://api.make.com"),
        };
        world.write(
            "makeform.yaml",
            &format!(
                "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: canaries }}\nspec:\n\
                 \x20 manifests: [\"manifests/**/*.yaml\"]\n\
                 \x20 env: [{named}, ACME_KEY]\n\
                 \x20 defaultTarget: main\n\
                 \x20 targets:\n\
                 \x20   main: {{ url: \"{url}\", dialect: {word}, organization: \"1\", token: \"${{env.ACME_KEY}}\" }}\n\
                 \x20   other: {{ url: \"{url}\", dialect: {word}, organization: \"1\" }}\n\
                 \x20   far: {{ url: \"{far}\", organization: \"1\", token: \"${{env.ACME_KEY}}\" }}\n",
            ),
        );
        let own = match dialect {
            Dialect::Zone => ZONE,
            Dialect::Unified => UNIFIED,
        };
        // The unified dialect has no word for a schedule on demand; without one a scenario is so.
        let common = match dialect {
            Dialect::Zone => COMMON.replace(
                "  active: true\n",
                "  active: true\n  schedule: { onDemand: true }\n",
            ),
            Dialect::Unified => COMMON.to_owned(),
        };
        world.write("manifests/all.yaml", &format!("{common}{own}"));
        world.write("slow.json", r#"{ "seconds": 3000 }"#);
        let commands = commands::all(&world);
        let mut story = Self {
            world,
            account,
            _server: server,
            parrot,
            hunt: Hunt::default(),
            shown: Vec::new(),
            searched: 0,
            ran: BTreeMap::new(),
            commands,
        };
        for (name, value) in [
            ("RUST_LOG", "trace"),
            ("MAKEFORM_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
            ("MAKEFORM_MINUTE", "0.01"),
        ] {
            story.world.set_env(name, Some(value));
        }
        story.key("ACME_KEY", "ca4a7e00-1111-4222-8333-0000deadbeef");
        story.rotate(1);
        story
    }

    /// An API key in a variable, with which the server lets in.
    fn key(&mut self, variable: &str, value: &str) {
        self.parrot.knows(value);
        self.secret(variable, variable, value);
    }

    /// A variable that is looked for.
    fn secret(&mut self, name: &str, variable: &str, value: &str) {
        self.hunt.add(name, value);
        self.world.set_env(variable, Some(value));
    }

    /// Gives the variables of manifests other values. The old ones stay secret.
    fn rotate(&mut self, round: usize) {
        for name in VARIABLES {
            let value = canary(name, round);
            self.secret(&format!("env {name} {round}"), name, &value);
        }
    }

    /// Runs the program with something piped in.
    fn piped(&mut self, args: &[&str], env: &[(&str, &str)], input: &str) -> Output {
        let mut command = self.world.command(args);
        command
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that does not read it may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let output = Output {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        };
        self.saw(args, &output);
        output
    }

    fn run(&mut self, args: &[&str]) -> Output {
        self.piped(args, &[], "")
    }

    /// Takes in what a run said.
    fn saw(&mut self, args: &[&str], output: &Output) {
        let typed = args.join(" ");
        let mut known = self.commands.keys().filter(|name| {
            let name: Vec<&str> = name.split(' ').collect();
            args.starts_with(&name)
        });
        let command = known
            .next()
            .unwrap_or_else(|| panic!("{typed} is no command"));
        let mut formats: Vec<&str> = args
            .windows(2)
            .filter(|pair| pair[0] == "--format")
            .map(|pair| pair[1])
            .collect();
        if formats.is_empty() {
            formats.push("text");
        }
        let ran = self.ran.entry(command.clone()).or_default();
        ran.extend(formats.into_iter().map(str::to_owned));
        self.shown.push((typed, output.to_string()));
    }

    /// Begins a plan of an account that is reached through a proxy, which refuses in the words that
    /// it was asked with.
    fn far(&mut self) -> Child {
        let password = "canary-Proxy51LmX0Qz81";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://ann:{password}@{}", listener.local_addr().unwrap());
        self.secret("proxy", "HTTPS_PROXY", &proxy);
        self.hunt.add("proxy password", password);
        self.hunt
            .add("proxy header", &STANDARD.encode(format!("ann:{password}")));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).unwrap();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                assert!(head.contains("Basic "), "{head}");
                let line = head.replace("\r\n", " ");
                let _ = write!(
                    stream,
                    "HTTP/1.1 407 {line}\r\nx-heard: {line}\r\ncontent-length: {}\r\n\r\n{head}",
                    head.len()
                );
            }
        });
        let mut command = self.world.command(&["plan", "--target", "far"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn saw_far(&mut self, far: Child) {
        let output = far.wait_with_output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert!(shown.contains("account-unreached"), "{shown}");
        self.shown.push(("plan --target far".into(), shown));
    }

    /// The same once more, also for what became known as secret later.
    #[track_caller]
    fn assert_nowhere_at_all(&mut self) {
        self.searched = 0;
        self.assert_nowhere();
    }

    /// Every command ran, in every format.
    #[track_caller]
    fn assert_all_ran(&self) {
        for (command, formats) in &self.commands {
            let ran = self.ran.get(command);
            let ran = ran.unwrap_or_else(|| panic!("`{command}` did not run: add it to a story"));
            for format in formats {
                assert!(
                    ran.contains(format),
                    "`{command}` was not asked for {format}"
                );
            }
        }
    }

    /// Looks at everything that was said and left on disk.
    #[track_caller]
    fn assert_nowhere(&mut self) {
        // What was said before was searched before; at the end all is searched for all.
        let new = self.shown.iter().skip(self.searched);
        self.searched = self.shown.len();
        for (typed, shown) in new {
            let found = self.hunt.within(shown.as_bytes());
            assert!(
                found.is_empty(),
                "`makeform {typed}` shows {found:?}:\n{shown}"
            );
        }
        for (path, found) in self.hunt.below(self.world.path()) {
            let path = path.strip_prefix(self.world.path()).unwrap();
            let wrong: Vec<&str> = found
                .into_iter()
                .filter(|name| !belongs(path, name))
                .collect();
            assert!(wrong.is_empty(), "{} holds {wrong:?}", path.display());
        }
    }

    /// A file of the world that holds a value, for which its place is right.
    #[track_caller]
    fn assert_in(&self, folder: &str, name: &str) {
        let found = self.hunt.below(self.world.path());
        let mut found = found.iter().filter(|(path, _)| {
            path.strip_prefix(self.world.path())
                .unwrap()
                .starts_with(folder)
        });
        assert!(
            found.any(|(_, names)| names.contains(name)),
            "{name} is not in {folder}"
        );
    }
}

/// Whether a value may be in a file.
fn belongs(path: &Path, name: &str) -> bool {
    let is_in = |folder: &str| path.starts_with(folder);
    // Of the project's targets, and of the project that was exported from it.
    let targets = ["main", "other"].map(|name| format!(".makeform/{name}/cache/blobs"));
    let is_cache = targets
        .iter()
        .any(|cache| is_in(cache) || is_in(&format!("exported/{cache}")));
    let kind = name.split(' ').next().unwrap();
    match kind {
        "login" => is_in(LOGINS),
        "env" => is_cache,
        "hook" | "literal" => is_cache || is_in("exported/manifests"),
        _ => false,
    }
}

/// The plan, in every form.
fn plans(story: &mut Story) {
    let _ = story.run(&["plan"]).success();
    let _ = story
        .run(&["plan", "--refresh", "--format", "json"])
        .success();
    let _ = story.run(&["plan", "--out", "plan.json"]).success();
}

/// What can be asked of things that are applied.
fn questions(story: &mut Story) {
    let list = story.run(&["state", "list"]).success();
    let addresses: Vec<&str> = list
        .stdout
        .split_whitespace()
        .filter(|word| {
            ["scenario.", "webhook.", "variable."]
                .iter()
                .any(|kind| word.starts_with(kind))
        })
        .collect();
    assert!(addresses.len() >= 4, "{list}");
    for address in addresses {
        let _ = story.run(&["state", "show", address]).success();
    }
    for format in ["text", "json"] {
        let _ = story.run(&["status", "--format", format]).success();
        let _ = story.run(&["auth", "status", "--format", format]).success();
        let _ = story.run(&["doctor", "--format", format]);
    }
    for format in ["text", "json", "github"] {
        let _ = story.run(&["validate", "--format", format]).success();
    }
}

/// Runs, and what is told of them.
fn running(story: &mut Story) {
    let input = ["run", "scenario.runs", "--input", "slow.json"];
    let started = story.run(&input).success();
    let slow = started.stdout.trim();
    let _ = story
        .run(&["executions", "stop", "scenario.runs", slow])
        .success();
    let json = story.run(&["run", "scenario.kept", "--wait", "--format", "json"]);
    let run: Value = serde_json::from_str(&json.stdout).unwrap();
    let failed = run["execution"].as_str().unwrap();
    for format in ["text", "json"] {
        let _ = story
            .run(&["executions", "list", "scenario.kept", "--format", format])
            .success();
        let _ = story
            .run(&[
                "executions",
                "show",
                "scenario.kept",
                failed,
                "--format",
                format,
            ])
            .success();
        let list = story.run(&["incomplete", "list", "--format", format]);
        let id = list
            .stdout
            .split('"')
            .find(|word| word.len() == 32)
            .unwrap_or("0123")
            .to_owned();
        let _ = story.run(&[
            "incomplete",
            "show",
            "scenario.kept",
            &id,
            "--format",
            format,
        ]);
        if format == "json" {
            let _ = story.run(&["incomplete", "retry", "scenario.kept", &id]);
            let _ = story.run(&["incomplete", "delete", "scenario.kept", &id]);
        }
    }
}

/// Somebody edits scenarios in Make, and writes tokens into them.
fn edited_by_hand(story: &mut Story) {
    for (name, value) in [
        ("literal header", "canary-literal-7c2Rt55KpW9-header"),
        ("literal field", "canary-literal-7c2Rt55KpW9-apikey"),
        ("literal by hand", "canary-literal-7c2Rt55KpW9-byhand"),
        ("literal vendor", "xoxb-7312998104321-canaryQzLm81Lm0xPq"),
        (
            "literal hook",
            "https://hook.eu1.make.com/canary7c2rt55kpw9lmx0qz81abcd",
        ),
        ("literal basic", "canary7c2Rt55KpW9basic"),
    ] {
        story.hunt.add(name, value);
    }
    let account = Account::of(&story.account);
    for hook in account.hooks() {
        let url = hook["url"].as_str().unwrap();
        story.hunt.add(
            &format!("hook {}", hook["name"]),
            url.rsplit('/').next().unwrap(),
        );
    }
    let edit = |name: &str, edit: &dyn Fn(&mut Value)| {
        let row = account.scenario(name);
        let mut blueprint = account.blueprint(&row["id"]);
        edit(&mut blueprint);
        let path = format!("/scenarios/{}", row["id"]);
        account.write(
            Method::Patch,
            &path,
            json!({ "blueprint": blueprint.to_string() }),
        );
    };
    let literal = |module: &mut Value| {
        module["mapper"]["headers"] = json!([
            { "name": "authorization", "value": "Bearer canary-literal-7c2Rt55KpW9-header" },
            { "name": "x-more", "value": "xoxb-7312998104321-canaryQzLm81Lm0xPq" },
        ]);
        module["mapper"]["apiKey"] = json!("canary-literal-7c2Rt55KpW9-apikey");
        module["mapper"]["hook"] = json!("https://hook.eu1.make.com/canary7c2rt55kpw9lmx0qz81abcd");
        module["mapper"]["db"] = json!("https://ann:canary7c2Rt55KpW9basic@db.example/x");
    };
    // In one that is to change back, and in a module that is not ours to change.
    edit("Caller", &|blueprint| {
        literal(&mut blueprint["flow"][1]);
    });
    edit("Kept", &|blueprint| literal(&mut blueprint["flow"][2]));
    let id = account.create_scenario("By hand");
    let blueprint = json!({ "name": "By hand", "metadata": {}, "flow": [{
        "id": 1, "module": "http:ActionSendData", "version": 3, "mapper": {
            "url": "https://b.example",
            "headers": [{ "name": "x-api-key", "value": "canary-literal-7c2Rt55KpW9-byhand" }],
        }
    }] });
    account.write(
        Method::Patch,
        &format!("/scenarios/{id}"),
        json!({ "blueprint": blueprint.to_string() }),
    );
}

/// Exports: what a live blueprint holds is written as it is, and each place is named.
fn exported(story: &mut Story) {
    let export = story.run(&["export", "--out", "exported"]).success();
    assert!(export.stderr.contains("headers.0.value"), "{export}");
    story.assert_in("exported", "literal by hand");
    // From there it is planned, applied and known like any other.
    story.key("MAKE_API_KEY", "ca4a7e00-2222-4222-8333-0000deadbeef");
    for args in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["apply", "--auto-approve"],
    ] {
        let ours = [args, &["-C", "exported"]].concat();
        let output = story.run(&ours);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

/// What else there is to type.
fn the_rest(story: &mut Story) {
    let _ = story
        .run(&["state", "mv", "scenario.caller", "scenario.called"])
        .success();
    let _ = story
        .run(&["state", "mv", "scenario.called", "scenario.caller"])
        .success();
    let _ = story.run(&["state", "rm", "webhook.leads"]).success();
    let hooks = Account::of(&story.account).hooks();
    let hook = hooks.iter().find(|hook| hook["name"] == "Leads");
    let hook = hook.unwrap()["id"].to_string();
    let _ = story
        .run(&["import", "webhook.leads", "no-such-id"])
        .exits(1);
    let _ = story.run(&["import", "webhook.leads", &hook]).success();
    let _ = story.run(&["explain", "no-token"]).success();
    let _ = story
        .run(&["sandbox", "seed", "--scenarios", "2", "--world", "toy"])
        .success();
    let _ = story.run(&["sandbox", "stats", "--world", "toy"]).success();
    let _ = story.run(&["sandbox", "reset", "--world", "toy"]).success();
    let _ = story.run(&["sandbox", "quirks"]).success();
    served(story);
}

/// A server of the program's own is shown a key and a secret, and says nothing of them.
fn served(story: &mut Story) {
    let args = [
        "sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--world",
        "toy",
    ];
    let mut command = story.world.command(&args);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    while !said.ends_with(b"\n") {
        let mut byte = [0];
        stderr.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    let line = String::from_utf8(said.clone()).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http"))
        .unwrap();
    let status = Visitor::new().get(&format!(
        "{url}/users/me?token={}",
        "ca4a7e00-1111-4222-8333-0000deadbeef"
    ));
    assert_eq!(status.status, 401);
    child.kill().unwrap();
    child.wait().unwrap();
    stderr.read_to_end(&mut said).unwrap();
    let output = Output {
        stdout: String::new(),
        stderr: String::from_utf8(said).unwrap(),
        code: Some(0),
    };
    story.saw(&args, &output);
}

/// A key that is kept, then a login by OAuth that is renewed; first in the clear, then sealed.
fn logins(story: &mut Story) {
    let other = |args: &[&'static str]| [args, &["--target", "other"]].concat();
    let kept = "ca4a7e00-3333-4222-8333-0000deadbeef";
    story.hunt.add("login key", kept);
    story.world.set_env("MAKE_API_KEY", None);
    let wrong = "ca4a7e00-9999-4222-8333-0000deadbeef";
    story.hunt.add("wrong key", wrong);
    let login = other(&["auth", "login", "--api-key"]);
    let _ = story.piped(&login, &[], wrong).exits(1);
    let _ = story
        .piped(&login, &[], "ca4a7e00-9999-4222 8333-0000deadbeef")
        .exits(1);
    story.parrot.knows(kept);
    let _ = story.piped(&login, &[], kept).success();
    story.assert_in(LOGINS, "login key");
    let _ = story.run(&other(&["plan"])).success();
    let _ = story.run(&other(&["auth", "status"])).success();
    assert!(story.parrot.heard(kept));

    story.secret("client secret", "MAKE_CLIENT_SECRET", CONFIDENTIAL_SECRET);
    story
        .world
        .set_env("MAKE_CLIENT_ID", Some(CONFIDENTIAL_CLIENT));
    for (round, key) in [(1, None), (2, Some("canary-state-key-51LmX0Qz81"))] {
        if let Some(key) = key {
            story.secret("state key", "MAKEFORM_STATE_KEY", key);
        }
        let visitor = Visitor::new();
        let login = LoggingIn::start(&story.world, &["--target", "other"]);
        let back = visitor.decide(&login.url, "allow");
        let code = back
            .split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        story.hunt.add(&format!("code {round}"), code);
        let page = visitor.get(&back);
        assert!(page.body.contains("You are logged in"), "{page:?}");
        story.shown.push(("a page of auth login".into(), page.body));
        let output = login.end().success();
        story.saw(&["auth", "login", "--oauth"], &output);
        for again in 1..3 {
            if key.is_none() {
                let kept: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
                for name in ["access", "refresh"] {
                    let token = kept["logins"][0][name].as_str().unwrap();
                    story
                        .hunt
                        .add(&format!("login {name} {round}.{again}"), token);
                    story.assert_in(LOGINS, &format!("login {name} {round}.{again}"));
                }
                let mut page = kept;
                page["logins"][0]["expires"] = json!("2020-01-01T00:00:00Z");
                fs::write(story.world.file(LOGINS), page.to_string()).unwrap();
            }
            let _ = story.run(&other(&["plan"])).success();
            let _ = story
                .run(&other(&["auth", "status", "--format", "json"]))
                .success();
            story.assert_nowhere();
        }
        // The server's answers to an exchange, all of them wrong and full of what it was sent.
        if key.is_none() {
            for answer in ANSWERS {
                let mut page: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
                page["logins"][0]["expires"] = json!("2020-01-01T00:00:00Z");
                fs::write(story.world.file(LOGINS), page.to_string()).unwrap();
                story.parrot.answer(To::Path("/token"), answer);
                let _ = story.run(&other(&["plan"]));
                story.parrot.hush();
                if fs::read_to_string(story.world.file(LOGINS))
                    .unwrap()
                    .contains("access")
                {
                    learn(story, &format!("{round}.{answer:?}"));
                }
            }
            story.assert_nowhere();
        }
        story
            .parrot
            .answer(To::Path("/revoke"), Answer::Refuse(400));
        let _ = story.run(&other(&["auth", "logout"]));
        story.parrot.hush();
    }
    let sealed = story.world.read(LOGINS);
    assert!(sealed.contains("sealed"), "{sealed}");
    story.assert_nowhere();
}

/// Takes in the tokens that are kept now.
fn learn(story: &mut Story, when: &str) {
    let kept: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
    for name in ["access", "refresh"] {
        if let Some(token) = kept["logins"][0][name].as_str() {
            story.hunt.add(&format!("login {name} {when}"), token);
        }
    }
}

/// All ways in which a server may answer wrongly.
const ANSWERS: [Answer; 11] = [
    Answer::Refuse(400),
    Answer::Refuse(401),
    Answer::Refuse(403),
    Answer::Refuse(404),
    Answer::Refuse(422),
    Answer::RefusePlainly(400),
    Answer::Page,
    Answer::OtherJson,
    Answer::Truncated,
    Answer::Wrapped,
    Answer::Redirect,
];

/// The server answers wrongly, in the words of what it was sent and of what it keeps.
fn badly(dialect: Dialect) {
    let mut story = Story::new(dialect);
    let _ = story.run(&["apply", "--auto-approve"]).success();
    edited_by_hand(&mut story);
    let account = Account::of(&story.account);
    let hook = account.hooks()[0]["url"].as_str().unwrap().to_owned();
    let address = format!("{}@hook.eu1.make.com", hook.rsplit('/').next().unwrap());
    drop(account);
    story
        .parrot
        .says_too(&[&hook, &address, "xoxb-7312998104321-canaryQzLm81Lm0xPq"]);
    let export = ["export", "--out", "exported"];
    let all: [&[&str]; 9] = [
        &["plan"],
        &["plan", "--format", "json"],
        &["status"],
        &["executions", "list", "scenario.runs"],
        &["run", "scenario.runs", "--input", "slow.json"],
        &["doctor"],
        &["auth", "status"],
        &["import", "scenario.runs", "1"],
        &export,
    ];
    for answer in ANSWERS {
        story.parrot.answer(To::All, answer);
        for args in all {
            let _ = story.run(args);
        }
        assert!(story.parrot.hush() > 0, "{answer:?}");
    }
    // What is only read later, or only by some.
    for path in [
        "/blueprint",
        "/hooks",
        "/webhooks",
        "/scenarios",
        "/team-variables",
        "/roles",
    ] {
        for answer in [
            Answer::Refuse(403),
            Answer::Refuse(404),
            Answer::OtherJson,
            Answer::Wrapped,
        ] {
            story.parrot.answer(To::Path(path), answer);
            let _ = story.run(&["plan", "--refresh"]);
            let _ = story.run(&["status"]);
            let _ = story.run(&export);
            story.parrot.hush();
            let _ = fs::remove_dir_all(story.world.file("exported"));
        }
    }
    story.assert_nowhere();
    // Writes: of what changes and of what stays, the old values and the new ones.
    for (round, answer) in ANSWERS.into_iter().enumerate() {
        story.rotate(round + 2);
        let text = story.world.read("manifests/all.yaml");
        let text = text.replace(
            &format!("Full up.{}", ".".repeat(round)),
            &format!("Full up.{}", ".".repeat(round + 1)),
        );
        story.world.write("manifests/all.yaml", &text);
        let _ = story.run(&["plan", "--out", "plan.json"]).success();
        story.parrot.answer(To::Writes, answer);
        let failed = story.run(&["apply", "plan.json"]);
        // What an answer to a write says is not needed: the account is read again.
        let is_done = matches!(answer, Answer::Truncated | Answer::Wrapped);
        assert!(
            is_done || matches!(failed.code, Some(1 | 4)),
            "{answer:?}: {failed}"
        );
        assert!(story.parrot.hush() > 0, "{answer:?}");
        story.assert_nowhere();
    }
    let _ = story.run(&["apply", "--auto-approve"]).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    story.assert_nowhere();
    // The key that is refused is quoted too.
    story.secret(
        "wrong key",
        "ACME_KEY",
        "ca4a7e00-9999-4222-8333-0000deadbeef",
    );
    for args in all {
        let _ = story.run(args).exits(1);
    }
    story.secret("malformed key", "ACME_KEY", "canary key\"7/f+é=%Zq81LmX0");
    let _ = story.run(&["plan"]).exits(1);
    story.assert_nowhere_at_all();
}

fn life(dialect: Dialect) {
    let mut story = Story::new(dialect);
    let far = story.far();
    plans(&mut story);
    let _ = story.run(&["apply", "plan.json"]).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    assert!(story.parrot.heard("ca4a7e00-1111-4222-8333-0000deadbeef"));
    questions(&mut story);
    running(&mut story);
    story.assert_nowhere();

    edited_by_hand(&mut story);
    plans(&mut story);
    questions(&mut story);
    match dialect {
        Dialect::Zone => {
            story.assert_in(".makeform/main/cache/blobs", "literal header");
            story.assert_in(".makeform/main/cache/blobs", "hook \"Leads\"");
        }
        Dialect::Unified => assert!(!story.world.file(".makeform/main/cache").exists()),
    }
    exported(&mut story);
    story.assert_nowhere();

    story.rotate(2);
    plans(&mut story);
    let _ = story.run(&["apply", "--auto-approve"]).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    questions(&mut story);
    the_rest(&mut story);
    logins(&mut story);
    story.saw_far(far);
    story.assert_nowhere_at_all();
    story.assert_all_ran();
}

#[test]
fn no_command_shows_or_keeps_a_secret_in_the_zone_dialect() {
    life(Dialect::Zone);
}

#[test]
fn no_command_shows_or_keeps_a_secret_in_the_unified_dialect() {
    life(Dialect::Unified);
}

#[test]
fn no_wrong_answer_shows_a_secret_in_the_zone_dialect() {
    badly(Dialect::Zone);
}

#[test]
fn no_wrong_answer_shows_a_secret_in_the_unified_dialect() {
    badly(Dialect::Unified);
}

/// It dies, panics and is looked at in the middle of things.
fn cut_short(dialect: Dialect) {
    let mut story = Story::new(dialect);
    for point in ["before-send", "after-send", "after-answer", "after-journal"] {
        for (number, end) in [(1, "panic"), (2, ""), (2, "panic"), (3, "panic")] {
            let end = match end {
                "" => format!("{point}:{number}"),
                end => format!("{point}:{number}:{end}"),
            };
            let cut = story.piped(
                &["apply", "--auto-approve"],
                &[("MAKEFORM_FAILPOINT", &end)],
                "",
            );
            if end.ends_with("panic") {
                assert_eq!(cut.code, Some(101), "{end}: {cut}");
                assert!(cut.stderr.contains(&format!("at {point}: ")), "{cut}");
            } else {
                assert_eq!(cut.code, None, "{end}: {cut}");
            }
            story.assert_nowhere();
            // There is something to do again.
            let next = story.shown.len();
            story.rotate(next);
            let text = story.world.read("manifests/all.yaml");
            story
                .world
                .write("manifests/all.yaml", &text.replace("Full up.", "Full up.."));
        }
        let _ = story.run(&["apply", "--auto-approve"]).success();
        story.assert_nowhere();
        story.rotate(story.shown.len());
        let text = story.world.read("manifests/all.yaml");
        story.world.write(
            "manifests/all.yaml",
            &text.replace("duration: \"", "duration: \"0"),
        );
    }
    // While it stands still: its lock, what it writes aside, what it has read.
    let mut child = story
        .world
        .command(&["apply", "--auto-approve"])
        .env("MAKEFORM_FAILPOINT", "after-journal:2:pause")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let journal = story.world.file(".makeform/main/journal.jsonl");
    let before = fs::metadata(&journal).map_or(0, |data| data.len());
    while fs::metadata(&journal).map_or(0, |data| data.len()) == before {
        thread::sleep(std::time::Duration::from_millis(20));
    }
    story.assert_nowhere();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    story.shown.push((
        "apply, paused".into(),
        String::from_utf8(output.stderr).unwrap(),
    ));
    let _ = story.run(&["apply", "--auto-approve"]).success();
    let _ = story.run(&["plan", "--detailed-exitcode"]).success();
    story.assert_nowhere_at_all();
}

#[test]
fn no_panic_and_no_kill_leaves_a_secret_in_the_zone_dialect() {
    cut_short(Dialect::Zone);
}

#[test]
fn no_panic_and_no_kill_leaves_a_secret_in_the_unified_dialect() {
    cut_short(Dialect::Unified);
}
