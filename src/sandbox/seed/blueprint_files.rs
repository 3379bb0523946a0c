//! A folder of blueprint files, as Make's editor exports them, loaded as an account.
//!
//! In go files; out come one scenario for each and stand-ins for what they name: connections,
//! keys, hooks, data stores, data structures and called scenarios, with the ids and labels of
//! the files. All files are read and checked before anything is written, and everything is
//! written at once. Their blueprints are kept in memory as text until then.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::sandbox::{Collection, World};

use super::loading::Loading;
use super::place::each_place;
use super::report::{SeedError, SeedReport};
use super::rows::TEAM;
use super::stand_in::StandIns;
use super::strict_json;

/// How the second of two files of a blueprint ends: what only an editor needs.
const EDITORS: &str = ".editor.json";

/// The key of a file whose texts may hold references.
const MARKER: &str = "makeform";

/// Loads each `*.json` below a folder into team 1 of a world, in the order of their paths: a
/// scenario for each, inactive, and stand-ins for what they name; or the stand-ins alone.
pub fn seed_blueprints(
    world: &World,
    dir: &Path,
    stand_ins_only: bool,
) -> Result<SeedReport, SeedError> {
    let mut stand_ins = StandIns::default();
    let (mut files, mut notes) = (Vec::new(), Vec::new());
    for path in json_files(dir)? {
        let name = path.strip_prefix(dir).unwrap_or(&path);
        let name = name.display().to_string();
        match BlueprintFile::read(path, name.clone(), &mut stand_ins)? {
            Some(file) => files.push(file),
            None => notes.push(format!(
                "{name}: left out, since it holds what an editor needs of another file, and no modules."
            )),
        }
    }
    if files.is_empty() {
        return Err(SeedError::NoFiles {
            path: dir.to_path_buf(),
        });
    }
    let report = world.batch(|batch| {
        if batch.get(Collection::Teams, TEAM)?.is_none() {
            return Ok(None);
        }
        Loading::begin(batch, stand_ins)?
            .load(batch, &files, stand_ins_only)
            .map(Some)
    })?;
    let mut report = report.ok_or(SeedError::NoTeam)?;
    report.notes.splice(..0, notes);
    Ok(report)
}

