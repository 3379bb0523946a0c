//! A plan as text, in Terraform's words: what people read in terminals and pull requests.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    model::Origin,
    plan::{Action, Change, Difference, Line, Plan, Reason, Shown, Sign, Step, Target},
};

use super::{
    Role, Style,
    change::{Format, walk},
    findings::findings_text,
    words,
};

/// How far a part stands in from the part that it belongs to.
const INDENT: usize = 4;

/// Where the signs of a step's changes stand.
const FIRST: usize = 6;

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
    for step in &plan.steps {
        step_text(step, style, &mut out);
        out.push('\n');
    }
    if !plan.findings.is_empty() {
        let _ = writeln!(out, "{}", findings_text(&plan.findings, style));
    }
    let _ = writeln!(out, "{}", style.paint(Role::Heading, &conclusion(plan)));
    if let Some(bookkeeping) = bookkeeping(plan) {
        let _ = writeln!(out, "{bookkeeping}");
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

/// A target with its host and team.
fn target(target: &Target) -> String {
    format!(
        "target {} ({}, team {})",
        words::printable(&target.name),
        words::printable(&target.account.host),
        words::printable(&target.account.team_name)
    )
}

/// The line that sums a plan up.
fn conclusion(plan: &Plan) -> String {
    let broken = plan.findings.has_errors();
    if broken && !plan.has_changes() {
        return "No plan: the errors above must be mended first.".to_owned();
    }
    if !plan.has_changes() {
        return match plan.unchanged {
            0 => format!(
                "No changes. There is nothing to do on {}.",
                target(&plan.target)
            ),
            1 => format!(
                "No changes. The one thing managed on {} is as its manifest says.",
                target(&plan.target)
            ),
            many => format!(
                "No changes. All {many} things managed on {} are as the manifests say.",
                target(&plan.target)
            ),
        };
    }
    let summary = plan.summary();
    let adopted = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Adopt);
    let (same, changed): (Vec<&Step>, Vec<&Step>) =
        adopted.partition(|step| step.changes.is_empty());
    let mut line = format!(
        "Plan: {} to add, {} to change, {} to destroy",
        summary.create + summary.replace,
        summary.update + changed.len(),
        summary.delete + summary.replace
    );
    let forgotten = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Forget);
    for (number, verb) in [(same.len(), "adopt"), (forgotten.count(), "forget")] {
        if number > 0 {
            let _ = write!(line, ", {number} to {verb}");
        }
    }
    line.push('.');
    if broken {
        line.push_str(" Apply refuses it until the errors above are mended.");
    }
    line
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

fn step_text(step: &Step, style: &Style, out: &mut String) {
    let mut heading = format!("# {} {}", step.address, fate(step.action));
    if let Some(id) = &step.id {
        let _ = write!(heading, " (id {})", words::printable(&id.to_string()));
    }
    let _ = writeln!(out, "  {}", style.paint(Role::Heading, &heading));
    for reason in step.reasons.iter().filter(|reason| is_worth_a_line(reason)) {
        let comment = format!("# ({})", words::reason(reason));
        let _ = writeln!(out, "  {}", style.paint(Role::Muted, &comment));
    }
    let sign = format!("{:>3}", step.action.symbol());
    let sign = style.paint(words::role_of_action(step.action), &sign);
    let _ = writeln!(out, "{sign} {}", step.address);
    let mut lines = Lines::new(style, &step.changes);
    walk(&step.changes, &mut lines);
    out.push_str(&lines.out);
    if step.unchanged > 0 {
        let hidden = format!(
            "({} hidden)",
            words::count(step.unchanged, "unchanged attribute")
        );
        let _ = writeln!(out, "{:FIRST$}{}", "", style.paint(Role::Muted, &hidden));
    }
}

