//! Scenario folders: a tree in each team, with the numbers of scenarios in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::{FolderDelete, FolderList};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{Scope, check_team, existing, number, required_team, set, text};

/// The longest name.
const LONGEST_NAME: usize = 100;

const LIST: List = List {
    collection: Collection::Folders,
    name: "scenariosFolders",
    usual: &[
        "id",
        "name",
        "path",
        "parentId",
        "position",
        "scenariosTotal",
        "scenariosSubtreeTotal",
        "hasChildren",
        "children",
    ],
    further: &["teamId", "scenariosDeleted", "scenariosDeletedSubtreeTotal"],
    sorts: &[],
    order: Order::Ascending,
    page: None,
};

/// `GET /scenarios-folders`: the tree below `parentId`, or all of it. Without
/// `childrenDepth=all` only one level of children is shown.
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let tree = Tree::read(view, required_team(call, view)?)?;
    if call.quirks().folder_list == FolderList::Flat {
        let rows = tree.folders.keys().map(|&id| tree.flat_row(id));
        return reply(&json!({ "scenariosFolders": rows.collect::<Vec<_>>() }));
    }
    let depth = match call.query("childrenDepth") {
        None => 1,
        Some("all") => usize::MAX,
        Some(depth) => depth
            .parse()
            .map_err(|_| Refusal::invalid("'childrenDepth' should be integer or 'all'"))?,
    };
    let rows = tree.rows(call.query_number("parentId")?, depth);
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|row| with_columns(call, row))
        .collect::<Result<_, _>>()?;
    reply(&json!({ "scenariosFolders": rows }))
}

/// `POST /scenarios-folders`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["name", "teamId", "parentId"])?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let parent = body.nullable_id("parentId")?.flatten();
    check_parent(batch, team, parent, None)?;
    let id = batch.next_id(Collection::Folders)?;
    let folder = json!({ "id": id, "name": name, "teamId": team, "parentId": parent });
    batch.put(Collection::Folders, id, &folder)?;
    answer_one(call, batch, team, id)
}

/// `PATCH /scenarios-folders/{id}`; `parentId: null` moves it to the top.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut folder = existing(batch, Collection::Folders, id, "Folder")?;
    let team = number(&folder, "teamId").unwrap_or_default();
    let body = call.body()?.only(&["name", "parentId"])?;
    if body.get("name").is_some() {
        set(
            &mut folder,
            "name",
            body.required_text("name", LONGEST_NAME)?,
        );
    }
    if let Some(parent) = body.nullable_id("parentId")? {
        check_parent(batch, team, parent, Some(id))?;
        set(&mut folder, "parentId", parent);
    }
    batch.put(Collection::Folders, id, &folder)?;
    answer_one(call, batch, team, id)
}

/// `DELETE /scenarios-folders/{id}`. Nothing in it is lost: scenarios are without a folder then,
/// and folders move up.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let folder = existing(batch, Collection::Folders, id, "Folder")?;
    let parent = number(&folder, "parentId");
    for (collection, field, now) in [
        (Collection::Scenarios, "folderId", None),
        (Collection::Folders, "parentId", parent),
    ] {
        let mut inside = Vec::new();
        batch.each(collection, |of, object| {
            if number(&object, field) == Some(id) {
                inside.push((of, object));
            }
        })?;
        if !inside.is_empty() && call.quirks().folder_delete == FolderDelete::Refused {
            return Err(Refusal::conflict("The folder is not empty."));
        }
        for (of, mut object) in inside {
            set(&mut object, field, now);
            batch.put(collection, of, &object)?;
        }
    }
    batch.remove(Collection::Folders, id)?;
    reply(&json!({ "scenarioFolder": id }))
}

/// Refuses a parent that is not there, or that lies in the folder itself.
fn check_parent(
    batch: &Batch<'_>,
    team: u64,
    parent: Option<u64>,
    moved: Option<u64>,
) -> Result<(), Refusal> {
    let mut above = parent;
    while let Some(id) = above {
        if Some(id) == moved {
            return Err(Refusal::invalid("a folder cannot be moved into itself"));
        }
        let folder = existing(batch, Collection::Folders, id, "Folder")?;
        if number(&folder, "teamId") != Some(team) {
            return Err(Refusal::missing(format!("Folder not found '{id}'.")));
        }
        above = number(&folder, "parentId");
    }
    Ok(())
}

