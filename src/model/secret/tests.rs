use super::{
    find, sensitive_paths, stands_in,
    vendor::{Class, SHAPES},
};
use serde_json::{Value, json};

fn is_sensitive(value: &Value) -> bool {
    !sensitive_paths(value).is_empty()
}

fn header(name: &str, value: &str) -> Value {
    json!({"mapper": {"headers": [{"name": "Accept", "value": "text/html"}, {"name": name, "value": value}]}})
}

#[test]
fn literal_keys_in_headers_and_parameters_are_found() {
    let found = sensitive_paths(&header("x-rapidapi-key", "9f8a7c6b5d4e3f2a1b0c"));
    let path = ["mapper", "headers", "1", "value"].map(str::to_owned);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [path.to_vec()]);
    for value in [
        header("Authorization", "Bearer q8Zr41kPxT7w2LmN"),
        json!({"qs": [{"name": "apikey", "value": "a1b2c3d4e5f6g7h8"}]}),
        json!({"url": "https://maps.test/v1?q=x&key=Zx81Kd02Lmq93Pw7"}),
        json!({"authPass": "correct4horse7battery"}),
    ] {
        assert!(is_sensitive(&value), "{value}");
    }
}

#[test]
fn addresses_that_need_no_login_and_vendors_tokens_are_found_anywhere() {
    let hook = format!(
        "https://hook.eu1.make.com/{}",
        "k3j9x8w7v6u5t4s3r2q1p0o9n8m7l6k5"
    );
    let telegram = format!(
        "https://api.telegram.org/bot12345678:{}/sendMessage",
        "A".repeat(35)
    );
    let slack = format!("token is xoxb-{}", "1234567890-abcdefghij".repeat(2));
    for text in [
        hook.as_str(),
        "call \"https://hook.us1.make.com/k3j9x8w7v6u5t4s3r2q1\" please",
        "k3j9x8w7v6u5t4s3r2q1@hook.eu1.make.com",
        &telegram,
        "https://discord.com/api/webhooks/1/abc",
        &slack,
    ] {
        assert!(is_sensitive(&json!({ "text": text })), "{text}");
    }
}

#[test]
fn formulas_placeholders_and_hexadecimal_addresses_are_not() {
    for value in [
        header("Authorization", "Bearer {{var.organization.crmToken1}}"),
        header("apikey", "YOUR_API_KEY_1234567"),
        header("apikey", "<YOUR KEY 1234567>"),
        header("X-Request-Id", "q8Zr41kPxT7w2LmN"),
        json!({"token": "0x52908400098527886E0F7030069857D2E4169EE7"}),
        json!({"url": "https://api.telegram.org/bot{{var.team.bot}}/sendMessage"}),
        json!({"spreadsheetId": "/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"}),
        json!({"nextPageToken": "{{2.token}}"}),
    ] {
        assert!(!is_sensitive(&value), "{value}");
    }
}

