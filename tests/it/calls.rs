//! Calls are the currency: counted by the sandbox, bounded here.

use std::fmt::Write as _;

use makeform::{live::transport::Method, model::Dialect};
use serde_json::{Value, json};

use crate::support::{account::Account, examples::projects, world::World};

/// What a plan may cost beside what it reads of single scenarios.
const CONSTANT: u64 = 20;

/// What an apply may cost that finds nothing to do, with all that was read before.
const NOTHING: u64 = 10;

fn total(world: &World) -> u64 {
    world.requests().values().sum()
}

/// How many requests a run makes.
fn spent(world: &World, args: &[&str]) -> u64 {
    let before = total(world);
    let _ = world.run(args).success();
    total(world) - before
}

/// How many requests a plan makes that sees no changes.
fn plan(world: &World) -> u64 {
    spent(world, &["plan"])
}

/// How many requests a plan makes that sees changes.
fn changed(world: &World) -> u64 {
    let before = total(world);
    let _ = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    total(world) - before
}

/// Scenarios whose manifests are theirs to the letter: some say what they take, some have custom
/// properties, most have neither. `teacher` is one that an apply can learn from.
struct Team {
    world: World,
    account: Account,
    options: String,
    count: u64,
}

/// How many of a team's scenarios have managed interfaces, beside the teacher, and how many have
/// managed custom properties.
const ASKING: u64 = 30;
const TAGGED: u64 = 25;

impl Team {
    fn new(count: u64, options: &str) -> Self {
        // A plan that has custom properties, and no limit that anything could reach.
        let options = format!("plan enterprise; minute 0.001; {options}");
        let world = World::new().with_env("MAKEFORM_SANDBOX", &options);
        let account = Account::with_options(&world.file(".makeform/sandbox"), &options);
        let structure = json!({"associatedType": "scenario", "belongerType": "organization",
            "belongerId": 1});
        let made = account.write(Method::Post, "/custom-property-structures", structure);
        let structure = &made["customPropertyStructure"]["id"];
        let items =
            format!("/custom-property-structures/{structure}/custom-property-structure-items");
        let item = json!({"name": "cost", "label": "Cost", "type": "number", "required": false});
        account.write(Method::Post, &items, item);
        let mut text = String::new();
        for index in 0..count {
            let name = name(index);
            let id = account.create_scenario(&name);
            if asks(index) {
                let (method, path) = (Method::Patch, format!("/scenarios/{id}/interface"));
                let fields = json!([{"name": "email", "type": "text"}]);
                account.write(method, &path, json!({"interface": {"input": fields}}));
            }
            if is_tagged(index) {
                let path = format!("/scenarios/{id}/custom-properties");
                account.write(Method::Post, &path, json!({"cost": index}));
            }
            text.push_str(&manifest(index));
        }
        world.write("manifests/all.yaml", &text);
        let team = Self {
            world,
            account,
            options,
            count,
        };
        team.settle();
        team
    }

    /// Lets so much time pass that whatever was edited so far may be kept.
    fn settle(&self) {
        self.account.pass_hours(1);
        self.account.create_scenario("Somebody else's");
    }

    /// Applies an edit of an interface, from which makeform learns what such an edit moves.
    fn teach(&self) {
        let written = self.world.read("manifests/all.yaml");
        let teacher = manifest(0);
        assert!(written.starts_with(&teacher));
        let taught = teacher.replace("email", "address");
        self.world.write(
            "manifests/all.yaml",
            &format!("{taught}{}", &written[teacher.len()..]),
        );
        let only = "apply --auto-approve --only scenario.s0 --allow adopt-overwrites";
        let only: Vec<&str> = only.split(' ').collect();
        let _ = self.world.run(&only).success();
        self.settle();
    }

    fn id(&self, index: u64) -> Value {
        self.account.scenario(&name(index))["id"].clone()
    }

    fn edit_blueprint(&self, id: &Value, why: &str) {
        let mut blueprint = self.account.blueprint(id);
        blueprint["metadata"][why] = json!(true);
        let body = json!({"blueprint": blueprint.to_string()});
        self.account
            .write(Method::Patch, &format!("/scenarios/{id}"), body);
    }

