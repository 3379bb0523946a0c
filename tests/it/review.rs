//! Nothing that a reviewer did not see is ever applied.

use std::{
    fs,
    process::{Command, Stdio},
};

use makeform::live::transport::Method;
use serde_json::{Value, json};

use crate::support::{account::Account, world::World};

const PROJECT: &str = r#"
apiVersion: makeform/v1
kind: Project
metadata: { name: test }
spec:
  manifests: ["manifests/**/*.yaml"]
  env: [CRM_TOKEN]
  defaultTarget: sandbox
  targets:
    sandbox: { url: "sandbox:", vars: { greeting: hello } }
    other: { url: "sandbox:", vars: { greeting: hello } }
"#;

const SYNC: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: sync }
spec:
  name: Sync
  description: Before.
  blueprint:
    flow:
      - { id: 1, module: "util:ComposeTransformer", version: 1, mapper: { value: "Say ${var.greeting}", token: "${env.CRM_TOKEN}" } }
    metadata: { version: 1 }
"#;

const ELSEWHERE: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: elsewhere }
spec:
  name: Elsewhere
  active: false
  blueprint:
    flow: [{ id: 1, module: "util:ComposeTransformer", version: 1, mapper: { value: a } }]
    metadata: { version: 1 }
"#;

const FOLDER: &str =
    "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: new }\nspec: { name: New }\n";

const TOKEN: &str = "9f2c7d1e8b6a4c3d-crm";

/// A world with what is applied, and a request on top of it whose plan is in `plan.json`.
struct Request {
    world: World,
    digest: String,
}

impl Request {
    fn new() -> Self {
        let world = World::new().with_env("CRM_TOKEN", TOKEN);
        world.write("makeform.yaml", PROJECT);
        world.write("manifests/sync.yaml", SYNC);
        world.write("manifests/elsewhere.yaml", ELSEWHERE);
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.edit("manifests/sync.yaml", "Before.", "After.");
        world.write("manifests/new.yaml", FOLDER);
        let _ = world.run(&["plan", "--out", "plan.json"]).success();
        let plan: Value = serde_json::from_str(&world.read("plan.json")).unwrap();
        let digest = plan["digest"].as_str().unwrap().to_owned();
        Self { world, digest }
    }

    /// The file and the digest are refused, and nothing is sent.
    #[track_caller]
    fn is_refused(&self, target: &str, because: &str) {
        let writes = self.world.writes();
        let file = self
            .world
            .run(&["--target", target, "apply", "plan.json"])
            .exits(3);
        assert!(file.stderr.contains("Refused: "), "{file}");
        assert!(
            file.stderr.contains(because),
            "`{because}` is not told: {file}"
        );
        let expected = ["--target", target, "apply", "--expect", &self.digest];
        let expected = self.world.run(&expected).exits(3);
        assert!(expected.stderr.contains("Nothing was sent"), "{expected}");
        assert_eq!(self.world.writes(), writes, "something was sent");
    }

    /// The file is applied, and then nothing is left to do.
    #[track_caller]
    fn goes_on(&self) {
        let _ = self.world.run(&["apply", "plan.json"]).success();
        self.world.assert_settled();
    }

    fn patch(&self, scenario: &str, body: Value) {
        let account = Account::of(&self.world);
        let id = account.scenario(scenario)["id"].clone();
        account.write(Method::Patch, &format!("/scenarios/{id}"), body);
    }
}

#[test]
fn a_plan_that_nothing_has_moved_under_is_applied_by_its_file_or_its_digest() {
    Request::new().goes_on();
    let request = Request::new();
    let _ = request
        .world
        .run(&["apply", "--expect", &request.digest])
        .success();
    request.world.assert_settled();
    // Once it is done, it is another plan: nothing is left of it.
    let again = request.world.run(&["apply", "plan.json"]).exits(3);
    assert!(
        again.stderr.contains("folder.new: create is gone"),
        "{again}"
    );
}

#[test]
fn another_manifest_is_refused() {
    let request = Request::new();
    request
        .world
        .edit("manifests/sync.yaml", "After.", "Other.");
    request.is_refused(
        "sandbox",
        "scenario.sync: the manifests ask for something else; other changes in description",
    );
    let request = Request::new();
    request.world.write(
        "manifests/more.yaml",
        &FOLDER.replace("new", "more").replace("New", "More"),
    );
    request.is_refused("sandbox", "folder.more: create is new");
    let request = Request::new();
    fs::remove_file(request.world.file("manifests/new.yaml")).unwrap();
    request.is_refused("sandbox", "folder.new: create is gone");
}