fn answer_one(call: &Call<'_>, batch: &Batch<'_>, team: u64, id: u64) -> Answer {
    let tree = Tree::read(batch, Scope::Team(team))?;
    let row = match call.quirks().folder_list {
        FolderList::Tree => with_columns(call, tree.row(id, 0))?,
        FolderList::Flat => tree.flat_row(id),
    };
    reply(&json!({ "scenarioFolder": row }))
}

/// The columns that are asked for, of a folder and of those below it. Asked for some, but not for
/// `children`, it shows none.
fn with_columns(call: &Call<'_>, mut row: Value) -> Result<Value, Refusal> {
    let below = row.get_mut("children").map(Value::take);
    let mut row = LIST.row(call, row)?;
    if let (Some(Value::Array(below)), Some(_)) = (below, row.get("children")) {
        let below = below.into_iter().map(|row| with_columns(call, row));
        set(&mut row, "children", below.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(row)
}

/// The folders of one team, and how many scenarios are in each.
#[derive(Default)]
struct Tree {
    folders: BTreeMap<u64, Value>,
    children: BTreeMap<Option<u64>, Vec<u64>>,
    scenarios: BTreeMap<u64, u64>,
}

/// All that is read of a scenario here.
#[derive(Deserialize)]
struct Placed {
    #[serde(rename = "folderId")]
    folder: Option<u64>,
}

impl Tree {
    fn read(world: &impl Objects, scope: Scope) -> Result<Self, Refusal> {
        let mut tree = Self::default();
        world.each_in(Collection::Folders, 0..=u64::MAX, |id, folder: Value| {
            if scope.holds(&folder) {
                tree.children
                    .entry(number(&folder, "parentId"))
                    .or_default()
                    .push(id);
                tree.folders.insert(id, folder);
            }
        })?;
        world.each_in(
            Collection::Scenarios,
            0..=u64::MAX,
            |_, scenario: Placed| {
                if let Some(folder) = scenario.folder {
                    *tree.scenarios.entry(folder).or_default() += 1;
                }
            },
        )?;
        Ok(tree)
    }

    fn children(&self, parent: Option<u64>) -> &[u64] {
        self.children
            .get(&parent)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The folders right below `parent`, each with `depth` levels of children.
    fn rows(&self, parent: Option<u64>, depth: usize) -> Vec<Value> {
        self.children(parent)
            .iter()
            .map(|&id| self.row(id, depth))
            .collect()
    }

    fn row(&self, id: u64, depth: usize) -> Value {
        let Some(folder) = self.folders.get(&id) else {
            return Value::Null;
        };
        let mut row = json!({
            "id": id, "name": folder.get("name"), "path": self.path(folder),
            "teamId": folder.get("teamId"), "parentId": folder.get("parentId"), "position": null,
            // A scenario that is deleted here is gone at once.
            "scenariosDeleted": 0, "scenariosDeletedSubtreeTotal": 0,
            "scenariosTotal": self.scenarios.get(&id).copied().unwrap_or_default(),
            "scenariosSubtreeTotal": self.subtree_total(id),
            "hasChildren": !self.children(Some(id)).is_empty(),
        });
        if depth > 0 {
            set(
                &mut row,
                "children",
                self.rows(Some(id), depth.saturating_sub(1)),
            );
        }
        row
    }

    /// A row as it was before folders had children to show.
    fn flat_row(&self, id: u64) -> Value {
        let folder = self.folders.get(&id);
        let of = |field: &str| folder.and_then(|folder| folder.get(field));
        json!({
            "id": id, "name": of("name"), "parentId": of("parentId"),
            "scenariosTotal": self.scenarios.get(&id).copied().unwrap_or_default(),
        })
    }

    fn subtree_total(&self, id: u64) -> u64 {
        let own = self.scenarios.get(&id).copied().unwrap_or_default();
        let below = self
            .children(Some(id))
            .iter()
            .map(|&child| self.subtree_total(child));
        own + below.sum::<u64>()
    }

    fn path(&self, folder: &Value) -> String {
        let name = text(folder, "name").unwrap_or_default();
        match number(folder, "parentId").and_then(|parent| self.folders.get(&parent)) {
            Some(parent) => format!("{}/{name}", self.path(parent)),
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Delete, Patch, Post};
    use crate::sandbox::trial::{Trial, save};

    #[test]
    fn folders_are_a_tree_and_losing_one_loses_no_scenario() {
        let trial = Trial::new();
        let make = |name: &str, parent: Value| {
            let body = json!({ "name": name, "teamId": 1, "parentId": parent });
            trial.post("/scenarios-folders", body)["scenarioFolder"].clone()
        };
        let top = make("ALPHA", Value::Null);
        let middle = make("sales", top["id"].clone());
        let low = make("leads", middle["id"].clone());
        assert_eq!(low["path"], "ALPHA/sales/leads");
        let empty = json!({ "name": "x", "flow": [], "metadata": {} });
        let mut body = save(&empty, &json!({ "type": "on-demand" }));
        body["folderId"] = middle["id"].clone();
        let scenario = trial.post("/scenarios", body)["scenario"]["id"].clone();

        let shallow = trial.get("/scenarios-folders?teamId=1");
        assert_eq!(
            shallow["scenariosFolders"][0]["children"][0]["hasChildren"],
            true
        );
        assert_eq!(
            shallow["scenariosFolders"][0]["children"][0].get("children"),
            None
        );
        let deep = trial.get("/scenarios-folders?teamId=1&childrenDepth=all");
        assert_eq!(deep["scenariosFolders"][0]["scenariosTotal"], 0);
        assert_eq!(deep["scenariosFolders"][0]["scenariosSubtreeTotal"], 1);
        assert_eq!(
            deep["scenariosFolders"][0]["children"][0]["children"][0]["id"],
            low["id"]
        );

        let some = trial.get("/scenarios-folders?teamId=1&cols[]=id&cols[]=teamId");
        assert_eq!(
            some["scenariosFolders"],
            json!([{ "id": top["id"], "teamId": 1 }])
        );
        let nested = "/scenarios-folders?teamId=1&cols[]=name&cols[]=children";
        assert_eq!(
            trial.get(nested)["scenariosFolders"],
            json!([{ "name": "ALPHA", "children": [{ "name": "sales" }] }])
        );

        let into_itself = json!({ "parentId": low["id"] });
        let path = |folder: &Value| format!("/scenarios-folders/{}", folder["id"]);
        assert!(
            trial
                .refused(Patch, &path(&top), Some(into_itself))
                .starts_with("400")
        );
        let unknown = json!({ "name": "y", "teamId": 1, "parentId": 4711 });
        assert!(
            trial
                .refused(Post, "/scenarios-folders", Some(unknown))
                .starts_with("404")
        );
        let moved = trial.patch(&path(&low), json!({ "parentId": null, "name": "Leads" }));
        assert_eq!(moved["scenarioFolder"]["path"], "Leads");
        assert_eq!(
            trial.delete(&path(&middle)),
            json!({ "scenarioFolder": middle["id"] })
        );
        let row = trial.get(&format!("/scenarios/{scenario}"));
        assert_eq!(row["scenario"]["folderId"], Value::Null);
    }

    #[test]
    fn quirks_make_the_list_flat_and_keep_a_folder_that_is_used() {
        let trial = Trial::quirky(&["folder-list=flat", "folder-delete=refused"]);
        let make = |body: Value| trial.post("/scenarios-folders", body)["scenarioFolder"].clone();
        let top = make(json!({ "name": "ALPHA", "teamId": 1 }));
        let low = make(json!({ "name": "leads", "teamId": 1, "parentId": top["id"] }));
        assert_eq!(
            trial.get("/scenarios-folders?teamId=1&childrenDepth=all")["scenariosFolders"],
            json!([
                { "id": 801, "name": "ALPHA", "parentId": null, "scenariosTotal": 0 },
                { "id": 802, "name": "leads", "parentId": 801, "scenariosTotal": 0 },
            ])
        );
        let path = |folder: &Value| format!("/scenarios-folders/{}", folder["id"]);
        let refused = trial.refused(Delete, &path(&top), None);
        assert_eq!(refused, "422 IM016 The folder is not empty.");
        trial.delete(&path(&low));
        trial.delete(&path(&top));
    }
}
