//! A plan as text, in Terraform's words: what people read in terminals and pull requests.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    diagnostic::codes::guards::GUARDS,
    plan::{Action, Plan, Step, Target},
};

use super::{
    Role, Style, change_text::FIRST, findings::findings_text, step_text::step_text, words,
};

/// A whole plan, with its findings and its digest.
#[must_use]
pub fn plan_text(plan: &Plan, style: &Style) -> String {
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
        step_text(step, style, &mut out);
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
    let _ = writeln!(out, "{}", style.paint(Role::Heading, &conclusion(plan)));
    if let Some(bookkeeping) = bookkeeping(plan) {
        let _ = writeln!(out, "{bookkeeping}");
    }
    if let Some(refusal) = refusal(plan) {
        let _ = writeln!(out, "{}", style.paint(Role::Warning, &refusal));
    }
    if can_be_applied(plan) {
        let digest = format!("Digest: {}", plan.digest);
        let _ = writeln!(out, "{}", style.paint(Role::Muted, &digest));
    }
    out
}

/// How to carry out exactly this plan; nothing where there is nothing to carry out, or where
/// errors must be mended first.
#[must_use]
pub fn apply_hint(plan: &Plan, style: &Style) -> Option<String> {
    if !can_be_applied(plan) {
        return None;
    }
    let command = format!(
        "makeform --target {} apply --expect {}",
        words::printable(&plan.target.name),
        plan.digest
    );
    Some(format!(
        "To carry out exactly this plan, run:\n  {}\n",
        style.paint(Role::Code, &command)
    ))
}

