//! The plan back: what the planner decided, with the bindings of that time.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Fate, Rewound, Unsure, past::Touched};
use crate::{
    diagnostic::{
        Finding, Report,
        codes::{guards, plan as plan_codes, rollback as codes, ties},
    },
    model::{Address, Binding, Desired, Kind, Live, Origin, digest_of},
    plan::{
        Action, Change, Difference, Plan, PlanInput, Reason, Step,
        guard::{about, with_way_out},
        leaving::forgotten,
        plan as decide,
        rebinding::rebindings,
    },
};

/// Plans the way back.
pub(super) fn plan(rewound: &Rewound, input: &PlanInput<'_>) -> Plan {
    if rewound.only.is_empty() {
        // None chosen means all: here it is none at all.
        let nothing = Desired {
            policy: rewound.desired.policy.clone(),
            ..Desired::default()
        };
        let bindings = crate::model::Bindings::default();
        let mut plan = decide(&PlanInput {
            desired: &nothing,
            bindings: &bindings,
            only: &[],
            destroy: false,
            ..input.clone()
        });
        remember(rewound, input, &mut plan);
        plan.findings.extend(rewound.findings.clone());
        return plan;
    }
    let input = PlanInput {
        desired: &rewound.desired,
        bindings: &rewound.bindings,
        only: &rewound.only,
        destroy: false,
        ..input.clone()
    };
    let mut plan = decide(&input);
    plan.findings = plan
        .findings
        .iter()
        .filter(|finding| is_of_rollback(finding))
        .cloned()
        .collect();
    for step in &mut plan.steps {
        give_back(rewound, step);
    }
    remember(rewound, &input, &mut plan);
    let drifted = drifted(rewound, &input);
    let overwritten: Vec<Finding> = plan
        .steps
        .iter()
        .filter(|step| match step.action {
            Action::Update | Action::Replace => {
                is_drifted(&step.changes) || rewound.unsure.contains_key(&step.address)
            }
            Action::Delete => {
                drifted.contains(&step.address) || rewound.unsure.contains_key(&step.address)
            }
            // To adopt is a guard of its own.
            Action::Adopt | Action::Create | Action::Forget => false,
        })
        .map(|step| overwrites(step, rewound.unsure.get(&step.address).copied()))
        .collect();
    plan.findings.extend(overwritten.into_iter().collect());
    let missing = plan.steps.iter().filter_map(|step| {
        let missing = rewound.missing.get(&step.address)?;
        Some(names_gone(step, missing))
    });
    let missing = missing.collect();
    plan.findings.extend(missing);
    plan.findings.extend(rewound.findings.clone());
    plan
}

/// Whether a finding is about going back: what a manifest should say is not.
fn is_of_rollback(finding: &Finding) -> bool {
    ![
        &ties::RAW_ID,
        &guards::PROTECTION_LIFTED,
        &plan_codes::RENAMED,
    ]
    .contains(&finding.code)
}

/// Gives a step the binding of that time, and the reason why it is there.
fn give_back(rewound: &Rewound, step: &mut Step) {
    match rewound.fates.get(&step.address) {
        Some(Fate::Back(was)) => {
            step.remembered.clone_from(&was.form);
            step.prevent_destroy = was.prevent_destroy;
        }
        Some(Fate::Released) => {
            step.remembered = None;
            step.releases = true;
        }
        Some(Fate::Gone) => {
            step.reasons = vec![Reason::MadeSince];
        }
        Some(Fate::Forgotten) => {
            step.reasons = vec![Reason::AdoptedSince];
        }
        Some(Fate::Bound(_)) | None => {}
    }
}

/// Sees to it that what needs no step is bound as it was, and makes that part of the digest.
fn remember(rewound: &Rewound, input: &PlanInput<'_>, plan: &mut Plan) {
    let steps = plan.steps.iter().map(|step| step.address.clone());
    let steps: BTreeSet<Address> = steps.collect();
    // An object that has another address first gets that; then its step may go wrong.
    plan.records.retain(|address, _| steps.contains(address));
    let mut released = Vec::new();
    for (address, fate) in &rewound.fates {
        if steps.contains(address) {
            continue;
        }
        match fate {
            Fate::Back(was) | Fate::Bound(was) => {
                let held = rewound.bindings.by_address.get(address);
                let moved = rewound.desired.moved.iter();
                let mut moved = moved.filter(|(_, moved)| moved.to == *address);
                let held = held.or_else(|| {
                    let (from, _) = moved.next()?;
                    rewound.bindings.by_address.get(from)
                });
                let id = held.map(|held| held.id.clone());
                let id = id.filter(|id| input.snapshot.get(address.kind, id).is_some());
                if let Some(id) = id {
                    let binding = Binding { id, ..was.clone() };
                    if rewound.today.get(address) != Some(&binding) {
                        plan.records.insert(address.clone(), binding);
                    }
                }
            }
            Fate::Released => {
                if let Some(binding) = rewound.bindings.by_address.get(address) {
                    released.push(forgotten(address, binding, Reason::AdoptedSince));
                }
            }
            Fate::Gone | Fate::Forgotten => {}
        }
    }
    plan.steps.extend(released);
    let back: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            json!([
                step.address.to_string(),
                step.action.as_str(),
                step.remembered,
                step.releases
            ])
        })
        .collect();
    plan.rebindings = rebindings(&plan.records, &rewound.today);
    plan.digest = digest_of(&json!({ "plan": plan.digest, "back": back, "bound": plan.records }));
}

