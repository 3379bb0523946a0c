//! The items of a structure of custom properties: names, labels and types.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::custom_properties;
use super::custom_property_structures::{FEATURE, check_plan, owner};
use super::rights;
use super::scope::{existing, number, objects, organization_of, set, text};

const LIST: List = List {
    collection: Collection::CustomPropertyItems,
    name: "customPropertyStructureItems",
    usual: &[
        "id",
        "name",
        "label",
        "description",
        "type",
        "options",
        "required",
    ],
    further: &[],
    sorts: &["id", "name", "label", "description", "type", "required"],
    order: Order::Ascending,
    page: Some(10_000),
};

/// The types that an item can have; the last two have options.
const TYPES: [&str; 7] = [
    "boolean",
    "number",
    "shortText",
    "longText",
    "date",
    "dropdown",
    "multiselect",
];

/// The longest name and label.
const LONGEST_NAME: usize = 64;

/// The longest description.
const LONGEST_DESCRIPTION: usize = 1024;

/// The longest option.
const LONGEST_OPTION: usize = 250;

/// `GET /custom-property-structures/{id}/custom-property-structure-items`. Make takes the filters
/// by text as regular expressions; here they are parts of words, in any case.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    open(call, view, id)?;
    let wanted = call.query_number("id")?;
    let required = call.query_flag("required")?;
    let kind = call.query("type");
    let parts: Vec<(&str, String)> = ["name", "label", "description"]
        .into_iter()
        .filter_map(|field| Some((field, call.query(field)?.to_lowercase())))
        .collect();
    let contains = |item: &Value, field: &str, part: &str| {
        let value = text(item, field).unwrap_or_default();
        value.to_lowercase().contains(part)
    };
    LIST.answer(
        call,
        view,
        |item| {
            number(item, "structureId") == Some(id)
                && wanted.is_none_or(|wanted| number(item, "id") == Some(wanted))
                && kind.is_none_or(|kind| text(item, "type") == Some(kind))
                && required
                    .is_none_or(|wanted| item.get("required").is_some_and(|value| *value == wanted))
                && parts
                    .iter()
                    .all(|(field, part)| contains(item, field, part))
        },
        |mut item| {
            if let (Some(Value::Null), Some(fields)) =
                (item.get("options").cloned(), item.as_object_mut())
            {
                fields.shift_remove("options"); // left out of lists, where there are none
            }
            item
        },
    )
}

/// `POST /custom-property-structures/{id}/custom-property-structure-items`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let structure = call.id(0)?;
    let license = open_to_write(call, batch, structure)?;
    let known = [
        "name",
        "label",
        "description",
        "type",
        "options",
        "required",
    ];
    let body = call.body()?.only(&known)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    if !name.starts_with(is_first) || !name.chars().all(|c| is_first(c) || c.is_ascii_digit()) {
        return Err(wrong(
            "name",
            "a name: letters, digits, $ and _, no digit first",
        ));
    }
    let siblings = objects(batch, Collection::CustomPropertyItems, |item| {
        number(item, "structureId") == Some(structure)
    })?;
    if siblings
        .iter()
        .any(|(_, item)| text(item, "name") == Some(name))
    {
        return Err(Refusal::exists(format!("There is an item '{name}'.")));
    }
    let present = u64::try_from(siblings.len()).unwrap_or(u64::MAX);
    if !license::has_room(&license, FEATURE, present) {
        return Err(Refusal::limit_reached("custom properties"));
    }
    let kind = body.required_text("type", LONGEST_NAME)?;
    if !TYPES.contains(&kind) {
        return Err(wrong("type", &TYPES.join(", ")));
    }
    let options = options(&body)?;
    match (has_options(kind), options.is_some()) {
        (true, false) => return Err(absent("options")),
        (false, true) => return Err(Refusal::invalid(format!("a {kind} has no options"))),
        (true, true) | (false, false) => {}
    }
    let required = body.flag("required")?.ok_or_else(|| absent("required"))?;
    let id = batch.next_id(Collection::CustomPropertyItems)?;
    let item = json!({
        "id": id, "structureId": structure, "name": name,
        "label": body.required_text("label", LONGEST_NAME)?,
        "description": body.text("description", LONGEST_DESCRIPTION)?.unwrap_or_default(),
        "type": kind, "options": options, "required": required,
    });
    batch.put(Collection::CustomPropertyItems, id, &item)?;
    reply(&json!({ "customPropertyStructureItem": item }))
}

