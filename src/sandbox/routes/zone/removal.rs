//! What goes when something goes: a thing takes along what belongs to it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Batch;

use super::scope::{number, objects, teams_of, text};

/// What belongs to a scenario, by the field that names the scenario.
const OF_SCENARIOS: [Collection; 2] = [Collection::Notes, Collection::IncompleteExecutions];

/// Removes an organization with its teams, roles, variables and structures.
pub(super) fn organization(batch: &mut Batch<'_>, id: u64) -> Result<(), Refusal> {
    for team in teams_of(batch, id)? {
        self::team(batch, team)?;
    }
    let structures = objects(batch, Collection::CustomPropertyStructures, |structure| {
        let belongers = structure.get("belongers").and_then(Value::as_array);
        let mut belongers = belongers.into_iter().flatten();
        belongers.any(|belonger| number(belonger, "belongerId") == Some(id))
    })?;
    let structures = structures.into_iter().map(|(id, _)| id).collect();
    remove_where(
        batch,
        Collection::CustomPropertyItems,
        "structureId",
        &structures,
    )?;
    remove_all(batch, Collection::CustomPropertyStructures, &structures)?;
    let this = BTreeSet::from([id]);
    // Whatever names the organization, of whatever sort: role rows, roles, agents.
    for collection in Collection::ALL {
        remove_where(batch, collection, "organizationId", &this)?;
    }
    variables(batch, "organization", id)?;
    batch.remove(Collection::Organizations, id)?;
    Ok(())
}

/// Removes a team with its scenarios, hooks, folders, connections, data and variables.
pub(super) fn team(batch: &mut Batch<'_>, id: u64) -> Result<(), Refusal> {
    let this = BTreeSet::from([id]);
    let scenarios = of_team(batch, Collection::Scenarios, id)?;
    self::scenarios(batch, &scenarios)?;
    let hooks = of_team(batch, Collection::Hooks, id)?;
    remove_where(batch, Collection::HookItems, "hookId", &hooks)?;
    remove_where(batch, Collection::HookLogs, "hookId", &hooks)?;
    let stores = of_team(batch, Collection::DataStores, id)?;
    remove_where(batch, Collection::Records, "dataStoreId", &stores)?;
    // Whatever names the team, of whatever sort.
    for collection in Collection::ALL {
        remove_where(batch, collection, "teamId", &this)?;
    }
    variables(batch, "team", id)?;
    batch.remove(Collection::Teams, id)?;
    Ok(())
}

/// Removes scenarios with their blueprints, runs, notes and properties. Their hooks stay, and so
/// does what they have consumed.
pub(super) fn scenarios(batch: &mut Batch<'_>, ids: &BTreeSet<u64>) -> Result<(), Refusal> {
    for id in ids {
        batch.remove(Collection::Blueprints, *id)?;
        batch.remove(Collection::CustomProperties, *id)?;
        batch.remove_of(Collection::BlueprintVersions, *id)?;
        batch.remove_of(Collection::Executions, *id)?;
        batch.remove_of(Collection::RunningExecutions, *id)?;
        batch.remove(Collection::Scenarios, *id)?;
    }
    for collection in OF_SCENARIOS {
        remove_where(batch, collection, "scenarioId", ids)?;
    }
    Ok(())
}