fn can_be_applied(plan: &Plan) -> bool {
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

/// The line that sums a plan up.
fn conclusion(plan: &Plan) -> String {
    let target = target(&plan.target);
    match (plan.has_changes(), plan.findings.has_errors()) {
        (true, false) => counts(plan),
        (true, true) => format!(
            "{} Apply refuses it until the errors above are mended.",
            counts(plan)
        ),
        (false, true) => "No plan: the errors above must be mended first.".to_owned(),
        (false, false) => match plan.unchanged {
            0 => format!("No changes. There is nothing to do on {target}."),
            1 => format!("No changes. The one thing managed on {target} is as its manifest says."),
            many => {
                format!(
                    "No changes. All {many} things managed on {target} are as the manifests say."
                )
            }
        },
    }
}

/// How many things are added, changed and destroyed. An adoption that changes something is a
/// change, a replace adds one and destroys one.
fn counts(plan: &Plan) -> String {
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

/// That apply refuses the plan as it stands, and what would let it go on.
fn refusal(plan: &Plan) -> Option<String> {
    if plan.findings.has_errors() {
        return None;
    }
    let guards: BTreeSet<&str> = plan
        .findings
        .iter()
        .filter(|finding| GUARDS.contains(&finding.code))
        .map(|finding| finding.code.name)
        .collect();
    let flags: Vec<String> = guards
        .iter()
        .map(|code| format!("--allow {code}"))
        .collect();
    (!flags.is_empty()).then(|| format!("Apply refuses it without {}.", flags.join(" ")))
}

/// What apply does in the ledger alone, where it does nothing else.
fn bookkeeping(plan: &Plan) -> Option<String> {
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
fn is_quiet(step: &Step) -> bool {
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
    let sign = style.paint(words::role_of_action(Action::Adopt), "  =");
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

#[cfg(test)]
mod tests {
    use super::{apply_hint, plan_text};
    use crate::{
        diagnostic::{Code, Finding, Severity},
        model::{Account, RemoteId},
        plan::{Action, Difference, Plan, Reason, Shown, Sign, Step},
        render::{
            Style,
            sample::{address, change, code, group, lead_sync, plan, step, value},
        },
    };
    use serde_json::Value;

    const PROTECTED: Code = code("protected", Severity::Warning);
    const AMBIGUOUS: Code = code("ambiguous", Severity::Error);

    fn text(plan: &Plan) -> String {
        let text = plan_text(plan, &Style::plain());
        for line in text.lines() {
            assert_eq!(line, line.trim_end(), "no line ends in blanks");
        }
        text
    }

    #[test]
    fn the_example_of_the_design_comes_out_letter_for_letter() {
        insta::assert_snapshot!(text(&lead_sync()), @r#"
        makeform will perform these actions on target production (eu1.make.com, team Marketing):

          # scenario.lead-sync will be updated in place (id 925)
          ~ scenario.lead-sync
              ~ schedule:     every 15m -> every 5m
              ~ blueprint:    2 of 9 modules
                  ~ 3 google-sheets:addRow "Add lead"
                      ~ mapper.values.0: "{{1.email}}" -> "{{lower(1.email)}}"
                  + 12 slack:CreateMessage "Tell sales", after 3
              (11 unchanged attributes hidden)

          # webhook.leads will be created
          + webhook.leads
              + name: "leads"
              + url:  (known after apply)

        Plan: 1 to add, 1 to change, 0 to destroy.
        Digest: sha256:c0ffee
        "#);
        insta::assert_snapshot!(apply_hint(&lead_sync(), &Style::plain()).unwrap(), @r#"
        To carry out exactly this plan, run:
          makeform --target production apply --expect sha256:c0ffee
        "#);
    }

    #[test]
    fn every_action_has_its_words_and_its_place_in_the_summary() {
        let rename = || {
            vec![change(
                &["name"],
                "name",
                Difference::Changed(value("A"), value("B")),
            )]
        };
        let with = |step: Step, reason: Reason| Step {
            reasons: vec![reason],
            ..step
        };
        let plan = plan(vec![
            with(
                step("folder.crm", Action::Adopt, Some(12), rename()),
                Reason::SameName,
            ),
            with(
                step("folder.same", Action::Adopt, Some(13), Vec::new()),
                Reason::Pinned,
            ),
            with(
                step("webhook.orders", Action::Replace, Some(5), rename()),
                Reason::ReplacedBecause("type".into()),
            ),
            with(
                step("scenario.again", Action::Create, None, rename()),
                Reason::Vanished(RemoteId::Int(8)),
            ),
            with(
                step("scenario.shared", Action::Update, Some(14), rename()),
                Reason::ScheduleChanged(address("schedule.office-hours")),
            ),
            with(
                step("scenario.started", Action::Update, Some(15), rename()),
                Reason::StartRuns,
            ),
            with(
                step("webhook.gone", Action::Forget, Some(6), Vec::new()),
                Reason::RemovedAndKept,
            ),
            with(
                step("webhook.all", Action::Delete, Some(9), Vec::new()),
                Reason::DestroyAll,
            ),
            with(
                step("webhook.old", Action::Delete, Some(7), Vec::new()),
                Reason::NoLongerDeclared,
            ),
        ]);
        insta::assert_snapshot!(text(&plan), @r#"
        makeform will perform these actions on target production (eu1.make.com, team Marketing):

          # folder.crm will be adopted (id 12)
          # (it is the only object of that name, and was not managed)
          = folder.crm
              ~ name: "A" -> "B"

          # webhook.orders must be replaced (id 5)
          # (type can't be changed in place)
        -/+ webhook.orders
              ~ name: "A" -> "B"

          # scenario.again will be created
          # (it was id 8, which is gone from the account)
          + scenario.again
              ~ name: "A" -> "B"

          # scenario.shared will be updated in place (id 14)
          # (schedule.office-hours, which it shares, changed)
          ~ scenario.shared
              ~ name: "A" -> "B"

          # scenario.started will be updated in place (id 15)
          # (switching it on also runs it once)
          ~ scenario.started
              ~ name: "A" -> "B"

          # webhook.gone will be forgotten (id 6)
          # (a `removed:` entry names it; the object stays in Make)
          . webhook.gone

          # webhook.all will be destroyed (id 9)
          # (`--destroy` takes away everything that is managed)
          - webhook.all

          # webhook.old will be destroyed (id 7)
          # (no manifest declares it any more)
          - webhook.old

          # 1 thing will be adopted as it is
          = folder.same (id 13)

        Plan: 2 to add, 3 to change, 3 to destroy, 1 to adopt, 1 to forget.
        Digest: sha256:c0ffee
        "#);
    }

    #[test]
    fn nothing_to_do_is_said_in_one_line_and_bookkeeping_in_another() {
        let mut nothing = plan(Vec::new());
        nothing.unchanged = 12;
        insta::assert_snapshot!(text(&nothing), @r#"No changes. All 12 things managed on target production (eu1.make.com, team Marketing) are as the manifests say."#);
        assert_eq!(apply_hint(&nothing, &Style::plain()), None);

        let mut adopted = plan(vec![step(
            "folder.crm",
            Action::Adopt,
            Some(12),
            Vec::new(),
        )]);
        adopted.unchanged = 1;
        adopted.lapsed = vec![address("webhook.gone")];
        insta::assert_snapshot!(text(&adopted), @r#"
        makeform will perform these actions on target production (eu1.make.com, team Marketing):

          # 1 thing will be adopted as it is
          = folder.crm (id 12)

        No changes. The one thing managed on target production (eu1.make.com, team Marketing) is as its manifest says.
        The next apply only updates its ledger: 1 binding to record and 1 binding to drop.
        Digest: sha256:c0ffee
        "#);
    }

    #[test]
    fn findings_stand_before_the_conclusion_and_errors_refuse_the_plan() {
        let mut plan = plan(vec![step(
            "webhook.old",
            Action::Delete,
            Some(7),
            Vec::new(),
        )]);
        plan.findings.push(
            Finding::new(&PROTECTED, "webhook.old is protected")
                .about(&address("webhook.old"))
                .help("override it with `--allow protected`"),
        );
        insta::assert_snapshot!(text(&plan), @r#"
        makeform will perform these actions on target production (eu1.make.com, team Marketing):

          # webhook.old will be destroyed (id 7)
          - webhook.old

        warning[protected]: webhook.old is protected
        --> webhook.old
         = help: override it with `--allow protected`

        Plan: 0 to add, 0 to change, 1 to destroy.
        Digest: sha256:c0ffee
        "#);
        plan.findings.push(Finding::new(
            &AMBIGUOUS,
            "two folders are named `CRM`: 3 and 4",
        ));
        let text = text(&plan);
        assert!(
            text.ends_with("1 to destroy. Apply refuses it until the errors above are mended.\n")
        );
        assert_eq!(apply_hint(&plan, &Style::plain()), None);
    }

    #[test]
    fn hostile_names_stay_in_their_line_and_steer_no_terminal() {
        let hostile = "x\u{1b}[2J\u{9b}1m\n  # scenario.b will be destroyed\u{202e}";
        let mut plan = plan(vec![step(
            "scenario.a",
            Action::Update,
            Some(1),
            vec![change(
                &["blueprint"],
                "blueprint",
                group(
                    Sign::Change,
                    hostile,
                    vec![
                        change(
                            &["blueprint", "1"],
                            hostile,
                            group(Sign::Add, hostile, Vec::new()),
                        ),
                        change(
                            &["blueprint", "2"],
                            hostile,
                            Difference::Added(value(hostile)),
                        ),
                        change(
                            &["blueprint", "3"],
                            "words",
                            Difference::Added(Shown::Words(Value::Null, hostile.into())),
                        ),
                    ],
                ),
            )],
        )]);
        plan.target.account = Account {
            team_name: hostile.into(),
            ..plan.target.account
        };
        let text = text(&plan);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(!text.contains('\u{202e}'));
        assert_eq!(
            text.lines().filter(|line| line.starts_with("  #")).count(),
            1
        );
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let colour = Style {
            colour: true,
            ..Style::plain()
        };
        let coloured = plan_text(&lead_sync(), &colour);
        assert!(coloured.contains("\u{1b}[33m~\u{1b}[0m"));
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(stripped, plan_text(&lead_sync(), &Style::plain()));
    }
}