    fn edit_interface(&self, index: u64, field: &str) {
        let path = format!("/scenarios/{}/interface", self.id(index));
        let body = json!({"interface": {"input": [{"name": field, "type": "text"}]}});
        self.account.write(Method::Patch, &path, body);
    }

    /// Edits one more scenario of each sort; gives how many those are.
    fn edit(&self, index: u64) -> u64 {
        self.edit_interface(1 + index, "other");
        let tagged = self.id(ASKING + 1 + index);
        let path = format!("/scenarios/{tagged}/custom-properties");
        self.account.write(Method::Put, &path, json!({"cost": 999}));
        self.edit_blueprint(&self.id(self.count - 1 - index), "edited");
        3
    }
}

/// Rows tell no version, and nothing is kept.
const ABSENT: &str = "scenario-version=absent";

fn name(index: u64) -> String {
    format!("Scenario {index}")
}

fn asks(index: u64) -> bool {
    index <= ASKING
}

fn is_tagged(index: u64) -> bool {
    (ASKING + 1..=ASKING + TAGGED).contains(&index)
}

fn manifest(index: u64) -> String {
    let mut text = format!(
        "---\n\
         apiVersion: makeform/v1\n\
         kind: Scenario\n\
         metadata: {{ name: s{index} }}\n\
         spec:\n\
         \x20 name: {}\n\
         \x20 active: false\n\
         \x20 schedule: {{ onDemand: true }}\n\
         \x20 blueprint: {{ flow: [], metadata: {{}} }}\n",
        name(index)
    );
    if asks(index) {
        text.push_str("  interface: { input: [{ name: email, type: text }] }\n");
    }
    if is_tagged(index) {
        writeln!(text, "  customProperties: {{ cost: {index} }}").unwrap();
    }
    text
}

/// The whole promise, for one size of team: cold, warm, and with some edited.
fn promise(count: u64) {
    let team = Team::new(count, "");
    let world = &team.world;
    let cold = plan(world);
    assert!(
        (count..=count + CONSTANT).contains(&cold),
        "{cold} requests"
    );
    // Nobody knows yet what an edit of an interface moves.
    let warm = plan(world);
    let asking = ASKING + 1;
    assert!(
        (asking..=asking + CONSTANT).contains(&warm),
        "{warm} requests"
    );
    team.teach();
    // The teacher was edited since.
    let _ = plan(world);
    let warm = plan(world);
    assert!(warm <= CONSTANT, "{warm} requests");
    // The first apply writes down what is whose; another one finds nothing to do.
    let writes = world.writes();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let nothing = spent(world, &["apply", "--auto-approve"]);
    assert!(nothing <= NOTHING, "{nothing} requests");
    assert_eq!(world.writes(), writes, "a no-op apply sent a write");
    let mut edited = 0;
    for index in 0..5 {
        edited += team.edit(index);
    }
    let known = changed(world);
    assert!(known <= edited + CONSTANT, "{known} requests");
    assert!(known > warm, "{known} requests, {warm} before the edits");
    // All of it was seen.
    let text = world.run(&["plan"]).success().stdout;
    assert!(text.contains("15 to change"), "{text}");
    let refresh = spent(world, &["plan", "--refresh"]);
    assert!(
        (count..=count + CONSTANT).contains(&refresh),
        "{refresh} requests"
    );
}

#[test]
fn plans_of_200_scenarios_cost_what_was_edited_and_at_most_20_requests() {
    promise(200);
}

#[test]
#[cfg_attr(not(feature = "long-tests"), ignore = "it takes long")]
fn plans_of_1000_scenarios_cost_what_was_edited_and_at_most_20_requests() {
    promise(1000);
}

#[test]
#[cfg_attr(not(feature = "long-tests"), ignore = "it takes minutes")]
fn plans_of_5000_scenarios_cost_what_was_edited_and_at_most_20_requests() {
    promise(5000);
}

