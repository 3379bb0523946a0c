//! An account as a page: what runs, when, on what, called by whom, and with which trouble.

use std::{collections::BTreeSet, fmt::Write as _};

use jiff::Timestamp;

use crate::{
    model::{Account, RunTally},
    plan::{Catalogue, Entry},
    render::{
        svg::{cut, escape, figure, relations_figure},
        words,
    },
};

use super::{canvas, page, week::draw, wide};

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
        let plural = if *count == 1 { "" } else { "s" };
        let _ = write!(out, "<li><b>{count}</b> {}{plural}</li>", kind.prefix());
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
        scenario(entry, at, catalogue.since, &mut out);
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

/// How often it ran and failed, and what that cost.
fn ran(entry: &Entry, since: Option<Timestamp>) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(runs) = &entry.runs {
        let from = runs.since.map(|at| format!(" since {}", day(at)));
        let from = from.unwrap_or_default();
        let newest = if runs.is_part { "the newest " } else { "" };
        told.push(match runs.runs {
            0 => "none has ended, as far as Make's log goes back".to_owned(),
            count => format!(
                "{newest}{}{from}: {}",
                words::count(count, "run"),
                failing(runs)
            ),
        });
        if runs.warnings > 0 {
            told.push(format!("{} ended with a warning", runs.warnings));
        }
    }
    if let Some(operations) = entry.operations {
        let since = since.map(|at| format!(" since {}", day(at)));
        told.push(format!(
            "{}{}",
            words::count(
                usize::try_from(operations).unwrap_or(usize::MAX),
                "operation"
            ),
            since.unwrap_or_default()
        ));
    }
    told
}

/// `2 failed (25 %)`.
fn failing(runs: &RunTally) -> String {
    match runs.rate() {
        None | Some(0) => "none failed".to_owned(),
        Some(rate) => format!("{} failed ({rate} %)", runs.errors),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
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
    let has_runs = catalogue.entries.iter().any(|entry| entry.runs.is_some());
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
         <div class=\"{2}\" tabindex=\"0\" role=\"region\" aria-label=\"Table of scenarios\"><table \
         id=\"over\"><thead><tr><th scope=\"col\">State</th><th scope=\"col\">Scenario</th><th \
         scope=\"col\">When</th>{1}<th scope=\"col\">Trouble</th></tr></thead><tbody>",
        catalogue.entries.len(),
        match has_runs {
            true => "<th scope=\"col\">Runs</th><th scope=\"col\">Failing</th>",
            false => "",
        },
        wide(catalogue.entries.len()),
    );
    for (at, entry) in catalogue.entries.iter().enumerate() {
        let _ = writeln!(
            out,
            "<tr data-s=\"{at}\"><td>{}</td><td><a href=\"#s{at}\">{}</a></td><td>{}</td>{}<td>{}</td></tr>",
            state(entry),
            escape(&cut(&entry.name, 200)),
            escape(&cut(entry.schedule.as_deref().unwrap_or_default(), 200)),
            if has_runs {
                runs_cells(entry)
            } else {
                String::new()
            },
            escape(&entry.trouble.join(", ")),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// How often it ran of late, and how much of that failed.
fn runs_cells(entry: &Entry) -> String {
    let Some(runs) = &entry.runs else {
        return "<td></td><td></td>".to_owned();
    };
    let more = if runs.is_part { "+" } else { "" };
    let failing = match runs.rate() {
        None => String::new(),
        Some(rate) => format!("{rate} %"),
    };
    format!("<td>{}{more}</td><td>{failing}</td>", runs.runs)
}

fn scenario(entry: &Entry, at: usize, since: Option<Timestamp>, out: &mut String) {
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
        ("When", entry.schedule.iter().cloned().collect()),
        ("Called by", entry.called_by.clone()),
        ("Uses", entry.uses.clone()),
        ("Runs", ran(entry, since)),
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
        let figure = figure(&entry.drawing, &what, &|_| None);
        canvas(&entry.address.to_string(), &figure, out);
    }
    out.push_str("</article>\n");
}
