//! Templates that everybody can use: found, and read with their blueprints.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Objects, View};

use super::scope::{is_true, objects, text};

const LIST: List = List {
    collection: Collection::Templates,
    name: "templatesPublic",
    usual: &["id", "name", "description", "url", "usedApps", "usage"],
    further: &[],
    sorts: &["usage", "name", "id"],
    order: Order::Descending,
    page: Some(100),
};

/// `GET /templates/public`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let name = call.query("name").map(str::to_lowercase);
    let apps: Vec<&str> = call.query_all("usedApps[]").collect();
    // All of a world's templates are in English: it never matters what this says.
    call.query_flag("includeEn")?;
    let uses = |template: &Value, app: &str| {
        let used = template.get("usedApps").and_then(Value::as_array);
        used.is_some_and(|used| used.iter().any(|known| known == app))
    };
    LIST.answer(
        call,
        view,
        |template| {
            let known = text(template, "name").unwrap_or_default().to_lowercase();
            is_public(template)
                && name.as_ref().is_none_or(|name| known.contains(name))
                && apps.iter().all(|app| uses(template, app))
        },
        |template| template,
    )
}

/// `GET /templates/public/{url}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let template = LIST.row(call, find(call, view)?)?;
    reply(&json!({ "templatePublic": template }))
}

/// `GET /templates/public/{url}/blueprint`
pub(super) fn blueprint(call: &Call<'_>, view: &View<'_>) -> Answer {
    let template = find(call, view)?;
    let blueprint = template.get("blueprint").cloned().unwrap_or_default();
    let modules = super::blueprint::next_module_id(&blueprint);
    reply(&json!({
        "blueprint": blueprint,
        "controller": { "name": template.get("name"), "modules": {}, "idSequence": modules },
        "scheduling": template.get("scheduling"), "language": "en", "metadata": null,
    }))
}

fn is_public(template: &Value) -> bool {
    is_true(template, "public")
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    let url = call.segment(0);
    let found = objects(world, Collection::Templates, |template| {
        is_public(template) && text(template, "url") == Some(url)
    })?;
    let first = found.into_iter().next();
    first
        .map(|(_, template)| template)
        .ok_or_else(|| Refusal::missing(format!("Template not found '{url}'.")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::Get;
    use crate::sandbox::trial::Trial;

    #[test]
    fn public_templates_are_found_by_name_and_app() {
        let trial = Trial::new();
        let found = |query: &str| {
            let path = format!("/templates/public?cols[]=name&{query}");
            trial.get(&path)["templatesPublic"].clone()
        };
        assert_eq!(
            found("pg[limit]=1"),
            json!([{ "name": "Call an HTTP address" }])
        );
        assert_eq!(
            found("name=WEBHOOK"),
            json!([{ "name": "Send a webhook's data by e-mail" }])
        );
        assert_eq!(
            found("usedApps[]=http"),
            json!([{ "name": "Call an HTTP address" }])
        );
        assert_eq!(found("usedApps[]=sap"), json!([]));
        let url = "/templates/public/2701-call-an-http-address";
        assert_eq!(trial.get(url)["templatePublic"]["usage"], 321);
        let blueprint = trial.get(&format!("{url}/blueprint"));
        assert_eq!(
            blueprint["blueprint"]["flow"][0]["module"],
            "http:ActionSendData"
        );
        assert_eq!(blueprint["controller"]["idSequence"], 2);
        assert_eq!(blueprint["scheduling"]["interval"], 900);
        assert!(
            trial
                .refused(Get, "/templates/public/none", None)
                .starts_with("404")
        );
    }
}