#[test]
fn what_no_row_shows_costs_a_request_for_each_that_is_managed() {
    let count = 60;
    let mut settings = vec![
        ("custom-properties-row=hidden", "any", true),
        ("custom-properties-row=unknown", "any", true),
        ("scenario-row=listed", "any", true),
    ];
    for last_edit in ["any", "save", "blueprint"] {
        for quirk in ["scenario-version=blueprint", "scenario-version=any", ABSENT] {
            settings.push((quirk, last_edit, false));
        }
    }
    for (quirk, last_edit, hides_properties) in settings {
        let options = format!("quirk {quirk}; quirk last-edit={last_edit}");
        let team = Team::new(count, &options);
        let properties = if hides_properties { TAGGED } else { 0 };
        let cold = plan(&team.world);
        let bound = count + properties + CONSTANT;
        assert!(cold <= bound, "{}: {cold} requests", team.options);
        team.teach();
        let _ = plan(&team.world);
        let warm = plan(&team.world);
        let single = match (quirk, last_edit) {
            // There is nothing to compare by.
            (ABSENT, _) => count,
            (_, "any") => 0,
            _ => ASKING + 1,
        };
        let expected = single + properties..=single + properties + CONSTANT;
        assert!(
            expected.contains(&warm),
            "{}: {warm} requests",
            team.options
        );
    }
}

#[test]
fn scenarios_with_names_of_their_own_are_kept_too() {
    let team = Team::new(60, "quirk name-source=scenario-wins");
    let world = &team.world;
    let mut text = world.read("manifests/all.yaml");
    for index in 31..60 {
        let renamed = json!({"name": format!("Renamed {index}")});
        let path = format!("/scenarios/{}", team.id(index));
        team.account.write(Method::Patch, &path, renamed);
        let (from, to) = (
            format!("name: Scenario {index}\n"),
            format!("name: Renamed {index}\n"),
        );
        text = text.replace(&from, &to);
    }
    world.write("manifests/all.yaml", &text);
    team.teach();
    let cold = spent(world, &["plan", "--refresh"]);
    assert!((60..=60 + CONSTANT).contains(&cold), "{cold} requests");
    let warm = plan(world);
    assert!(warm <= CONSTANT, "{warm} requests");
}

#[test]
fn further_pages_come_on_top() {
    let further = |rows: u64, cap: u64, is_stated: bool| match is_stated {
        // One shorter than the cap ends the list,
        true => rows / cap,
        // and an empty one where nobody says what the cap is.
        false => rows.div_ceil(cap),
    };
    for (count, cap, stated) in [
        (60, 3, true),
        (61, 3, true),
        (60, 3, false),
        (120, 100, true),
    ] {
        let statement = if stated { "stated" } else { "absent" };
        let options = format!("quirk page-statement={statement}");
        let team = Team::new(count, &options);
        team.teach();
        let _ = plan(&team.world);
        let whole = plan(&team.world);
        let refreshed = spent(&team.world, &["plan", "--refresh"]);
        // Those of the manifests and two that let time pass.
        let pages = further(count + 2, cap, stated) - further(count + 2, 10_000, stated);
        let options = format!("{}; quirk page-cap={cap}", team.options);
        let world = team.world.with_env("MAKEFORM_SANDBOX", &options);
        assert_eq!(plan(&world), whole + pages, "{options}, {count} scenarios");
        let again = spent(&world, &["plan", "--refresh"]);
        assert_eq!(again, refreshed + pages, "{options}, {count} scenarios");
        assert!(whole <= CONSTANT && refreshed <= count + CONSTANT);
    }
}

#[test]
fn the_unified_dialect_reads_every_scenario_every_time() {
    let world = World::new();
    world.edit(
        "makeform.yaml",
        "url: \"sandbox:\"",
        "url: \"sandbox:\", organization: \"1\", dialect: unified",
    );
    let count = 70;
    let mut text = String::new();
    for index in 0..count {
        let name = name(index);
        write!(
            text,
            "---\n\
             apiVersion: makeform/v1\n\
             kind: Scenario\n\
             metadata: {{ name: s{index} }}\n\
             spec:\n\
             \x20 name: {name}\n\
             \x20 active: false\n\
             \x20 schedule: {{ daily: \"02:30\" }}\n\
             \x20 blueprint: {{ modules: [{{ id: 1, app: http, action: ActionSendData }}] }}\n"
        )
        .unwrap();
    }
    world.write("manifests/all.yaml", &text);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let costs: Vec<u64> = (0..3).map(|_| plan(&world)).collect();
    assert_eq!(costs, [costs[0]; 3]);
    // 50 scenarios make a page.
    let pages = 2;
    assert!(
        (count + pages..=count + pages - 1 + CONSTANT).contains(&costs[0]),
        "{costs:?}"
    );
    assert!(!world.file(".makeform/sandbox/cache").exists());
    assert_eq!(spent(&world, &["apply", "--auto-approve"]), costs[0]);
}

