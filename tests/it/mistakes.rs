//! Bad input: every finding at once, each with its place, and never a panic.

use makeform::model::Dialect;

use crate::support::{examples::projects, world::World};

#[test]
fn ten_different_mistakes_give_ten_findings_in_one_run() {
    let world = World::new();
    world.write("manifests/a.yaml", MISTAKES);
    let output = world.run(&["validate", "--format", "json"]).exits(1);
    let findings: Vec<(String, u64, u64)> = output
        .stdout
        .lines()
        .flat_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["findings"].as_array().unwrap().clone()
        })
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| {
            assert_eq!(finding["file"], "manifests/a.yaml", "{finding}");
            let number = |key: &str| finding[key].as_u64().unwrap();
            (
                finding["code"].as_str().unwrap().to_owned(),
                number("line"),
                number("column"),
            )
        })
        .collect();
    let shown: Vec<String> = findings
        .iter()
        .map(|(code, line, column)| format!("{line}:{column} {code}"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    5:3 unknown-key
    6:11 wrong-type
    7:11 dangling-reference
    8:22 bad-value
    9:22 unreadable-file
    12:7 unknown-kind
    23:19 duplicate-address
    28:19 bad-name
    36:3 duplicate-key
    42:7 missing-key
    ");
    assert_eq!(findings.len(), 10);
    let mut codes: Vec<&String> = findings.iter().map(|(code, ..)| code).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 10, "ten different mistakes");
}

const MISTAKES: &str = r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec:
  nmae: Lead Sync
  active: "perhaps"
  folder: folder.crn
  schedule: { every: 15 parsecs }
  blueprint: { file: missing.json }
---
apiVersion: makeform/v1
kind: Scenaro
metadata: { name: other }
spec: {}
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM again }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: Leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: orders }
spec:
  name: Orders
  name: Orders again
  type: custom
---
apiVersion: makeform/v1
kind: TeamRole
metadata: { name: max }
spec: { email: max@acme.example }
"#;

#[test]
fn a_slip_in_what_is_typed_is_told_with_what_was_probably_meant() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let before = world.requests();
    for (typed, meant) in [
        // Commands, flags and their words.
        ("plna", "'plan'"),
        ("executions lst", "'list'"),
        ("auth logn", "'login'"),
        ("plan --onyl scenario.lead-sync", "'--only'"),
        ("plan --destory", "'--destroy'"),
        ("plan --format jsn", "'json'"),
        ("plan --color nevr", "'never'"),
        ("plan --progress plane", "'plain'"),
        ("export --layout kind", "'kinds'"),
        ("status --fail-on eror", "'errors'"),
        ("completions fsh", "'fish'"),
        ("init --ci gitlb", "'gitlab'"),
        ("sandbox serve --quirk last-edti=save", "'last-edit=save'"),
        ("state migrate --from gti", "`git`"),
        // Kinds.
        ("export --kind Scenaro", "'Scenario'"),
        ("schema --kind Webhok", "'Webhook'"),
        ("plan --only scenaro.lead-sync", "'scenario.lead-sync'"),
        ("plan --only TeamRole.ada", "'team-role.ada'"),
        ("run scenaro.lead-sync", "'scenario.lead-sync'"),
        ("incomplete retry scenaro.x --all", "'scenario.x'"),
        ("state mv webhook.leads webhok.lead", "'webhook.lead'"),
        // Names.
        ("plan --only scenario.Lead_Sync", "'scenario.lead-sync'"),
        ("state show Scenario.lead-sync", "'scenario.lead-sync'"),
        // Addresses.
        ("graph scenario.led-sync", "`scenario.lead-sync`"),
        ("import webhook.lead 7", "`webhook.leads`"),
        ("state show scenario.led-sync", "scenario.lead-sync"),
        ("state rm scenario.led-sync", "scenario.lead-sync"),
        (
            "state mv scenario.led-sync scenario.x",
            "scenario.lead-sync",
        ),
        ("run scenario.led-sync", "scenario.lead-sync"),
        ("run scenario.nonsense", "`makeform state list`"),
        ("executions list scenario.led-sync", "scenario.lead-sync"),
        ("incomplete list scenario.led-sync", "scenario.lead-sync"),
        // Codes, targets, applies and digests.
        ("apply --allow mass-delet", "`mass-delete`"),
        ("rollback --allow mass-delet", "`mass-delete`"),
        ("explain mas-delete", "`mass-delete`"),
        ("explain kind", "there are `unknown-kind`"),
        ("explain nonsense", "`makeform explain` lists them all"),
        ("rollback last", "`makeform state history` lists them"),
        ("rollback #7", "the last one is #1"),
        ("--target sandbx plan", "`sandbox`"),
        ("rollback 7", "the last one is #1"),
        ("rollback 7 --dry-run", "the last one is #1"),
        ("rollback --to-commit 0123456789", "`0123456789`"),
        ("apply --expect sha256:4f1c", "64 hexadecimal digits"),
        ("apply --expect recorde", "`recorded`"),
        ("rollback --expect recorded", "64 hexadecimal digits"),
    ] {
        slip(&world, typed, meant);
    }
    // For these the account need not be asked; for those it has to be.
    assert_eq!(world.requests(), before);
    for (typed, meant) in [
        ("plan --only scenario.lead-sinc", "`scenario.lead-sync`"),
        ("drift --only webhook.led", "`webhook.leads`"),
        ("export --only scenario.led-sync", "scenario.lead-sync"),
        (
            "rollback --only scenario.led-sync --dry-run",
            "`scenario.lead-sync`",
        ),
    ] {
        slip(&world, typed, meant);
    }
}