/// The things that go although somebody changed them in Make since they were made.
fn drifted(rewound: &Rewound, input: &PlanInput<'_>) -> Vec<Address> {
    if rewound.left.is_empty() {
        return Vec::new();
    }
    let desired = Desired {
        things: rewound.left.clone(),
        excluded: rewound.desired.excluded.clone(),
        variables: rewound.desired.variables.clone(),
        ..Desired::default()
    };
    let looked = rewound.desired.things.iter();
    let looked =
        looked.filter(|(address, _)| address.kind.handling() == crate::model::Handling::Looked);
    let mut desired = desired;
    desired
        .things
        .extend(looked.map(|(k, v)| (k.clone(), v.clone())));
    let only: Vec<Address> = rewound.left.keys().cloned().collect();
    let plan = decide(&PlanInput {
        desired: &desired,
        only: &only,
        ..input.clone()
    });
    let changed = plan.steps.iter().filter(|step| is_drifted(&step.changes));
    changed.map(|step| step.address.clone()).collect()
}

/// Whether somebody changed in Make what would become another.
fn is_drifted(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        let inner = match &change.difference {
            Difference::Part { changes, .. }
            | Difference::Group { changes, .. }
            | Difference::Moved { changes, .. } => changes.as_slice(),
            Difference::Added(_)
            | Difference::Removed(_)
            | Difference::Changed(..)
            | Difference::Text { .. } => &[],
        };
        matches!(change.origin, Some(Origin::Make | Origin::Both)) || is_drifted(inner)
    })
}

fn overwrites(step: &Step, unsure: Option<Unsure>) -> Finding {
    let what = match step.action {
        Action::Delete => "and would be deleted",
        Action::Create | Action::Update | Action::Replace | Action::Adopt | Action::Forget => {
            "and that would be undone"
        }
    };
    let was = match unsure.filter(|_| !is_drifted(&step.changes)) {
        Some(Unsure::CutShort) => {
            "may have been changed in Make since the apply that made it was cut short"
        }
        Some(Unsure::Secret) => {
            "holds a secret that is not known: it may have been changed in Make since the last apply"
        }
        None => "was changed in Make since the last apply",
    };
    let message = format!("`{}` {was}, {what}", step.address);
    with_way_out(about(
        step,
        Finding::new(&codes::ROLLBACK_OVERWRITES, message),
    ))
}

fn names_gone(step: &Step, missing: &BTreeSet<Address>) -> Finding {
    let missing: Vec<String> = missing.iter().map(|one| format!("`{one}`")).collect();
    let message = format!(
        "`{}` names {}, gone in Make since: it would not work",
        step.address,
        missing.join(", ")
    );
    let finding = Finding::new(&codes::ROLLBACK_NAMES_GONE, message);
    let help = "apply first, which makes anew what is gone; then roll back past that apply too";
    with_way_out(about(step, finding.help(help)))
}

/// That nobody knows what a thing was.
pub(super) fn lacks_form(findings: &mut Report, address: &Address, touched: &Touched) {
    let applies: Vec<String> = touched.applies.iter().map(ToString::to_string).collect();
    let message = format!(
        "`{address}` can't go back: the journal of apply {} does not say what it was",
        applies.join(", ")
    );
    let finding = Finding::new(&codes::ROLLBACK_LACKS_FORM, message).about(address);
    findings.push(finding.help("check out the commit to go back to, and apply that"));
}

/// What does not come back with a thing that is made anew.
pub(super) fn lost(findings: &mut Report, address: &Address, live: Option<&Live>) {
    if live.is_some() {
        return;
    }
    let found = match address.kind {
        Kind::DataStore => Finding::new(
            &codes::ROLLBACK_LACKS_RECORDS,
            format!("`{address}` comes back without its records"),
        ),
        Kind::Webhook => Finding::new(
            &codes::ROLLBACK_NEW_URL,
            format!("`{address}` comes back with another URL: tell those who call it"),
        ),
        Kind::Agent
        | Kind::Connection
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable => return,
    };
    findings.push(found.about(address));
}
