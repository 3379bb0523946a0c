//! Secrets of all sorts, and an account that holds them.
//!
//! No token stands here as a whole: each is put together from parts, so that nobody who looks for
//! tokens in repositories finds one in this.

use base64::Engine as _;
use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

/// A plan that has custom properties.
const OPTIONS: &str = "plan enterprise";

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Secrets that were made up, in the form in which the account has them.
#[derive(Default)]
pub(super) struct Garden {
    pub(super) planted: Vec<String>,
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
    pub(super) fn key(&mut self, length: usize) -> String {
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

pub(super) fn http(id: u64, mapper: Value) -> Value {
    json!({"id": id, "module": "http:ActionSendData", "version": 3, "parameters": {"handleErrors": false},
        "mapper": mapper, "metadata": {"designer": {"x": id * 300, "y": 0}}})
}

pub(super) fn header(name: &str, value: String) -> Value {
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
pub(super) fn planted() -> (World, Vec<String>) {
    let world = World::new().with_env("MAKEFORM_SANDBOX", OPTIONS);
    let account = Account::with_options(&world.file(".makeform/sandbox"), OPTIONS);
    let structure = json!({"associatedType": "scenario", "belongerType": "organization",
        "belongerId": 1});
    let made = account.write(Method::Post, "/custom-property-structures", structure);
    let structure = &made["customPropertyStructure"]["id"];
    let items = format!("/custom-property-structures/{structure}/custom-property-structure-items");
    let item = json!({"name": "api_token", "label": "Token", "type": "shortText",
        "required": false});
    account.write(Method::Post, &items, item);
    drop(account);
    let mut g = Garden::default();
    world.write("manifests/planted.json", &blueprint(&mut g).to_string());
    let manifests = [
        json!({"kind": "Scenario", "metadata": {"name": "planted"}, "spec": {
            "name": "Planted", "description": format!("ask Mia, or use token: {}", g.key(24)),
            "blueprint": {"file": "planted.json"}, "customProperties": {"api_token": g.key(24)},
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