/// What is typed is refused, and what was meant is said.
#[track_caller]
fn slip(world: &World, typed: &str, meant: &str) {
    let args: Vec<&str> = typed.split(' ').collect();
    let output = world.run(&args).exits(1);
    // What a plan finds is part of the plan.
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains(meant), "{typed}: {output}");
}

#[test]
fn a_slip_in_a_file_is_told_with_what_was_probably_meant() {
    const ROLES: &str = "manifests/team/roles.yaml";
    const LEADS: &str = "manifests/lead-to-crm/lead-sync.yaml";
    for (file, right, wrong, meant) in [
        (
            "makeform.yaml",
            "kind: Project",
            "kind: Projct",
            "`Project`",
        ),
        ("makeform.yaml", "manifests:", "manifsts:", "`manifests`"),
        ("makeform.yaml", "vars: {", "vasr: {", "`vars`"),
        (
            "makeform.yaml",
            "defaultTarget: sandbox",
            "defaultTarget: sandbx",
            "`sandbox`",
        ),
        (
            "makeform.yaml",
            "defaultTarget: sandbox",
            "lints: { raw-di: off }",
            "`raw-id`",
        ),
        (
            "makeform.yaml",
            "url: \"sandbox:\"",
            "url: \"sandbox:\"\n      exclude: [webhook.lead]",
            "`webhook.leads`",
        ),
        (
            "makeform.yaml",
            "url: \"sandbox:\"",
            "url: \"sandbox:\"\n      overrides: { scenaro.lead-sync: { active: false } }",
            "`scenario.lead-sync`",
        ),
        (
            "makeform.yaml",
            "url: \"sandbox:\"",
            "url: \"sandbox:\"\n      overrides: { scenario.led-sync: { active: false } }",
            "`scenario.lead-sync`",
        ),
        (LEADS, "kind: Scenario", "kind: Scenaro", "`Scenario`"),
        (
            LEADS,
            "metadata: { name: crm }",
            "metadata: { nmae: crm }",
            "`name`",
        ),
        (LEADS, "description:", "descripton:", "`description`"),
        (
            LEADS,
            "folder: folder.crm",
            "folder: folder.crn",
            "`folder.crm`",
        ),
        (
            LEADS,
            "folder: folder.crm",
            "folder: foldr.crm",
            "`folder.crm`",
        ),
        (
            LEADS,
            "immediately: true",
            "imediately: true",
            "`immediately`",
        ),
        (
            LEADS,
            "file: lead-sync.blueprint.json",
            "file: lead-snc.blueprint.json",
            "`lead-sync.blueprint.json`",
        ),
        (LEADS, "type: custom", "type: custm", "`custom`"),
        (ROLES, "role: builder", "role: bulder", "`builder`"),
        (ROLES, "role: builder", "role: Team Membr", "`Team Member`"),
        (
            ROLES,
            "role: builder",
            "role: dictator",
            "viewer, builder, manager, admin",
        ),
        (ROLES, "role: Member", "role: admn", "`Admin`"),
        (ROLES, "email: sam@", "emial: sam@", "`email`"),
    ] {
        let world = World::copy_of("examples");
        world.edit(file, right, wrong);
        slip_in_a_file(&world, wrong, meant);
    }
    for (wrong, meant) in [
        (
            "moved: [{ from: foldr.old, to: folder.crm }]",
            "`folder.old`",
        ),
        (
            "moved: [{ from: folder.old, to: folder.crn }]",
            "`folder.crm`",
        ),
        ("removed: [{ address: webhok.old }]", "`webhook.old`"),
        ("removed: [{ adress: webhook.old }]", "`address`"),
    ] {
        let world = World::copy_of("examples");
        let text = format!("apiVersion: makeform/v1\n{wrong}\n");
        world.write("manifests/more.yaml", &text);
        slip_in_a_file(&world, wrong, meant);
    }
    for (wrong, meant) in [
        ("sandbx: { scenario.lead-sync: 7 }", "`sandbox`"),
        ("sandbox: { scenaro.lead-sync: 7 }", "`scenario.lead-sync`"),
    ] {
        let world = World::copy_of("examples");
        let text = format!("apiVersion: makeform/v1\nkind: Ids\nspec: {{ {wrong} }}\n");
        world.write("makeform.ids.yaml", &text);
        slip_in_a_file(&world, wrong, meant);
    }
}

