//! A plan as JSON, `makeform/plan/v1`: what programs read, and what `--out` keeps.
//!
//! The keys and their order are a contract (see the design); a value that must not be shown has
//! no way into this form either.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    model::{Address, Edited, Origin, Path, RemoteId},
    plan::{
        Change, Decided, EditorDifference, Line, Outlook, Plan, Rebinding, Shown, Sign, Step,
        Summary, Target,
    },
};

use super::{
    change::{Format, Part, walk},
    findings::FindingDocument,
    forecast_text::{ForecastDocument, OutlookDocument, forecast_document, outlook_document},
    upcoming::{UpcomingDocument, upcoming_document},
    words,
};

/// A plan as JSON in one line, for streams of several.
#[must_use]
pub fn plan_json(plan: &Plan) -> String {
    words::safe_json(&serde_json::to_string(&document(plan)).unwrap_or_default()) + "\n"
}

/// A plan as JSON over many lines, for files that people may open.
#[must_use]
pub fn plan_json_pretty(plan: &Plan) -> String {
    words::safe_json(&serde_json::to_string_pretty(&document(plan)).unwrap_or_default()) + "\n"
}

#[derive(Serialize)]
struct PlanDocument<'a> {
    format: &'static str,
    digest: &'a str,
    target: TargetDocument<'a>,
    summary: Summary,
    /// What it does to the runs and operations of a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastDocument>,
    steps: Vec<StepDocument<'a>>,
    /// What becomes of bindings without a step.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    bindings: &'a [Rebinding],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    editor: Vec<EditorDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
}

/// A scenario of whose blueprint the editor's part alone differs, and is left as it is.
#[derive(Serialize)]
struct EditorDocument<'a> {
    address: &'a Address,
    /// The keys of the modules.
    modules: &'a [String],
    /// Whether notes differ, or what else is kept with the blueprint itself.
    canvas: bool,
}

#[derive(Serialize)]
pub(super) struct TargetDocument<'a> {
    name: &'a str,
    host: &'a str,
    organization: PartyDocument<'a>,
    team: PartyDocument<'a>,
}

#[derive(Serialize)]
struct PartyDocument<'a> {
    id: u64,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepDocument<'a> {
    address: &'a Address,
    kind: &'static str,
    action: &'static str,
    id: Option<&'a RemoteId>,
    reasons: Vec<String>,
    changes: Vec<ChangeDocument>,
    depends_on: Vec<&'a Address>,
    /// The steps after which the rest of it is sent.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    finished_after: &'a BTreeSet<Address>,
    /// What it does to the runs and operations of a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<OutlookDocument>,
    /// When it runs next, where its schedule changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_runs: Option<UpcomingDocument>,
    /// Who edited it last in Make, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<&'a Edited>,
    /// Digests of what was decided upon, so that it can be told later what has moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_upon: Option<&'a Decided>,
}

/// One value that differs. `before` and `after` are null where there is none, and where it is
/// sensitive or unknown.
#[derive(Serialize)]
pub(super) struct ChangeDocument {
    path: Path,
    before: Value,
    after: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unknown: bool,
}

/// What a plan, or a finding of drift, is about.
pub(super) fn target_document(target: &Target) -> TargetDocument<'_> {
    let Target { name, account } = target;
    TargetDocument {
        name,
        host: &account.host,
        organization: PartyDocument {
            id: account.organization,
            name: &account.organization_name,
        },
        team: PartyDocument {
            id: account.team,
            name: &account.team_name,
        },
    }
}

/// The leaves of a tree of changes.
pub(super) fn changes_document(changes: &[Change]) -> Vec<ChangeDocument> {
    let mut leaves = Leaves::default();
    walk(changes, &mut leaves);
    leaves.found
}

fn document(plan: &Plan) -> PlanDocument<'_> {
    PlanDocument {
        format: "makeform/plan/v1",
        digest: &plan.digest,
        target: target_document(&plan.target),
        summary: plan.summary(),
        forecast: forecast_document(&plan.forecast),
        steps: plan
            .steps
            .iter()
            .map(|step| step_document(step, plan.forecast.scenarios.get(&step.address)))
            .collect(),
        bindings: &plan.rebindings,
        editor: plan.editor.iter().map(editor_document).collect(),
        findings: FindingDocument::all(&plan.findings),
    }
}

