//! The pages that a browser is shown.

use std::fmt::Write as _;

use crate::live::transport::Response;

use super::application::Application;
use super::form::Form;
use super::response;

/// The parameters of a request that come back with the decision.
const CARRIED: [&str; 7] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// Asks the user whether an application may do what it wants.
pub(super) fn consent(
    application: &Application,
    request: &Form,
    scope: &[String],
    users: &[(u64, String)],
) -> Response {
    let mut html = String::new();
    let _ = write!(
        html,
        "<h1>{} wants to</h1><ul id=\"scope\">",
        escaped(application.name)
    );
    for scope in scope {
        let _ = write!(html, "<li><code>{}</code></li>", escaped(scope));
    }
    html.push_str("</ul><form method=\"post\">");
    for name in CARRIED {
        if let Some(value) = request.get(name) {
            let value = escaped(value);
            let _ = write!(
                html,
                "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
            );
        }
    }
    html.push_str("<p><label>as <select name=\"user\">");
    for (id, name) in users {
        let _ = write!(html, "<option value=\"{id}\">{}</option>", escaped(name));
    }
    html.push_str(
        "</select></label></p>\
         <p><button id=\"allow\" name=\"decision\" value=\"allow\">Allow</button> \
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button></p></form>",
    );
    page(200, &html)
}

/// Says what is wrong with a request that must not be sent back to where it says it comes from.
pub(super) fn mistake(words: &str) -> Response {
    page(
        400,
        &format!("<h1>This is no request</h1><p>{}</p>", escaped(words)),
    )
}

fn page(status: u16, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <title>Sandbox: authorize</title></head><body>{body}</body></html>"
    );
    let mut response = response(status, "text/html; charset=utf-8", html);
    for (name, value) in [
        // Not `form-action`: browsers hold it against the redirect that follows the form.
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        response.headers.push((name.to_owned(), value.to_owned()));
    }
    response
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
