//! A plan as a page.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    diagnostic::{Finding, Severity},
    plan::{Action, Plan},
    render::{
        plan_text,
        svg::{cut, escape},
        words::count,
    },
};

use super::{forecast::forecast, page, roles::roles, step::step};

/// A plan as one page: counts, a list to filter and to search, and for each thing its changes;
/// scenarios are drawn.
pub fn plan_html(plan: &Plan) -> String {
    let mut out = String::new();
    head(plan, &mut out);
    out.push_str("<main id=\"main\">\n");
    findings(plan, &mut out);
    overview(plan, &mut out);
    out.push_str(&forecast(plan));
    out.push_str(&roles(plan));
    for (at, one) in plan.steps.iter().enumerate() {
        step(one, at, &mut out);
    }
    out.push_str("</main>\n");
    let (digest, target) = (escape(&plan.digest), escape(&plan.target.name));
    let _ = write!(out, "<footer><p>Digest <code id=\"digest\">{digest}</code>");
    if plan.has_changes() && !plan.findings.has_errors() {
        let _ = write!(
            out,
            ". To carry out this very plan: <code>makeform --target {target} apply --expect \
             {digest}</code>"
        );
    }
    out.push_str("</p></footer>\n");
    page(&format!("Plan for {}", plan.target.name), &out)
}

fn head(plan: &Plan, out: &mut String) {
    let account = &plan.target.account;
    let summary = plan.summary();
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#main\">Skip to the plan</a>\n<header>\n<h1>Plan for {}</h1>\n<p \
         class=\"sub\">{}</p>\n<ul class=\"counts\">",
        escape(&plan.target.name),
        escape(&account.in_words()),
    );
    let counts = [
        (summary.create, "create", "to create"),
        (summary.update, "update", "to update"),
        (summary.replace, "replace", "to replace"),
        (summary.delete, "delete", "to delete"),
        (summary.adopt, "adopt", "to adopt"),
        (summary.unchanged, "unchanged", "unchanged"),
    ];
    for (number, class, words) in counts {
        let _ = write!(
            out,
            "<li class=\"{class}\" data-count=\"{class}\"><b>{number}</b> {words}</li>"
        );
    }
    out.push_str("</ul>\n");
    if !plan.steps.is_empty() {
        let _ = writeln!(
            out,
            "<p class=\"sum\">{}</p>",
            escape(&plan_text::counts(plan))
        );
    }
    out.push_str("</header>\n");
}

fn findings(plan: &Plan, out: &mut String) {
    if plan.findings.is_empty() {
        return;
    }
    let all: Vec<&Finding> = plan.findings.iter().collect();
    let errors = all.iter().filter(|f| f.severity == Severity::Error).count();
    let _ = write!(
        out,
        "<section id=\"findings\" aria-labelledby=\"findings-h\"><h2 id=\"findings-h\">{}{}</h2><ul \
         class=\"findings\">",
        escape(&count(all.len(), "finding")),
        match errors {
            0 => String::new(),
            errors => format!(", {} among them", count(errors, "error")),
        },
    );
    for finding in all {
        let (class, word) = match finding.severity {
            Severity::Error => ("error", "error"),
            Severity::Warning => ("warning", "warning"),
            Severity::Note => ("note", "note"),
        };
        let _ = write!(
            out,
            "<li class=\"{class}\"><b>{word}</b> <code>{}</code> ",
            escape(finding.code.name)
        );
        if let Some(address) = &finding.address {
            let _ = write!(out, "{}: ", link(plan, &address.to_string()));
        }
        out.push_str(&escape(&cut(&finding.message, 2000)));
        if let Some(place) = &finding.place {
            let _ = write!(
                out,
                " <span class=\"at\">{}</span>",
                escape(&place.to_string())
            );
        }
        if let Some(help) = &finding.help {
            let _ = write!(
                out,
                "<br><span class=\"help\">help: {}</span>",
                escape(&cut(help, 2000))
            );
        }
        out.push_str("</li>");
    }
    out.push_str("</ul></section>\n");
}

/// An address, as a link to its step if it has one.
fn link(plan: &Plan, address: &str) -> String {
    let is_it = |step: &crate::plan::Step| step.address.to_string() == address;
    let text = escape(address);
    match plan.steps.iter().position(is_it) {
        Some(at) => format!("<a href=\"#s{at}\"><code>{text}</code></a>"),
        None => format!("<code>{text}</code>"),
    }
}

fn overview(plan: &Plan, out: &mut String) {
    if plan.steps.is_empty() {
        out.push_str("<p class=\"empty\">No changes: the account is as the manifests say.</p>\n");
        return;
    }
    out.push_str("<section aria-labelledby=\"over-h\"><h2 id=\"over-h\">Overview</h2>\n");
    controls(plan, out);
    out.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of steps\"><table \
         id=\"over\"><thead><tr><th scope=\"col\">Action</th><th scope=\"col\">Address</th><th \
         scope=\"col\">What</th></tr></thead><tbody>\n",
    );
    for (at, step) in plan.steps.iter().enumerate() {
        let action = step.action;
        let mut what: Vec<String> = Vec::new();
        for change in step.changes.iter().take(6) {
            what.push(escape(&cut(&change.title, 60)));
        }
        if step.changes.len() > what.len() {
            what.push(format!("{} more", step.changes.len() - what.len()));
        }
        let _ = writeln!(
            out,
            "<tr data-s=\"{at}\"><td class=\"{0}\"><span class=\"sig\" aria-hidden=\"true\">{1}</span> \
             {0}</td><td><a href=\"#s{at}\">{2}</a></td><td>{3}</td></tr>",
            action.as_str(),
            escape(action.symbol()),
            escape(&step.address.to_string()),
            what.join(", "),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// What the script filters by.
fn controls(plan: &Plan, out: &mut String) {
    out.push_str(
        "<div class=\"controls\" id=\"controls\" hidden><label>Search <input type=\"search\" \
         id=\"q\" autocomplete=\"off\" spellcheck=\"false\"></label> <fieldset><legend>Show</legend>",
    );
    let actions: BTreeSet<Action> = plan.steps.iter().map(|step| step.action).collect();
    for action in actions {
        let _ = write!(
            out,
            "<label><input type=\"checkbox\" name=\"action\" value=\"{0}\" checked> {0}</label> ",
            action.as_str()
        );
    }
    out.push_str("</fieldset> <label>Kind <select id=\"kind\"><option value=\"\">all</option>");
    let kinds: BTreeSet<&str> = plan.steps.iter().map(|s| s.address.kind.prefix()).collect();
    for kind in kinds {
        let _ = write!(out, "<option>{kind}</option>");
    }
    let _ = writeln!(
        out,
        "</select></label> <output id=\"shown\" aria-live=\"polite\">{0} of {0} shown</output><p \
         class=\"keys\"><kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and previous, \
         <kbd>Enter</kbd> on a module shows its changes</p></div>",
        plan.steps.len()
    );
}