/// The `*.json` files below a folder, sorted by path.
fn json_files(dir: &Path) -> Result<Vec<PathBuf>, SeedError> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(SeedError::read(&folder))? {
            let entry = entry.map_err(SeedError::read(&folder))?;
            let path = entry.path();
            // A link to a folder is not followed: it may lead in a circle.
            if entry.file_type().map_err(SeedError::read(&path))?.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A file that holds a blueprint.
pub(super) struct BlueprintFile {
    /// Its path below the folder, for notes.
    pub(super) name: String,
    /// The blueprint, minified.
    pub(super) text: String,
}

impl BlueprintFile {
    /// Reads and checks a file, and reserves the ids in it; nothing if it is the one of two files
    /// that has no modules.
    fn read(
        path: PathBuf,
        name: String,
        stand_ins: &mut StandIns,
    ) -> Result<Option<Self>, SeedError> {
        let text = fs::read_to_string(&path).map_err(SeedError::read(&path))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let parsed = strict_json::parse(text);
        let mut blueprint = parsed.map_err(|fault| SeedError::Json {
            path: path.clone(),
            line: fault.line,
            column: fault.column,
            reason: fault.reason,
        })?;
        if blueprint.get(MARKER).is_some() && blueprint.get("flow").is_some() {
            let reason = "it may name things by references, which mean nothing here: apply its \
                          manifest instead"
                .to_owned();
            return Err(SeedError::NoBlueprint { path, reason });
        }
        if !blueprint.get("flow").is_some_and(Value::is_array) {
            if name.ends_with(EDITORS) {
                return Ok(None);
            }
            let reason = "it has no list of modules called `flow`".to_owned();
            return Err(SeedError::NoBlueprint { path, reason });
        }
        if !blueprint.get("name").is_some_and(Value::is_string)
            && let Some(fields) = blueprint.as_object_mut()
        {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            fields.insert("name".to_owned(), json!(stem));
        }
        each_place(&mut blueprint, &mut |place| {
            stand_ins.reserve(place.sort, place.id);
        });
        Ok(Some(Self {
            name,
            text: blueprint.to_string(),
        }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a crash in a test loses nothing")]

    use std::fs;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::seed_blueprints;
    use crate::sandbox::seed::SeedReport;
    use crate::sandbox::{Collection, World, WorldOptions};

    /// A world, and a folder of files.
    struct Case {
        world: World,
        folder: TempDir,
        _place: TempDir,
    }

    impl Case {
        fn new(files: &[(&str, String)]) -> Self {
            let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            for (name, text) in files {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            let world = World::open(place.path(), WorldOptions::default()).unwrap();
            Self {
                world,
                folder,
                _place: place,
            }
        }

        fn load(&self, stand_ins_only: bool) -> SeedReport {
            seed_blueprints(&self.world, self.folder.path(), stand_ins_only).unwrap()
        }

        fn row(&self, collection: Collection, id: u64) -> Value {
            self.world
                .batch(|batch| batch.get(collection, id))
                .unwrap()
                .unwrap_or_default()
        }

        fn rows(&self, collection: Collection) -> Vec<Value> {
            let mut rows = Vec::new();
            self.world
                .batch(|batch| batch.each(collection, |_, row| rows.push(row)))
                .unwrap();
            rows
        }
    }

    fn module(name: &str, parameters: Value, tags: &[(&str, &str)]) -> Value {
        let specs: Vec<Value> = tags
            .iter()
            .map(|(name, tag)| json!({"name": name, "type": tag}))
            .collect();
        json!({"id": 1, "module": name, "version": 1, "parameters": parameters, "mapper": {},
            "metadata": {"parameters": specs}})
    }

    fn file(name: &str, flow: Value) -> String {
        json!({"name": name, "flow": flow, "metadata": {}}).to_string()
    }

    fn webhook(id: u64) -> Value {
        module(
            "gateway:CustomWebHook",
            json!({"hook": id}),
            &[("hook", "hook:gateway-webhook")],
        )
    }

    #[test]
    fn every_place_gets_a_thing_with_its_id_and_label() {
        let mut slack = module(
            "slack:CreateMessage",
            json!({"__IMTCONN__": 70}),
            &[("__IMTCONN__", "account:slack2,slack3")],
        );
        slack["metadata"]["restore"] = json!({"parameters": {
            "__IMTCONN__": {"label": "Sales Slack", "data": {"connection": "slack3"}}}});
        // The older shape of `restore`, and places without a tag.
        let mut parse = module("json:ParseJSON", json!({"type": 71}), &[]);
        parse["metadata"]["restore"] = json!({"type": {"label": "Order"}});
        let no_structure = module("email:Send", json!({"type": 72, "account": 73}), &[]);
        let router = json!({"id": 2, "module": "builtin:BasicRouter", "mapper": null, "routes": [
            {"flow": [slack]}, {"flow": [parse, no_structure], "disabled": true}]});
        let called = module(
            "scenario-service:CallSubscenario",
            json!({"scenario": "SCN_74"}),
            &[],
        );
        let orphan = module(
            "datastore:GetRecord",
            json!({"datastore": 75}),
            &[("datastore", "datastore")],
        );
        let http = module(
            "http:Get",
            json!({"auth": 76, "proxyKeychain": ""}),
            &[("auth", "keychain:apikeyauth")],
        );
        let agent = json!({"id": 3, "module": "ai-local-agent:Run", "tools": [{"flow": [http]}], "onerror": [called]});
        let text = json!({"name": "All", "flow": [webhook(77), router, agent],
            "metadata": {"designer": {"orphans": [[orphan]]}},
            "io": {"input_spec": [{"name": "Mail", "type": "account:google", "default": 78}]}});
        let case = Case::new(&[("all.json", format!("\u{feff}{text}\r\n"))]);
        let report = case.load(false);
        assert_eq!(
            report.to_string(),
            "Made 1 scenario, 1 called scenario, 1 hook, 3 connections, \
            1 key, 1 data store, 1 data structure."
        );
        let connection = case.row(Collection::Connections, 70);
        assert_eq!(
            (&connection["name"], &connection["accountName"]),
            (&json!("Sales Slack"), &json!("slack3"))
        );
        assert_eq!(case.row(Collection::DataStructures, 71)["name"], "Order");
        assert_eq!(
            case.row(Collection::Connections, 73)["accountName"],
            "email"
        );
        assert_eq!(
            case.row(Collection::Connections, 78)["accountName"],
            "google"
        );
        assert_eq!(
            case.row(Collection::DataStores, 75)["name"],
            "data store 75"
        );
        assert_eq!(case.row(Collection::Keys, 76)["typeName"], "apikeyauth");
        assert_eq!(case.row(Collection::Scenarios, 74)["isActive"], true);
        let scenarios = case.rows(Collection::Scenarios);
        let scenario = scenarios.iter().find(|row| row["name"] == "All").unwrap();
        assert_eq!(
            (
                &scenario["hookId"],
                &scenario["scheduling"]["type"],
                &scenario["isActive"]
            ),
            (&json!(77), &json!("immediately"), &json!(false))
        );
        assert_eq!(
            case.row(Collection::Hooks, 77)["scenarioId"],
            scenario["id"]
        );
        let kept = case.row(Collection::Blueprints, scenario["id"].as_u64().unwrap());
        assert_eq!(kept["blueprint"], text);
        // New things get ids above those of the files.
        let next = case
            .world
            .batch(|batch| batch.next_id(Collection::Hooks))
            .unwrap();
        assert!(
            case.rows(Collection::Hooks)
                .iter()
                .all(|hook| hook["id"].as_u64() < Some(next))
        );
    }

    #[test]
    fn what_two_files_cannot_share_is_made_twice_and_reported() {
        let call = |id: u64, tag: &str| {
            module(
                "app:Do",
                json!({"__IMTCONN__": id}),
                &[("__IMTCONN__", tag)],
            )
        };
        let case = Case::new(&[
            (
                "a.json",
                file("A", json!([webhook(900_000), call(9, "account:google")])),
            ),
            (
                "b/b.json",
                file(
                    "B",
                    json!([
                        webhook(900_000),
                        call(9, "account:slack2"),
                        call(9, "account:slack2")
                    ]),
                ),
            ),
            (
                "c.json",
                file("C", json!([call(9, "account:slack2,slack3")])),
            ),
        ]);
        let report = case.load(false);
        assert_eq!(
            report.notes,
            [
                "b/b.json: hook 900000 feeds the scenario of a.json, and a hook feeds only one; here it is 900001 now.",
                "b/b.json: connection 9 is of type slack2, but of type google in a.json; here it is 307 now.",
                "c.json: connection 9 is of type slack2 or slack3, but of type google in a.json; here it is 307 now.",
            ]
        );
        let second = &case.rows(Collection::Blueprints)[1]["blueprint"];
        assert_eq!(
            second.pointer("/flow/0/parameters/hook"),
            Some(&json!(900_001))
        );
        assert_eq!(
            second.pointer("/flow/2/parameters/__IMTCONN__"),
            Some(&json!(307))
        );
        // A world of stand-ins alone has the same ones.
        let other = Case::new(&[]);
        let alone = seed_blueprints(&other.world, case.folder.path(), true).unwrap();
        assert_eq!(
            (alone.scenarios, alone.hooks, &alone.notes),
            (0, 2, &report.notes)
        );
        assert_eq!(
            other.rows(Collection::Connections),
            case.rows(Collection::Connections)
        );
        assert!(
            other
                .row(Collection::Hooks, 900_001)
                .get("scenarioId")
                .is_none()
        );
    }

    #[test]
    fn the_file_of_two_that_only_an_editor_needs_is_left_out() {
        let editors = json!({"modules": {"1": {"designer": {"x": 0, "y": 0}}}}).to_string();
        let case = Case::new(&[
            ("a.blueprint.json", file("A", json!([webhook(5)]))),
            ("a.editor.json", editors),
            // Called so, and a whole export.
            ("b.editor.json", file("B", json!([webhook(6)]))),
        ]);
        let report = case.load(false);
        assert_eq!(report.scenarios, 2);
        assert_eq!(
            report.notes,
            [
                "a.editor.json: left out, since it holds what an editor needs of another file, and no modules."
            ]
        );
        let marked = json!({"makeform": 1, "name": "A", "flow": [], "metadata": {}});
        let case = Case::new(&[("a.blueprint.json", marked.to_string())]);
        let error = seed_blueprints(&case.world, case.folder.path(), false).unwrap_err();
        assert!(error.to_string().contains("apply its manifest"), "{error}");
    }

    #[test]
    fn a_key_twice_is_refused_with_its_place_and_nothing_is_written() {
        let case = Case::new(&[
            ("a.json", file("A", json!([webhook(5)]))),
            (
                "b.json",
                "{\"name\": \"B\",\r\n  \"flow\": [],\r\n  \"name\": \"C\"}".to_owned(),
            ),
        ]);
        let error = seed_blueprints(&case.world, case.folder.path(), false).unwrap_err();
        let path = case.folder.path().join("b.json");
        assert_eq!(
            error.to_string(),
            format!(
                "failed to read {}:3:3: the key \"name\" stands twice in one object",
                path.display()
            )
        );
        assert!(case.rows(Collection::Hooks).is_empty());
    }
}
