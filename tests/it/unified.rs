//! An account of the unified dialect, over HTTP: the real program, the real server.

use std::fs;

use makeform::{live::transport::Method, model::Dialect, sandbox::TOKEN};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    examples::{TICKETS_PASSWORD, TICKETS_USER, projects},
    server::Server,
    world::{Output, World},
};

/// An account, and who applies the examples of the dialect to it.
struct Story {
    /// Whose world is served.
    account: World,
    server: Server,
    url: String,
    world: World,
}

impl Story {
    /// On a plan that tells its limit, which is not reached.
    fn new(extra: &[&str]) -> Self {
        Self::on_plan("teams", extra)
    }

    fn on_plan(plan: &str, extra: &[&str]) -> Self {
        let account = World::new();
        let mut args = vec!["--plan", plan];
        args.extend(extra);
        let (server, url) = Server::start_both(&account, &args);
        let world = projects(Dialect::Unified).pop().unwrap();
        let target = format!("url: {url}\n      token: ${{env.MAKE_API_KEY}}\n      dialect");
        world.edit("makeform.yaml", "url: \"sandbox:\"\n      dialect", &target);
        Self {
            account,
            server,
            url,
            world: world.with_env("MAKE_API_KEY", TOKEN),
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.world.run(args);
        for secret in [TICKETS_USER, TICKETS_PASSWORD, TOKEN] {
            assert!(!output.to_string().contains(secret), "{output}");
        }
        output
    }

    fn apply(&self) -> Output {
        self.run(&["apply", "--auto-approve"])
    }

    #[track_caller]
    fn assert_settled(&self) {
        let plan = self.run(&["plan", "--detailed-exitcode"]).success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
    }
}

/// Ids of the account, by the addresses that the ledger knows.
fn bound(story: &Story) -> Vec<(String, String)> {
    let list = story.run(&["state", "list"]).success();
    let rows = list.stdout.lines().skip(1).filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    });
    rows.collect()
}

#[test]
fn what_is_applied_over_http_settles_and_comes_back_by_an_export() {
    let story = Story::new(&[]);
    let _ = story.apply().success();
    story.assert_settled();
    let writes = story.account.writes();
    let _ = story.apply().success();
    assert_eq!(story.account.writes(), writes, "a no-op apply sent a write");

    // Beside the server this process looks into the same world, in the other dialect.
    let beside = Account::of(&story.account);
    let triage = beside.scenario("Ticket triage");
    assert_eq!(triage["isActive"], true);
    assert_eq!(triage["hookId"], beside.hooks()[0]["id"]);
    drop(beside);

    let exported = story.run(&["export", "--out", "exported"]).success();
    assert!(!exported.stderr.contains("export-incomplete"), "{exported}");
    let project = story.world.read("exported/makeform.yaml");
    assert!(
        project.contains(&story.url) && project.contains("dialect: unified"),
        "{project}"
    );
    let again = story.run(&["-C", "exported", "plan", "--detailed-exitcode"]);
    assert!(again.success().stdout.contains("No changes"));
    for secret in [TICKETS_USER, TICKETS_PASSWORD, TOKEN] {
        assert!(!story.world.holds(secret), "{secret} was written down");
    }
}

#[test]
fn edits_of_a_manifest_are_one_update_each_and_a_webhook_is_made_anew() {
    let story = Story::new(&[]);
    let _ = story.apply().success();
    let (reports, tickets) = ("manifests/reports.yaml", "manifests/tickets.yaml");
    story.world.edit(reports, "0 8 * * 1-5", "30 7 * * 1-5");
    let only = ["plan", "--only", "scenario.open-tickets"];
    let plan = story.run(&only).success();
    assert!(
        plan.stdout
            .contains("schedule: mon-fri at 08:00 -> mon-fri at 07:30"),
        "{plan}"
    );
    assert!(
        plan.stdout
            .contains("Plan: 0 to add, 1 to change, 0 to destroy.")
    );

    story.world.edit(tickets, "type: raw", "type: custom");
    story
        .world
        .edit("manifests/members.yaml", "role: viewer", "role: manager");
    let plan = story.run(&["plan"]).success();
    assert!(plan.stdout.contains("-/+ webhook.tickets"), "{plan}");
    assert!(
        plan.stdout
            .contains("Plan: 1 to add, 3 to change, 1 to destroy."),
        "{plan}"
    );
    // Its URL changes, and nobody says what waits in its queue.
    let _ = story.apply().exits(3);
    let guards = ["--allow", "hook-url-changes", "--allow", "waiting-work"];
    let allowed = [&["apply", "--auto-approve"], &guards[..]].concat();
    let _ = story.run(&allowed).success();
    story.assert_settled();
    let beside = Account::of(&story.account);
    assert_eq!(beside.hooks().len(), 1);
    drop(beside);

    // What another did there is seen, and mended.
    let beside = Account::of(&story.account);
    let path = format!("/scenarios/{}/stop", beside.scenario("Open tickets")["id"]);
    let _ = beside.write(Method::Post, &path, json!({}));
    drop(beside);
    let plan = story.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("active"), "{plan}");
    let _ = story.apply().success();
    story.assert_settled();
}