/// What becomes of a thing.
fn fate(action: Action) -> &'static str {
    match action {
        Action::Create => "will be created",
        Action::Update => "will be updated in place",
        Action::Replace => "must be replaced",
        Action::Delete => "will be destroyed",
        Action::Adopt => "will be adopted",
        Action::Forget => "will be forgotten",
    }
}

/// Whether a reason says more than the step itself does.
fn is_worth_a_line(reason: &Reason) -> bool {
    match reason {
        Reason::NotFound | Reason::FieldsDiffer(_) => false,
        Reason::Vanished(_)
        | Reason::ReplacedBecause(_)
        | Reason::NoLongerDeclared
        | Reason::Removed
        | Reason::SameName
        | Reason::Pinned
        | Reason::ScheduleChanged(_)
        | Reason::FieldGone(_)
        | Reason::StartRuns => true,
    }
}

/// The lines of a tree of changes.
struct Lines<'s> {
    out: String,
    style: &'s Style,
    /// The groups that are open, the step itself first.
    groups: Vec<Group>,
}

/// A group that is open.
struct Group {
    /// How wide its keys are made; 0 where they are not aligned.
    key_width: usize,
    /// The origin that stands at it or at a group around it.
    origin: Option<Origin>,
}

impl<'s> Lines<'s> {
    fn new(style: &'s Style, changes: &[Change]) -> Self {
        Self {
            out: String::new(),
            style,
            groups: vec![Group {
                key_width: key_width(changes),
                origin: None,
            }],
        }
    }

    fn indent(&self) -> usize {
        FIRST + INDENT * self.groups.len().saturating_sub(1)
    }

    fn key_width(&self) -> usize {
        self.groups.last().map_or(0, |group| group.key_width)
    }

    /// Writes a line: indent, sign, text, and who made the change, where a group around it does
    /// not say so already.
    fn line(&mut self, sign: (&str, Role), text: &str, origin: Option<Origin>) {
        let indent = self.indent();
        let sign = self.style.paint(sign.1, sign.0);
        let _ = write!(self.out, "{:indent$}{sign} {text}", "");
        let known = self.groups.last().and_then(|group| group.origin);
        if let Some(comment) = origin.filter(|_| origin != known).and_then(origin_comment) {
            let _ = write!(self.out, "  {}", self.style.paint(Role::Muted, comment));
        }
        self.out.push('\n');
    }
}

impl Format for Lines<'_> {
    fn leaf(&mut self, change: &Change, before: Option<&Shown>, after: Option<&Shown>) {
        let mut text = format!("{}:", words::printable(&change.title));
        let width = self.key_width().max(text.chars().count() + 1);
        text = format!("{text:width$}");
        let sign = match (before, after) {
            (Some(before), Some(after)) => {
                let (before, after) = words::clip_pair(&words::shown(before), &words::shown(after));
                let column = self.indent() + 2 + width;
                let length = before.chars().count() + " -> ".len() + after.chars().count();
                if column + length <= self.style.width {
                    let _ = write!(text, "{before} -> {after}");
                } else {
                    let _ = write!(text, "{before}\n{:>column$}{after}", "-> ");
                }
                words::sign(Sign::Change)
            }
            (Some(before), None) => {
                text.push_str(&words::clip(&words::shown(before)));
                words::sign(Sign::Remove)
            }
            (None, after) => {
                text.push_str(&words::clip(&after.map(words::shown).unwrap_or_default()));
                words::sign(Sign::Add)
            }
        };
        self.line(sign, &text, change.origin);
    }

    fn text(&mut self, change: &Change, _: &Value, _: &Value, lines: &[Line]) {
        let title = format!("{}:", words::printable(&change.title));
        self.line(words::sign(Sign::Change), &title, change.origin);
        let indent = self.indent() + INDENT;
        for line in lines {
            let (sign, role, text) = match line {
                Line::Same(text) => (" ", Role::Muted, words::line(text)),
                Line::Added(text) => ("+", Role::Added, words::line(text)),
                Line::Removed(text) => ("-", Role::Removed, words::line(text)),
                Line::Gap(number) => (
                    " ",
                    Role::Muted,
                    format!("({})", words::count(*number, "unchanged line")),
                ),
            };
            let line = format!("{sign} {}", words::clip(&text));
            let line = self.style.paint(role, line.trim_end());
            let _ = writeln!(self.out, "{}", format!("{:indent$}{line}", "").trim_end());
        }
    }

    fn enter(&mut self, change: &Change, sign: Sign, note: &str, changes: &[Change]) {
        let mut text = words::printable(&change.title);
        let note = words::printable(note);
        if is_attribute(change) {
            text.push(':');
            if !note.is_empty() {
                let width = self.key_width().max(text.chars().count() + 1);
                text = format!("{text:width$}{note}");
            }
        } else if !note.is_empty() {
            let _ = write!(text, ", {note}");
        }
        self.line(words::sign(sign), &text, change.origin);
        let origin = change
            .origin
            .or_else(|| self.groups.last().and_then(|group| group.origin));
        self.groups.push(Group {
            key_width: key_width(changes),
            origin,
        });
    }

    fn leave(&mut self) {
        self.groups.pop();
    }
}

