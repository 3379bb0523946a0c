//! Plans as Markdown: what a pull request gets as its comment, and a job as its summary.
//!
//! One document for all targets, whole or cut where a thing ends: half a thing would read as if it
//! were all of it. Everything that comes from accounts and files stands in code (`escape`).

mod diff;
mod escape;
mod fit;
#[cfg(test)]
mod tests;
mod told;

use std::{borrow::Cow, cell::LazyCell, fmt::Write as _};

use crate::{
    model::Origin,
    plan::{Action, Fate, Outlook, Plan, Step, drawing},
};

use self::{
    escape::{element, fence, span},
    fit::{Section, Thing},
};

use super::{
    apply_command, coverage_flags,
    forecast_text::{forecast_text, outlook_text},
    mermaid::mermaid,
    on_target,
    plan_text::{OVERRIDE, bookkeeping, can_be_applied, conclusion, cost, is_quiet, refusal},
    step_text::{fate, is_worth_a_line, last_edit},
    words,
};

/// How long a comment may be, in bytes of UTF-8.
///
/// GitHub takes 65,536 characters, and says nowhere whether these are code points or units of UTF-16.
/// A text has at most as many of either as it has bytes. The rest is for what the one who posts it
/// adds: a marker, a link to the run.
pub const COMMENT: usize = 65_000;

/// How long the summary of a job may be, in bytes: GitHub takes 1 MiB for each step.
pub const SUMMARY: usize = 1_000_000;

/// How long the flags of a command may always be, in bytes.
const FLAGS: usize = 400;

/// What stands for flags that are longer than there is room.
const MANY: &str = " --only ..";

/// The most modules that are drawn of a scenario.
const DRAWN: usize = 100;

/// What there is to tell of one target.
#[derive(Clone, Copy, Debug)]
pub enum Planned<'a> {
    /// Its plan.
    Plan(&'a Plan),
    /// That there is none.
    Failed {
        /// The target's name.
        target: &'a str,
        /// Why, in lines for people; may be empty.
        why: &'a str,
    },
}

/// Plans as one document of Markdown, no longer than `room` bytes.
#[must_use]
pub fn plans_markdown(planned: &[Planned<'_>], room: usize) -> String {
    let share = room / 4 / planned.len().max(1);
    let sections = planned.iter().map(|planned| match planned {
        Planned::Plan(plan) => of_plan(plan, share),
        Planned::Failed { target, why } => of_failure(target, why, share),
    });
    fit::document(&sections.collect::<Vec<_>>(), room)
}

fn of_failure<'a>(target: &str, why: &str, share: usize) -> Section<'a> {
    let name = span(target);
    let counts = "There is no plan. What is told below must be mended first.".to_owned();
    let mut head = format!("## makeform: target {name}\n\n**{counts}**\n");
    let why = told::cut(why, share);
    if !why.is_empty() {
        head.push('\n');
        fence("text", &why, &mut head);
    }
    Section {
        name,
        command: on_target(target, "plan"),
        counts,
        head,
        things: Vec::new(),
    }
}

fn of_plan(plan: &Plan, share: usize) -> Section<'_> {
    let account = &plan.target.account;
    let name = span(&plan.target.name);
    let counts = conclusion(plan, "", "below");
    let flags = flags(plan, (share / 4).max(FLAGS));
    let mut head = format!(
        "## makeform: target {name} ({}, {})\n\n**{counts}**\n",
        span(&account.host),
        span(&account.in_words())
    );
    let lines = [
        forecast_text(&plan.forecast),
        cost(plan),
        bookkeeping(plan),
        refusal(plan, &[]),
    ];
    for line in lines.into_iter().flatten() {
        let _ = writeln!(head, "\n{line}");
    }
    if can_be_applied(plan) {
        carry_out(plan, &flags, &mut head);
        if let Some(refusal) = refusal(plan, &[]) {
            let _ = writeln!(head, "\n{refusal} {OVERRIDE}");
        }
    }
    told::findings(&plan.findings, share, &mut head);
    let (quiet, loud): (Vec<&Step>, Vec<&Step>) =
        plan.steps.iter().partition(|step| is_quiet(step));
    let mut things: Vec<Thing> = loud
        .into_iter()
        .map(|step| of_step(step, plan.forecast.scenarios.get(&step.address)))
        .collect();
    things.extend(told::adopted(&quiet));
    things.extend(told::editor(plan));
    Section {
        name,
        command: on_target(&plan.target.name, &format!("plan{flags}")),
        counts,
        head,
        things,
    }
}

