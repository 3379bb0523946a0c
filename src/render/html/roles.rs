//! The roles that change, as a matrix: who has which, before and after.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::{
    model::{Form, Kind, Mark},
    plan::{Action, Difference, Plan, Shown, Step},
    render::{
        svg::{cut, escape},
        words,
    },
};

/// Who has a role, and where: columns and rows.
type Matrix = BTreeMap<(Kind, String, usize), (Option<String>, Option<String>)>;

/// The matrix of a plan; nothing where no role changes.
pub(super) fn roles(plan: &Plan) -> String {
    let mut matrix = Matrix::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if matches!(step.address.kind, Kind::TeamRole | Kind::OrganizationRole) {
            let key = (step.address.kind, who(step), at);
            matrix.insert(key, before_and_after(step));
        }
    }
    if matrix.is_empty() {
        return String::new();
    }
    let columns: BTreeSet<&String> = matrix
        .values()
        .flat_map(|(b, a)| [b, a])
        .flatten()
        .collect();
    let mut out = String::from(
        "<section aria-labelledby=\"roles-h\"><h2 id=\"roles-h\">Roles</h2><div class=\"wide\" \
         tabindex=\"0\" role=\"region\" aria-label=\"Matrix of roles\"><table class=\"roles\"><thead><tr><th \
         scope=\"col\">Who</th>",
    );
    for column in &columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(&cut(column, 80)));
    }
    out.push_str("</tr></thead><tbody>");
    for ((kind, who, at), (before, after)) in &matrix {
        let place = match *kind == Kind::OrganizationRole {
            true => "organization",
            false => "team",
        };
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#s{at}\">{}</a> <small>{place}</small></th>",
            escape(&cut(who, 120))
        );
        for column in &columns {
            let had = before.as_ref() == Some(*column);
            let has = after.as_ref() == Some(*column);
            out.push_str(match (had, has) {
                (false, false) => "<td></td>",
                (true, true) => "<td>● stays</td>",
                (true, false) => "<td class=\"del\">○ <del>before</del></td>",
                (false, true) => "<td class=\"add\">● <ins>after</ins></td>",
            });
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div></section>\n");
    out
}

/// Whose role it is, as far as that is shown.
fn who(step: &Step) -> String {
    let email = |form: &Option<Form>| {
        let form = form.as_ref()?;
        let is_hidden = matches!(
            form.marks.get(&["email".to_owned()][..]),
            Some(Mark::Sensitive(_))
        );
        form.text("email").filter(|_| !is_hidden).map(str::to_owned)
    };
    email(&step.after)
        .or_else(|| email(&step.before))
        .unwrap_or_else(|| step.address.to_string())
}

fn before_and_after(step: &Step) -> (Option<String>, Option<String>) {
    let change = step.changes.iter().find(|change| change.path == ["role"]);
    let seen = |shown: &Shown| match shown {
        Shown::Value(serde_json::Value::String(text)) => text.clone(),
        Shown::Value(_) | Shown::Words(..) | Shown::Sensitive | Shown::Unknown(_) => {
            words::shown(shown)
        }
    };
    if let Some(change) = change {
        match &change.difference {
            Difference::Added(after) => return (None, Some(seen(after))),
            Difference::Removed(before) => return (Some(seen(before)), None),
            Difference::Changed(before, after) => return (Some(seen(before)), Some(seen(after))),
            Difference::Text { .. }
            | Difference::Part { .. }
            | Difference::Group { .. }
            | Difference::Moved { .. } => {}
        }
    }
    let role = |form: &Option<Form>| {
        let form = form.as_ref()?;
        let is_hidden = form.marks.contains_key(&["role".to_owned()][..]);
        let value = form.get("role").filter(|_| !is_hidden)?;
        Some(seen(&Shown::Value(value.clone())))
    };
    match step.action {
        Action::Delete => (role(&step.before), None),
        Action::Create => (None, role(&step.after)),
        Action::Update | Action::Replace | Action::Adopt | Action::Forget => (
            role(&step.before),
            role(&step.after).or_else(|| role(&step.before)),
        ),
    }
}
