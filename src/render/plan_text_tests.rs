//! Plans as people read them.

use super::plan_text::{apply_hint, plan_text};
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
    let text = plan_text(plan, &[], &Style::plain());
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
      # (`--destroy` takes it away)
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
    assert!(text.ends_with("1 to destroy. Apply refuses it until the errors above are mended.\n"));
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
    let coloured = plan_text(&lead_sync(), &[], &colour);
    assert!(coloured.contains("\u{1b}[33m~\u{1b}[0m"));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, plan_text(&lead_sync(), &[], &Style::plain()));
}
