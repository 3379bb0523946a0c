//! Annotations of GitHub Actions: lines of a job's output that GitHub shows at the lines of the
//! manifests.
//!
//! Nothing else may stand in such an output: a runner obeys every line that begins with `::`, and
//! names and values of an account may begin so.

use crate::{
    diagnostic::{Finding, Report, Severity},
    model::Place,
    plan::{Action, Change, Difference, Plan, Step},
};

use super::{
    markdown::Planned, plan_text::conclusion, plan_text::is_quiet, step_text::fate, words,
};

/// How many annotations of a kind GitHub shows of one step of a job.
const SHOWN: usize = 10;

/// All findings as annotations, one a line. `folder`: what leads from the repository to the
/// project, empty or with a slash at its end.
#[must_use]
pub fn findings_github(report: &Report, folder: &str) -> String {
    let findings = report.sorted().into_iter();
    findings
        .map(|finding| of_finding(finding, folder))
        .collect()
}

/// What plans would do, at the lines of the manifests: their findings, and a notice for each thing,
/// what goes first, as far as GitHub shows them. `folder` is that of [`findings_github`].
#[must_use]
pub fn plans_github(planned: &[Planned<'_>], folder: &str) -> String {
    let mut out = String::new();
    let mut notices = 0;
    for planned in planned {
        match planned {
            Planned::Plan(plan) => {
                for finding in plan.findings.sorted() {
                    notices += usize::from(finding.severity == Severity::Note);
                    out.push_str(&of_finding(finding, folder));
                }
            }
            Planned::Failed { target, why } => {
                let first = why.lines().next().unwrap_or("the log says why");
                let message = format!("{}: {}", words::printable(target), words::printable(first));
                out.push_str(&annotation(
                    "error",
                    None,
                    "no plan",
                    &words::clip(&message),
                ));
            }
        }
    }
    // What goes stands in no file any more, and is told all the same.
    let mut steps: Vec<(&Plan, &Step, Option<&Place>)> = Vec::new();
    for planned in planned {
        if let Planned::Plan(plan) = planned {
            let loud = plan.steps.iter().filter(|step| !is_quiet(step));
            steps.extend(loud.map(|step| (*plan, step, step.place.as_ref())));
        }
    }
    steps.sort_by_key(|(_, step, _)| match step.action {
        Action::Delete | Action::Replace => 0,
        Action::Create | Action::Update | Action::Adopt | Action::Forget => 1,
    });
    // One of them says how many more there are.
    let room = SHOWN.saturating_sub(notices);
    let listed = match steps.len() > room {
        true => room.saturating_sub(1),
        false => steps.len(),
    };
    for (plan, step, place) in steps.iter().take(listed) {
        let title = format!("{} {}", step.address, fate(step));
        let message = format!(
            "target {}: {}",
            words::printable(&plan.target.name),
            fields(step)
        );
        out.push_str(&annotation(
            "notice",
            place.map(|place| (place, folder)),
            &title,
            &message,
        ));
    }
    let more = steps.len() - listed;
    if more > 0 && room > 0 {
        let message = format!(
            "{}. The summary of the job shows them.",
            words::count(more, "more change")
        );
        out.push_str(&annotation("notice", None, "makeform plan", &message));
    }
    for planned in planned {
        if let Planned::Plan(plan) = planned {
            let target = words::printable(&plan.target.name);
            out.push_str(&format!(
                "Target {target}: {}\n",
                conclusion(plan, "", "above")
            ));
        }
    }
    out
}

/// What differs in a thing, in a few words.
fn fields(step: &Step) -> String {
    if step.changes.is_empty() {
        return "nothing in it differs".to_owned();
    }
    let fields: Vec<String> = step.changes.iter().map(field).collect();
    words::clip(&words::and_list(&fields))
}

fn field(change: &Change) -> String {
    match &change.difference {
        Difference::Group { note, .. } | Difference::Part { note, .. } if !note.is_empty() => {
            format!("{} ({note})", change.title)
        }
        Difference::Added(_)
        | Difference::Removed(_)
        | Difference::Changed(..)
        | Difference::Text { .. }
        | Difference::Part { .. }
        | Difference::Group { .. }
        | Difference::Moved { .. } => change.title.clone(),
    }
}

fn of_finding(finding: &Finding, folder: &str) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut message = words::printable(&finding.message);
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(&words::printable(help));
    }
    let place = finding.place.as_ref().map(|place| (place, folder));
    annotation(command, place, finding.code.name, &message)
}

