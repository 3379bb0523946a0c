//! A plan as text, in Terraform's words: what people read in terminals and pull requests.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    model::Dialect,
    plan::{Action, Cost, Plan, Step, Target, refusals},
};

use super::{
    Role, Style, apply_command, change_text::FIRST, findings::findings_text,
    forecast_text::forecast_text, step_text::step_text, words,
};

/// A whole plan, with its findings and its digest; what is allowed already is asked for no more.
#[must_use]
pub fn plan_text(plan: &Plan, allowed: &[String], style: &Style) -> String {
    let mut out = String::new();
    if !plan.steps.is_empty() {
        let heading = format!(
            "makeform will perform these actions on {}:",
            target(&plan.target)
        );
        let _ = writeln!(out, "{}\n", style.paint(Role::Heading, &heading));
    }
    let (quiet, loud): (Vec<&Step>, Vec<&Step>) =
        plan.steps.iter().partition(|step| is_quiet(step));
    for step in loud {
        let outlook = plan.forecast.scenarios.get(&step.address);
        step_text(step, outlook, style, &mut out);
        out.push('\n');
    }
    if !quiet.is_empty() {
        quiet_text(&quiet, style, &mut out);
        out.push('\n');
    }
    if !plan.editor.is_empty() {
        editor_text(plan, style, &mut out);
        out.push('\n');
    }
    if !plan.findings.is_empty() {
        let _ = writeln!(out, "{}", findings_text(&plan.findings, style));
    }
    let on = format!(" on {}", target(&plan.target));
    let _ = writeln!(
        out,
        "{}",
        style.paint(Role::Heading, &conclusion(plan, &on, "above"))
    );
    tail(plan, allowed, style, &mut out);
    if !style.full && words::is_cut(&out) {
        let hint = "Long values are cut; --full shows them whole.";
        let _ = writeln!(out, "{}", style.paint(Role::Muted, hint));
    }
    out
}

/// What stands beneath the counts: what the plan costs, whether it can be applied, and its digest.
pub(super) fn tail(plan: &Plan, allowed: &[String], style: &Style, out: &mut String) {
    if let Some(forecast) = forecast_text(&plan.forecast) {
        let _ = writeln!(out, "{forecast}");
    }
    if let Some(cost) = cost(plan) {
        let _ = writeln!(out, "{cost}");
    }
    if let Some(bookkeeping) = bookkeeping(plan) {
        let _ = writeln!(out, "{bookkeeping}");
    }
    if let Some(refusal) = refusal(plan, allowed) {
        let _ = writeln!(out, "{}", style.paint(Role::Warning, &refusal));
    }
    if can_be_applied(plan) {
        let digest = format!("Digest: {}", plan.digest);
        let _ = writeln!(out, "{}", style.paint(Role::Muted, &digest));
    }
}

/// `Apply: 412 requests, about 1 min 40 s at 240 a minute.`
pub(super) fn cost(plan: &Plan) -> Option<String> {
    let Cost { requests, limit } = plan.cost();
    if requests == 0 || plan.findings.has_errors() {
        return None;
    }
    let requests = words::count(requests, "request");
    let Some(limit) = limit else {
        // How long that takes hangs on the rate, which that dialect does not tell.
        let tells_no_rate = plan.target.account.dialect == Dialect::Unified;
        return tells_no_rate.then(|| format!("Apply: about {requests}."));
    };
    let time = plan.cost().lasts();
    Some(match time.is_zero() {
        true => format!("Apply: about {requests}, within a minute."),
        false => {
            let time = words::about(time);
            format!("Apply: about {requests}, about {time} at {limit} a minute.")
        }
    })
}

/// How to carry out exactly this plan; nothing where there is nothing to carry out, or where
/// errors must be mended first.
#[must_use]
pub fn apply_hint(plan: &Plan, style: &Style) -> Option<String> {
    if !can_be_applied(plan) {
        return None;
    }
    let mut hint = format!(
        "To carry out exactly this plan, run:\n  {}\n",
        style.paint(Role::Code, &apply_command(plan))
    );
    if let Some(refusal) = refusal(plan, &[]) {
        let _ = writeln!(hint, "{refusal} {OVERRIDE}");
    }
    Some(hint)
}

pub(super) fn can_be_applied(plan: &Plan) -> bool {
    !plan.is_empty() && !plan.findings.has_errors()
}

/// A target with its host and team; or its organization, in a dialect that knows no teams.
pub(super) fn target(target: &Target) -> String {
    let account = &target.account;
    format!(
        "target {} ({}, {})",
        words::printable(&target.name),
        words::printable(&account.host),
        words::printable(&account.in_words())
    )
}