#[test]
fn the_ledger_is_looked_at_edited_and_found_again() {
    let story = Story::new(&[]);
    let _ = story.apply().success();
    let before = bound(&story);
    assert_eq!(before.len(), 6, "{before:?}");
    let shown = story.run(&["state", "show", "webhook.tickets"]).success();
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let security = &shown["applied"]["security"];
    assert_eq!(security["password"], "${env.TICKETS_PASSWORD}", "{shown}");

    // A new address, in the manifests and in the ledger.
    story
        .world
        .edit("manifests/reports.yaml", "name: month-end", "name: monthly");
    let moved = ["state", "mv", "scenario.month-end", "scenario.monthly"];
    let _ = story.run(&moved).success();
    story.assert_settled();

    // Forgotten, then said again which object it is.
    let id = &before
        .iter()
        .find(|(name, _)| name == "webhook.tickets")
        .unwrap()
        .1;
    let _ = story.run(&["state", "rm", "webhook.tickets"]).success();
    assert_eq!(bound(&story).len(), 5);
    let other = story.run(&["import", "webhook.tickets", "999"]).exits(1);
    assert!(
        other
            .stderr
            .contains("organization 1 has no Webhook with id 999"),
        "{other}"
    );
    let _ = story.run(&["import", "webhook.tickets", id]).success();
    story.assert_settled();
    let _ = story.apply().success();
    assert_eq!(bound(&story).len(), 6);
}

#[test]
fn a_login_says_what_it_is_for_and_the_server_which_plan_it_is() {
    let story = Story::on_plan("core", &[]);
    let status = story.run(&["auth", "status", "--format", "json"]).success();
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["plan"], "Core");
    assert_eq!(status["requestsPerMinute"], 120);
    assert_eq!(status["organization"]["id"], 1);
    let untold = ["user", "team", "scopes"].map(|key| &status[key]);
    assert_eq!(untold, [&json!(null); 3], "{status}");
    let status = story.run(&["auth", "status"]).success();
    assert!(!status.stdout.contains("team"), "{status}");

    let doctor = story.run(&["doctor"]).success();
    assert!(doctor.stdout.contains("(unified dialect)"), "{doctor}");
    assert!(
        doctor
            .stdout
            .contains("Core, by its limit of 120 requests a minute"),
        "{doctor}"
    );
    assert!(
        !doctor.stdout.contains("warn") && !doctor.stdout.contains("team"),
        "{doctor}"
    );

    story
        .world
        .edit("makeform.yaml", "organization: 1", "organization: 7");
    let doctor = story.run(&["doctor"]).exits(1);
    assert!(doctor.stdout.contains("fail  organization"), "{doctor}");
}

#[test]
fn a_webhook_is_called_by_who_shows_what_guards_it_and_the_run_is_watched() {
    let story = Story::new(&[]);
    let _ = story.apply().success();
    let run = story
        .run(&["run", "scenario.open-tickets", "--wait"])
        .success();
    let id = run.stdout.trim();
    let list = [
        "executions",
        "list",
        "scenario.open-tickets",
        "--format",
        "json",
    ];
    let list = story.run(&list).success();
    assert!(list.stdout.contains(id), "{list}");
    let show = ["executions", "show", "scenario.open-tickets", id];
    assert!(story.run(&show).success().stdout.contains("success"));
    assert_eq!(call_webhook(&story.url), [401, 200]);
    // Without a schedule what was sent waits for somebody who runs the scenario.
    let _ = story
        .run(&["run", "scenario.ticket-triage", "--wait"])
        .success();
    let list = ["executions", "list", "scenario.ticket-triage"];
    let list = story.run(&list).success();
    assert_eq!(list.stdout.lines().count(), 2, "one run: {list}");
    let status = story.run(&["status"]).success();
    assert!(
        status.stdout.contains("3 scenarios, all healthy"),
        "{status}"
    );
}

