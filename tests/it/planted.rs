//! Secrets of all sorts in an account, and what export and validate make of them.
//!
//! No token stands here as a whole: each is put together from parts, so that nobody who looks for
//! tokens in repositories finds one in this.

use std::{collections::BTreeSet, fs, path::Path};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::world::{Output, World};

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Secrets that were made up, in the form in which the account has them.
#[derive(Default)]
struct Garden {
    planted: Vec<String>,
    drawn: lot::Lot,
}

/// A small generator of our own: the same secrets in each run.
mod lot {
    #[derive(Default)]
    pub(super) struct Lot(u64);

    impl Lot {
        pub(super) fn draw(&mut self, alphabet: &str, length: usize) -> String {
            let letters: Vec<char> = alphabet.chars().collect();
            let mut next = || {
                self.0 = self
                    .0
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                usize::try_from(self.0 >> 40).unwrap() % letters.len()
            };
            (0..length).map(|_| letters[next()]).collect()
        }
    }
}

impl Garden {
    fn plant(&mut self, secret: String) -> String {
        self.planted.push(secret.clone());
        secret
    }

    /// A key of letters and digits.
    fn key(&mut self, length: usize) -> String {
        // Some drawn by lot have no digit.
        let key = format!(
            "{}7{}",
            self.drawn.draw(LETTERS, length / 2),
            self.drawn.draw(LETTERS, length - length / 2 - 1)
        );
        self.plant(key)
    }

    /// A token of a vendor.
    fn token(&mut self, start: &[&str], alphabet: &str, length: usize) -> String {
        let token = format!("{}{}", start.concat(), self.drawn.draw(alphabet, length));
        self.plant(token)
    }

    fn uuid(&mut self) -> String {
        let groups = [8, 4, 4, 4, 12].map(|length| self.drawn.draw(HEX, length));
        self.plant(groups.join("-"))
    }
}

fn http(id: u64, mapper: Value) -> Value {
    json!({"id": id, "module": "http:ActionSendData", "version": 3, "parameters": {"handleErrors": false},
        "mapper": mapper, "metadata": {"designer": {"x": id * 300, "y": 0}}})
}

fn header(name: &str, value: String) -> Value {
    http(
        0,
        json!({"url": "https://api.acme.example/v1", "headers": [
        {"name": "Accept", "value": "application/json"}, {"name": name, "value": value}]}),
    )
}

fn text(value: String) -> Value {
    json!({"id": 0, "module": "util:SetVariable2", "version": 1, "parameters": {},
        "mapper": {"name": "note", "scope": "roundtrip", "value": value},
        "metadata": {"designer": {"x": 0, "y": 0}}})
}

fn url(url: String) -> Value {
    http(0, json!({"url": url, "method": "post"}))
}

fn body(data: String) -> Value {
    http(
        0,
        json!({"url": "https://api.acme.example/v1", "data": data}),
    )
}

/// Headers, parameters and URLs.
fn by_name(g: &mut Garden) -> Vec<Value> {
    let pair = g.drawn.draw(LETTERS, 14);
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("mia:{pair}"));
    let basic = g.plant(basic);
    let (one, two) = (g.key(24), g.key(32));
    vec![
        header("Authorization", format!("Bearer {}", g.key(28))),
        header("authorization", format!("Token {}", g.uuid())),
        header("Authorization", format!("Basic {basic}")),
        header("x-rapidapi-key", g.key(50)),
        header("X-Make-Token", g.key(16)),
        header("x-make-apikey", g.key(18)),
        header("apikey", g.key(20)),
        header("Ocp-Apim-Subscription-Key", g.token(&[], HEX, 32)),
        header("X-Webhook-Secret", g.key(12)),
        header(
            "Cookie",
            format!("lang=de; sessionid={}; theme=dark", g.key(32)),
        ),
        http(
            0,
            json!({"url": "https://a.example", "qs": [{"name": "apikey", "value": g.key(22)}]}),
        ),
        http(
            0,
            json!({"url": "https://a.example", "queryParameters": [
            {"name": "q", "value": "{{1.q}}"}, {"name": "api_key", "value": g.key(26)}]}),
        ),
        url(format!(
            "https://maps.acme.example/geo?address={{{{1.a}}}}&key={}",
            g.key(39)
        )),
        url(format!(
            "https://weather.example/data?appid={}&q=Bonn",
            g.token(&[], HEX, 32)
        )),
        url(format!(
            "https://trello.example/1/cards?key={one}&token={two}"
        )),
        url(format!("https://acme.example/api/run?code={}==", g.key(54))),
        url(format!("https://mia:{}@ftp.acme.example/in", g.key(12))),
        url(format!(
            "postgres://app:{}@db.acme.example:5432/crm",
            g.key(16)
        )),
        body(json!({"user": "mia", "client_secret": g.key(30), "id": "{{1.id}}"}).to_string()),
        body(json!(json!({"password": g.key(10)}).to_string()).to_string()),
        body(format!(
            "grant_type=client_credentials&client_id=4&client_secret={}",
            g.key(24)
        )),
        http(
            0,
            json!({"url": "https://a.example", "authUser": "mia", "authPass": g.plant("hunter2".to_owned() + "!")}),
        ),
    ]
}