#[test]
fn the_shapes_that_a_published_account_would_leak() {
    let key = "q8Zr41kPxT7w2LmN";
    let udid = "q8zr41kpxt7w2lmnq8zr41kpxt7w2lmn";
    let hook = format!("hook.eu1.make.com/{udid}");
    for value in [
        json!({"headers": [{"Name": "Authorization", "Value": key}]}),
        json!({"headers": [{"key": "x-api-key", "value": key}]}),
        json!({"headers": [{"item": {"name": "authorization"}, "value": key}]}),
        json!({"headers": [{"name": "Cookie", "value": format!("session={key}")}]}),
        json!({"headers": [{"name": "Authorization", "value": format!("Bearer {key}{{{{1.x}}}}")}]}),
        json!({"headers": [{"name": "Authorization", "value": "Token 5a4db0c5-1111-4000-8000-0000000000aa"}]}),
        json!({"authorization": {"value": key}}),
        json!({"apikeys": [key]}),
        json!({"data": format!("{{\"api_key\": \"{key}\"}}")}),
        json!({"data": format!("{{\\\"api_key\\\":\\\"{key}\\\"}}")}),
        json!({"data": format!("grant_type=x&client_secret={key}")}),
        json!({"data": "{\"password\": \"open sesame\", \"user\": \"{{1.user}}\"}"}),
        json!({"raw": format!("Accept: */*\r\nAuthorization: Bearer {key}\r\n")}),
        json!({"raw": format!("X-Api-Key: {key}")}),
        json!({"url": format!("https://user:{key}@host.test/x")}),
        json!({"url": format!("https://a.test/v1?access_token={key}")}),
        json!({"url": format!("https://a.test/#access_token={key}")}),
        json!({"url": format!("https://a.test/v1?sig={key}")}),
        json!({"url": format!("/v1?apikey={key}")}),
        json!({"password": "CorrectHorseBatteryStaple"}),
        json!({"password": "hunter2"}),
        json!({"password": "open sesame now"}),
        json!({"passwd": "abcd"}),
        json!({"client_secret": "q8Zr41kYourT7w2LmN"}),
        json!({"apiKey": "123456789012345"}),
        json!({"url": hook}),
        json!({"url": format!("HTTPS://HOOK.EU1.make.com/{udid}")}),
        json!({"to": format!("{udid}@hook.eu1.make.com, bob@acme.example")}),
        json!({"to": format!("Bob <{udid}@hook.eu1.make.com> hi")}),
        json!({"k": {(format!("https://{hook}")): 1}}),
        json!({"url": "https://hooks.slack.com/workflows/T00000000/A/123/q8Zr41kPxT7w2LmN"}),
        json!({"url": "https://acme.webhook.office.com/webhookb2/q8zr41kp@q/IncomingWebhook/q8Zr41"}),
        json!({"url": "https://hooks.zapier.com/hooks/catch/123/q8zr41k/"}),
        json!({"url": "https://ptb.discord.com/api/webhooks/1/q8Zr41kPxT7w2LmN"}),
        json!({"x": format!("whsec_{key}{key}")}),
        json!({"x": format!("secret_{key}{key}abcd")}),
        json!({"x": format!("ntn_{key}{key}abcd")}),
        json!({"x": format!("patq8Zr41kPxT7w2L.{key}{key}{key}{key}")}),
        json!({"x": format!("eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiIxMjM0In0.{key}")}),
        json!({"x": format!("say 12345678:AA{key}{key}")}),
        json!({"x": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"}),
        json!({"x": format!("ghp_{key}{key}abcd")}),
        json!({"x": format!("glpat-{key}{key}")}),
    ] {
        assert!(is_sensitive(&value), "{value}");
    }
}

#[test]
fn a_secret_for_a_key_hides_the_object_that_has_it() {
    let url = "https://hook.eu1.make.com/q8zr41kpxt7w2lmnq8zr41kpxt7w2lmn";
    let found = sensitive_paths(&json!({"mapper": {"routes": {url: "a"}}}));
    let path = ["mapper", "routes"].map(str::to_owned).to_vec();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [path]);
}

#[test]
fn what_only_sounds_like_a_secret_is_none() {
    for value in [
        json!({"password": "{{var.organization.password}}", "passwordHint": "the dog"}),
        json!({"authorization": "Zoho-oauthtoken {{1.access_token}}"}),
        json!({"authorization": "Token token={{1.access_token}}"}),
        json!({"authorization": {"type": "bearer", "value": "Bearer {{1.token}}"}}),
        json!({"shareCookies": {"mode": "chose"}}),
        json!({"apiKey": "<TOKEN>", "token": "xxx", "secret": "MY_CLIENT_SECRET", "cookie": ""}),
        json!({"tokens": "4096", "maxTokens": "2048", "max_tokens": 512, "tokenLimit": "12k"}),
        json!({"next_page_token": "CAUQAA", "pageToken": "{{2.nextPageToken}}", "syncToken": "abcdef"}),
        json!({"token_type": "Bearer", "tokenUrl": "https://auth.test/token", "secretName": "crm"}),
        json!({"key": "customer", "auth": "basic", "pass": "through"}),
        json!({"parameters": {"key": 58, "token": 12345678, "module": "gateway:CustomWebHook"}}),
        json!({"body": "{\"token\": \"{{1.token}}\", \"password\": \"<PASSWORD>\"}"}),
        json!({"body": "grant_type=refresh_token&refresh_token={{1.refresh_token}}&a=b"}),
        json!({"text": "Password: see below. Token: ask Bob"}),
        json!({"url": "https://{{1.user}}:{{1.password}}@host.test"}),
        json!({"url": "https://discord.com/api/webhooks/{{var.team.id}}/{{var.team.token}}"}),
        json!({"url": "https://hook.eu1.make.com/{{1.udid}}", "mail": "a@b.test, c@d.test"}),
        json!({"rows": [{"name": "password", "type": "password", "label": "Password"}]}),
        json!({"id": "patient-12345.records", "time": "12:30:00", "ratio": "1234567:89"}),
    ] {
        assert!(!is_sensitive(&value), "{value}");
    }
}

/// A document that holds a line of `look_alikes.txt`: `PLACE NAME = VALUE`.
fn look_alike(line: &str) -> Value {
    let (place, rest) = line.split_once(' ').unwrap();
    let named = || rest.split_once(" = ").unwrap();
    match place {
        "field" => {
            let (name, value) = named();
            json!({"mapper": {name: value}})
        }
        "header" => {
            let (name, value) = named();
            json!({"mapper": {"headers": [{"name": name, "value": value}]}})
        }
        "query" => {
            let (name, value) = named();
            let url = format!("https://api.acme.example/v1?lang=de&{name}={value}");
            json!({"mapper": {"qs": [{"name": name, "value": value}], "url": url}})
        }
        "text" => json!({"mapper": {"text": rest}}),
        other => panic!("no place {other}"),
    }
}

#[test]
fn look_alikes_are_let_through() {
    let lines = include_str!("look_alikes.txt").lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() >= 200);
    let is_flagged = |line: &&&str| !find(&look_alike(line)).is_empty();
    let flagged: Vec<&&str> = lines.iter().filter(is_flagged).collect();
    assert!(
        flagged.len() <= 2,
        "{} flagged: {flagged:#?}",
        flagged.len()
    );
}