#[test]
fn a_live_object_that_somebody_touched_is_refused() {
    let request = Request::new();
    request.patch("Sync", json!({"description": "Mine."}));
    request.is_refused(
        "sandbox",
        "scenario.sync: it was changed in Make; other changes in description",
    );
    // What the plan leaves alone, but decided upon.
    let request = Request::new();
    request.patch(
        "Sync",
        json!({"scheduling": r#"{"type":"daily","time":"06:30"}"#}),
    );
    request.is_refused("sandbox", "scenario.sync: it was changed in Make");
    // Another thing that is managed, which the apply would now take back.
    let request = Request::new();
    request.patch("Elsewhere", json!({"name": "Mine"}));
    request.is_refused("sandbox", "scenario.elsewhere: update is new");
}

#[test]
fn a_new_object_of_a_name_that_was_to_be_created_is_refused() {
    let request = Request::new();
    let account = Account::of(&request.world);
    account.write(
        Method::Post,
        "/scenarios-folders",
        json!({"name": "New", "teamId": 1}),
    );
    drop(account);
    request.is_refused(
        "sandbox",
        "folder.new: create was approved, now it is adopt",
    );
}

#[test]
fn another_binding_is_refused() {
    let request = Request::new();
    let _ = request
        .world
        .run(&["state", "rm", "scenario.sync"])
        .success();
    request.is_refused(
        "sandbox",
        "scenario.sync: update was approved, now it is adopt",
    );
    // The same object, of which something else is known.
    let request = Request::new();
    let id = Account::of(&request.world).scenario("Sync")["id"].to_string();
    let _ = request
        .world
        .run(&["state", "rm", "scenario.sync"])
        .success();
    let _ = request
        .world
        .run(&["import", "scenario.sync", &id])
        .success();
    request.is_refused("sandbox", "scenario.sync: something else was applied last");
}

#[test]
fn another_target_or_variable_or_format_is_refused() {
    let request = Request::new();
    request.is_refused("other", "target sandbox was approved, now it is other");
    let request = Request::new();
    request.world.edit(
        "makeform.yaml",
        "sandbox: { url: \"sandbox:\", vars: { greeting: hello",
        "sandbox: { url: \"sandbox:\", vars: { greeting: hi",
    );
    request.is_refused(
        "sandbox",
        "scenario.sync: the manifests ask for something else",
    );
    let request = Request::new();
    request
        .world
        .edit("plan.json", "makeform/plan/v1", "makeform/plan/v0");
    let refused = request.world.run(&["apply", "plan.json"]).exits(3);
    assert!(
        refused.stderr.contains("format `makeform/plan/v0`"),
        "{refused}"
    );
}

#[test]
fn what_becomes_of_bindings_without_a_request_is_part_of_what_was_approved() {
    let request = Request::new();
    request.world.edit(
        "manifests/elsewhere.yaml",
        "  name: Elsewhere\n",
        "  name: Elsewhere\n  lifecycle: { preventDestroy: true }\n",
    );
    request.is_refused("sandbox", "scenario.elsewhere: it would be bound to");
}

#[test]
fn what_happens_elsewhere_makes_nothing_stale() {
    // A scenario that nobody manages, and a part of one that its manifest does not mention.
    let request = Request::new();
    let account = Account::of(&request.world);
    account.create_scenario("By hand");
    drop(account);
    request.patch("By hand", json!({"name": "By hand, changed"}));
    request.patch("Elsewhere", json!({"description": "Mine."}));
    request.goes_on();
    // Another request, merged and applied meanwhile.
    let request = Request::new();
    request
        .world
        .edit("manifests/elsewhere.yaml", "value: a", "value: b");
    let _ = request
        .world
        .run(&["apply", "--auto-approve", "--only", "scenario.elsewhere"])
        .success();
    request.goes_on();
}

#[test]
#[cfg(unix)]
fn a_plan_file_is_private_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut request = Request::new();
    request
        .world
        .edit("manifests/sync.yaml", "token:", "more: 1, token:");
    request
        .world
        .set_env("CRM_TOKEN", Some("another-4c3d9f2c7d1e8b6a"));
    let _ = request.world.run(&["plan", "--out", "plan.json"]).success();
    let mode = fs::metadata(request.world.file("plan.json"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    for secret in [TOKEN, "another-4c3d9f2c7d1e8b6a"] {
        assert!(!request.world.holds(secret), "{secret} is in a file");
    }
}

/// The system's git in a world.
fn git(world: &World, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(world.path())
        .env("HOME", world.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(world: &World) -> String {
    git(world, &["add", "-A"]);
    git(world, &["commit", "-q", "--allow-empty", "-m", "A change"]);
    git(world, &["rev-parse", "HEAD"])
}

fn committed() -> (Request, String) {
    let request = Request::new();
    fs::remove_file(request.world.file("plan.json")).unwrap();
    git(&request.world, &["init", "-q"]);
    let head = commit(&request.world);
    (request, head)
}

#[test]
fn a_merge_job_applies_the_plan_that_was_recorded_under_the_head_commit() {
    let (request, head) = committed();
    let world = &request.world;
    let missing = world.run(&["apply", "--expect", "recorded"]).exits(3);
    assert!(
        missing.stderr.contains(&format!(
            "no plan for target sandbox was recorded under commit {head}"
        )),
        "{missing}"
    );
    let recorded = world.run(&["plan", "--record"]).success();
    assert!(
        recorded.stderr.contains(&format!("under commit {head}")),
        "{recorded}"
    );
    let _ = world.run(&["plan", "--record"]).success();
    // It is squashed: the merge has another commit.
    git(world, &["reset", "-q", "--soft", &head]);
    git(world, &["commit", "-q", "--amend", "-m", "Squashed"]);
    let other = world.run(&["apply", "--expect", "recorded"]).exits(3);
    assert!(other.stderr.contains("--commit SHA"), "{other}");
    let wrong = world
        .run(&["apply", "--expect", "recorded", "--commit", "abc"])
        .exits(1);
    assert!(wrong.stderr.contains("40 hexadecimal digits"), "{wrong}");
    let _ = world
        .run(&["apply", "--expect", "recorded", "--commit", &head])
        .success();
    world.assert_settled();
}

#[test]
fn a_recorded_plan_is_refused_once_something_moved_and_the_first_of_a_commit_stays() {
    let (request, head) = committed();
    let world = &request.world;
    let _ = world.run(&["plan", "--record"]).success();
    request.patch("Sync", json!({"description": "Mine."}));
    let moved = world.run(&["apply", "--expect", "recorded"]).exits(3);
    assert!(
        moved
            .stderr
            .contains("scenario.sync: it was changed in Make"),
        "{moved}"
    );
    let second = world.run(&["plan", "--record"]).exits(3);
    assert!(
        second
            .stderr
            .contains("another plan was recorded under commit"),
        "{second}"
    );
    let still = world.run(&["apply", "--expect", "recorded"]).exits(3);
    assert!(
        still
            .stderr
            .contains("scenario.sync: it was changed in Make"),
        "{still}"
    );
    // Another commit is reviewed again.
    assert_ne!(commit(world), head);
    let _ = world.run(&["plan", "--record"]).success();
    let _ = world.run(&["apply", "--expect", "recorded"]).success();
    world.assert_settled();
}

#[test]
fn what_is_recorded_is_what_was_committed() {
    let (mut request, head) = committed();
    request
        .world
        .edit("manifests/sync.yaml", "After.", "Later.");
    let dirty = request.world.run(&["plan", "--record"]).exits(1);
    assert!(dirty.stderr.contains("differ from the commit"), "{dirty}");
    request
        .world
        .edit("manifests/sync.yaml", "Later.", "After.");
    request
        .world
        .set_env("GITHUB_REF", Some("refs/pull/7/merge"));
    let merge = request.world.run(&["plan", "--record"]).exits(1);
    assert!(
        merge.stderr.contains("github.event.pull_request.head.sha"),
        "{merge}"
    );
    let _ = request
        .world
        .run(&["plan", "--record", "--commit", &head])
        .success();
    assert!(!request.world.holds(TOKEN));
}

#[test]
fn recording_disturbs_no_apply_that_is_under_way() {
    let (request, head) = committed();
    let world = &request.world;
    let _ = world.run(&["plan", "--record"]).success();
    let second = commit(world);
    assert_ne!(head, second);
    let child = world
        .command(&["apply", "--expect", "recorded", "--commit", &head])
        .env("MAKEFORM_FAILPOINT", "before-send:1:pause")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.unwrap();
    let journal = world.file(".makeform/sandbox/journal.jsonl");
    for _ in 0..600 {
        if fs::read_to_string(&journal).is_ok_and(|text| text.contains("intent")) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let before = fs::read(&journal).unwrap();
    let _ = world.run(&["plan", "--record"]).success();
    assert_eq!(fs::read(&journal).unwrap(), before);
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = world.run(&["apply", "--expect", "recorded"]).success();
    world.assert_settled();
}