/// Addresses that need no login.
fn by_address(g: &mut Garden) -> Vec<Value> {
    let snake = "abcdefghijklmnopqrstuvwxyz0123456789";
    let hook = |g: &mut Garden| g.token(&["9a"], snake, 30);
    vec![
        url(format!("https://hook.eu2.make.com/{}", hook(g))),
        text(format!(
            "call https://hook.us1.make.com/{}?a={{{{1.a}}}} then",
            hook(g)
        )),
        text(format!("to {}@hook.eu1.make.com please", hook(g))),
        url(format!(
            "https://relay.example/?to=https%3A%2F%2Fhook.eu1.make.com%2F{}",
            hook(g)
        )),
        url(format!(
            "https://{}/api/webhooks/1098765432101234567/{}",
            "discord.com",
            g.key(68)
        )),
        url(format!(
            "https://{}/services/T02AB3CD4/B05EF6GH7/{}",
            "hooks.slack.com",
            g.key(24)
        )),
        url(format!(
            "https://hooks.zapier.com/hooks/catch/1234567/{}/",
            g.token(&["b3"], snake, 6)
        )),
        url(format!("https://api.telegram.org/bot{}/sendMessage", {
            let id = g.drawn.draw("123456789", 10);
            let key = g.drawn.draw(LETTERS, 33);
            g.plant(format!("{id}:AA{key}"))
        })),
    ]
}

/// Tokens of vendors, in texts, code and bodies.
fn by_vendor(g: &mut Garden) -> Vec<Value> {
    let discord = base64::engine::general_purpose::STANDARD_NO_PAD.encode("1098765432101234567");
    let (mid, end) = (g.drawn.draw(LETTERS, 6), g.drawn.draw(LETTERS, 38));
    let discord = g.plant(format!("{discord}.{mid}.{end}"));
    let claims = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let signature = g.drawn.draw(LETTERS, 43);
    let jwt = [
        claims("{\"alg\":\"HS256\"}"),
        claims("{\"sub\":\"1\",\"exp\":9}"),
        signature,
    ];
    let jwt = g.plant(jwt.join("."));
    let pem = format!(
        "-----BEGIN {0} KEY-----\n{1}\n{2}\n-----END {0} KEY-----",
        ["PRI", "VATE"].concat(),
        g.key(64),
        g.key(48)
    );
    let slack = g.drawn.draw("123456789", 12);
    vec![
        text(format!("AWS: {}", g.token(&["AK", "IA"], CAPITALS, 16))),
        text(format!("aws_secret_access_key = \"{}\"", g.key(40))),
        text(format!(
            "git clone https://{}@github.com/acme/x.git",
            g.token(&["gh", "p_", "4"], LETTERS, 35)
        )),
        body(format!(
            "{{\"t\": \"{}\"}}",
            g.token(&["github", "_pat_", "11"], LETTERS, 80)
        )),
        text(g.token(&["gl", "pat-", "7"], LETTERS, 19)),
        text(format!(
            "use {} for #leads",
            g.token(&["xo", "xb-", &slack, "-"], LETTERS, 24)
        )),
        text(g.token(&["sk_", "live_", "51"], LETTERS, 40)),
        text(format!(
            "line one\nkey {}\nline three",
            g.token(&["sk-", "proj-", "8"], LETTERS, 60)
        )),
        text(format!(
            "'{}'",
            g.token(&["sk-", "ant-", "api03-"], LETTERS, 90)
        )),
        text(g.token(&["AI", "za", "Sy4"], LETTERS, 32)),
        text(g.token(&["GOC", "SPX-", "3"], LETTERS, 27)),
        text(g.token(&["S", "G.", "5"], LETTERS, 60)),
        text(g.token(&["S", "K"], HEX, 32)),
        text(g.token(&["ke", "y-"], HEX, 32)),
        text(g.token(&["pa", "t", "Q7w8E9r0T1y2U3", "."], HEX, 64)),
        text(g.token(&["nt", "n_", "6"], LETTERS, 45)),
        text(g.token(&["pat-", "na1-", "1"], HEX, 35)),
        text(g.token(&["shp", "at_"], HEX, 32)),
        text(format!("Bot {discord}")),
        text(g.token(&["np", "m_", "2"], LETTERS, 35)),
        text(g.token(&["py", "pi-", "AgEIcHlwaS5vcmc3"], LETTERS, 60)),
        text(g.token(&["do", "p_v1_"], HEX, 64)),
        text(g.token(&["lin_", "api_", "9"], LETTERS, 39)),
        text(format!("jwt {jwt}.")),
        text(pem),
        text(format!(
            "const h = {{ \"Authorization\": `Bearer {}` }};\nreturn fetch(u, h);",
            g.key(30)
        )),
        text(format!(
            "curl -H 'X-Api-Key: {}' https://api.acme.example",
            g.key(20)
        )),
    ]
}