/// Applies what is applied already: from the cache, and without one.
fn assert_no_writes(world: &World, folder: &str, dialect: Dialect) {
    let cache = world.file(folder).join(".makeform/sandbox/cache");
    let writes = world.writes();
    for is_cold in [false, true, false] {
        if is_cold && dialect == Dialect::Zone {
            std::fs::remove_dir_all(&cache).unwrap();
        }
        let again = world
            .run(&["-C", folder, "apply", "--auto-approve"])
            .success();
        assert!(again.stdout.contains("No changes"), "{again}");
    }
    assert_eq!(world.writes(), writes, "a no-op apply sent a write");
}

#[test]
fn a_no_op_apply_sends_no_write() {
    for dialect in [Dialect::Zone, Dialect::Unified] {
        for world in projects(dialect) {
            let _ = world.run(&["apply", "--auto-approve"]).success();
            let account = Account::of(&world);
            account.pass_hours(1);
            account.create_scenario("Somebody else's");
            drop(account);
            assert_no_writes(&world, ".", dialect);
        }
    }
    let seeded = seeded(40);
    let writes = seeded.writes();
    // The first one only writes down what is whose.
    let _ = seeded
        .run(&["-C", "exported", "apply", "--auto-approve"])
        .success();
    assert_eq!(seeded.writes(), writes, "an adoption sent a write");
    assert_no_writes(&seeded, "exported", Dialect::Zone);
}

/// A seeded account, exported: a project that manages all of it.
fn seeded(scenarios: u64) -> World {
    let world = World::new();
    world.edit("makeform.yaml", "[\"manifests/**/*.yaml\"]", "[]");
    let scenarios = scenarios.to_string();
    let _ = world
        .run(&["sandbox", "seed", "--scenarios", &scenarios, "--seed", "3"])
        .success();
    let _ = world
        .run(&["export", "--keep-secrets", "--out", "exported"])
        .success();
    world
}

#[test]
fn plans_of_a_seeded_account_of_80_scenarios_keep_to_the_same_bounds() {
    promise_of_seeded(80);
}

#[test]
#[cfg_attr(not(feature = "long-tests"), ignore = "it takes minutes")]
fn plans_of_a_seeded_account_of_1000_scenarios_keep_to_the_same_bounds() {
    promise_of_seeded(1000);
}

/// The promise, for scenarios as people have them: cold, warm, and with some edited.
fn promise_of_seeded(count: u64) {
    let world = seeded(count);
    let account = Account::of(&world);
    let rows = account.scenarios();
    let asking = rows.iter().filter(|row| {
        let interface = account.get(&format!("/scenarios/{}/interface", row["id"]), &[]);
        let side = |key: &str| interface["interface"][key].as_array().map_or(0, Vec::len);
        side("input") + side("output") > 0
    });
    let asking = u64::try_from(asking.count()).unwrap();
    let before = total(&world);
    let cold = world
        .run(&["-C", "exported", "plan", "--detailed-exitcode"])
        .success();
    assert!(cold.stdout.contains("No changes"), "{cold}");
    let cold = total(&world) - before;
    assert!(
        (count..=count + CONSTANT).contains(&cold),
        "{cold} requests"
    );
    // Nothing was applied that shows what an edit of an interface moves.
    let warm = spent(&world, &["-C", "exported", "plan"]);
    assert!(
        warm <= CONSTANT + asking,
        "{warm} requests, {asking} interfaces"
    );
    for row in rows.iter().take(10) {
        let mut blueprint = account.blueprint(&row["id"]);
        blueprint["metadata"]["edited"] = json!(true);
        let path = format!("/scenarios/{}", row["id"]);
        let body = json!({"blueprint": blueprint.to_string()});
        account.write(Method::Patch, &path, body);
    }
    let edited = spent(&world, &["-C", "exported", "plan"]);
    assert!(edited <= 10 + CONSTANT + asking, "{edited} requests");
    assert!(edited > warm, "{edited} requests, {warm} before the edits");
}
