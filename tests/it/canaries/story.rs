//! A project, an account, and everything that was said and left behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::support::{
    commands,
    hunt::Hunt,
    parrot::Parrot,
    server::Server,
    world::{Output, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
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

pub(super) const LOG: &str = "log.jsonl";

pub(super) const LOGINS: &str = ".config/makeform/logins.json";

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

/// An apply that the guards which these stories run into do not stop.
pub(super) const APPLY: [&str; 8] = [
    "apply",
    "--auto-approve",
    "--allow",
    "hook-url-changes",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
];

pub(super) struct Story {
    pub(super) world: World,
    pub(super) account: World,
    _server: Server,
    pub(super) parrot: Parrot,
    pub(super) hunt: Hunt,
    /// What was said, with what was typed.
    pub(super) shown: Vec<(String, String)>,
    /// How many of them were searched.
    searched: usize,
    /// The commands that ran, each with its formats.
    ran: BTreeMap<String, BTreeSet<String>>,
    commands: BTreeMap<String, Vec<String>>,
}

impl Story {
    pub(super) fn new(dialect: Dialect) -> Self {
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
        // What is killed here has nothing on its way.
        let world = World::empty().with_env("MAKEFORM_TIMEOUTS", "arrival 1ms");
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
            ("MAKEFORM_LOG", LOG),
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
    pub(super) fn key(&mut self, variable: &str, value: &str) {
        self.parrot.knows(value);
        self.secret(variable, variable, value);
    }

    /// A variable that is looked for.
    pub(super) fn secret(&mut self, name: &str, variable: &str, value: &str) {
        self.hunt.add(name, value);
        self.world.set_env(variable, Some(value));
    }

    /// Gives the variables of manifests other values. The old ones stay secret.
    pub(super) fn rotate(&mut self, round: usize) {
        for name in VARIABLES {
            let value = canary(name, round);
            self.secret(&format!("env {name} {round}"), name, &value);
        }
    }

    /// Runs the program with something piped in.
    pub(super) fn piped(&mut self, args: &[&str], env: &[(&str, &str)], input: &str) -> Output {
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

    pub(super) fn run(&mut self, args: &[&str]) -> Output {
        self.piped(args, &[], "")
    }

    /// Takes in what a run said.
    pub(super) fn saw(&mut self, args: &[&str], output: &Output) {
        let typed = args.join(" ");
        let mut known = self.commands.keys().filter(|name| {
            let name: Vec<&str> = name.split(' ').collect();
            args.starts_with(&name)
        });
        let command = known
            .next()
            .unwrap_or_else(|| unreachable!("{typed} is no command"));
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
    pub(super) fn far(&mut self) -> Child {
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

    pub(super) fn saw_far(&mut self, far: Child) {
        let output = far.wait_with_output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert!(shown.contains("account-unreached"), "{shown}");
        self.shown.push(("plan --target far".into(), shown));
    }

    /// The same once more, also for what became known as secret later.
    #[track_caller]
    pub(super) fn assert_nowhere_at_all(&mut self) {
        self.searched = 0;
        self.assert_nowhere();
    }

    /// Every command ran, in every format.
    #[track_caller]
    pub(super) fn assert_all_ran(&self) {
        for (command, formats) in &self.commands {
            let ran = self.ran.get(command);
            let ran =
                ran.unwrap_or_else(|| unreachable!("`{command}` did not run: add it to a story"));
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
    pub(super) fn assert_nowhere(&mut self) {
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
    pub(super) fn assert_in(&self, folder: &str, name: &str) {
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
    let kind = name.split(' ').next().unwrap();
    match kind {
        "login" => is_in(LOGINS),
        "hook" | "literal" => is_in("kept/manifests"),
        _ => false,
    }
}