fn of_team(batch: &Batch<'_>, collection: Collection, team: u64) -> Result<BTreeSet<u64>, Refusal> {
    let found = objects(batch, collection, |object| {
        number(object, "teamId") == Some(team)
    })?;
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

fn variables(batch: &mut Batch<'_>, scope: &str, id: u64) -> Result<(), Refusal> {
    let found = objects(batch, Collection::Variables, |variable| {
        text(variable, "scope") == Some(scope) && number(variable, "scopeId") == Some(id)
    })?;
    let ids = found.into_iter().map(|(id, _)| id).collect();
    remove_all(batch, Collection::Variables, &ids)
}

/// Removes the objects of a collection whose `field` names one of `owners`.
fn remove_where(
    batch: &mut Batch<'_>,
    collection: Collection,
    field: &str,
    owners: &BTreeSet<u64>,
) -> Result<(), Refusal> {
    if owners.is_empty() {
        return Ok(());
    }
    let mut ids = BTreeSet::new();
    batch.each(collection, |id, object| {
        if number(&object, field).is_some_and(|owner| owners.contains(&owner)) {
            ids.insert(id);
        }
    })?;
    remove_all(batch, collection, &ids)
}

fn remove_all(
    batch: &mut Batch<'_>,
    collection: Collection,
    ids: &BTreeSet<u64>,
) -> Result<(), Refusal> {
    for id in ids {
        batch.remove(collection, *id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::{Trial, save};

    /// How many objects of each sort there are.
    fn census(trial: &Trial) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        let counted = trial.world.batch(|batch| {
            Collection::ALL.iter().try_for_each(|collection| {
                batch.each(*collection, |_, _| {
                    *counts.entry(collection.name()).or_default() += 1;
                })
            })
        });
        counted.unwrap();
        counts
    }

    /// Puts one of everything into a team.
    fn furnish(trial: &Trial, team: u64) {
        let team_id = json!(team);
        let folder = json!({ "name": "f", "teamId": team_id });
        trial.post("/scenarios-folders", folder);
        let hook = json!({
            "name": "h", "teamId": team_id, "typeName": "gateway-webhook", "method": false,
            "headers": false, "stringify": false,
        });
        trial.post("/hooks", hook);
        let blueprint = json!({ "name": "s", "flow": [], "metadata": {} });
        let mut body = save(&blueprint, &json!({ "type": "on-demand" }));
        body["teamId"] = team_id;
        let scenario = trial.post("/scenarios", body)["scenario"]["id"].clone();
        let path = format!("/scenarios/{scenario}");
        let second = json!({ "name": "s", "flow": [], "metadata": { "version": 1 } });
        trial.patch(&path, json!({ "blueprint": second.to_string() }));
        trial.post(
            &format!("/teams/{team}/variables"),
            json!({
                "name": "region", "typeId": 2, "value": "eu",
            }),
        );
        let put = trial.world.batch(|batch| {
            let hook = batch.next_id(Collection::Hooks)? - 1;
            let of_scenario = json!({ "scenarioId": scenario });
            let of_hook = json!({ "hookId": hook });
            let run = Collection::pair(scenario.as_u64().unwrap_or_default(), 1);
            batch.put(Collection::Executions, run, &of_scenario)?;
            batch.put(Collection::RunningExecutions, run, &json!({}))?;
            let things: [(Collection, Value); 11] = [
                (Collection::Notes, of_scenario.clone()),
                (Collection::IncompleteExecutions, of_scenario),
                (
                    Collection::Consumptions,
                    json!({ "scenarioId": scenario, "teamId": team }),
                ),
                (Collection::HookItems, of_hook.clone()),
                (Collection::HookLogs, of_hook),
                (Collection::Connections, json!({ "teamId": team })),
                (Collection::Keys, json!({ "teamId": team })),
                (Collection::DataStructures, json!({ "teamId": team })),
                (Collection::Functions, json!({ "teamId": team })),
                (Collection::Devices, json!({ "teamId": team })),
                (Collection::Templates, json!({ "teamId": team })),
            ];
            for (collection, object) in things {
                let id = batch.next_id(collection)?;
                batch.put(collection, id, &object)?;
            }
            let store = batch.next_id(Collection::DataStores)?;
            batch.put(Collection::DataStores, store, &json!({ "teamId": team }))?;
            let record = batch.next_id(Collection::Records)?;
            batch.put(
                Collection::Records,
                record,
                &json!({ "dataStoreId": store }),
            )?;
            let scenario = scenario.as_u64().unwrap_or_default();
            batch.put(Collection::CustomProperties, scenario, &json!({ "a": 1 }))
        });
        put.unwrap();
    }

    #[test]
    fn a_team_leaves_nothing_behind_and_takes_nothing_of_others_along() {
        let trial = Trial::new();
        furnish(&trial, 1);
        let before = census(&trial);
        trial.post("/teams", json!({ "name": "Sales", "organizationId": 1 }));
        furnish(&trial, 2);
        let furnished = census(&trial);
        for (sort, count) in &before {
            let same = [
                "organizations",
                "users",
                "user-organization-roles",
                "roles",
                "tokens",
                "custom-property-structures",
                "custom-property-items",
            ];
            assert!(
                same.contains(sort) || furnished[sort] > *count,
                "{sort} was not furnished"
            );
        }
        trial.delete("/teams/2?confirmed=true");
        assert_eq!(census(&trial), before);
    }

    #[test]
    fn an_organization_leaves_nothing_behind() {
        let trial = Trial::new();
        let before = census(&trial);
        let body = json!({ "name": "B", "regionId": 1, "timezoneId": 1, "countryId": 1 });
        trial.post("/organizations", body);
        furnish(&trial, 2);
        let variable = json!({ "name": "x", "typeId": 1, "value": 1 });
        trial.post("/organizations/2/variables", variable);
        let put = trial.world.batch(|batch| {
            let role = batch.next_id(Collection::Roles)?;
            batch.put(Collection::Roles, role, &json!({ "organizationId": 2 }))?;
            let agent = batch.next_id(Collection::Agents)?;
            batch.put(Collection::Agents, agent, &json!({ "organizationId": 2 }))?;
            let id = batch.next_id(Collection::CustomPropertyStructures)?;
            let structure = json!({ "belongers": [{ "belongerId": 2 }] });
            batch.put(Collection::CustomPropertyStructures, id, &structure)?;
            let item = batch.next_id(Collection::CustomPropertyItems)?;
            batch.put(
                Collection::CustomPropertyItems,
                item,
                &json!({ "structureId": id }),
            )
        });
        put.unwrap();
        trial.delete("/organizations/2?confirmed=true");
        assert_eq!(census(&trial), before);
    }
}