/// A plan tells what is wrong, and what was meant.
#[track_caller]
fn slip_in_a_file(world: &World, wrong: &str, meant: &str) {
    let output = world.run(&["plan"]);
    let said = format!("{}{}", output.stdout, output.stderr);
    let helps = said
        .lines()
        .filter(|line| line.trim().starts_with("= help:"));
    let helps: Vec<&str> = helps.collect();
    assert!(
        helps.iter().any(|help| help.contains(meant)),
        "{wrong}: {output}"
    );
}

#[test]
fn api_make_com_names_its_roles_too() {
    for (role, meant) in [
        ("bulder", "did you mean `builder`?"),
        ("King", "there are: viewer"),
    ] {
        for world in projects(Dialect::Unified) {
            let members = "manifests/members.yaml";
            if world.file(members).exists() {
                world.edit(members, "role: builder", &format!("role: {role}"));
                slip_in_a_file(&world, role, meant);
            }
        }
    }
}

#[test]
fn who_has_no_project_is_told_how_to_begin_one() {
    let world = World::empty();
    let nothing = world.run(&["plan"]).exits(1);
    assert!(nothing.stderr.contains("`makeform init`"), "{nothing}");
    let explained = world.run(&["explain", "no-project"]).success();
    assert!(explained.stdout.contains("`makeform init`"), "{explained}");
}

#[test]
fn a_code_is_explained_however_it_is_written() {
    let world = World::empty();
    let usual = world.run(&["explain", "access-denied"]).success();
    for written in ["ACCESS-DENIED", "Access_Denied"] {
        let explained = world.run(&["explain", written]).success();
        assert_eq!(explained.stdout, usual.stdout, "{written}");
    }
}

