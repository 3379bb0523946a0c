//! Folders of raw blueprint files, as Make's editor exports them, in every shape that tools have
//! stumbled over. All of it is invented.

use std::fs;
use std::path::{Path, PathBuf};

use makeform::sandbox::seed::{Generator, Named, Pool, Size, Start};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

/// The modules and levels of the largest blueprint that was met.
const GIANT: Size = Size {
    modules: 87,
    depth: 7,
    richness: 5.0,
};

/// Writes one file for each shape, some of them in a folder within: the giant, the deep, the
/// trapped, those of usual size, and a small one by hand for each thing that can go wrong. What
/// they name has a label of its own for each id, and no hook is in two files. The same seed gives
/// the same files.
pub(crate) fn write_blueprint_files(folder: &Path, seed: u64) {
    let pool = pool();
    let mut generator = Generator::new(seed, &pool);
    let mut hook = 500_000;
    let mut start = |type_name: &str| {
        hook += 1;
        Start::Hook(named(hook, &format!("Hook {hook}"), type_name))
    };

    let giant = generator.blueprint("Giant", &start("gateway-webhook"), GIANT);
    write(folder, "giant.json", &exported(&giant));
    let deep = Size {
        modules: 8,
        depth: 7,
        richness: 1.0,
    };
    write(
        folder,
        "deep.json",
        &exported(&generator.blueprint("Deep", &Start::Polling, deep)),
    );
    let size = Size {
        modules: 30,
        depth: 4,
        richness: 1.0,
    };
    for (number, type_name) in ["gateway-webhook", "jotform"].into_iter().enumerate() {
        let name = format!("Trapped {number}");
        let trapped = generator.trapped_blueprint(&name, &start(type_name), size);
        write(
            folder,
            &format!("trapped-{number}.json"),
            &exported(&trapped),
        );
    }
    let mut rng = fastrand::Rng::with_seed(seed);
    for number in 0..24 {
        let start = match number % 4 {
            0 => start("gateway-webhook"),
            1 => start(["gateway-mailhook", "telegram", "airtable3"][number / 4 % 3]),
            2 => Start::Polling,
            _ => Start::Called,
        };
        let usual = generator.blueprint(&format!("Usual {number}"), &start, Size::usual(&mut rng));
        write(
            folder,
            &format!("usual/{number:02}.json"),
            &exported(&usual),
        );
    }
    for (name, flow) in shapes() {
        write(
            folder,
            &format!("shape-{name}.json"),
            &exported(&blueprint(name, flow)),
        );
    }
    write(folder, "shape-every-id.json", &exported(&every_id()));
    write(folder, "shape-orphans.json", &exported(&orphans()));

    let bom = exported(&blueprint("byte order mark", json!([post(1)])));
    write(folder, "bytes-bom.json", &format!("\u{feff}{bom}"));
    let crlf = blueprint("crlf", json!([note(1, "one\r\ntwo\n")]));
    write(
        folder,
        "bytes-crlf.json",
        &exported(&crlf).replace('\n', "\r\n"),
    );
    write(
        folder,
        "bytes-minified.json",
        &blueprint("minified", json!([post(1)])).to_string(),
    );
}

/// Writes files that can't all have what they name: two share a hook, one id is of two types,
/// and two connections have one label.
pub(crate) fn write_clashing_files(folder: &Path) {
    let label = |id: u64| {
        json!({"parameters": {"__IMTCONN__": {"label": "My Slack connection",
        "data": {"scoped": "true", "connection": "slack2"}}}, "id": id})
    };
    let slack = |module: u64, id: u64| {
        let mut slack = tagged(
            module,
            "slack:CreateMessage",
            "__IMTCONN__",
            json!(id),
            "account:slack2",
        );
        slack["metadata"]["restore"] = label(id);
        slack
    };
    let sheets = tagged(
        3,
        "google-sheets:addRow",
        "__IMTCONN__",
        json!(7_001),
        "account:google",
    );
    for (file, flow) in [
        ("one.json", json!([webhook(1, 8_001), slack(2, 7_001)])),
        ("two.json", json!([webhook(1, 8_001), slack(2, 7_002)])),
        ("types.json", json!([post(1), sheets])),
    ] {
        write(folder, file, &exported(&blueprint(file, flow)));
    }
}