/// How plan and apply are told what to cover, in at most `room` bytes.
fn flags(plan: &Plan, room: usize) -> Cow<'static, str> {
    let flags = coverage_flags(&plan.coverage);
    match flags.len() <= room {
        true => flags.into(),
        false => MANY.into(),
    }
}

/// The command that carries out exactly this plan, or where it stands.
fn carry_out(plan: &Plan, flags: &str, head: &mut String) {
    if flags == MANY {
        let _ = writeln!(
            head,
            "\nThe plan is {}. The command that carries out exactly that has no room here, since it \
             says `--only` {} times: `makeform plan` prints it when it is told the same.",
            span(&plan.digest),
            plan.coverage.only.len(),
        );
        return;
    }
    head.push_str("\nTo carry out exactly this plan:\n\n");
    fence("sh", &apply_command(plan), head);
}

/// One thing: what becomes of it, why, what differs.
fn of_step<'a>(step: &'a Step, outlook: Option<&Outlook>) -> Thing<'a> {
    let heading = format!("{} {}", step.action.symbol(), step.address);
    let mut text = format!("<details><summary>{} {}", element(&heading), fate(step));
    if let Some(id) = &step.id {
        let _ = write!(text, " (id {})", element(&id.to_string()));
    }
    text.push_str("</summary>\n\n");
    let mut lines = String::new();
    let reasons = step.reasons.iter().filter(|reason| is_worth_a_line(reason));
    for comment in reasons.map(words::reason).chain(last_edit(step)) {
        let _ = writeln!(lines, "# {}", words::clip(&comment));
    }
    // That it is gone from the account stands there already.
    let said = (step.action == Action::Create).then_some(Origin::Make);
    diff::diff(&step.changes, step.upcoming.as_ref(), said, &mut lines);
    if let Some(outlook) = outlook {
        let _ = writeln!(lines, "  ({})", outlook_text(outlook));
    }
    if step.unchanged > 0 {
        let _ = writeln!(
            lines,
            "  ({} hidden)",
            words::count(step.unchanged, "unchanged attribute")
        );
    }
    if !lines.is_empty() {
        fence("diff", &lines, &mut text);
    }
    Thing {
        line: heading,
        rank: match step.action {
            Action::Delete | Action::Replace => 0,
            Action::Create | Action::Update | Action::Adopt | Action::Forget => 1,
        },
        text,
        drawing: LazyCell::new(Box::new(|| drawn(step))),
        end: "\n</details>\n",
    }
}

/// The flowchart of a scenario whose blueprint changes. A large one is left out: GitHub draws no
/// more than 50,000 characters and 500 lines of one, and nobody could read it in a comment.
fn drawn(step: &Step) -> String {
    let mut out = String::new();
    if !step.changes_blueprint() {
        return out;
    }
    let Some(drawing) = drawing(step) else {
        return out;
    };
    let nodes = drawing.nodes.iter().map(|node| node.fate);
    let mut fates = nodes.chain(drawing.edges.iter().map(|edge| edge.fate));
    let is_large = drawing.nodes.len() > DRAWN || drawing.edges.len() > 2 * DRAWN;
    if is_large || fates.all(|fate| fate == Fate::Same) {
        return out;
    }
    out.push('\n');
    fence("mermaid", &mermaid(&drawing), &mut out);
    out
}