/// A scenario with secrets in all corners of its blueprint.
fn blueprint(g: &mut Garden) -> Value {
    let mut flow = vec![
        json!({"id": 1, "module": "util:BasicTrigger", "version": 1, "parameters": {},
        "mapper": {}, "metadata": {"designer": {"x": 0, "y": 0}}}),
    ];
    flow.extend(by_name(g));
    flow.extend(by_address(g));
    let on_a_route = by_vendor(g);
    let mut handled = header("X-Api-Key", g.key(20));
    handled["onerror"] = json!([header("X-Auth-Token", g.key(24))]);
    let mut router = json!({"id": 0, "module": "builtin:BasicRouter", "version": 1, "mapper": null,
        "metadata": {"designer": {"x": 0, "y": 0}}, "routes": [{"flow": on_a_route}, {"flow": [handled]}]});
    router["metadata"]["restore"] =
        json!({"expect": {"x": {"label": format!("Bearer {}", g.key(26))}}});
    let mut editors = text("nothing".to_owned());
    editors["metadata"]["expect"] =
        json!([{"name": "apiKey", "type": "text", "default": g.key(22)}]);
    editors["metadata"]["interface"] = json!([{"name": "note", "type": "text", "sample": g.token(&["gh", "s_", "1"], LETTERS, 35)}]);
    flow.extend([editors, router]);
    let orphan = header("Authorization", g.key(21));
    let mut blueprint = json!({"name": "Planted", "flow": flow,
        "metadata": {"version": 1, "designer": {"orphans": [[orphan]]}}});
    number(&mut blueprint, &mut 1);
    blueprint
}

