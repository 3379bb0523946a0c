//! Plans and accounts as one page for a browser.
//!
//! The page holds all that it needs and asks nobody for anything: a strict policy lets in the one
//! style and the one script that stand in it, by their digests, and nothing else. It can be read
//! without the script, which filters, searches and opens. All texts of an account go through
//! [`escape`](super::svg::escape).

mod account;
mod changes;
mod forecast;
mod plan;
mod roles;
mod step;
mod week;

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

use super::svg::{self, Figure, escape};

pub use account::account_html;
pub use plan::plan_html;

const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

/// A page around its parts.
fn page(title: &str, body: &str) -> String {
    let style = format!("{STYLE}{}", svg::STYLE);
    let mut out = String::with_capacity(body.len() + style.len() + SCRIPT.len() + 1000);
    let _ = writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
         http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n<meta \
         name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta \
         name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" \
         content=\"no-referrer\">\n<title>{}</title>\n<style>{style}</style>\n</head>\n<body>",
        digest(&style),
        digest(SCRIPT),
        escape(title),
    );
    out.push_str(body);
    let _ = writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>");
    out
}

/// The class of a table that is scrolled sideways where it has no room, and where it has many rows
/// also up and down: what stands below it is not to be far away.
fn wide(rows: usize) -> &'static str {
    match rows {
        0..=20 => "wide",
        _ => "wide long",
    }
}

/// A drawing that can be scrolled, and below it what it had no room for.
fn canvas(what: &str, figure: &Figure, out: &mut String) {
    let Figure { svg, shortened } = figure;
    let _ = writeln!(
        out,
        "<div class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of {}\">{svg}</div>",
        escape(what),
    );
    if shortened.is_empty() {
        return;
    }
    out.push_str(
        "<details class=\"short\"><summary>What the drawing shows shortened</summary><ul>",
    );
    for text in shortened {
        let _ = write!(out, "<li>{}</li>", escape(text));
    }
    out.push_str("</ul></details>\n");
}

fn digest(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}