/// So many characters of a class that look drawn by lot.
fn drawn(class: Class, length: usize) -> String {
    let alphabet: Vec<char> = ('0'..='z')
        .filter(|c| u8::try_from(*c).is_ok_and(|byte| class.has(byte)))
        .collect();
    let step = |at: usize| alphabet[(at * at * 7 + at * 13 + 5) % alphabet.len()];
    (0..length).map(step).collect()
}

#[test]
fn the_tokens_of_each_vendor_are_found_inside_of_texts_and_nothing_but_they() {
    for shape in SHAPES {
        let token = format!(
            "{}{}",
            shape.start,
            drawn(shape.class, shape.least.max(16) + 4)
        );
        let token = match shape.class {
            Class::Capitals => format!("{}{}", shape.start, drawn(shape.class, shape.least)),
            Class::Plain | Class::Hex | Class::Url | Class::Dotted => token,
        };
        for (before, after) in [
            ("", ""),
            ("it is ", " so"),
            ("(\"", "\")"),
            ("{{1.a}}, ", "\n{{1.b}}"),
        ] {
            let text = format!("{before}{token}{after}");
            let found = find(&json!({"mapper": {"text": text}}));
            let sorts: Vec<(&str, &str)> = found
                .iter()
                .map(|found| (found.sort, text.get(found.part.clone()).unwrap()))
                .collect();
            assert_eq!(sorts, [(shape.sort, token.as_str())], "{text}");
        }
    }
}

