//! What became of a plan, as text: the last thing that an apply says.

use std::fmt::Write as _;

use crate::{
    apply::{Completion, Counts, Halt, Outcome, StepOutcome, StepResult},
    plan::{Action, Plan},
};

use super::{Role, Style, words};

/// The commands that lead on from a run that did not do all: `apply --destroy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// Does the rest.
    pub run: String,
    /// Shows what there is to do as the account stands now.
    pub look: String,
}

/// What was done, what was not and why, and what to run next. More of why is in [`Outcome::findings`].
#[must_use]
pub fn outcome_text(outcome: &Outcome, plan: &Plan, again: &Again, style: &Style) -> String {
    let completion = outcome.completion();
    let mut out = String::new();
    if completion != Completion::Complete && !outcome.steps.is_empty() {
        for step in &outcome.steps {
            let _ = writeln!(out, "  {}", step_line(step, style));
        }
        out.push('\n');
    }
    let (heading, role) = heading(completion);
    let _ = writeln!(
        out,
        "{} {}.",
        style.paint(role, heading),
        summary(outcome, plan)
    );
    if let Some((words, command)) = next(outcome, completion, again) {
        let command = format!(
            "makeform --target {} {}",
            words::printable(&plan.target.name),
            words::printable(command)
        );
        let _ = writeln!(out, "\n{words}\n  {}", style.paint(Role::Code, &command));
    }
    out
}

fn heading(completion: Completion) -> (&'static str, Role) {
    match completion {
        Completion::Complete => ("Apply complete!", Role::Help),
        Completion::Interrupted => ("Apply interrupted:", Role::Warning),
        Completion::Partial => ("Apply incomplete:", Role::Error),
        Completion::Failed => ("Apply failed:", Role::Error),
        Completion::Stale => ("Apply refused as stale:", Role::Error),
    }
}

/// One step and what became of it.
fn step_line(step: &StepResult, style: &Style) -> String {
    let (role, what) = match &step.outcome {
        StepOutcome::Done => (
            words::role_of_action(step.action),
            done(step.action).to_owned(),
        ),
        StepOutcome::Failed(why) => {
            let failed = style.paint(Role::Error, "failed");
            return format!(
                "{}: {failed}: {}",
                step.address,
                words::printable(&why.message)
            );
        }
        StepOutcome::Stale(_) => (
            Role::Error,
            "refused, because somebody changed it after the plan was made".to_owned(),
        ),
        StepOutcome::Skipped { because } => (
            Role::Warning,
            format!("skipped, because {because} was not done"),
        ),
        StepOutcome::NotReached => (Role::Muted, "not reached".to_owned()),
    };
    format!("{}: {}", step.address, style.paint(role, &what))
}

/// An action that was carried out.
fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Replace => "replaced",
        Action::Delete => "destroyed",
        Action::Adopt => "adopted",
        Action::Forget => "forgotten",
    }
}

/// The numbers: `2 added, 1 changed, 0 destroyed; 1 failed, 2 skipped`.
fn summary(outcome: &Outcome, plan: &Plan) -> String {
    let (mut added, mut changed, mut destroyed) = (0, 0, 0);
    let (mut adopted, mut forgotten) = (0, 0);
    for step in &outcome.steps {
        let StepOutcome::Done = step.outcome else {
            continue;
        };
        match step.action {
            Action::Create => added += 1,
            Action::Update => changed += 1,
            Action::Replace => {
                added += 1;
                destroyed += 1;
            }
            Action::Delete => destroyed += 1,
            Action::Adopt if changes_something(step, plan) => changed += 1,
            Action::Adopt => adopted += 1,
            Action::Forget => forgotten += 1,
        }
    }
    let mut text = format!("{added} added, {changed} changed, {destroyed} destroyed");
    push_counts(
        &mut text,
        ", ",
        &[(adopted, "adopted"), (forgotten, "forgotten")],
    );
    let Counts {
        done: _, // told by what it was, above
        failed,
        stale,
        skipped,
        not_reached,
    } = outcome.counts();
    push_counts(
        &mut text,
        "; ",
        &[
            (failed, "failed"),
            (stale, "stale"),
            (skipped, "skipped"),
            (not_reached, "not reached"),
        ],
    );
    text
}

/// Adds the numbers that are not zero.
fn push_counts(text: &mut String, separator: &str, counts: &[(usize, &str)]) {
    let counts: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if !counts.is_empty() {
        text.push_str(separator);
        text.push_str(&counts.join(", "));
    }
}

fn changes_something(result: &StepResult, plan: &Plan) -> bool {
    plan.steps
        .iter()
        .any(|step| step.address == result.address && !step.changes.is_empty())
}