/// Writes a file with a key twice in one object; returns it, with the line and column of the
/// second.
pub(crate) fn write_duplicate_key_file(folder: &Path) -> (PathBuf, usize, usize) {
    let text = exported(&blueprint("twice", json!([post(1)])));
    let twice = text.replacen(
        "\"method\": \"post\",",
        "\"method\": \"post\", \"url\": \"https://x.example.com\",",
        1,
    );
    let path = folder.join("twice.json");
    write(folder, "twice.json", &twice);
    let (line, text) = twice
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains("x.example.com"))
        .unwrap();
    (path, line + 1, text.find("\"url\"").unwrap() + 1)
}

/// Small flows, one for each thing that can stand in a blueprint.
fn shapes() -> Vec<(&'static str, Value)> {
    let router = |routes: Value| {
        json!({"id": 2, "module": "builtin:BasicRouter", "version": 1,
        "mapper": null, "routes": routes, "metadata": {"designer": {"x": 300, "y": 0}}})
    };
    let condition = json!([[{"a": "{{1.total}}", "o": "number:greater", "b": "100"}]]);
    let if_else = json!({"id": 2, "module": "builtin:BasicIfElse", "version": 1, "mapper": null,
        "branches": [
            {"type": "condition", "label": "Large", "conditions": condition, "merge": true, "flow": [post(3)]},
            {"type": "else", "label": "Else", "merge": true, "flow": []}],
        "metadata": {"designer": {"x": 300, "y": 0}}});
    let merge = json!({"id": 4, "module": "builtin:BasicMerge", "version": 1, "mapper": null,
        "filters": [], "outputs": [{"name": "total", "values": ["{{3.data}}", ""]}],
        "metadata": {"designer": {"x": 600, "y": 0}}});
    let mut agent = tagged(
        2,
        "ai-local-agent:RunLocalAIAgent",
        "makeConnectionId",
        json!(6_010),
        "account:ai-provider,openai-gpt-3",
    );
    agent["tools"] = json!([{"name": "lookUp", "description": "Finds an order", "flow": [post(3)]},
        {"name": "nothing", "description": "", "flow": []}]);
    agent["metadata"]["restore"] = json!({"parameters": {"makeConnectionId": {"label": "AI of Acorn",
        "data": {"connection": "ai-provider"}, "nested": [{"mode": "chose"}]}}});
    let mut guarded = post(2);
    guarded["onerror"] = json!([note(3, "{{2.error}}"), {"id": 4, "module": "builtin:Resume",
        "version": 1, "mapper": {"value": "0"}, "metadata": {"designer": {"x": 9, "y": 9}}}]);
    let mut cells = post(1);
    cells["mapper"]["values"] = json!({"0": "{{1.a}}", "10": "b", "2": "c", "First name": "d",
        "e.mail": "e", "`code`": "f", "{brace}": "g", "": "h"});
    let mut bare = post(1);
    bare["parameters"].take();
    let object = bare.as_object_mut().unwrap();
    object.remove("parameters");
    object.remove("mapper");
    let mut numbers = post(1);
    numbers["mapper"] = serde_json::from_str(
        "{\"price\": 1.50, \"big\": 9007199254740993, \"tiny\": 1e-7, \"zero\": -0.0, \"one\": 1.0}").unwrap();
    vec![
        ("empty", json!([])),
        ("if-else", json!([post(1), if_else, merge])),
        ("agent", json!([post(1), agent])),
        ("handlers", json!([post(1), guarded])),
        (
            "disabled-routes",
            json!([
                post(1),
                router(json!([{"flow": [post(3)], "disabled": true}, {"flow": []}]))
            ]),
        ),
        (
            "null-mapper",
            json!([post(1), router(json!([{"flow": [post(3)]}]))]),
        ),
        ("no-mapper", json!([bare])),
        ("numeric-keys", json!([cells])),
        ("numbers", json!([numbers])),
        (
            "astral",
            json!([note(
                1,
                "𝒩ew 🚀 👩\u{200d}💻 \u{200b}zero\u{feff} 12\u{a0}000"
            )]),
        ),
        (
            "lines",
            json!([note(1, "ends in blanks  \n\ttab\r\nreturn\n\n\nend \n")]),
        ),
        (
            "yaml",
            json!([
                note(1, "no"),
                note(2, "1:30"),
                note(3, "007"),
                note(4, "~"),
                note(5, "2026-01-31"),
                note(6, "")
            ]),
        ),
        (
            "script",
            json!([note(
                1,
                "`${order.id}` $${x} ${webhook.leads} {{`a`}} \\ \" #"
            )]),
        ),
        (
            "odd-ids",
            json!([note(1, "a"), {"id": "2-copy", "module": "http:Get", "version": 3},
            {"id": 2.5, "module": "http:Get", "version": 3}]),
        ),
        (
            "id-twice",
            json!([note(1, "a"), note(2, "b"), note(2, "c")]),
        ),
        (
            "placeholders",
            json!([
                tagged(
                    1,
                    "slack:CreateMessage",
                    "__IMTCONN__",
                    json!("{{CONNECTION_SLACK}}"),
                    "account:slack2"
                ),
                tagged(2, "json:ParseJSON", "type", json!(""), "udt"),
                tagged(3, "http:Get", "proxyKeychain", json!(""), "keychain:proxy")
            ]),
        ),
    ]
}

