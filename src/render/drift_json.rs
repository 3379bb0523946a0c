//! What somebody changed in Make as JSON, `makeform/drift/v1`.

use serde::Serialize;

use crate::{
    model::{Address, Edited, RemoteId},
    plan::{Drift, Drifted},
};

use super::{
    findings::FindingDocument,
    plan_json::{ChangeDocument, TargetDocument, changes_document, target_document},
    words,
};

/// What is no longer as it was applied, as JSON in one line.
#[must_use]
pub fn drift_json(drift: &Drift) -> String {
    words::safe_json(&serde_json::to_string(&document(drift)).unwrap_or_default()) + "\n"
}

#[derive(Serialize)]
struct DriftDocument<'a> {
    format: &'static str,
    target: TargetDocument<'a>,
    summary: SummaryDocument,
    things: Vec<ThingDocument<'a>>,
    /// Of what nobody knows what was applied last.
    unknown: &'a [Address],
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct SummaryDocument {
    changed: usize,
    gone: usize,
    unchanged: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct ThingDocument<'a> {
    address: &'a Address,
    kind: &'static str,
    id: &'a RemoteId,
    /// `changed` or `gone`.
    fate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<&'a Edited>,
    /// From what was applied to what there is.
    changes: Vec<ChangeDocument>,
}

fn document(drift: &Drift) -> DriftDocument<'_> {
    let Drift {
        target,
        things,
        unchanged,
        unknown,
        findings,
    } = drift;
    let gone = things.iter().filter(|thing| thing.changes.is_none());
    let gone = gone.count();
    DriftDocument {
        format: "makeform/drift/v1",
        target: target_document(target),
        summary: SummaryDocument {
            changed: things.len() - gone,
            gone,
            unchanged: *unchanged,
            unknown: unknown.len(),
        },
        things: things.iter().map(thing_document).collect(),
        unknown,
        findings: FindingDocument::all(findings),
    }
}

fn thing_document(thing: &Drifted) -> ThingDocument<'_> {
    let Drifted {
        address,
        id,
        changes,
        edited,
    } = thing;
    let fate = match changes {
        Some(_) => "changed",
        None => "gone",
    };
    ThingDocument {
        address,
        kind: address.kind.as_str(),
        id,
        fate,
        edited: edited.as_ref(),
        changes: changes_document(changes.as_deref().unwrap_or_default()),
    }
}