/// Calls the one webhook of an account, first as a stranger: the statuses.
fn call_webhook(url: &str) -> [u16; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        makeform::live::install_tls();
        let client = reqwest::Client::new();
        let list = client.get(format!("{url}/api/v2/webhooks"));
        let list = list.header("authorization", format!("Token {TOKEN}"));
        let list: Value = {
            let text = list.send().await.unwrap().text().await.unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let hook = list["data"][0]["url"].as_str().unwrap();
        let ask = || client.get(format!("{hook}?subject=Help"));
        let stranger = ask().send().await.unwrap().status();
        let desk = ask().basic_auth(TICKETS_USER, Some(TICKETS_PASSWORD));
        [stranger, desk.send().await.unwrap().status()].map(|status| status.as_u16())
    })
}

#[test]
fn a_429_in_the_middle_is_waited_out_and_the_apply_goes_on() {
    let story = Story::new(&["--fault", "POST /webhooks: 429, once"]);
    let applied = story.apply().success();
    assert!(applied.stdout.contains("Apply complete!"), "{applied}");
    story.assert_settled();
    let beside = Account::of(&story.account);
    assert_eq!((beside.scenarios().len(), beside.hooks().len()), (3, 1));
    let asked = story.account.requests();
    assert_eq!(asked["unified POST /webhooks"], 2, "{asked:?}");
}

#[test]
fn a_webhook_that_fails_leaves_its_scenario_off_and_the_next_apply_ends_well() {
    for (fault, code) in [("400, once", 4), ("500, once", 4), ("500 after, once", 0)] {
        let mut story = Story::new(&["--fault", &format!("POST /webhooks: {fault}")]);
        // What the server was sent has arrived: nothing is waited for but what is on its way.
        story.world.set_env("MAKEFORM_TIMEOUTS", Some("arrival 1s"));
        let ended = story.apply().exits(code);
        let is_off = ended.stderr.contains("stays switched off");
        assert_eq!(is_off, code == 4, "{ended}");
        let beside = Account::of(&story.account);
        let triage = beside.scenario("Ticket triage");
        assert_eq!(triage["isActive"], !is_off, "{fault}");
        drop(beside);
        let _ = story.apply().success();
        story.assert_settled();
        let beside = Account::of(&story.account);
        assert_eq!(
            beside.scenario("Ticket triage")["isActive"],
            true,
            "{fault}"
        );
        assert_eq!(
            (beside.scenarios().len(), beside.hooks().len()),
            (3, 1),
            "{fault}"
        );
    }
}

const DESTROY: [&str; 11] = [
    "apply",
    "--destroy",
    "--auto-approve",
    "--allow",
    "prevent-destroy",
    "--allow",
    "mass-delete",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
];

#[test]
fn a_destroy_over_http_takes_away_all_but_the_members() {
    let story = Story::new(&[]);
    let _ = story.apply().success();
    let writes = story.account.writes();
    // Nothing removes a member there.
    let refused = story.run(&DESTROY).exits(3);
    assert!(refused.to_string().contains("not-supported"), "{refused}");
    assert_eq!(story.account.writes(), writes, "{refused}");
    let members: Vec<String> = bound(&story)
        .into_iter()
        .filter_map(|(address, _)| address.contains("-role.").then_some(address))
        .collect();
    assert!(!members.is_empty());
    for address in &members {
        let _ = story.run(&["state", "rm", address]).success();
    }
    fs::remove_file(story.world.file("manifests/members.yaml")).unwrap();

    let destroyed = story.run(&DESTROY).success();
    assert!(destroyed.stdout.contains("Apply complete!"), "{destroyed}");
    let beside = Account::of(&story.account);
    assert_eq!((beside.scenarios().len(), beside.hooks().len()), (0, 0));
    drop(beside);
    assert_eq!(bound(&story), []);
    let plan = story.run(&["plan", "--destroy", "--detailed-exitcode"]);
    assert!(plan.success().stdout.contains("No changes"));
    // And all of it can be made anew.
    let _ = story.apply().success();
    story.assert_settled();
}

#[test]
fn with_tls_the_dialect_is_applied_exported_and_destroyed_through_the_authority_alone() {
    let mut story = Story::new(&["--tls"]);
    assert!(story.url.starts_with("https://127.0.0.1:"), "{}", story.url);
    let stranger = story.apply().exits(1);
    assert!(stranger.stderr.contains("account-unreached"), "{stranger}");
    let said = story.server.says();
    let authority = said.split_whitespace().next_back().unwrap();
    story.world.set_env("MAKEFORM_CA_FILE", Some(authority));
    let _ = story.apply().success();
    story.assert_settled();
    let _ = story.run(&["export", "--out", "exported"]).success();
    let again = story.run(&["-C", "exported", "plan", "--detailed-exitcode"]);
    assert!(again.success().stdout.contains("No changes"));
    let webhook = [
        "apply",
        "--destroy",
        "--auto-approve",
        "--only",
        "webhook.tickets",
    ];
    let _ = story.run(&webhook).exits(3);
}