/// The line that sums a plan up. `on` says of which target where nothing else does, and is empty
/// or begins with a blank; `errors` says where from that line the errors stand.
pub(super) fn conclusion(plan: &Plan, on: &str, errors: &str) -> String {
    let part = match plan.coverage.only.is_empty() {
        true => "",
        false => " It covers what --only names, and what that stands on.",
    };
    match (plan.has_changes(), plan.findings.has_errors()) {
        (true, false) => format!("{}{part}", counts(plan)),
        (true, true) => format!(
            "{}{part} Apply refuses it until the errors {errors} are mended.",
            counts(plan)
        ),
        (false, true) => format!("No plan: the errors {errors} must be mended first."),
        (false, false) if !plan.coverage.only.is_empty() => {
            format!("No changes{on}.{part}")
        }
        (false, false) => match plan.unchanged {
            0 => format!("No changes. There is nothing to do{on}."),
            1 => format!("No changes. The one thing managed{on} is as its manifest says."),
            many => format!("No changes. All {many} things managed{on} are as the manifests say."),
        },
    }
}

/// How many things are added, changed and destroyed. An adoption that changes something is a
/// change, a replace adds one and destroys one.
pub(super) fn counts(plan: &Plan) -> String {
    let summary = plan.summary();
    let number = |of: fn(&Step) -> bool| plan.steps.iter().filter(|step| of(step)).count();
    let changed_by_adoption =
        number(|step| step.action == Action::Adopt && !step.changes.is_empty());
    let forgotten = number(|step| step.action == Action::Forget);
    let mut line = format!(
        "Plan: {} to add, {} to change, {} to destroy",
        summary.create + summary.replace,
        summary.update + changed_by_adoption,
        summary.delete + summary.replace
    );
    for (number, verb) in [
        (summary.adopt - changed_by_adoption, "adopt"),
        (forgotten, "forget"),
    ] {
        if number > 0 {
            let _ = write!(line, ", {number} to {verb}");
        }
    }
    line + "."
}

/// What to do about a plan that is refused. The command does not name the override: whoever means
/// it adds it.
pub(super) const OVERRIDE: &str =
    "Read the findings first, and add that to the command only if each of them is meant.";

/// That apply refuses the plan as it stands, and what more would let it go on.
pub(super) fn refusal(plan: &Plan, allowed: &[String]) -> Option<String> {
    if plan.findings.has_errors() {
        return None;
    }
    let refusals = refusals(plan, allowed);
    let guards: BTreeSet<&str> = refusals.iter().map(|finding| finding.code.name).collect();
    let flags: Vec<String> = guards
        .iter()
        .map(|code| format!("--allow {code}"))
        .collect();
    (!flags.is_empty()).then(|| format!("Apply refuses it without {}.", flags.join(" ")))
}

/// What apply does in the ledger alone, where it does nothing else.
pub(super) fn bookkeeping(plan: &Plan) -> Option<String> {
    if plan.has_changes() || !can_be_applied(plan) {
        return None;
    }
    let recorded = plan.records.len() + plan.steps.len();
    let parts: Vec<String> = [(recorded, "record"), (plan.lapsed.len(), "drop")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, verb)| format!("{} to {verb}", words::count(number, "binding")))
        .collect();
    Some(format!(
        "The next apply only updates its ledger: {}.",
        words::and_list(&parts)
    ))
}

/// Whether a step takes something over without changing it: a line is enough for that.
pub(super) fn is_quiet(step: &Step) -> bool {
    step.action == Action::Adopt && step.changes.is_empty()
}

/// The most adoptions without a change that are listed one by one.
const LISTED: usize = 20;

/// Things that are adopted as they are, a line each.
fn quiet_text(steps: &[&Step], style: &Style, out: &mut String) {
    let heading = format!(
        "# {} will be adopted as they are",
        words::count(steps.len(), "thing")
    );
    let heading = match steps.len() {
        1 => "# 1 thing will be adopted as it is",
        _ => heading.as_str(),
    };
    let _ = writeln!(out, "  {}", style.paint(Role::Heading, heading));
    let sign = format!("{:>3}", style.sign("="));
    let sign = style.paint(words::role_of_action(Action::Adopt), &sign);
    for step in steps.iter().take(LISTED) {
        let _ = write!(out, "{sign} {}", step.address);
        if let Some(id) = &step.id {
            let _ = write!(out, " (id {})", words::printable(&id.to_string()));
        }
        out.push('\n');
    }
    if let Some(more) = steps.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let more = format!("({more} more; --format json lists them all)");
        let _ = writeln!(out, "{:FIRST$}{}", "", style.paint(Role::Muted, &more));
    }
}

/// Scenarios that differ in what Make's editor keeps and in nothing else, a line each.
fn editor_text(plan: &Plan, style: &Style, out: &mut String) {
    for (address, difference) in plan.editor.iter().take(LISTED) {
        let line = format!(
            "# {address}: only the editor's part differs, in {}; --editor applies it",
            words::printable(&difference.in_words())
        );
        let _ = writeln!(out, "  {}", style.paint(Role::Muted, &line));
    }
    let left = plan.editor.len().checked_sub(LISTED);
    if let Some(more) = left.filter(|more| *more > 0) {
        let more = format!("# ({more} more; --format json lists them all)");
        let _ = writeln!(out, "  {}", style.paint(Role::Muted, &more));
    }
}