/// An id at every place where real blueprints have one.
fn every_id() -> Value {
    let parameters = [
        (
            "gateway:CustomWebHook",
            "hook",
            json!(6_101),
            "hook:gateway-webhook",
        ),
        (
            "jotform:watchForSubmissions",
            "__IMTHOOK__",
            json!(6_102),
            "hook:jotform",
        ),
        (
            "google-sheets:addRow",
            "__IMTCONN__",
            json!(6_103),
            "account:google",
        ),
        (
            "google-email:ActionSendEmail",
            "account",
            json!(6_104),
            "account:google-restricted",
        ),
        (
            "email:TriggerNewEmail",
            "accountImap",
            json!(6_105),
            "account:imap,google-restricted",
        ),
        (
            "ai-local-agent:RunLocalAIAgent",
            "makeConnectionId",
            json!(6_106),
            "account:ai-provider",
        ),
        (
            "http:ActionSendDataAPIKeyAuth",
            "auth",
            json!(6_107),
            "keychain:apikeyauth",
        ),
        (
            "http:ActionSendDataBasicAuth",
            "key",
            json!(6_108),
            "keychain:basicauth",
        ),
        (
            "http:MakeRequest",
            "apiKeyKeychain",
            json!(6_109),
            "keychain:apikeyauth",
        ),
        ("http:Get", "proxyKeychain", json!(6_110), "keychain:proxy"),
        (
            "datastore:GetRecord",
            "datastore",
            json!(6_111),
            "datastore",
        ),
        ("json:ParseJSON", "type", json!(6_112), "udt"),
        (
            "scenario-service:CallSubscenario",
            "scenario",
            json!("SCN_6113"),
            "scenario",
        ),
    ];
    let mut flow: Vec<Value> = (1..)
        .zip(parameters)
        .map(|(id, (module, name, value, tag))| tagged(id, module, name, value, tag))
        .collect();
    let mut body = tagged(
        20,
        "http:MakeRequest",
        "auth",
        json!(""),
        "keychain:apikeyauth",
    );
    body["mapper"] =
        json!({"bodyDataStructure": 6_114, "agent": "0f2a6a52-6f0e-4b1c-9a55-6f1d2c3b4a59"});
    body["metadata"]["expect"] =
        json!([{"name": "bodyDataStructure", "type": "udt"}, {"name": "agent", "type": "aiagent"}]);
    body["metadata"]["restore"] =
        json!({"expect": {"bodyDataStructure": {"label": "Body"}, "agent": {"label": "Helper"}}});
    flow.push(body);
    // Without tags, as the API leaves them, and with the flat `restore` of an older editor.
    flow.push(json!({"id": 21, "module": "slack:CreateMessage", "version": 4,
        "parameters": {"__IMTCONN__": 6_115}, "mapper": {"text": "hi"},
        "metadata": {"restore": {"__IMTCONN__": {"label": "Old Slack", "data": {"connection": "slack2"}}}}}));
    flow.push(
        json!({"id": 22, "module": "slack:CreateMessage", "version": 4,
        "parameters": {"__IMTCONN__": "{{var.input.Account}}"}, "mapper": {"text": "hi"}}),
    );
    // A `type` that is no data structure, though it is a number.
    flow.push(json!({"id": 23, "module": "shop:Search", "version": 1, "parameters": {"type": 3}, "mapper": {}}));
    let mut blueprint = blueprint("every-id", Value::Array(flow));
    blueprint["io"] = json!({"input_spec": [{"name": "Account", "type": "account:slack2,slack3",
        "label": "Account", "default": 6_116}], "output_spec": []});
    blueprint
}

