//! Folders of scenarios.

use serde_json::{Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{Facts, Field, Form, Kind, Live, RemoteId, Spec, spec::FolderSpec, spec::Link},
};

/// What changes and deletions are answered with.
const ANSWER: Expected = Expected::member("scenarioFolder");

/// The whole tree of a team. Without `childrenDepth` only two levels come back.
pub(in crate::live) fn list(team: u64) -> List {
    List {
        request: Request::get(&["scenarios-folders"])
            .query("teamId", team)
            .query("childrenDepth", "all"),
        key: "scenariosFolders",
        paging: Paging::Whole,
    }
}

/// Reads a row and the rows below it: older answers are flat, newer ones nest `children`.
pub(in crate::live) fn lives(row: &Node<'_>) -> Result<Vec<Live>, Wrong> {
    below(row, None)
}

fn below(row: &Node<'_>, above: Option<u64>) -> Result<Vec<Live>, Wrong> {
    let id = row.get("id")?.int()?;
    let parent = row.find_int("parentId")?.or(above);
    let mut lives = vec![Live {
        id: RemoteId::Int(id),
        spec: Spec::Folder(FolderSpec {
            name: row.get("name")?.text()?,
            parent: Field::from(parent.map(|id| Link::Id(RemoteId::Int(id)))),
        }),
        facts: Facts::default(),
    }];
    if let Some(children) = row.find("children") {
        for child in children.items()? {
            lives.extend(below(&child, Some(id))?);
        }
    }
    Ok(lives)
}

/// The request that creates a folder, and the form that stands then.
pub(in crate::live) fn create(team: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let name = after.text("name").ok_or_else(|| LiveError::Unsayable {
        kind: "folder",
        reason: "it has no name".to_owned(),
    })?;
    let parent = after.get("parent").cloned().unwrap_or(Value::Null);
    let mut body = json!({ "name": name, "teamId": team });
    if let (Some(body), false) = (body.as_object_mut(), parent.is_null()) {
        body.insert("parentId".to_owned(), parent.clone());
    }
    let mut standing = Form::default();
    standing.set("name", name);
    standing.set("parent", parent);
    let request = Request::post(&["scenarios-folders"]).json(&body);
    Ok((Write::create(Kind::Folder, request), standing))
}

/// The requests that turn one form into another.
pub(in crate::live) fn update(id: &RemoteId, before: &Form, after: &Form) -> Vec<Write> {
    let body: serde_json::Map<_, _> = [("name", "name"), ("parent", "parentId")]
        .into_iter()
        .filter_map(|(field, key)| Some((key.to_owned(), changed(before, after, field)?.clone())))
        .collect();
    if body.is_empty() {
        return Vec::new();
    }
    let request =
        Request::patch(&["scenarios-folders", &id.to_string()]).json(&Value::Object(body));
    vec![Write::change("update folder", request, ANSWER)]
}

/// The requests that delete a folder.
pub(in crate::live) fn delete(id: &RemoteId) -> Vec<Write> {
    let request = Request::delete(&["scenarios-folders", &id.to_string()]);
    vec![Write::remove("delete folder", request, ANSWER)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Node, lives};

    #[test]
    fn flat_and_nested_lists_give_the_same_folders() {
        let nested = json!({"id": 1, "name": "A", "parentId": null, "children": [
            {"id": 2, "name": "B", "children": [{"id": 3, "name": "C"}]}]});
        let flat = [
            json!({"id": 1, "name": "A", "scenariosTotal": 4}),
            json!({"id": "2", "name": "B", "parentId": 1}),
            json!({"id": 3, "name": "C", "parentId": 2, "children": []}),
        ];
        let nested = lives(&Node::at(&nested, "")).unwrap();
        let flat = flat
            .iter()
            .flat_map(|row| lives(&Node::at(row, "")).unwrap());
        let shape = |live: &crate::model::Live| (live.id.clone(), live.spec.clone());
        assert_eq!(
            nested.iter().map(shape).collect::<Vec<_>>(),
            flat.map(|live| shape(&live)).collect::<Vec<_>>()
        );
    }
}
