//! What a document tells beside the changes: findings, what is only adopted, what is left as it is.

use std::{cell::LazyCell, fmt::Write as _};

use crate::{
    diagnostic::{Finding, Report, Severity, codes::guards::GUARDS},
    plan::{Plan, Step},
    render::{Style, findings::findings_text, findings::tally_text, words},
};

use super::{
    escape::{element, fence},
    fit::Thing,
};

/// The most things that are listed one by one.
const LISTED: usize = 20;

/// How long a single finding may be, in lines and in characters of a line.
const LINES: usize = 60;
const COLUMNS: usize = 500;

/// The findings, the most serious ones first, as far as there is room.
pub(super) fn findings(report: &Report, room: usize, out: &mut String) {
    if report.is_empty() {
        return;
    }
    let mut sorted = report.sorted();
    sorted.sort_by_key(|finding| weight(finding));
    let serious = sorted.first().is_some_and(|first| weight(first) < 2);
    let open = if serious { " open" } else { "" };
    let mut lines = String::new();
    let mut left = 0;
    for finding in &sorted {
        let text = one_finding(finding);
        if left > 0 || lines.len() + text.len() > room {
            left += 1;
            continue;
        }
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&text);
    }
    if left > 0 {
        let _ = write!(lines, "\n({} left out)", words::count(left, "finding"));
    }
    let _ = write!(
        out,
        "\n<details{open}><summary>{}</summary>\n\n",
        tally_text(report)
    );
    fence("text", &lines, out);
    out.push_str("\n</details>\n");
}

/// Errors, then what apply refuses, then the rest.
fn weight(finding: &Finding) -> u8 {
    match finding.severity {
        Severity::Error => 0,
        Severity::Warning | Severity::Note if GUARDS.contains(&finding.code) => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    }
}

fn one_finding(finding: &Finding) -> String {
    let report = Report::from_iter([finding.clone()]);
    let text = findings_text(&report, &Style::plain());
    let mut out = String::new();
    let mut lines = text.lines();
    for line in lines.by_ref().take(LINES) {
        out.extend(line.chars().take(COLUMNS));
        match line.chars().count().checked_sub(COLUMNS) {
            Some(more) if more > 0 => {
                let _ = writeln!(out, "... ({more} more characters)");
            }
            _ => out.push('\n'),
        }
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(out, "({} left out)", words::count(more, "line"));
    }
    out
}

/// Lines for people, as many of them as there is room for.
pub(super) fn cut(text: &str, room: usize) -> String {
    let mut out = String::new();
    for line in words::lines(text).lines() {
        let line: String = line.chars().take(COLUMNS).collect();
        if out.len() + line.len() >= room {
            out.push_str("...\n");
            break;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Things that are adopted as they are.
pub(super) fn adopted<'a>(steps: &[&Step]) -> Option<Thing<'a>> {
    let (summary, line) = match steps {
        [] => return None,
        [one] => (
            format!(
                "{} will be adopted as it is",
                element(&format!("= {}", one.address))
            ),
            format!("= {}", one.address),
        ),
        several => (
            format!("{} things will be adopted as they are", several.len()),
            format!("= {} things that are adopted as they are", several.len()),
        ),
    };
    let lines = steps.iter().map(|step| {
        let id = step.id.as_ref().map(ToString::to_string);
        let id = id.map_or_else(String::new, |id| format!(" (id {})", words::printable(&id)));
        format!("= {}{id}", step.address)
    });
    Some(listing(&summary, line, lines.collect()))
}

/// Scenarios that differ in what Make's editor keeps and in nothing else.
pub(super) fn editor<'a>(plan: &Plan) -> Option<Thing<'a>> {
    let number = plan.editor.len();
    if number == 0 {
        return None;
    }
    let things = words::count(number, "scenario");
    let what = "left as they are: only the editor's part differs, which --editor applies";
    let lines = plan.editor.iter().map(|(address, difference)| {
        let words = words::clip(&words::printable(&difference.in_words()));
        format!("{address}: {words}")
    });
    let summary = format!("{things} {what}");
    Some(listing(
        &summary,
        format!("{things} {what}"),
        lines.collect(),
    ))
}

/// Lines behind a summary.
fn listing<'a>(summary: &str, line: String, lines: Vec<String>) -> Thing<'a> {
    let mut text = format!("<details><summary>{summary}</summary>\n\n");
    let more = lines.len().saturating_sub(LISTED);
    let mut lines: Vec<String> = lines.into_iter().take(LISTED).collect();
    if more > 0 {
        lines.push(format!("({more} more; --format json lists them all)"));
    }
    fence("text", &lines.join("\n"), &mut text);
    Thing {
        line,
        rank: 2,
        text,
        drawing: LazyCell::new(Box::new(String::new)),
        end: "\n</details>\n",
    }
}