/// `PATCH /custom-property-structures/custom-property-structure-items/{itemId}`. Values that a
/// scenario has stay, even if they are no longer among the options.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, mut item) = find(call, batch)?;
    let body = call
        .body()?
        .only(&["label", "description", "options", "required"])?;
    if body.get("label").is_some() {
        set(
            &mut item,
            "label",
            body.required_text("label", LONGEST_NAME)?,
        );
    }
    if let Some(description) = body.text("description", LONGEST_DESCRIPTION)? {
        set(&mut item, "description", description);
    }
    if let Some(options) = options(&body)? {
        let kind = text(&item, "type").unwrap_or_default();
        if !has_options(kind) {
            return Err(Refusal::invalid(format!("a {kind} has no options")));
        }
        set(&mut item, "options", options);
    }
    if let Some(required) = body.flag("required")? {
        set(&mut item, "required", required);
    }
    batch.put(Collection::CustomPropertyItems, id, &item)?;
    reply(&json!({ "customPropertyStructureItem": item }))
}

/// `DELETE /custom-property-structures/custom-property-structure-items/{itemId}`: with what
/// scenarios have for it, if that is confirmed.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (id, item) = find(call, batch)?;
    let name = text(&item, "name").unwrap_or_default();
    let structure = number(&item, "structureId").unwrap_or_default();
    let structure = existing(
        batch,
        Collection::CustomPropertyStructures,
        structure,
        "Structure",
    )?;
    let filled = filled_in(batch, owner(&structure), name)?;
    if !filled.is_empty() && !call.is_confirmed()? {
        let data: Vec<Value> = filled
            .iter()
            .map(|(scenario, _)| json!({ "scenarioId": scenario }))
            .collect();
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteCustomPropertyStructureItem", "data": data }]),
        ));
    }
    for (scenario, mut values) in filled {
        if let Some(fields) = values.as_object_mut() {
            fields.shift_remove(name);
        }
        let row = existing(batch, Collection::Scenarios, scenario, "Scenario")?;
        custom_properties::put(batch, scenario, row, Some(&values))?;
    }
    batch.remove(Collection::CustomPropertyItems, id)?;
    reply(&json!({ "customPropertyStructureItem": id }))
}

/// The values of those scenarios of an organization that have one of this name.
fn filled_in(
    batch: &Batch<'_>,
    organization: u64,
    name: &str,
) -> Result<Vec<(u64, Value)>, Refusal> {
    let mut filled = objects(batch, Collection::CustomProperties, |values| {
        values.get(name).is_some()
    })?;
    let mut foreign = Vec::new();
    for (scenario, _) in &filled {
        let row = existing(batch, Collection::Scenarios, *scenario, "Scenario")?;
        let team = number(&row, "teamId").unwrap_or_default();
        if organization_of(batch, team)? != organization {
            foreign.push(*scenario);
        }
    }
    filled.retain(|(scenario, _)| !foreign.contains(scenario));
    Ok(filled)
}

/// Refuses a structure that is not there; answers the license of its organization.
fn open(call: &Call<'_>, world: &impl Objects, structure: u64) -> Result<Value, Refusal> {
    let found = existing(
        world,
        Collection::CustomPropertyStructures,
        structure,
        "Structure",
    )?;
    check_plan(call, world, owner(&found))
}

fn open_to_write(call: &Call<'_>, world: &impl Objects, structure: u64) -> Result<Value, Refusal> {
    let license = open(call, world, structure)?;
    let found = existing(
        world,
        Collection::CustomPropertyStructures,
        structure,
        "Structure",
    )?;
    rights::require(call, world, owner(&found), "custom properties edit")?;
    Ok(license)
}

/// The item that the path names, for whoever may change it.
fn find(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value), Refusal> {
    let id = call.id(0)?;
    let item = existing(world, Collection::CustomPropertyItems, id, "Item")?;
    let structure = number(&item, "structureId").unwrap_or_default();
    open_to_write(call, world, structure)?;
    Ok((id, item))
}

fn has_options(kind: &str) -> bool {
    matches!(kind, "dropdown" | "multiselect")
}

