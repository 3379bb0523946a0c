//! What somebody changed in Make, as text.

use std::fmt::Write as _;

use crate::{
    model::Origin,
    plan::{Drift, Drifted},
};

use super::{
    Role, Style, change_text::change_text, findings::findings_text, plan_text::target, words,
};

/// What is no longer as it was applied, and what to do about it.
#[must_use]
pub fn drift_text(drift: &Drift, style: &Style) -> String {
    let mut out = String::new();
    if !drift.things.is_empty() {
        let heading = format!("Since the last apply, on {}:", target(&drift.target));
        let _ = writeln!(out, "{}\n", style.paint(Role::Heading, &heading));
    }
    for thing in &drift.things {
        thing_text(thing, style, &mut out);
        out.push('\n');
    }
    if !drift.unknown.is_empty() {
        let names: Vec<String> = drift.unknown.iter().map(ToString::to_string).collect();
        let text = format!(
            "Nothing is known of what was last applied to {}: {}.",
            words::count(names.len(), "thing"),
            words::and_list(&names)
        );
        let _ = writeln!(out, "{text}\n");
    }
    if !drift.findings.is_empty() {
        let _ = writeln!(out, "{}", findings_text(&drift.findings, style));
    }
    let _ = writeln!(out, "{}", style.paint(Role::Heading, &conclusion(drift)));
    out
}

fn thing_text(thing: &Drifted, style: &Style, out: &mut String) {
    let fate = match thing.changes {
        Some(_) => "was changed in Make",
        None => "is gone from Make",
    };
    let id = words::printable(&thing.id.to_string());
    let heading = format!("# {} {fate} (id {id})", thing.address);
    let _ = writeln!(out, "  {}", style.paint(Role::Heading, &heading));
    if let Some(edited) = &thing.edited {
        let comment = format!("# ({})", words::last_edit(edited));
        let _ = writeln!(out, "  {}", style.paint(Role::Muted, &comment));
    }
    let (sign, role) = match thing.changes {
        Some(_) => ("  ~", Role::Changed),
        None => ("  -", Role::Removed),
    };
    let _ = writeln!(out, "{} {}", style.paint(role, sign), thing.address);
    if let Some(changes) = &thing.changes {
        out.push_str(&change_text(changes, None, Some(Origin::Make), style));
    }
}

fn conclusion(drift: &Drift) -> String {
    if drift.findings.has_errors() {
        return "The errors above must be mended first.".to_owned();
    }
    let target = target(&drift.target);
    let gone = drift.things.iter().filter(|thing| thing.changes.is_none());
    let gone = gone.count();
    let changed = drift.things.len() - gone;
    match (drift.things.len(), drift.unchanged) {
        (0, 0) if !drift.unknown.is_empty() => format!("No drift is known of on {target}."),
        (0, 0) => format!("No drift. Nothing was applied to {target} yet."),
        (0, 1) => format!("No drift. The one thing applied to {target} is as it was applied."),
        (0, many) => format!("No drift. All {many} things applied to {target} are as they were."),
        (_, unchanged) => format!(
            "Drift: {changed} changed, {gone} gone, {unchanged} unchanged. The next apply takes \
             back what the manifests still say; `makeform export --update` takes it over into them."
        ),
    }
}
