//! One step of a plan as text.

use std::fmt::Write as _;

use crate::{
    model::Origin,
    plan::{Action, Change, Difference, Outlook, Reason, Step},
};

use super::{
    Role, Style,
    change_text::{FIRST, change_text},
    forecast_text::outlook_text,
    words,
};

/// What happens to the thing, why, and what differs.
pub(super) fn step_text(step: &Step, outlook: Option<&Outlook>, style: &Style, out: &mut String) {
    let mut heading = format!("# {} {}", step.address, fate(step));
    if let Some(id) = &step.id {
        let _ = write!(heading, " (id {})", words::printable(&id.to_string()));
    }
    let _ = writeln!(out, "  {}", style.paint(Role::Heading, &heading));
    let reasons = step.reasons.iter().filter(|reason| is_worth_a_line(reason));
    let comments = reasons.map(words::reason).chain(last_edit(step));
    for comment in comments {
        let comment = format!("# ({comment})");
        let _ = writeln!(out, "  {}", style.paint(Role::Muted, &comment));
    }
    let sign = format!("{:>3}", style.sign(step.action.symbol()));
    let sign = style.paint(words::role_of_action(step.action), &sign);
    let _ = writeln!(out, "{sign} {}", step.address);
    // That it is gone from the account stands there already.
    let said = (step.action == Action::Create).then_some(Origin::Make);
    let upcoming = step.upcoming.as_ref();
    out.push_str(&change_text(&step.changes, upcoming, said, style));
    if let Some(outlook) = outlook {
        let line = format!("({})", outlook_text(outlook));
        let _ = writeln!(out, "{:FIRST$}{}", "", style.paint(Role::Muted, &line));
    }
    if step.unchanged > 0 {
        let hidden = format!(
            "({} hidden)",
            words::count(step.unchanged, "unchanged attribute")
        );
        let _ = writeln!(out, "{:FIRST$}{}", "", style.paint(Role::Muted, &hidden));
    }
}

/// Who edited the object last, where that is more than the last apply.
pub(super) fn last_edit(step: &Step) -> Option<String> {
    let mut origins = Vec::new();
    origins_of(&step.changes, &mut origins);
    let is_ours = !origins.is_empty() && origins.iter().all(|origin| *origin == Origin::Git);
    let edited = step.edited.as_ref().filter(|_| !is_ours)?;
    Some(words::last_edit(edited))
}

fn origins_of(changes: &[Change], found: &mut Vec<Origin>) {
    for change in changes {
        found.extend(change.origin);
        if let Difference::Group { changes, .. } | Difference::Moved { changes, .. } =
            &change.difference
        {
            origins_of(changes, found);
        }
    }
}

/// What becomes of a thing.
pub(super) fn fate(step: &Step) -> &'static str {
    match step.action {
        _ if step.only_checks() => "will be checked",
        Action::Create => "will be created",
        Action::Update => "will be updated in place",
        Action::Replace => "must be replaced",
        Action::Delete => "will be destroyed",
        Action::Adopt => "will be adopted",
        Action::Forget => "will be forgotten",
    }
}

/// That in a word, as commands and JSON name it.
pub(super) fn verb(step: &Step) -> &'static str {
    match step.only_checks() {
        true => "check",
        false => step.action.as_str(),
    }
}

/// Whether a reason says more than the step itself does.
pub(super) fn is_worth_a_line(reason: &Reason) -> bool {
    match reason {
        Reason::NotFound | Reason::FieldsDiffer(_) => false,
        Reason::Vanished(_)
        | Reason::ReplacedBecause(_)
        | Reason::NoLongerDeclared
        | Reason::DestroyAll
        | Reason::MadeSince
        | Reason::AdoptedSince
        | Reason::Removed
        | Reason::RemovedAndKept
        | Reason::Excluded
        | Reason::SameName
        | Reason::Pinned
        | Reason::ScheduleChanged(_)
        | Reason::FieldGone(_)
        | Reason::StartRuns
        | Reason::Unchecked
        | Reason::Verified(_)
        | Reason::MayAlso(_)
        | Reason::MayNoLonger(_)
        | Reason::FinishedAfter(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        plan::{Action, Reason, Step},
        render::{
            COMMENT, Planned, Style, plan_html, plan_summary_text, plan_text, plans_github,
            plans_markdown,
            sample::{plan, step},
        },
    };

    #[test]
    fn what_is_only_looked_at_is_said_to_be_updated_nowhere() {
        let text = "kind: Scenario\n";
        let source = crate::model::Source {
            name: "a.yaml".into(),
            text: text.into(),
        };
        let checked = Step {
            reasons: vec![Reason::Unchecked],
            place: Some(crate::model::Place::new(&std::sync::Arc::new(source), 0..4)),
            ..step("scenario.leads", Action::Update, Some(925), Vec::new())
        };
        let plan = plan(vec![checked]);
        let planned = [Planned::Plan(&plan)];
        let page = plan_html(&plan);
        assert!(page.contains("</span> check</td>") && page.contains("<small>check</small>"));
        for told in [
            plan_text(&plan, &[], &Style::plain()),
            plan_summary_text(&plan, &Style::plain()),
            plans_markdown(&planned, COMMENT),
            plans_github(&planned, ""),
        ] {
            assert!(told.contains("check"), "{told}");
            assert!(!told.contains("update"), "{told}");
        }
    }
}