/// The options of a body, each another text.
fn options(body: &Body) -> Result<Option<Value>, Refusal> {
    let Some(given) = body.get("options").filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let expected = || {
        wrong(
            "options",
            "an array of objects with a value, each another text",
        )
    };
    let mut seen = Vec::new();
    for option in given.as_array().ok_or_else(expected)? {
        let value = text(option, "value").ok_or_else(expected)?;
        if value.chars().count() > LONGEST_OPTION || seen.contains(&value) {
            return Err(expected());
        }
        seen.push(value);
    }
    Ok(Some(given.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Patch, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    const ITEMS: &str = "/custom-property-structures/2101/custom-property-structure-items";
    const ITEM: &str = "/custom-property-structures/custom-property-structure-items";

    fn trial() -> Trial {
        let trial = Trial::on(PlanName::Unlimited);
        let structure = json!({
            "associatedType": "scenario", "belongerType": "organization", "belongerId": 1,
        });
        trial.post("/custom-property-structures", structure);
        trial
    }

    fn item(name: &str, kind: &str) -> Value {
        json!({ "name": name, "label": name.to_uppercase(), "type": kind, "required": false })
    }

    #[test]
    fn items_are_made_listed_changed_and_removed() {
        let trial = trial();
        let made = trial.post(ITEMS, item("city", "shortText"));
        let expected = json!({
            "id": 2201, "structureId": 2101, "name": "city", "label": "CITY", "description": "",
            "type": "shortText", "options": null, "required": false,
        });
        assert_eq!(made, json!({ "customPropertyStructureItem": expected }));
        let mut choice = item("team", "dropdown");
        choice["options"] = json!([{ "value": "Sales" }]);
        trial.post(ITEMS, choice);
        let all = trial.get(ITEMS);
        assert_eq!(all["pg"]["sortBy"], "id");
        let rows = &all["customPropertyStructureItems"];
        assert_eq!(rows[0].get("options"), None);
        assert_eq!(rows[1]["options"], json!([{ "value": "Sales" }]));
        let found = |filter: &str| {
            let rows = trial.get(&format!("{ITEMS}?{filter}&cols[]=id"));
            rows["customPropertyStructureItems"].clone()
        };
        assert_eq!(found("name=CIT"), json!([{ "id": 2201 }]));
        assert_eq!(found("type=dropdown"), json!([{ "id": 2202 }]));
        assert_eq!(found("required=true"), json!([]));
        assert_eq!(found("id=2202"), json!([{ "id": 2202 }]));
        let two = json!([{ "value": "Sales" }, { "value": "Ops" }]);
        let changed = trial.patch(
            &format!("{ITEM}/2202"),
            json!({ "label": "Team", "options": two, "required": true }),
        );
        assert_eq!(changed["customPropertyStructureItem"]["options"], two);
        let gone = trial.delete(&format!("{ITEM}/2201"));
        assert_eq!(gone, json!({ "customPropertyStructureItem": 2201 }));
        assert!(
            trial
                .refused(Delete, &format!("{ITEM}/2201"), None)
                .starts_with("404")
        );
    }

    #[test]
    fn an_item_that_scenarios_have_values_for_goes_only_confirmed() {
        let trial = trial();
        trial.post(ITEMS, item("city", "shortText"));
        trial.post(ITEMS, item("note", "longText"));
        let id = trial.scenario("x", json!([]));
        let path = format!("/scenarios/{id}/custom-properties");
        trial.post(&path, json!({ "city": "Brno", "note": "n" }));
        let item = format!("{ITEM}/2201");
        assert!(trial.refused(Delete, &item, None).starts_with("406 IM004"));
        trial.delete(&format!("{item}?confirmed=true"));
        assert_eq!(trial.get(&path)["customProperties"], json!({ "note": "n" }));
    }

    #[test]
    fn items_that_cannot_be_are_refused() {
        let trial = trial();
        trial.post(ITEMS, item("city", "shortText"));
        let with = |field: &str, value: Value| {
            let mut body = item("x", "shortText");
            body[field] = value;
            trial.refused(Post, ITEMS, Some(body))
        };
        assert!(with("name", json!("city")).starts_with("400 IM005"));
        assert!(with("name", json!("1st")).starts_with("400"));
        assert!(with("name", json!("a b")).starts_with("400"));
        assert!(with("type", json!("colour")).starts_with("400"));
        assert!(
            with("type", json!("dropdown")).starts_with("400"),
            "without options"
        );
        assert!(
            with("options", json!([{ "value": "a" }])).starts_with("400"),
            "with options"
        );
        assert!(with("required", Value::Null).starts_with("400"));
        let mut twice = item("x", "multiselect");
        twice["options"] = json!([{ "value": "a" }, { "value": "a" }]);
        assert!(trial.refused(Post, ITEMS, Some(twice)).starts_with("400"));
        let renamed = trial.refused(Patch, &format!("{ITEM}/2201"), Some(json!({ "name": "y" })));
        assert!(renamed.starts_with("400"));
        let elsewhere = ITEMS.replace("2101", "2199");
        let nowhere = trial.refused(Post, &elsewhere, Some(item("x", "number")));
        assert!(nowhere.starts_with("404"));
    }

    #[test]
    fn the_license_says_how_many_there_can_be() {
        let trial = Trial::new();
        let put = trial.world.batch(|batch| {
            let mut organization = batch.get(Collection::Organizations, 1)?.unwrap_or_default();
            organization["license"]["customProperties"] = json!(1);
            batch.put(Collection::Organizations, 1, &organization)
        });
        put.unwrap();
        let structure = json!({
            "associatedType": "scenario", "belongerType": "organization", "belongerId": 1,
        });
        trial.post("/custom-property-structures", structure);
        trial.post(ITEMS, item("city", "shortText"));
        let full = trial.refused(Post, ITEMS, Some(item("note", "longText")));
        assert!(full.starts_with("403 IM011"), "{full}");
    }
}