#[test]
fn only_the_secret_part_of_a_text_is_found_and_goes_by_its_name() {
    let key = "q8Zr41kPxT7w2LmN";
    let udid = "q8zr41kpxt7w2lmnq8zr41kpxt7w2lmn";
    let pair = "bWlhOnE4WnI0MWtQeFQ3dzJMbU4=";
    let jwt = format!("eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiIxMjM0In0.{key}");
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN\n-----END RSA PRIVATE KEY-----";
    for (value, part, label) in [
        (
            header("Authorization", &format!("Bearer {key}")),
            key.to_owned(),
            "Authorization",
        ),
        (
            header("Authorization", &format!("Basic {pair}")),
            pair.to_owned(),
            "Authorization",
        ),
        (
            header("Cookie", &format!("lang=de; sid={key}; a=b")),
            key.to_owned(),
            "Cookie",
        ),
        (
            json!({"url": format!("https://a.test/v1?x=1&apikey={key}&y={{{{1.y}}}}")}),
            key.to_owned(),
            "apikey",
        ),
        (
            json!({"url": format!("https://mia:{key}@a.test/v1")}),
            key.to_owned(),
            "password in a URL",
        ),
        (
            json!({"body": format!("{{\"user\": \"mia\", \"client_secret\": \"{key}\"}}")}),
            key.to_owned(),
            "client_secret",
        ),
        (
            json!({"body": format!("{{\\\"api_key\\\":\\\"{key}\\\"}}")}),
            key.to_owned(),
            "api_key",
        ),
        (
            json!({"code": format!("const h = {{ Authorization: `Bearer {key}` }}")}),
            key.to_owned(),
            "Authorization",
        ),
        (
            json!({"text": format!("curl -H 'Authorization: Token {key}' https://a.test")}),
            key.to_owned(),
            "Authorization",
        ),
        (
            json!({"text": format!("Call https://hook.eu1.make.com/{udid}?a=1 please")}),
            format!("https://hook.eu1.make.com/{udid}"),
            "webhook URL",
        ),
        (
            json!({"text": format!("https:\\/\\/hook.eu1.make.com\\/{udid}")}),
            format!("https:\\/\\/hook.eu1.make.com\\/{udid}"),
            "webhook URL",
        ),
        (
            json!({"url": format!("https://a.test/?cb=https%3A%2F%2Fhook.eu1.make.com%2F{udid}")}),
            format!("https%3A%2F%2Fhook.eu1.make.com%2F{udid}"),
            "webhook URL",
        ),
        (
            json!({"to": format!("Bob <{udid}@hook.eu1.make.com>")}),
            format!("{udid}@hook.eu1.make.com"),
            "mailhook address",
        ),
        (
            json!({"url": format!("https://maker.ifttt.com/trigger/x/with/key/{key}?value1=2")}),
            key.to_owned(),
            "key in a URL",
        ),
        (json!({"x": format!("say {jwt}!")}), jwt, "JSON Web Token"),
        (
            json!({"x": format!("a\n{pem}\nb")}),
            pem.to_owned(),
            "private key",
        ),
        (
            json!({"x": "Token 5a4db0c5-1111-4000-8000-0000000000aa"}),
            "5a4db0c5-1111-4000-8000-0000000000aa".to_owned(),
            "Make API token",
        ),
        (
            json!({"token": format!("{{{{1.a}}}} {key}")}),
            key.to_owned(),
            "token",
        ),
    ] {
        let found = find(&value);
        let [one] = found.as_slice() else {
            panic!("{value}: {found:?}");
        };
        let text = crate::model::value_at(&value, &one.path)
            .unwrap()
            .as_str()
            .unwrap();
        assert_eq!(text.get(one.part.clone()).unwrap(), part, "{value}");
        assert_eq!(one.label, label, "{value}");
    }
}

#[test]
fn placeholders_stand_in_and_keys_do_not() {
    for text in [
        "changeme",
        "<TOKEN>",
        "REDACTED",
        "YOUR_API_KEY",
        "xxxx-xxxx",
        "***",
        "change_me_1",
        "TODO",
        "$CRM_TOKEN",
        "${CRM_TOKEN}",
    ] {
        assert!(stands_in(text), "{text}");
    }
    for text in [
        "q8Zr41kPxT7w2LmN",
        "hunter2",
        "$2b$10$7EqJtq98hPqEX7fNZaFWoO",
        "todoist4711",
        "open sesame now",
        "0xdeadbeef",
        "x",
        "-",
    ] {
        assert_eq!(stands_in(text), text.len() < 2, "{text}");
    }
}

#[test]
fn a_key_that_is_a_secret_is_no_name_of_what_stands_below_it() {
    let key = ["sk_", "live_", "51HqLyjWDarjtT1zdp7dc", "_token"].concat();
    let document = json!({ key.clone(): "Zq8xV2kLp9Wm4Tn7Rb3Yc6", "a": { key.clone(): { "password": "Zq8xV2kLp9Wm" } } });
    let found = super::find(&document);
    assert!(found.iter().any(|found| found.key.as_deref() == Some(&key)));
    for found in found {
        assert!(!found.label.contains("51Hq"), "{}", found.label);
        assert!(!format!("{found:?}").contains("51Hq"), "{found:?}");
    }
}