/// Whether a group is an attribute of the thing (`blueprint:`), rather than a part with a title
/// of its own (`3 google-sheets:addRow "Add lead"`).
fn is_attribute(change: &Change) -> bool {
    change.path.len() == 1
}

/// How wide the keys of a group are made: up to the next tab stop behind the sign, so that the
/// values don't move with every key that comes and goes. One key alone is not aligned.
fn key_width(changes: &[Change]) -> usize {
    const TAB: usize = 4;
    const SIGN: usize = "~ ".len();
    let keys = changes.iter().filter(|change| has_value_in_line(change));
    let lengths: Vec<usize> = keys.map(|change| change.title.chars().count()).collect();
    match lengths.as_slice() {
        [] | [_] => 0,
        several => {
            let longest = several.iter().max().copied().unwrap_or(0);
            (SIGN + longest + ": ".len()).next_multiple_of(TAB) - SIGN
        }
    }
}

fn has_value_in_line(change: &Change) -> bool {
    match &change.difference {
        Difference::Added(_) | Difference::Removed(_) | Difference::Changed(_, _) => true,
        Difference::Text { .. } => false,
        Difference::Group { note, .. } => is_attribute(change) && !note.is_empty(),
    }
}

fn origin_comment(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Git => None,
        Origin::Make => Some("# changed in Make since the last apply"),
        Origin::Both => Some("# changed in the manifests and in Make since the last apply"),
    }
}

#[cfg(test)]
mod tests {
    use super::{apply_hint, plan_text};
    use crate::{
        diagnostic::{Code, Finding, Severity},
        model::{Account, Origin, RemoteId},
        plan::{Action, Change, Difference, Line, Plan, Reason, Shown, Sign, Step},
        render::{
            Style,
            sample::{address, change, code, group, lead_sync, plan, step, value},
        },
    };
    use serde_json::{Value, json};

    const PROTECTED: Code = code("protected", Severity::Warning);
    const AMBIGUOUS: Code = code("ambiguous", Severity::Error);

    fn text(plan: &Plan) -> String {
        let text = plan_text(plan, &Style::plain());
        for line in text.lines() {
            assert_eq!(line, line.trim_end(), "no line ends in blanks");
        }
        text
    }