#[test]
fn a_summary_is_no_long_text_and_of_no_other_form() {
    let world = World::copy_of("examples");
    for args in [
        &["plan", "--summary", "--full"][..],
        &["--full", "plan", "--summary"],
        &["plan", "--summary", "--format", "json"],
        &["plan", "--format", "markdown", "--summary"],
        &["plan", "--summary", "--format", "github"],
    ] {
        let refused = world.run(args).exits(1);
        assert!(
            refused.stderr.contains("cannot be used with"),
            "{args:?}: {refused}"
        );
        assert!(refused.stdout.is_empty(), "{refused}");
    }
    let summary = world.run(&["plan", "--summary"]).success();
    let said = world
        .run(&["plan", "--summary", "--format", "text"])
        .success();
    assert_eq!(said.stdout, summary.stdout);
}

#[test]
fn what_apply_says_last_has_the_reason_of_each_failure() {
    let world =
        World::copy_of("examples").with_env("MAKEFORM_SANDBOX", "fault POST /scenarios: 422");
    let output = world.run(&["apply", "--auto-approve"]).exits(4);
    let failed: Vec<&str> = output
        .stdout
        .lines()
        .filter(|line| line.contains(": failed"))
        .collect();
    assert!(!failed.is_empty(), "{output}");
    for line in failed {
        assert!(
            line.contains(": failed: POST /scenarios was refused with status 422"),
            "{line}"
        );
    }
}

#[test]
fn a_refusal_says_what_was_done_to_which_thing_what_make_said_and_what_it_usually_means() {
    for (fault, code, help) in [
        ("401", "token-refused", "`makeform auth login`"),
        ("403", "access-denied", "`scenarios:write`"),
        ("404", "request-refused", "plan again"),
        ("413", "request-refused", "no request of this size"),
        ("422", "request-refused", "mend what Make does not accept"),
        ("500", "step-failed", "nothing is made twice"),
    ] {
        let world = World::copy_of("examples").with_env(
            "MAKEFORM_SANDBOX",
            &format!("fault POST /scenarios: {fault}"),
        );
        let output = world.run(&["apply", "--auto-approve"]);
        assert_ne!(output.code, Some(0), "{output}");
        let said = &output.stderr;
        let head = format!("error[{code}]: scenario.orders-report: ");
        let (_, told) = said
            .split_once(&head)
            .unwrap_or_else(|| panic!("{fault}: {output}"));
        let told = told.split("\nerror[").next().unwrap();
        for text in [
            "POST /scenarios was",
            &format!("status {fault}: The sandbox answers {fault}"),
            "--> manifests/nightly-sync/orders.yaml:14:19",
            "metadata: { name: orders-report }",
            help,
        ] {
            assert!(told.contains(text), "{fault}: `{text}` is not in {told}");
        }
    }
}

#[test]
fn what_the_token_may_not_read_names_the_scope_that_it_lacks() {
    let lacks = "the token lacks the scope `hooks:read`";
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let world = world.with_env("MAKEFORM_SANDBOX", "fault GET /hooks: 403");
    let plan = world.run(&["plan"]);
    let (_, told) = plan
        .stdout
        .split_once("warning[incomplete-snapshot]")
        .unwrap_or_else(|| panic!("{plan}"));
    for said in [
        "GET /hooks was refused with status 403",
        lacks,
        "auth status",
    ] {
        assert!(told.contains(said), "{said}: {plan}");
    }
    // What is wrong comes first; the override last.
    let override_at = told.find("or go on with `--allow incomplete-snapshot`");
    assert!(told.find(lacks) < override_at, "{plan}");
    let drift = world.run(&["drift"]);
    let said = format!("{}{}", drift.stdout, drift.stderr);
    assert!(said.contains(lacks), "{drift}");
}
#[cfg(unix)]
#[test]
fn a_manifest_whose_name_can_not_be_read_is_not_taken_for_gone() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::new();
    world.write(
        "manifests/good.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: good }\nspec: { name: Good }\n",
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let odd = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
    let odd = world.file("manifests").join(odd);
    std::fs::rename(world.file("manifests/good.yaml"), odd).unwrap();
    for command in ["validate", "plan"] {
        let refused = world.run(&[command]).exits(1);
        assert!(refused.stderr.contains("is not UTF-8"), "{refused}");
    }
}
