//! What `makeform schema` prints, as a validator sees it that knows nothing of makeform: examples,
//! docs and whatever export writes are valid, mistakes are not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use boon::{Compiler, SchemaIndex, Schemas};
use makeform::model::Dialect;
use serde_json::{Value, json};

use crate::support::{examples::projects, world::World};

/// The schemas of YAML documents and of blueprint files.
struct Validator {
    schemas: Schemas,
    documents: SchemaIndex,
    blueprints: SchemaIndex,
}

impl Validator {
    /// Each schema is itself checked against that of draft 2020-12.
    fn new(world: &World) -> Self {
        let mut compiler = Compiler::new();
        let mut schemas = Schemas::new();
        let mut compiled = |args: &[&str]| {
            let printed = world.run(args).success().stdout;
            let schema: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(
                schema["$schema"],
                "https://json-schema.org/draft/2020-12/schema"
            );
            let name = schema["$id"].as_str().unwrap().to_owned();
            compiler.add_resource(&name, schema).unwrap();
            compiler.compile(&name, &mut schemas).unwrap()
        };
        let documents = compiled(&["schema"]);
        let blueprints = compiled(&["schema", "--kind", "blueprint"]);
        Self {
            schemas,
            documents,
            blueprints,
        }
    }

    /// What is wrong with a document.
    fn problem(&self, document: &Value, schema: SchemaIndex) -> Option<String> {
        let found = self.schemas.validate(document, schema);
        found.err().map(|problem| problem.to_string())
    }

    /// How many documents a text of YAML holds, all of them valid.
    fn count(&self, name: &str, text: &str) -> usize {
        let documents = yaml(name, text);
        for document in &documents {
            let problem = self.problem(document, self.documents);
            assert_eq!(problem, None, "{name}:\n{text}");
        }
        documents.len()
    }

    /// How many documents the YAML files and blueprints of a folder hold, all of them valid.
    fn count_in(&self, folder: &Path) -> usize {
        let mut number = 0;
        for path in files(folder) {
            let name = path.display().to_string();
            if name.ends_with(".yaml") {
                number += self.count(&name, &fs::read_to_string(&path).unwrap());
            } else if name.ends_with(".blueprint.json") {
                let text = fs::read_to_string(&path).unwrap();
                let blueprint: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(self.problem(&blueprint, self.blueprints), None, "{name}");
                number += 1;
            }
        }
        number
    }
}

/// The documents of a stream of YAML, as another reader reads them.
fn yaml(name: &str, text: &str) -> Vec<Value> {
    let read = serde_saphyr::from_multiple(text);
    assert!(read.is_ok(), "{name}: {:?}\n{text}", read.err());
    read.unwrap_or_default()
}

/// The files of a folder, but for what makeform keeps there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with(".makeform") {
            continue;
        }
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The code blocks of a page that are YAML.
fn blocks(page: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("```yaml\n") {
        let (block, further) = after.split_once("```").unwrap();
        blocks.push(block);
        rest = further;
    }
    blocks
}

#[test]
fn examples_and_docs_are_valid() {
    let validator = Validator::new(&World::empty());
    assert!(validator.count_in(&root().join("examples")) > 30);
    let mut pages = files(&root().join("docs"));
    pages.push(root().join("README.md"));
    let mut shown = 0;
    for page in pages
        .iter()
        .filter(|page| page.extension().is_some_and(|end| end == "md"))
    {
        let text = fs::read_to_string(page).unwrap();
        for block in blocks(&text)
            .into_iter()
            .filter(|block| block.starts_with("apiVersion:"))
        {
            shown += validator.count(&page.display().to_string(), block);
        }
    }
    assert!(shown > 0, "no page shows a whole manifest");
}

#[test]
fn whatever_export_writes_is_valid() {
    let seeded = World::empty();
    let validator = Validator::new(&seeded);
    seeded.write(
        "makeform.yaml",
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: p }\nspec:\n  \
         manifests: []\n  targets: { sandbox: { url: \"sandbox:\" } }\n",
    );
    let seed = ["sandbox", "seed", "--seed", "7", "--scenarios", "40"];
    let _ = seeded.run(&seed).success();
    let _ = seeded.run(&["export", "--out", "exported"]).success();
    assert!(validator.count_in(&seeded.file("exported")) > 100);
    for world in [Dialect::Zone, Dialect::Unified]
        .into_iter()
        .flat_map(projects)
    {
        let _ = world.run(&["apply", "--auto-approve"]).success();
        let _ = world.run(&["export", "--out", "exported"]).success();
        assert!(validator.count_in(&world.file("exported")) > 3);
    }
}

#[test]
fn slips_are_marked() {
    let world = World::empty();
    let validator = Validator::new(&world);
    let scenario = |spec: &str| {
        format!("apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: a }}\nspec: {spec}\n")
    };
    for text in [
        scenario("{ activ: true }"),
        scenario("{ active: yes please }"),
        scenario("{ active: null }"),
        scenario("{ settings: { maxErrors: many } }"),
        scenario("{ settings: { max_errors: 3 } }"),
        scenario("{ schedule: { every: 15 } }"),
        scenario("{ schedule: { every: 15m, daily: \"06:30\" } }"),
        scenario("{ schedule: { weekly: { days: [mond], time: \"06:30\" } } }"),
        scenario("{ folder: webhook.a }"),
        scenario("{ folder: \"${webhook.a}\" }"),
        scenario("{ blueprint: a.json }"),
        scenario("{ blueprint: { file: a.json, reference: true } }"),
        scenario("{ interface: { inputs: [] } }"),
        scenario("[]"),
        "apiVersion: makeform/v1\nkind: Senario\nmetadata: { name: a }\n".to_owned(),
        "apiVersion: makeform/v2\nkind: Folder\nmetadata: { name: a }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: Lead Sync }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Folder\nspec: { name: A }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: TeamRole\nmetadata: { name: a }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: a }\nspec: { security: { type: token, token: abc } }\n".to_owned(),
        "kind: Folder\nmetadata: { name: a }\n".to_owned(),
        "apiVersion: makeform/v1\n".to_owned(),
        "apiVersion: makeform/v1\nremoved: [{ adress: scenario.a }]\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: p }\nspec: { manifests: [a] }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: p }\nspec: { manifests: [a], targets: { t: { url: eu1.make.com } } }\n".to_owned(),
        "apiVersion: makeform/v1\nkind: Ids\nspec: { t: { scenario: 1 } }\n".to_owned(),
    ] {
        let [document] = &yaml("slip", &text)[..] else {
            panic!("{text}");
        };
        let problem = validator.problem(document, validator.documents);
        assert!(problem.is_some(), "nothing is wrong with\n{text}");
    }
    for blueprint in [
        json!([]),
        json!({ "flow": {} }),
        json!({ "flow": [], "makeform": 2 }),
    ] {
        let problem = validator.problem(&blueprint, validator.blueprints);
        assert!(problem.is_some(), "{blueprint}");
    }
    let wrong = world.run(&["schema", "--kind", "Senario"]).exits(1);
    assert!(wrong.stderr.contains("'Scenario'"), "{wrong}");
}