/// Gives each module an id of its own.
fn number(value: &mut Value, next: &mut u64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| number(item, next)),
        Value::Object(map) => {
            if map.contains_key("module") {
                *next += 1;
                map.insert("id".to_owned(), json!(*next));
            }
            map.values_mut().for_each(|inner| number(inner, next));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An account that holds them, and what they are.
fn planted() -> (World, Vec<String>) {
    let world = World::new();
    let mut g = Garden::default();
    world.write("manifests/planted.json", &blueprint(&mut g).to_string());
    let manifests = [
        json!({"kind": "Scenario", "metadata": {"name": "planted"}, "spec": {
            "name": "Planted", "description": format!("ask Mia, or use token: {}", g.key(24)),
            "blueprint": {"file": "planted.json"},
            "interface": {"input": [{"name": "apiKey", "type": "text", "default": g.key(24)}]}}}),
        json!({"kind": "Variable", "metadata": {"name": "crm-token"}, "spec": {
            "name": "crmToken", "scope": "team", "type": "text", "value": g.key(24)}}),
        json!({"kind": "Webhook", "metadata": {"name": "forms"}, "spec": {
            "name": "Forms", "type": "jotform", "formId": "4711", "signingSecret": g.key(24)}}),
        json!({"kind": "DataStructure", "metadata": {"name": "order"}, "spec": {
            "name": "Order", "fields": [{"name": "password", "type": "text", "default": g.key(14)}]}}),
    ];
    for (index, mut manifest) in manifests.into_iter().enumerate() {
        manifest["apiVersion"] = json!("makeform/v1");
        world.write(&format!("manifests/{index}.yaml"), &manifest.to_string());
    }
    (world, g.planted)
}

/// All that a folder holds, in one text.
fn all_of(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_of(&path, all);
        } else {
            all.push_str(&path.display().to_string());
            all.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

fn assert_none(planted: &[String], text: &str, what: &str) {
    let engine = base64::engine::general_purpose::STANDARD;
    for secret in planted {
        let encoded = engine.encode(secret);
        let escaped = secret.replace('/', "%2F").replace('=', "%3D");
        for form in [secret, &encoded, &escaped] {
            if let Some(at) = text.find(form.as_str()) {
                let from = at.saturating_sub(200);
                panic!(
                    "`{secret}` is in {what}: {}",
                    String::from_utf8_lossy(&text.as_bytes()[from..at + 10])
                );
            }
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn fifty_planted_secrets_reach_no_file_and_planning_from_it_shows_no_changes() {
    let (mut world, planted) = planted();
    let distinct: BTreeSet<&String> = planted.iter().collect();
    assert!(distinct.len() >= 50, "{}", distinct.len());
    // What is said of the files that hold them shows none.
    let told = world.run(&["validate"]).success();
    assert_none(&planted, &said(&told), "what validate says");
    let count = told.stderr.matches("warning[literal-secret]").count();
    assert!(count >= 50, "{count} of {} told", distinct.len());
    assert_none(&planted, &said(&world.run(&["plan"]).success()), "a plan");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();

    let exported = world.run(&["export", "--out", "exported"]).success();
    assert_none(&planted, &said(&exported), "what export says");
    let mut all = String::new();
    all_of(&world.file("exported"), &mut all);
    assert_none(&planted, &all, "an exported file");
    let example = world.read("exported/.env.example");
    assert!(
        example.lines().filter(|line| line.ends_with('=')).count() >= 50,
        "{example}"
    );

    // Without the values nothing is sent: it does not even plan.
    let unset = world
        .run(&["-C", "exported", "apply", "--auto-approve"])
        .exits(1);
    assert!(unset.stderr.contains("error[unset-variable]"), "{unset}");

    // Exporting again without them changes not a byte.
    let again = world.run(&["export", "--out", "exported"]).success();
    assert!(again.stderr.contains("0 files written"), "{again}");
    let mut once_more = String::new();
    all_of(&world.file("exported"), &mut once_more);
    assert_eq!(all, once_more);

    let found = world.set_found(&[], "exported");
    let values: BTreeSet<&String> = found.values().collect();
    for secret in &distinct {
        assert!(
            values.iter().any(|value| value.contains(secret.as_str())),
            "{secret}"
        );
    }
    let inside = |args: &[&str]| world.run(&[&["-C", "exported"], args].concat());
    let valid = inside(&["validate"]).success();
    assert!(!valid.stderr.contains("literal-secret"), "{valid}");
    let plan = inside(&["plan", "--detailed-exitcode", "--editor"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
    assert_none(&planted, &said(&plan), "a plan");
}

#[test]
fn look_alikes_are_exported_as_they_are() {
    let lines = include_str!("../../src/model/secret/look_alikes.txt").lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let module = |(id, line): (u64, &&str)| {
        let (place, rest) = line.split_once(' ').unwrap();
        let (name, value) = rest.split_once(" = ").unwrap_or(("text", rest));
        let mapper = match place {
            "header" => json!({"headers": [{"name": name, "value": value}]}),
            "query" => json!({"qs": [{"name": name, "value": value}]}),
            _ => json!({name: value}),
        };
        http(id, mapper)
    };
    let flow: Vec<Value> = (1..).zip(&lines).map(module).collect();
    assert!(flow.len() >= 200);
    let blueprint = json!({"name": "Harmless", "flow": flow, "metadata": {"version": 1}});
    let world = World::new();
    world.write("raw/Harmless.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    let exported = world.run(&["export", "--out", "exported"]).success();
    let text = world.read("exported/manifests/scenarios/harmless.blueprint.json");
    // One of them is a reference as it stands, which is escaped.
    let flagged = text.matches("${env.").count() - text.matches("$${env.").count();
    println!("{flagged} of {} look-alikes flagged", lines.len());
    assert!(flagged <= 2, "{flagged}: {exported}");
}

#[cfg(unix)]
#[test]
fn kept_secrets_are_in_files_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let (world, planted) = planted();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let mode = |name: &str| fs::metadata(world.file(name)).unwrap().permissions().mode() & 0o777;
    for _ in 0..2 {
        let kept = world
            .run(&["export", "--keep-secrets", "--out", "kept"])
            .success();
        assert!(
            kept.stderr.contains("warning[export-secret-kept]"),
            "{kept}"
        );
        assert_none(&planted, &said(&kept), "what export says");
        let blueprint = "kept/manifests/scenarios/planted.blueprint.json";
        let text = world.read(blueprint);
        assert!(
            planted
                .iter()
                .filter(|secret| text.contains(secret.as_str()))
                .count()
                >= 40
        );
        assert_eq!(mode(blueprint), 0o600);
        assert_eq!(mode("kept/makeform.yaml"), 0o600);
        assert_eq!(mode("kept/manifests/variables.yaml"), 0o600);
        assert!(!world.file("kept/.env.example").exists());
        // As somebody may have left it.
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(world.file(blueprint), open).unwrap();
    }
    let plan = world.run(&["-C", "kept", "plan", "--detailed-exitcode", "--editor"]);
    assert!(plan.success().stdout.contains("No changes"));
}

#[test]
fn labels_without_addresses_are_all_that_is_lost_with_no_personal_data() {
    let world = World::new();
    let module = json!({"id": 1, "module": "gmail:Send", "version": 1, "parameters": {},
        "mapper": {"to": "bob@partner.example"}, "metadata": {"designer": {"x": 0, "y": 0},
            "restore": {"expect": {"from": {"label": "My Google (mia.doe@acme.example)"}}},
            "interface": [{"name": "from", "sample": "ann@acme.example"}]}});
    let blueprint = json!({"name": "Mails", "flow": [module],
        "metadata": {"version": 1, "notes": [{"content": "ask eve@acme.example"}]}});
    world.write("raw/Mails.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    let _ = world.run(&["export", "--out", "whole"]).success();
    let whole = world.read("whole/manifests/scenarios/mails.editor.json");
    assert_eq!(whole.matches("@acme.example").count(), 3, "{whole}");
    let does = world.read("whole/manifests/scenarios/mails.blueprint.json");
    assert!(!does.contains("@acme.example") && does.contains("bob@partner.example"));

    let _ = world
        .run(&["export", "--no-personal-data", "--out", "bare"])
        .success();
    let bare = world.read("bare/manifests/scenarios/mails.editor.json");
    assert!(
        !bare.contains('@') && bare.contains("My Google (e-mail removed)"),
        "{bare}"
    );
    assert_eq!(
        does,
        world.read("bare/manifests/scenarios/mails.blueprint.json")
    );
    let plan = world
        .run(&["-C", "bare", "plan", "--detailed-exitcode"])
        .success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

#[test]
fn a_project_that_is_there_gets_the_variables_declared_and_keeps_the_names_it_gave() {
    let mut world = World::new();
    let mut g = Garden::default();
    let (one, two) = (g.key(24), g.key(24));
    let call = |id: u64, key: &str| {
        let mut module = header("Authorization", format!("Bearer {key}"));
        module["id"] = json!(id);
        module
    };
    let blueprint = json!({"name": "Calls", "flow": [call(1, &one), call(2, &two), call(3, &one)],
        "metadata": {"version": 1}});
    world.write("raw/Calls.json", &blueprint.to_string());
    let _ = world
        .run(&["sandbox", "seed", "--blueprints", "raw"])
        .success();
    world.write(
        "makeform.yaml",
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: acme }\nspec:\n  \
         manifests: [\"manifests/**/*.yaml\"] # all\n  env:\n    - OURS # ours\n  \
         targets:\n    sandbox: { url: \"sandbox:\" }\n",
    );
    let _ = world.run(&["export"]).success();
    let project = world.read("makeform.yaml");
    let declared = "    - OURS # ours\n    - CALLS_1_AUTHORIZATION\n    - CALLS_2_AUTHORIZATION\n";
    assert!(
        project.contains(declared) && project.contains("# all"),
        "{project}"
    );
    let path = "manifests/scenarios/calls.blueprint.json";
    assert_eq!(
        world
            .read(path)
            .matches("${env.CALLS_1_AUTHORIZATION}")
            .count(),
        2
    );

    // Somebody gives it a better name; whether it is set or not, export leaves that.
    world.edit(path, "CALLS_1_AUTHORIZATION", "CRM_TOKEN");
    world.edit("makeform.yaml", "CALLS_1_AUTHORIZATION", "CRM_TOKEN");
    for value in [None, Some(one.as_str()), None] {
        world.set_env("CRM_TOKEN", value);
        let again = world.run(&["export"]).success();
        assert!(
            again.stderr.contains("0 files written") || again.stderr.contains("1 file written"),
            "{again}"
        );
        assert_eq!(world.read(path).matches("${env.CRM_TOKEN}").count(), 2);
        assert_none(&g.planted, &said(&again), "what export says");
    }
    world.set_env("CRM_TOKEN", Some(&one));
    world.set_env("CALLS_2_AUTHORIZATION", Some("something-else-4711"));
    let other = world.run(&["export"]).success();
    assert!(
        other
            .stderr
            .contains("Set to something else than the account has"),
        "{other}"
    );
    world.set_env("CALLS_2_AUTHORIZATION", Some(&two));
    world.assert_settled();
}
