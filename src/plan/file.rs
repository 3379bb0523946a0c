//! A plan that was written to a file: an approval of that very plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Change, Decided, Difference, Plan, Rebinding, Shown, Sign, Step, digest::FORMAT};
use crate::model::{Path, RemoteId};

/// What a plan file says, as far as it can be held against another plan.
///
/// Nothing of it is ever applied: apply plans again, and goes on only if the digest is the same.
#[derive(Clone, Debug, Deserialize)]
pub struct PlanFile {
    format: String,
    /// The digest of the plan that was approved.
    pub digest: String,
    #[serde(default)]
    target: Option<FileTarget>,
    #[serde(default)]
    steps: Vec<FileStep>,
    #[serde(default)]
    bindings: Vec<Rebinding>,
}

#[derive(Clone, Debug, Deserialize)]
struct FileTarget {
    name: String,
    host: String,
    organization: FileParty,
    team: FileParty,
}

#[derive(Clone, Debug, Deserialize)]
struct FileParty {
    id: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileStep {
    address: String,
    action: String,
    #[serde(default)]
    id: Option<RemoteId>,
    #[serde(default)]
    decided_upon: Option<Decided>,
    /// None in an outline, which says of no value what it was.
    changes: Option<Vec<FileChange>>,
}

#[derive(Clone, Debug, Deserialize)]
struct FileChange {
    path: Path,
    before: Option<Value>,
    after: Option<Value>,
}

/// What changes at a path: from what to what. What is null, hidden or not known counts as
/// nothing.
type Leaves = BTreeMap<Path, (Option<Value>, Option<Value>)>;

/// Why a text is no plan file.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is no JSON, or not of that shape.
    #[error("this is no plan file")]
    Shape(#[source] serde_json::Error),
    /// Another version wrote it.
    #[error("this is a plan of format `{0}`, and this version reads `{FORMAT}`")]
    Format(String),
}

impl PlanFile {
    /// Reads a plan as `plan --out` writes it.
    ///
    /// # Errors
    /// When it is no plan, or one of another format.
    pub fn parse(text: &str) -> Result<Self, PlanFileError> {
        let file: Self = serde_json::from_str(text).map_err(PlanFileError::Shape)?;
        if file.format == FORMAT {
            Ok(file)
        } else {
            Err(PlanFileError::Format(file.format))
        }
    }

    /// What [`PlanFile::moved`] needs of a plan to say what has moved, without any of its values.
    #[must_use]
    pub fn outline(plan: &Plan) -> Value {
        let account = &plan.target.account;
        let steps = plan.steps.iter().map(|step| {
            json!({
                "address": step.address,
                "action": step.action,
                "id": step.id,
                "decidedUpon": step.decided,
            })
        });
        json!({
            "format": FORMAT,
            "digest": plan.digest,
            "target": {
                "name": plan.target.name,
                "host": account.host,
                "organization": { "id": account.organization },
                "team": { "id": account.team },
            },
            "steps": steps.collect::<Vec<_>>(),
            "bindings": plan.rebindings,
        })
    }

    /// What has moved since, thing by thing: lines for people. Empty where only what is not
    /// shown differs: hidden values, or parts of a live form that the plan leaves alone.
    #[must_use]
    pub fn moved(&self, plan: &Plan) -> Vec<String> {
        let approved: BTreeMap<&str, &FileStep> = self
            .steps
            .iter()
            .map(|step| (step.address.as_str(), step))
            .collect();
        let mut moved = self.elsewhere(plan);
        let mut still = Vec::new();
        for step in &plan.steps {
            let address = step.address.to_string();
            match approved.get(address.as_str()) {
                None => moved.push(format!("{address}: {} is new", step.action.as_str())),
                Some(old) if old.action != step.action.as_str() => moved.push(format!(
                    "{address}: {} was approved, now it is {}",
                    old.action,
                    step.action.as_str()
                )),
                Some(old) => {
                    let causes = causes(old, step).map(str::to_owned);
                    let what: Vec<String> = causes.chain(fields(old, step)).collect();
                    if !what.is_empty() {
                        moved.push(format!("{address}: {}", what.join("; ")));
                    }
                }
            }
            still.push(address);
        }
        for step in &self.steps {
            if !still.contains(&step.address) {
                moved.push(format!("{}: {} is gone", step.address, step.action));
            }
        }
        moved.extend(self.rebound(plan));
        moved.sort();
        moved
    }

