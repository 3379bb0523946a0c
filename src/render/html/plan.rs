//! A plan as a page.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    diagnostic::{Finding, Severity},
    plan::{Action, Plan},
    render::{
        apply_command,
        plan_text::{self, OVERRIDE},
        step_text::verb,
        svg::{cut, escape},
        words::count,
    },
};

use super::{forecast::forecast, page, roles::roles, step::step, wide};

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
        let outlook = plan.forecast.scenarios.get(&one.address);
        step(one, outlook, at, &mut out);
    }
    editor(plan, &mut out);
    out.push_str("</main>\n");
    let digest = escape(&plan.digest);
    let _ = write!(out, "<footer><p>Digest <code id=\"digest\">{digest}</code>");
    if plan_text::can_be_applied(plan) {
        let _ = write!(
            out,
            ". To carry out this very plan: <code id=\"apply\">{}</code>",
            escape(&apply_command(plan))
        );
        if let Some(refusal) = plan_text::refusal(plan, &[]) {
            let _ = write!(out, " {} {OVERRIDE}", escape(&refusal));
        }
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
        escape(&format!("{}, {}", account.host, account.in_words())),
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
        // Nobody is to be alarmed by the red of a zero.
        let none = if number == 0 { " none" } else { "" };
        let _ = write!(
            out,
            "<li class=\"{class}{none}\" data-count=\"{class}\"><b>{number}</b> {words}</li>"
        );
    }
    out.push_str("</ul>\n");
    let lines = [
        Some(plan_text::conclusion(plan, "", "below")),
        plan_text::cost(plan),
        plan_text::bookkeeping(plan),
        plan_text::refusal(plan, &[]),
    ];
    for line in lines.into_iter().flatten() {
        let _ = writeln!(out, "<p class=\"sum\">{}</p>", escape(&line));
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
        let word = finding.severity.as_str();
        let _ = write!(
            out,
            "<li class=\"{word}\"><b>{word}</b> <code>{}</code> ",
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
        return;
    }
    out.push_str("<section aria-labelledby=\"over-h\"><h2 id=\"over-h\">Overview</h2>\n");
    controls(plan, out);
    let _ = writeln!(
        out,
        "<div class=\"{}\" tabindex=\"0\" role=\"region\" aria-label=\"Table of steps\"><table \
         id=\"over\"><thead><tr><th scope=\"col\">Action</th><th scope=\"col\">Address</th><th \
         scope=\"col\">What</th></tr></thead><tbody>",
        wide(plan.steps.len()),
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
             {4}</td><td><a href=\"#s{at}\">{2}</a></td><td>{3}</td></tr>",
            action.as_str(),
            escape(action.symbol()),
            escape(&step.address.to_string()),
            what.join(", "),
            verb(step),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// Scenarios that differ in what Make's editor keeps and in nothing else.
fn editor(plan: &Plan, out: &mut String) {
    if plan.editor.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section aria-labelledby=\"editor-h\"><h2 id=\"editor-h\">Left as they are</h2><p>{} whose \
         editor's part alone differs; <code>--editor</code> applies it.</p><ul>",
        count(plan.editor.len(), "scenario")
    );
    for (address, difference) in &plan.editor {
        let _ = write!(
            out,
            "<li><code>{}</code>: {}</li>",
            escape(&address.to_string()),
            escape(&difference.in_words())
        );
    }
    out.push_str("</ul></section>\n");
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::plan_html;
    use crate::{
        diagnostic::{Code, Finding, Report, Severity, codes::guards::MASS_DELETE},
        plan::{EditorDifference, Plan},
        render::sample::{address, code, lead_sync, plan},
    };

    fn says(plan: &Plan) -> (String, Vec<String>) {
        let page = plan_html(plan);
        let lines = page.split("<p class=\"sum\">").skip(1);
        let lines = lines.map(|line| line.split_once("</p>").unwrap().0.to_owned());
        let lines = lines.collect();
        (page, lines)
    }

    #[test]
    fn a_plan_that_could_not_be_made_is_not_said_to_change_nothing() {
        const BROKEN: Code = code("broken", Severity::Error);
        let mut none = plan(Vec::new());
        let (_, lines) = says(&none);
        assert_eq!(lines, ["No changes. There is nothing to do."]);
        none.findings = Report::from_iter([Finding::new(&BROKEN, "unreadable")]);
        let (page, lines) = says(&none);
        assert_eq!(lines, ["No plan: the errors below must be mended first."]);
        assert!(!page.contains("No changes") && !page.contains("--expect"));
    }

    #[test]
    fn what_a_guard_refuses_is_said_where_the_command_stands() {
        let mut refused = lead_sync();
        refused.findings = Report::from_iter([Finding::new(&MASS_DELETE, "too many")]);
        let (page, lines) = says(&refused);
        let refusal = "Apply refuses it without --allow mass-delete.";
        assert!(lines.contains(&refusal.to_owned()), "{lines:?}");
        let footer = page.split_once("<footer>").unwrap().1;
        assert!(footer.contains("--expect") && footer.contains(refusal));
    }

    #[test]
    fn scenarios_that_only_the_editor_changed_are_listed() {
        let mut left = plan(Vec::new());
        let moved = EditorDifference {
            modules: vec!["3".into()],
            of: 2,
            ..EditorDifference::default()
        };
        left.editor = BTreeMap::from([(address("scenario.leads"), moved)]);
        let (page, _) = says(&left);
        assert!(
            page.contains("<li><code>scenario.leads</code>: 1 of 2 modules</li>"),
            "{page}"
        );
        assert!(page.contains("1 scenario whose"));
    }
}
