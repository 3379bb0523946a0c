//! A plan in a line for each thing, the counts first.

use std::fmt::Write as _;

use crate::plan::{Change, Difference, Plan, Step};

use super::{
    Role, Style,
    forecast_text::outlook_text,
    plan_text::{conclusion, tail, target},
    step_text::verb,
    words,
};

/// The counts, what they cost, and a line for each thing; then the findings, a line each.
#[must_use]
pub fn plan_summary_text(plan: &Plan, style: &Style) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}",
        style.paint(Role::Heading, &conclusion(plan, "", "below"))
    );
    let _ = writeln!(out, "On {}.", target(&plan.target));
    tail(plan, &[], style, &mut out);
    if !plan.steps.is_empty() {
        out.push('\n');
    }
    let length = |step: &Step| step.address.to_string().chars().count();
    let width = plan.steps.iter().map(length).max().unwrap_or(0).min(48);
    for step in &plan.steps {
        let sign = format!("{:>3}", style.sign(step.action.symbol()));
        let sign = style.paint(words::role_of_action(step.action), &sign);
        let fields = fields(&step.changes);
        let mut line = format!("{:width$}", step.address.to_string());
        let _ = write!(line, "  {}", done(step, &fields));
        if let Some(outlook) = plan.forecast.scenarios.get(&step.address) {
            let _ = write!(line, " ({})", outlook_text(outlook));
        }
        let _ = writeln!(out, "{sign} {}", line.trim_end());
    }
    let mut findings = plan.findings.sorted();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if !findings.is_empty() {
        out.push('\n');
    }
    for finding in findings {
        let head = format!("{}[{}]", finding.severity.as_str(), finding.code);
        let head = style.paint(words::role_of_severity(finding.severity), &head);
        let _ = writeln!(out, "{head}: {}", words::printable(&finding.message));
    }
    out
}

/// What becomes of a thing: `update: schedule, blueprint (2 of 9 modules)`.
fn done(step: &Step, fields: &str) -> String {
    let verb = verb(step);
    match (step.action, fields) {
        (_, "") => verb.to_owned(),
        (crate::plan::Action::Update | crate::plan::Action::Adopt, fields) => {
            format!("{verb}: {fields}")
        }
        (_, _) => verb.to_owned(),
    }
}

/// The attributes that differ.
fn fields(changes: &[Change]) -> String {
    let mut fields: Vec<String> = Vec::new();
    for change in changes {
        let Some(head) = change.path.first() else {
            continue;
        };
        let mut field = words::printable(head);
        if let Difference::Group { note, .. } = &change.difference
            && !note.is_empty()
        {
            let _ = write!(field, " ({})", words::printable(note));
        }
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use super::plan_summary_text;
    use crate::{
        diagnostic::{Code, Finding, Report, Severity},
        render::{
            Style,
            sample::{code, lead_sync},
        },
    };

    const BROKEN: Code = code("broken", Severity::Error);

    #[test]
    fn errors_are_said_to_stand_where_they_stand() {
        let mut plan = lead_sync();
        plan.findings = Report::from_iter([Finding::new(&BROKEN, "unreadable")]);
        insta::assert_snapshot!(plan_summary_text(&plan, &Style::plain()), @r"
        Plan: 1 to add, 1 to change, 0 to destroy. Apply refuses it until the errors below are mended.
        On target production (eu1.make.com, team Marketing).

          ~ scenario.lead-sync  update: schedule, blueprint (2 of 9 modules)
          + webhook.leads       create

        error[broken]: unreadable
        ");
    }
}