    /// The steps alone, without what stands around them.
    fn steps(steps: Vec<Step>) -> String {
        let text = text(&plan(steps));
        let (_, after) = text.split_once(":\n\n").expect("a heading");
        let (steps, _) = after.rsplit_once("\n\n").expect("a conclusion");
        steps.to_owned()
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
                Reason::Removed,
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

          # folder.same will be adopted (id 13)
          # (makeform.ids.yaml names it)
          = folder.same

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
          # (a `removed:` entry names it)
          . webhook.gone

          # webhook.old will be destroyed (id 7)
          # (no manifest declares it any more)
          - webhook.old

        Plan: 2 to add, 3 to change, 2 to destroy, 1 to adopt, 1 to forget.
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

          # folder.crm will be adopted (id 12)
          = folder.crm

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
    fn long_texts_are_shown_by_line_and_who_changed_what_is_marked_once() {
        let lines = vec![
            Line::Gap(40),
            Line::Same("function run(x) {".into()),
            Line::Same(String::new()),
            Line::Removed("\treturn x;".into()),
            Line::Added("\treturn x; \u{1b}[8mhidden".into()),
            Line::Added("}  ".into()),
        ];
        let code = Difference::Text {
            before: Value::from("old"),
            after: Value::from("new"),
            lines,
        };
        let code = Change {
            origin: Some(Origin::Make),
            ..change(
                &["blueprint", "flow", "2", "mapper", "code"],
                "mapper.code",
                code,
            )
        };
        let module = Change {
            origin: Some(Origin::Make),
            ..change(
                &["blueprint", "flow", "2"],
                "2 code:Run",
                group(Sign::Change, "", vec![code]),
            )
        };
        let moved = change(
            &["blueprint", "flow", "9"],
            "9 util:Sleep",
            group(Sign::Move, "after 2", Vec::new()),
        );
        let active = Change {
            origin: Some(Origin::Both),
            ..change(
                &["active"],
                "active",
                Difference::Changed(value(true), value(false)),
            )
        };
        let description = change(
            &["description"],
            "description",
            Difference::Removed(value("gone")),
        );
        let blueprint = change(
            &["blueprint"],
            "blueprint",
            group(Sign::Change, "2 of 9 modules", vec![module, moved]),
        );
        let step = step(
            "scenario.a",
            Action::Update,
            Some(1),
            vec![active, description, blueprint],
        );
        insta::assert_snapshot!(steps(vec![step]), @r#"
        # scenario.a will be updated in place (id 1)
        ~ scenario.a
            ~ active:       true -> false  # changed in the manifests and in Make since the last apply
            - description:  "gone"
            ~ blueprint:    2 of 9 modules
                ~ 2 code:Run  # changed in Make since the last apply
                    ~ mapper.code:
                          (40 unchanged lines)
                          function run(x) {

                        - 	return x;
                        + 	return x; \u001b[8mhidden
                        + }\u0020\u0020
                > 9 util:Sleep, after 2
        "#);
    }

    #[test]
    fn what_is_sensitive_or_unknown_shows_no_value_and_long_ones_are_cut() {
        let token = Difference::Changed(Shown::Sensitive, Shown::Sensitive);
        let hook = Difference::Changed(value(json!(null)), Shown::Unknown);
        let long = format!("{}a{}", "x".repeat(300), "y".repeat(300));
        let other = format!("{}b{}", "x".repeat(300), "y".repeat(300));
        let wide = Difference::Changed(value("w".repeat(40)), value("v".repeat(40)));
        let step = step(
            "webhook.a",
            Action::Update,
            Some(1),
            vec![
                change(&["token"], "token", token),
                change(&["hook"], "hook", hook),
                change(
                    &["list"],
                    "list",
                    Difference::Added(value(json!({"a": [1.50, null]}))),
                ),
                change(&["wide"], "wide", wide),
                change(
                    &["long"],
                    "long",
                    Difference::Changed(value(long), value(other)),
                ),
            ],
        );
        insta::assert_snapshot!(steps(vec![step]), @r#"
        # webhook.a will be updated in place (id 1)
        ~ webhook.a
            ~ token:    (sensitive) -> (sensitive)
            ~ hook:     null -> (known after apply)
            + list:     {"a":[1.5,null]}
            ~ wide:     "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
                     -> "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
            ~ long:     (261 characters) ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxayyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... (102 more characters)
                     -> (261 characters) ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxbyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... (102 more characters)
        "#);
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
