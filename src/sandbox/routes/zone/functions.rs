//! Custom functions: JavaScript that scenarios call by name.

use serde_json::{Map, Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::allowance::Allowance;
use super::function_code::{self, Declared};
use super::scope::{check_team, existing, number, required_team, set, text};
use super::uses::Uses;

/// The longest name. Make does not state it; it is that of other things of a team.
const LONGEST_NAME: usize = 128;

/// The longest description.
const LONGEST_DESCRIPTION: usize = 128;

/// Where a function keeps its former code. Only the history shows it.
const HISTORY: &str = "history";

const LIST: List = List {
    collection: Collection::Functions,
    name: "functions",
    usual: &[
        "id",
        "name",
        "args",
        "description",
        "updatedAt",
        "createdByUser",
        "createdAt",
    ],
    further: &[],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /functions`: without their code.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    LIST.answer(call, view, |object| scope.holds(object), |object| object)
}

/// `GET /functions/{id}`: with code, and the scenarios that call it.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut function = find(call, view)?;
    let scenarios = uses(view, &function)?.scenarios();
    set(&mut function, "scenarios", scenarios);
    answer_one(function)
}

/// `POST /functions`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let team = call.required_number("teamId")?;
    check_team(batch, team)?;
    Allowance::of(call, batch, team)?.check_functions()?;
    // The arguments follow from the code; that somebody names them is no reason to refuse.
    let body = call
        .body()?
        .only(&["name", "description", "code", "args"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let description = body.text("description", LONGEST_DESCRIPTION)?;
    let code = body.required_text("code", usize::MAX)?;
    let declared = declared(code, name)?;
    check_free(batch, team, name)?;
    let id = batch.next_id(Collection::Functions)?;
    let (now, author) = (call.stamp(), author(call, batch)?);
    let function = json!({
        "id": id, "name": name, "description": description.unwrap_or_default(), "code": code,
        "args": declared.arguments, "updatedAt": now, "createdAt": now, "createdByUser": author,
        "teamId": team, HISTORY: [],
    });
    batch.put(Collection::Functions, id, &function)?;
    answer_one(function)
}

/// `PATCH /functions/{id}`: description and code; the name stays.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut function = find(call, batch)?;
    let team = number(&function, "teamId").unwrap_or_default();
    Allowance::of(call, batch, team)?.check_functions()?;
    let body = call.body()?.only(&["description", "code", "name"])?;
    let name = text(&function, "name").unwrap_or_default().to_owned();
    // Make's own tools can send the name; another one is what cannot be.
    if body
        .text("name", LONGEST_NAME)?
        .is_some_and(|new| new != name)
    {
        return Err(Refusal::unusable("The name of a function cannot change."));
    }
    if let Some(description) = body.text("description", LONGEST_DESCRIPTION)? {
        set(&mut function, "description", description);
    }
    if body.get("code").is_some() {
        let code = body.required_text("code", usize::MAX)?;
        let declared = declared(code, &name)?;
        remember(&mut function, call, batch)?;
        set(&mut function, "code", code);
        set(&mut function, "args", declared.arguments);
    }
    set(&mut function, "updatedAt", call.stamp());
    batch.put(Collection::Functions, call.id(0)?, &function)?;
    answer_one(function)
}

/// `DELETE /functions/{id}`: one that a scenario calls only with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let function = find(call, batch)?;
    let uses = uses(batch, &function)?;
    uses.confirm(call, "deleteFunction")?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::Functions, call.id(0)?)?;
    reply(&json!({ "success": true }))
}

/// `POST /functions/eval`: whether code could be a function. It is read, not run.
pub(super) fn check(call: &Call<'_>, view: &View<'_>) -> Answer {
    let team = call.required_number("teamId")?;
    check_team(view, team)?;
    Allowance::of(call, view, team)?.check_functions()?;
    let body = call.body()?.only(&["code"])?;
    let code = body.required_text("code", usize::MAX)?;
    let error = function_code::parse(code).err();
    reply(&json!({ "success": error.is_none(), "error": error }))
}

/// `GET /functions/{id}/history`: what the code was before each change, the latest first.
pub(super) fn history(call: &Call<'_>, view: &View<'_>) -> Answer {
    required_team(call, view)?;
    let function = find(call, view)?;
    if number(&function, "teamId") != Some(call.required_number("teamId")?) {
        return Err(missing(call)?);
    }
    let mut entries = former(&function);
    entries.reverse();
    reply(&json!({ "functionHistory": entries }))
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::Functions, call.id(0)?, "Function")
}

fn missing(call: &Call<'_>) -> Result<Refusal, Refusal> {
    let id = call.id(0)?;
    Ok(Refusal::missing(format!("Function not found '{id}'.")))
}

fn uses(world: &impl Objects, function: &Value) -> Result<Uses, Refusal> {
    let team = number(function, "teamId").unwrap_or_default();
    let name = text(function, "name").unwrap_or_default();
    Uses::of_function(world, team, name)
}

fn answer_one(mut function: Value) -> Answer {
    if let Some(fields) = function.as_object_mut() {
        fields.retain(|name, _| name != HISTORY && name != "teamId");
    }
    reply(&json!({ "function": function }))
}

/// Reads code that must declare a function of this name.
fn declared(code: &str, name: &str) -> Result<Declared, Refusal> {
    let declared = function_code::parse(code).map_err(Refusal::unusable)?;
    match declared.name == name {
        true => Ok(declared),
        false => Err(Refusal::unusable(format!(
            "The code declares '{}', not '{name}'.",
            declared.name
        ))),
    }
}

/// Refuses a name that the team has: an expression could not tell the two apart.
fn check_free(batch: &Batch<'_>, team: u64, name: &str) -> Result<(), Refusal> {
    let mut is_taken = false;
    batch.each(Collection::Functions, |_, other| {
        is_taken |= number(&other, "teamId") == Some(team) && text(&other, "name") == Some(name);
    })?;
    match is_taken {
        false => Ok(()),
        true => Err(Refusal::exists(format!(
            "A function '{name}' already exists."
        ))),
    }
}

fn former(function: &Value) -> Vec<Value> {
    let kept = function.get(HISTORY).and_then(Value::as_array);
    kept.cloned().unwrap_or_default()
}

/// Notes the code that is about to be replaced.
fn remember(function: &mut Value, call: &Call<'_>, batch: &Batch<'_>) -> Result<(), Refusal> {
    let mut entries = former(function);
    entries.push(json!({
        "id": entries.len() + 1, "previousCode": function.get("code"),
        "updatedAt": call.stamp(), "updatedBy": author(call, batch)?.get("name"),
    }));
    set(function, HISTORY, entries);
    Ok(())
}

fn author(call: &Call<'_>, batch: &Batch<'_>) -> Result<Value, Refusal> {
    let user = existing(batch, Collection::Users, call.user(), "User")?;
    let mut author = Map::new();
    for field in ["id", "name", "email"] {
        author.insert(
            field.to_owned(),
            user.get(field).cloned().unwrap_or_default(),
        );
    }
    Ok(Value::Object(author))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    const TAX: &str = "function tax(price, rate) { return price * rate; }";

    /// A world with the license for functions.
    fn licensed() -> Trial {
        let trial = Trial::new();
        license(&trial, true);
        trial
    }

    fn license(trial: &Trial, functions: bool) {
        let set = trial.world.batch(|batch| {
            let mut organization = batch.get(Collection::Organizations, 1)?.unwrap();
            organization["license"]["customFunctions"] = json!(functions);
            batch.put(Collection::Organizations, 1, &organization)
        });
        assert!(set.is_ok());
    }

    fn made(trial: &Trial) -> Value {
        let body = json!({ "name": "tax", "description": "Tax of a price", "code": TAX });
        trial.post("/functions?teamId=1", body)["function"].clone()
    }

    #[test]
    fn a_function_is_made_listed_changed_and_deleted_and_has_a_history() {
        let trial = licensed();
        let function = made(&trial);
        assert_eq!(
            (
                &function["args"],
                &function["code"],
                &function["createdByUser"]["id"]
            ),
            (&json!("(price, rate)"), &json!(TAX), &json!(1))
        );
        let path = format!("/functions/{}", function["id"]);
        let rows = trial.get("/functions?teamId=1")["functions"].clone();
        assert_eq!(
            (&rows[0]["name"], rows[0].get("code")),
            (&json!("tax"), None)
        );
        assert_eq!(
            trial.get("/functions?teamId=1&cols[]=name")["functions"],
            json!([{ "name": "tax" }])
        );
        let history = format!("{path}/history?teamId=1");
        assert_eq!(trial.get(&history), json!({ "functionHistory": [] }));
        let code = "function tax(price) { return price * 0.2 }";
        let changed = trial.patch(&path, json!({ "code": code, "name": "tax" }));
        assert_eq!(changed["function"]["args"], "(price)");
        trial.patch(&path, json!({ "code": TAX, "description": "" }));
        let former = trial.get(&history)["functionHistory"].clone();
        assert_eq!(
            (&former[0]["previousCode"], &former[0]["id"]),
            (&json!(code), &json!(2))
        );
        assert_eq!(
            (&former[1]["previousCode"], &former[1]["id"]),
            (&json!(TAX), &json!(1))
        );
        assert_eq!(former[0]["updatedBy"], "Olivia Owen");
        assert_eq!(trial.delete(&path), json!({ "success": true }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn a_function_that_is_called_goes_only_when_that_is_confirmed() {
        let trial = licensed();
        let path = format!("/functions/{}", made(&trial)["id"]);
        let flow = json!([{
            "id": 1, "module": "util:SetVariable2", "version": 1,
            "mapper": { "name": "x", "value": "{{tax(100; 0.2)}}" },
        }]);
        let scenario = trial.scenario("x", flow);
        let shown = trial.get(&path)["function"]["scenarios"].clone();
        assert_eq!(shown, json!([{ "id": scenario, "name": "x" }]));
        let (status, body) = trial.ask(Delete, &path, None);
        assert_eq!((status, &body["code"]), (406, &json!("IM004")));
        assert_eq!(body["metadata"][0]["data"][0]["scenarioId"], scenario);
        trial.delete(&format!("{path}?confirmed=true"));
    }

    #[test]
    fn code_is_read_before_it_is_kept() {
        let trial = licensed();
        let eval = |code: &str| trial.post("/functions/eval?teamId=1", json!({ "code": code }));
        assert_eq!(eval(TAX), json!({ "success": true, "error": null }));
        let broken = eval("function tax(price { return price }");
        assert_eq!(broken["success"], false);
        assert!(broken["error"].is_string());
        let path = format!("/functions/{}", made(&trial)["id"]);
        let patch = |body: Value| trial.refused(Patch, &path, Some(body));
        assert!(patch(json!({ "code": "tax" })).starts_with("400 IM005"));
        assert!(patch(json!({ "code": "function vat(a) {}" })).starts_with("400 IM005"));
        assert!(patch(json!({ "name": "vat" })).starts_with("400 IM005"));
        assert!(patch(json!({ "description": "x".repeat(129) })).starts_with("400"));
        let post = |body: Value| trial.refused(Post, "/functions?teamId=1", Some(body));
        assert!(post(json!({ "name": "tax", "code": TAX })).starts_with("400 IM005"));
        assert!(post(json!({ "name": "if", "code": "function if() {}" })).starts_with("400 IM005"));
        assert!(post(json!({ "name": "vat" })).starts_with("400"));
        let other_team = trial.refused(Get, &format!("{path}/history?teamId=9"), None);
        assert!(other_team.starts_with("403"));
    }

    #[test]
    fn without_the_license_functions_can_only_be_read() {
        let trial = licensed();
        let path = format!("/functions/{}", made(&trial)["id"]);
        license(&trial, false);
        let body = || Some(json!({ "name": "vat", "code": "function vat() {}" }));
        assert!(
            trial
                .refused(Post, "/functions?teamId=1", body())
                .starts_with("402 SC402")
        );
        assert!(
            trial
                .refused(Patch, &path, Some(json!({})))
                .starts_with("402")
        );
        let code = Some(json!({ "code": TAX }));
        assert!(
            trial
                .refused(Post, "/functions/eval?teamId=1", code)
                .starts_with("402")
        );
        assert_eq!(trial.get(&path)["function"]["name"], "tax");
    }
}
