//! What a plan allows active scenarios: how often they run, and how many they are.

use serde_json::Value;

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

use super::scheduling;
use super::scope::{existing, is_true, number, objects, organization_of, teams_of};

/// Refuses to have a scenario active that the license of its organization does not allow. That
/// this is found when it is switched on, and not when it is saved, is not documented.
pub(super) fn check_active(
    row: &Value,
    call: &Call<'_>,
    world: &impl Objects,
) -> Result<(), Refusal> {
    let team = number(row, "teamId").unwrap_or_default();
    let id = organization_of(world, team)?;
    let organization = existing(world, Collection::Organizations, id, "Organization")?;
    let license = license::effective(call.plan, &organization);

    let schedule = row.get("scheduling").unwrap_or(&Value::Null);
    let shortest = number(&license, "interval").unwrap_or(0) * 60;
    let is_regular = scheduling::kind(schedule) == "indefinitely";
    if is_regular && number(schedule, "interval").is_some_and(|seconds| seconds < shortest) {
        return Err(Refusal::not_startable("Invalid interval.", call.quirks()));
    }

    if number(&license, "scenarios").unwrap_or(0) == 0 {
        return Ok(()); // no limit: nothing is counted
    }
    let teams = teams_of(world, id)?;
    let others = objects(world, Collection::Scenarios, |other| {
        is_true(other, "isActive")
            && number(other, "id") != number(row, "id")
            && number(other, "teamId").is_some_and(|team| teams.contains(&team))
    })?;
    let others = u64::try_from(others.len()).unwrap_or(u64::MAX);
    match license::has_room(&license, "scenarios", others) {
        true => Ok(()),
        false => Err(Refusal::limit_reached("active scenarios")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Patch, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::{Trial, save};

    fn every(seconds: u64) -> Value {
        json!({ "type": "indefinitely", "interval": seconds })
    }

    fn scenario(trial: &Trial, name: &str, scheduling: &Value) -> String {
        let flow = json!([{ "id": 1, "module": "http:ActionSendData", "version": 3 }]);
        let blueprint = json!({ "name": name, "flow": flow, "metadata": {} });
        let made = trial.post("/scenarios", save(&blueprint, scheduling));
        format!("/scenarios/{}", made["scenario"]["id"])
    }

    #[test]
    fn a_free_plan_runs_nothing_more_often_than_every_quarter_of_an_hour() {
        let trial = Trial::on(PlanName::Free);
        let path = scenario(&trial, "often", &every(60));
        let start = format!("{path}/start");
        assert_eq!(
            trial.refused(Post, &start, None),
            "422 IM016 Invalid interval."
        );
        let slower = json!({ "scheduling": every(900).to_string() });
        trial.patch(&path, slower);
        trial.post(&start, json!({}));
        let faster = json!({ "scheduling": every(600).to_string() });
        let refused = trial.refused(Patch, &path, Some(faster));
        assert!(refused.starts_with("422"), "while it is active: {refused}");
        let core = Trial::on(PlanName::Core);
        let path = scenario(&core, "often", &every(60));
        core.post(&format!("{path}/start"), json!({}));
    }

    #[test]
    fn a_free_plan_has_two_active_scenarios() {
        let trial = Trial::on(PlanName::Free);
        let demand = json!({ "type": "on-demand" });
        let start = |name: &str| format!("{}/start", scenario(&trial, name, &demand));
        trial.post(&start("one"), json!({}));
        let two = start("two");
        trial.post(&two, json!({}));
        let three = start("three");
        assert!(trial.refused(Post, &three, None).starts_with("403 IM011"));
        trial.post(&two.replace("start", "stop"), json!({}));
        trial.post(&three, json!({}));
    }
}