/// Modules that nothing leads to; they name things too.
fn orphans() -> Value {
    let mut blueprint = blueprint("orphans", json!([post(1)]));
    let parked = tagged(
        7,
        "datastore:GetRecord",
        "datastore",
        json!(6_120),
        "datastore",
    );
    let webhook = webhook(8, 6_121);
    blueprint["metadata"]["designer"]["orphans"] = json!([[parked, post(9)], [webhook]]);
    blueprint
}

fn pool() -> Pool {
    let connections = [
        "google",
        "google-restricted",
        "slack2",
        "airtable3",
        "openai-gpt-3",
        "smtp",
        "imap",
        "hubspotcrm",
        "notion2",
        "telegram",
        "app#acme-crm",
        "ai-provider",
    ];
    let keys = ["apikeyauth", "basicauth", "proxy"];
    let things = |from: u64, label: &str| {
        (from..from + 4)
            .map(|id| named(id, &format!("{label} {id}"), ""))
            .collect()
    };
    let typed = |from: u64, label: &str, types: &[&str]| {
        (from..)
            .zip(types)
            .map(|(id, one)| named(id, &format!("{label} {id}, {one}"), one))
            .collect()
    };
    Pool {
        connections: typed(1_000_001, "Account", &connections),
        keys: typed(200_001, "Key", &keys),
        data_stores: things(300_001, "Store"),
        data_structures: things(400_001, "Structure"),
        scenarios: things(600_001, "Child"),
    }
}

fn named(id: u64, label: &str, type_name: &str) -> Named {
    Named {
        id,
        label: label.to_owned(),
        type_name: type_name.to_owned(),
    }
}

fn blueprint(name: &str, flow: Value) -> Value {
    json!({"name": format!("Shape {name}"), "flow": flow, "metadata": {"instant": false, "version": 1,
        "scenario": {"roundtrips": 1, "maxErrors": 3, "autoCommit": true,
            "autoCommitTriggerLast": true, "sequential": false, "slots": null,
            "confidential": false, "dataloss": false, "dlq": false, "freshVariables": false},
        "designer": {"orphans": []}, "zone": "eu1.make.com", "notes": []}})
}

/// A module that calls a service.
fn post(id: u64) -> Value {
    json!({"id": id, "module": "http:ActionSendData", "version": 3, "parameters": {},
        "mapper": {"url": "https://api.example.com/orders", "method": "post", "headers": []},
        "metadata": {"designer": {"x": id * 300, "y": 0}}})
}

/// A module that holds a text.
fn note(id: u64, text: &str) -> Value {
    json!({"id": id, "module": "util:SetVariable2", "version": 1, "parameters": {},
        "mapper": {"name": "note", "scope": "roundtrip", "value": text},
        "metadata": {"designer": {"x": id * 300, "y": 0, "name": text}}})
}

fn webhook(id: u64, hook: u64) -> Value {
    tagged(
        id,
        "gateway:CustomWebHook",
        "hook",
        json!(hook),
        "hook:gateway-webhook",
    )
}

/// A module that names something, with the editor's tag and a label of its own for each id.
fn tagged(id: u64, module: &str, name: &str, value: Value, tag: &str) -> Value {
    let label = format!(
        "Thing {}",
        value.as_str().map_or(value.to_string(), str::to_owned)
    );
    json!({"id": id, "module": module, "version": 1, "parameters": {name: value}, "mapper": {},
        "metadata": {"designer": {"x": id * 300, "y": 0},
            "restore": {"parameters": {name: {"label": label}}},
            "parameters": [{"name": name, "type": tag, "label": name, "required": true}]}})
}

/// As the editor writes a file: four blanks for each level.
fn exported(blueprint: &Value) -> String {
    let mut bytes = Vec::new();
    let mut writer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    blueprint.serialize(&mut writer).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