fn editor_document<'a>(
    (address, difference): (&'a Address, &'a EditorDifference),
) -> EditorDocument<'a> {
    let EditorDifference {
        modules,
        canvas,
        of: _,
    } = difference;
    EditorDocument {
        address,
        modules,
        canvas: *canvas,
    }
}

fn step_document<'a>(step: &'a Step, outlook: Option<&Outlook>) -> StepDocument<'a> {
    StepDocument {
        address: &step.address,
        kind: step.address.kind.as_str(),
        action: step.action.as_str(),
        id: step.id.as_ref(),
        reasons: step.reasons.iter().map(words::reason).collect(),
        changes: changes_document(&step.changes),
        depends_on: step.depends_on.iter().collect(),
        finished_after: &step.later,
        forecast: outlook.map(outlook_document),
        next_runs: step.upcoming.as_ref().map(upcoming_document),
        edited: step.edited.as_ref(),
        decided_upon: Some(&step.decided).filter(|decided| **decided != Decided::default()),
    }
}

/// The leaves of a tree of changes, in its order.
#[derive(Default)]
struct Leaves {
    found: Vec<ChangeDocument>,
    /// The origins of the groups that are open; a leaf without its own has the innermost one.
    origins: Vec<Option<Origin>>,
}

impl Leaves {
    fn push(&mut self, change: &Change, before: Value, after: Value, marks: (bool, bool)) {
        self.found.push(ChangeDocument {
            path: change.path.clone(),
            before,
            after,
            origin: self.origin(change),
            sensitive: marks.0,
            unknown: marks.1,
        });
    }

    fn origin(&self, change: &Change) -> Option<Origin> {
        change
            .origin
            .or_else(|| self.origins.last().copied().flatten())
    }
}

impl Format for Leaves {
    fn leaf(&mut self, change: &Change, before: Option<&Shown>, after: Option<&Shown>) {
        let sides = [before, after].into_iter().flatten();
        let marks = sides.fold((false, false), |(sensitive, unknown), side| match side {
            Shown::Sensitive => (true, unknown),
            Shown::Unknown(_) => (sensitive, true),
            Shown::Value(_) | Shown::Words(..) => (sensitive, unknown),
        });
        self.push(change, value_of(before), value_of(after), marks);
    }

    fn text(&mut self, change: &Change, before: &Value, after: &Value, _: &[Line]) {
        self.push(change, before.clone(), after.clone(), (false, false));
    }

    fn part(&mut self, change: &Change, sign: Sign, _: &str, part: Part<'_>) -> bool {
        let value = || part.value.clone();
        let (before, after) = match sign {
            Sign::Add => (Value::Null, value()),
            Sign::Remove => (value(), Value::Null),
            // What is told of it is where it changes.
            Sign::Change => (Value::Null, value()),
        };
        self.push(change, before, after, (false, false));
        false
    }

    fn moved(&mut self, change: &Change, from: &str, to: &str, _: &[Change]) {
        let position = |place: &str| json!({ "position": place });
        self.push(change, position(from), position(to), (false, false));
        // Who moved it may not be who changed what is in it.
        self.origins.push(None);
    }

    /// A group that comes or goes with nothing in it is one change all the same.
    fn enter(&mut self, change: &Change, sign: Sign, _: &str, changes: &[Change]) {
        match (sign, changes.is_empty()) {
            (Sign::Add, true) => self.push(change, Value::Null, json!({}), (false, false)),
            (Sign::Remove, true) => self.push(change, json!({}), Value::Null, (false, false)),
            (Sign::Add | Sign::Remove, false) | (Sign::Change, _) => {}
        }
        self.origins.push(self.origin(change));
    }

    fn leave(&mut self) {
        self.origins.pop();
    }
}

fn value_of(shown: Option<&Shown>) -> Value {
    match shown {
        Some(Shown::Value(value) | Shown::Words(value, _)) => value.clone(),
        Some(Shown::Sensitive | Shown::Unknown(_)) | None => Value::Null,
    }
}