    /// What would become of bindings without a step, and was not approved, or was and would not.
    fn rebound(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let words = |one: &Rebinding, is_new| {
            let Rebinding {
                address,
                id,
                prevent_destroy,
            } = one;
            let protected = match prevent_destroy {
                true => "protected",
                false => "not protected",
            };
            let would = if is_new {
                "would be"
            } else {
                "would no more be"
            };
            format!("{address}: it {would} bound to {id}, {protected}")
        };
        let new = plan.rebindings.iter();
        let new = new.filter(|one| !self.bindings.contains(one));
        let gone = self.bindings.iter();
        let gone = gone.filter(|one| !plan.rebindings.contains(one));
        new.map(move |one| words(one, true))
            .chain(gone.map(move |one| words(one, false)))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// That it is a plan for another target or another account.
    fn elsewhere(&self, plan: &Plan) -> Vec<String> {
        let Some(FileTarget {
            name,
            host,
            organization,
            team,
        }) = &self.target
        else {
            return Vec::new();
        };
        let account = &plan.target.account;
        let pairs = [
            ("target", name.clone(), plan.target.name.clone()),
            ("host", host.clone(), account.host.clone()),
            (
                "organization",
                organization.id.to_string(),
                account.organization.to_string(),
            ),
            ("team", team.id.to_string(), account.team.to_string()),
        ];
        let others = pairs.into_iter().filter(|(_, then, now)| then != now);
        others
            .map(|(what, then, now)| format!("{what} {then} was approved, now it is {now}"))
            .collect()
    }
}

/// On which side of a step something moved, be it shown or not.
fn causes<'a>(old: &'a FileStep, step: &'a Step) -> impl Iterator<Item = &'static str> {
    let same_id = old.id == step.id;
    let now = &step.decided;
    let then = old.decided_upon.as_ref().unwrap_or(now);
    let found = [
        (!same_id, "it is another object by its id"),
        (then.live != now.live, "it was changed in Make"),
        (
            then.wanted != now.wanted,
            "the manifests ask for something else",
        ),
        (
            then.ledger != now.ledger && same_id,
            "something else was applied last",
        ),
    ];
    let found = found.into_iter().filter(|(moved, _)| *moved);
    found.map(|(_, what)| what)
}

/// The changes that are not the same in both plans.
fn fields(old: &FileStep, step: &Step) -> Option<String> {
    let seen = |value: &Option<Value>| value.clone().filter(|value| !value.is_null());
    let approved: Leaves = old
        .changes
        .as_ref()?
        .iter()
        .map(|change| {
            (
                change.path.clone(),
                (seen(&change.before), seen(&change.after)),
            )
        })
        .collect();
    let mut now = Leaves::new();
    leaves(&step.changes, &mut now);
    let paths: BTreeSet<&Path> = approved.keys().chain(now.keys()).collect();
    let other: Vec<String> = paths
        .into_iter()
        .filter(|path| match now.get(*path) {
            // Hidden, or told in words only: a module that moves.
            Some((None, None)) => !approved.contains_key(*path),
            leaf => leaf != approved.get(*path),
        })
        .map(|path| path.join("."))
        .collect();
    (!other.is_empty()).then(|| format!("other changes in {}", other.join(", ")))
}

fn leaves(changes: &[Change], found: &mut Leaves) {
    let seen = |shown: &Shown| match shown {
        Shown::Value(value) | Shown::Words(value, _) => {
            Some(value.clone()).filter(|value| !value.is_null())
        }
        Shown::Sensitive | Shown::Unknown(_) => None,
    };
    for change in changes {
        let leaf = match &change.difference {
            Difference::Added(after) => (None, seen(after)),
            Difference::Removed(before) => (seen(before), None),
            Difference::Changed(before, after) => (seen(before), seen(after)),
            Difference::Text { before, after, .. } => {
                let before = Some(before.clone()).filter(|before| !before.is_null());
                (before, Some(after.clone()))
            }
            Difference::Part { sign, value, .. } => match sign {
                Sign::Remove => (Some(value.clone()), None),
                Sign::Add | Sign::Change => (None, Some(value.clone())),
            },
            Difference::Moved { from, to, changes } => {
                leaves(changes, found);
                let position = |place: &str| Some(json!({ "position": place }));
                (position(from), position(to))
            }
            Difference::Group { changes, .. } if changes.is_empty() => (None, None),
            Difference::Group { changes, .. } => {
                leaves(changes, found);
                continue;
            }
        };
        found.insert(change.path.clone(), leaf);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PlanFile, PlanFileError};
    use crate::plan::testing::{World, folder};

    #[test]
    fn what_has_moved_since_the_approval_is_said_thing_by_thing() {
        let mut world = World::new();
        world.declare("folder.crm", folder("CRM"));
        world.declare("folder.new", folder("New"));
        let change = json!({"path": ["name"], "after": "Sales"});
        let file = json!({"format": super::FORMAT, "digest": "sha256:0", "steps": [
            {"address": "folder.crm", "action": "create", "changes": [change]},
            {"address": "folder.old", "action": "delete", "changes": []},
        ]});
        let file = PlanFile::parse(&file.to_string()).unwrap();
        assert_eq!(
            file.moved(&world.plan()),
            [
                "folder.crm: other changes in name",
                "folder.new: create is new",
                "folder.old: delete is gone",
            ]
        );
        let other = r#"{"format": "makeform/plan/v9", "digest": ""}"#;
        assert!(matches!(
            PlanFile::parse(other),
            Err(PlanFileError::Format(_))
        ));
    }
}
