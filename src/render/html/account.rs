//! An account as a page: what runs, when, on what, called by whom, and with which trouble.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    model::Account,
    plan::{Catalogue, Entry},
    render::svg::{cut, escape, figure, relations_figure},
};

use super::{page, week::draw};

/// The catalogue of an account as one page.
pub fn account_html(target: &str, account: &Account, catalogue: &Catalogue) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#main\">Skip to the scenarios</a>\n<header>\n<h1>Account of {}</h1>\n<p \
         class=\"sub\">{}</p>\n<ul class=\"counts\">",
        escape(target),
        escape(&account.in_words()),
    );
    for (kind, count) in &catalogue.counts {
        let _ = write!(out, "<li><b>{count}</b> {}</li>", kind.prefix());
    }
    out.push_str("</ul>\n</header>\n<main id=\"main\">\n");
    overview(catalogue, &mut out);
    if !catalogue.relations.uses.is_empty() {
        let _ = writeln!(
            out,
            "<section aria-labelledby=\"rel-h\"><h2 id=\"rel-h\">What depends on what</h2><div \
             class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of what depends on what\">{}</div></section>",
            relations_figure(&catalogue.relations),
        );
    }
    for (at, entry) in catalogue.entries.iter().enumerate() {
        scenario(entry, at, &mut out);
    }
    out.push_str("</main>\n");
    page(&format!("Account of {target}"), &out)
}

/// How it fares, in a word.
fn state(entry: &Entry) -> &'static str {
    match (entry.trouble.is_empty(), entry.active) {
        (false, _) => "trouble",
        (true, true) => "on",
        (true, false) => "off",
    }
}

fn overview(catalogue: &Catalogue, out: &mut String) {
    if catalogue.entries.is_empty() {
        out.push_str("<p class=\"empty\">No scenario.</p>\n");
        return;
    }
    out.push_str(
        "<section aria-labelledby=\"over-h\"><h2 id=\"over-h\">Scenarios</h2>\n<div \
         class=\"controls\" id=\"controls\" hidden><label>Search <input type=\"search\" id=\"q\" \
         autocomplete=\"off\" spellcheck=\"false\"></label> <fieldset><legend>Show</legend>",
    );
    let states: BTreeSet<&str> = catalogue.entries.iter().map(state).collect();
    for state in states {
        let _ = write!(
            out,
            "<label><input type=\"checkbox\" name=\"action\" value=\"{state}\" checked> {state}</label> "
        );
    }
    let _ = writeln!(
        out,
        "</fieldset> <output id=\"shown\" aria-live=\"polite\">{0} of {0} shown</output><p \
         class=\"keys\"><kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and previous</p></div>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of scenarios\"><table \
         id=\"over\"><thead><tr><th scope=\"col\">State</th><th scope=\"col\">Scenario</th><th \
         scope=\"col\">When</th><th scope=\"col\">Trouble</th></tr></thead><tbody>",
        catalogue.entries.len(),
    );
    for (at, entry) in catalogue.entries.iter().enumerate() {
        let _ = writeln!(
            out,
            "<tr data-s=\"{at}\"><td>{}</td><td><a href=\"#s{at}\">{}</a></td><td>{}</td><td>{}</td></tr>",
            state(entry),
            escape(&cut(&entry.name, 200)),
            escape(&cut(entry.schedule.as_deref().unwrap_or_default(), 200)),
            escape(&entry.trouble.join(", ")),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn scenario(entry: &Entry, at: usize, out: &mut String) {
    let _ = write!(
        out,
        "<article id=\"s{at}\" tabindex=\"-1\" data-action=\"{0}\" data-kind=\"scenario\" \
         aria-labelledby=\"h{at}\">\n<h2 id=\"h{at}\">{1} <small>{2}, {0}</small></h2>\n<dl>",
        state(entry),
        escape(&cut(&entry.name, 300)),
        escape(&entry.address.to_string()),
    );
    let lists = [
        ("Folder", entry.folder.iter().cloned().collect()),
        ("Runs", entry.schedule.iter().cloned().collect()),
        ("Called by", entry.called_by.clone()),
        ("Uses", entry.uses.clone()),
        ("Trouble", entry.trouble.clone()),
    ];
    for (name, values) in lists {
        let values: Vec<String> = values
            .iter()
            .map(|value| escape(&cut(value, 300)))
            .collect();
        if !values.is_empty() {
            let _ = write!(out, "<dt>{name}</dt><dd>{}</dd>", values.join("<br>"));
        }
    }
    out.push_str("</dl>\n");
    if let Some(week) = &entry.week {
        out.push_str("<div class=\"weeks\"><figure>");
        draw(week, "each week", out);
        out.push_str("</figure></div>\n");
    }
    if !entry.drawing.nodes.is_empty() {
        let what = format!("Modules of {}", entry.address);
        let _ = writeln!(
            out,
            "<div class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of {}\">{}</div>",
            escape(&entry.address.to_string()),
            figure(&entry.drawing, &what, &|_| None),
        );
    }
    out.push_str("</article>\n");
}