/// One command of a workflow. The message is printable but for its line breaks.
fn annotation(command: &str, place: Option<(&Place, &str)>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some((place, folder)) = place {
        let (line, column) = place.line_column();
        let file = format!("{folder}{}", place.source.name);
        properties.push(format!("file={}", property(&file)));
        properties.push(format!("line={line}"));
        properties.push(format!("col={column}"));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{command} {}::{}\n", properties.join(","), data(message))
}

/// A text as workflow commands want it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property's value: what ends a property has to be escaped as well.
fn property(text: &str) -> String {
    data(&words::printable(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{findings_github, plans_github};
    use crate::{
        diagnostic::{Code, Finding, Report, Severity},
        model::{Place, Source},
        plan::{Action, Step},
        render::{
            Planned,
            sample::{address, code, lead_sync, plan, step},
        },
    };

    const UNKNOWN_KEY: Code = code("unknown-key", Severity::Error);
    const RAW_ID: Code = code("raw-id", Severity::Warning);

    fn place(name: &str, text: &str, word: &str) -> Place {
        let source = Arc::new(Source {
            name: name.into(),
            text: text.into(),
        });
        let at = text.find(word).expect("the word");
        Place::new(&source, at..at + word.len())
    }

    #[test]
    fn annotations_are_escaped_and_stand_at_their_lines_of_the_repository() {
        let report: Report = [
            Finding::new(&UNKNOWN_KEY, "100% wrong\nand hostile\u{9b}")
                .at(place("a,b:c.yaml", "x: 1\nü: shedule\n", "shedule"))
                .about(&address("scenario.leads"))
                .help("say: something, else"),
            Finding::new(&RAW_ID, "no place\n::error::mine"),
        ]
        .into_iter()
        .collect();
        insta::assert_snapshot!(findings_github(&report, "infra/make/"), @r"
        ::error file=infra/make/a%2Cb%3Ac.yaml,line=2,col=4,title=unknown-key::100%25 wrong\nand hostile\u009b%0Ahelp: say: something, else
        ::warning title=raw-id::no place\n::error::mine
        ");
    }

    #[test]
    fn a_plan_is_told_at_the_lines_that_declare_its_things() {
        let mut plan = lead_sync();
        for (index, step) in plan.steps.iter_mut().enumerate() {
            let text = "kind: Scenario\n".repeat(index) + "kind: Webhook\n";
            step.place = Some(place("manifests/leads.yaml", &text, "Webhook"));
        }
        insta::assert_snapshot!(plans_github(&[Planned::Plan(&plan)], ""), @r"
        ::notice file=manifests/leads.yaml,line=1,col=7,title=scenario.lead-sync will be updated in place::target production: schedule and blueprint (2 of 9 modules)
        ::notice file=manifests/leads.yaml,line=2,col=7,title=webhook.leads will be created::target production: name and url
        Target production: Plan: 1 to add, 1 to change, 0 to destroy.
        ");
    }

    #[test]
    fn a_plan_that_could_not_be_made_is_not_said_to_change_nothing() {
        let mut none = plan(Vec::new());
        let text = plans_github(&[Planned::Plan(&none)], "");
        assert_eq!(
            text,
            "Target production: No changes. There is nothing to do.\n"
        );
        none.findings = Report::from_iter([Finding::new(&UNKNOWN_KEY, "unreadable")]);
        let text = plans_github(&[Planned::Plan(&none)], "");
        assert!(
            text.ends_with("Target production: No plan: the errors above must be mended first.\n"),
            "{text}"
        );
    }

    #[test]
    fn there_are_no_more_notices_than_github_shows_and_what_goes_comes_first() {
        let steps = (0..30).map(|number| Step {
            place: Some(place("a.yaml", "x", "x")),
            ..step(
                &format!("folder.f{number}"),
                if number == 29 {
                    Action::Delete
                } else {
                    Action::Create
                },
                None,
                Vec::new(),
            )
        });
        let plan = plan(steps.collect());
        let text = plans_github(&[Planned::Plan(&plan)], "");
        let notices: Vec<&str> = text.lines().filter(|l| l.starts_with("::notice")).collect();
        assert_eq!(notices.len(), super::SHOWN);
        assert!(
            notices[0].contains("folder.f29 will be destroyed"),
            "{text}"
        );
        assert!(notices[9].contains("21 more changes"), "{text}");
    }
}