/// What to do next: a sentence, and the command that it leads to.
fn next<'a>(
    outcome: &Outcome,
    completion: Completion,
    again: &'a Again,
) -> Option<(&'static str, &'a str)> {
    let (look, run) = (again.look.as_str(), again.run.as_str());
    if let Some(Halt::Ledger(_)) = outcome.halt {
        let words = "Mend the ledger. The next run reads the account to find out what was done:";
        return Some((words, look));
    }
    let stale = outcome.counts().stale > 0;
    match completion {
        Completion::Complete => None,
        Completion::Interrupted => Some((
            "What was done is recorded. To go on with the rest, run:",
            run,
        )),
        Completion::Partial | Completion::Failed | Completion::Stale if stale => Some((
            "What was done is recorded. To see what is to be done as the account stands now, run:",
            look,
        )),
        Completion::Partial | Completion::Failed | Completion::Stale => Some((
            "What was done is recorded. To go on with the rest once the errors are mended, run:",
            run,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{Again, outcome_text};
    use crate::{
        apply::{Halt, Outcome, StepOutcome, StepResult},
        diagnostic::{Code, Finding, Severity},
        plan::{Action, Change, Difference, Plan},
        render::{
            Style,
            sample::{address, change, code, plan, step, value},
        },
    };

    const REFUSED: Code = code("refused", Severity::Error);
    const STALE: Code = code("stale", Severity::Error);

    /// A plan of one step of each action, the second adoption changing nothing.
    fn everything() -> Plan {
        let rename = || -> Vec<Change> {
            vec![change(
                &["name"],
                "name",
                Difference::Changed(value("A"), value("B")),
            )]
        };
        plan(vec![
            step("folder.crm", Action::Adopt, Some(12), rename()),
            step("folder.same", Action::Adopt, Some(13), Vec::new()),
            step("webhook.leads", Action::Create, None, rename()),
            step("webhook.orders", Action::Replace, Some(5), rename()),
            step("scenario.lead-sync", Action::Update, Some(925), rename()),
            step("webhook.gone", Action::Forget, Some(6), Vec::new()),
            step("webhook.old", Action::Delete, Some(7), Vec::new()),
        ])
    }

    fn text(of: impl Fn(&str) -> StepOutcome, halt: Option<Halt>) -> String {
        let plan = everything();
        let steps = plan.steps.iter().map(|step| StepResult {
            address: step.address.clone(),
            action: step.action,
            outcome: of(&step.address.to_string()),
        });
        let outcome = Outcome {
            apply: None,
            steps: steps.collect(),
            writes: 0,
            notes: Vec::new(),
            halt,
            evidence: Default::default(),
        };
        let again = Again {
            run: "apply --only folder.crm".into(),
            look: "plan --only folder.crm".into(),
        };
        let text = outcome_text(&outcome, &plan, &again, &Style::plain());
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        text
    }

    #[test]
    fn a_complete_apply_is_one_line() {
        insta::assert_snapshot!(text(|_| StepOutcome::Done, None), @r#"Apply complete! 2 added, 2 changed, 2 destroyed, 1 adopted, 1 forgotten."#);
    }

    #[test]
    fn an_incomplete_one_says_what_was_done_what_failed_and_what_stands_on_it() {
        let text = text(
            |address_text| match address_text {
                "webhook.leads" => StepOutcome::Failed(Box::new(
                    Finding::new(&REFUSED, "Make refused to create the webhook: \u{1b}[2J")
                        .about(&address("webhook.leads")),
                )),
                "scenario.lead-sync" => StepOutcome::Skipped {
                    because: address("webhook.leads"),
                },
                _ => StepOutcome::Done,
            },
            None,
        );
        insta::assert_snapshot!(text, @r#"
          folder.crm: adopted
          folder.same: adopted
          webhook.leads: failed: Make refused to create the webhook: \u001b[2J
          webhook.orders: replaced
          scenario.lead-sync: skipped, because webhook.leads was not done
          webhook.gone: forgotten
          webhook.old: destroyed

        Apply incomplete: 1 added, 1 changed, 2 destroyed, 1 adopted, 1 forgotten; 1 failed, 1 skipped.

        What was done is recorded. To go on with the rest once the errors are mended, run:
          makeform --target production apply --only folder.crm
        "#);
    }

    #[test]
    fn stale_and_interrupted_runs_lead_to_different_commands() {
        let stale = |_: &str| {
            StepOutcome::Stale(Box::new(Finding::new(&STALE, "it was renamed meanwhile")))
        };
        let stale = text(stale, None);
        assert!(
            stale.contains("Apply refused as stale: 0 added, 0 changed, 0 destroyed; 7 stale.")
        );
        assert!(stale.ends_with("\n  makeform --target production plan --only folder.crm\n"));

        let interrupted = text(|_| StepOutcome::NotReached, Some(Halt::Interrupted));
        assert!(interrupted.contains("webhook.old: not reached\n"));
        assert!(
            interrupted.ends_with("\n  makeform --target production apply --only folder.crm\n")
        );
    }
}
