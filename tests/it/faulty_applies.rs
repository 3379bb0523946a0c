//! What an apply says and does when single requests go wrong: what the sweep over all of them
//! (`sweep`) has found, told as stories.

use makeform::model::Dialect;

use crate::support::{
    examples::projects,
    world::{Output, World},
};

fn apply(world: &World, fault: &str) -> Output {
    apply_with(world, &[], fault)
}

fn apply_with(world: &World, more: &[&str], fault: &str) -> Output {
    let args = [&["apply", "--auto-approve"], more].concat();
    let mut command = world.command(&args);
    let output = command
        .env("MAKEFORM_SANDBOX", format!("fault {fault}"))
        .output()
        .unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

#[test]
fn an_error_of_an_apply_names_its_step_and_what_to_do() {
    let world = World::copy_of("examples");
    let output = apply(&world, "1st POST /hooks: 409").exits(4);
    let line = "error[request-refused]: webhook.leads: POST /hooks was refused with status 409: ";
    assert!(output.stderr.contains(line), "{output}");
    assert!(
        output
            .stderr
            .contains("= help: something in Make stands in its way"),
        "{output}"
    );
}

#[test]
fn a_lost_answer_is_said_with_what_became_of_it() {
    let world = World::copy_of("examples");
    let output = apply(&world, "1st POST /hooks: drop").exits(4);
    let words = "error[step-failed]: webhook.leads: nobody knows whether it was carried out: failed \
                 to get an answer to POST /hooks: lost the answer of the sandbox: the connection broke";
    assert!(output.stderr.contains(words), "{output}");
}

/// The sandbox claims a limit that nobody reaches, so that nothing is counted.
#[test]
fn refusals_for_a_while_are_waited_out_where_there_is_no_limit() {
    for fault in ["any: 429 for 500ms", "first 2 write: 429 retry-after 1s"] {
        let world = World::copy_of("examples").with_env("MAKEFORM_MINUTE", "1.2");
        let output = apply(&world, fault).success();
        assert!(output.stdout.contains("Apply complete!"), "{output}");
        world.assert_settled();
    }
}

#[test]
fn a_token_that_is_taken_no_longer_is_said_once() {
    let world = World::copy_of("examples");
    let output = apply(&world, "from 1st PATCH /scenarios/*: 401").exits(4);
    let errors = output.stderr.matches("error[").count();
    assert_eq!(errors, 1, "{output}");
    assert!(
        output.stderr.contains("error[token-refused]: scenario."),
        "{output}"
    );
    assert!(output.stdout.contains(": not reached"), "{output}");
}

/// What was made in spite of a refusal is ours: it was not there before, and is what was sent.
#[test]
fn a_refused_create_that_was_done_is_not_taken_for_somebody_else_s() {
    for refused in [
        "2nd POST /scenarios: 403 after",
        "2nd POST /hooks: 400 after",
    ] {
        let world = World::copy_of("examples");
        let _ = apply(&world, refused).exits(4);
        let again = world.run(&["apply", "--auto-approve"]).success();
        assert!(!again.stdout.contains("adopted"), "{again}");
        world.assert_settled();
    }
}

#[test]
fn a_scenario_that_can_t_be_read_or_stopped_is_not_one_that_somebody_changed() {
    let world = projects(Dialect::Unified).swap_remove(0);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.edit(
        "manifests/lead-to-crm/lead-sync.yaml",
        "Leads from the website",
        "Leads of all sites",
    );
    // Before the webhook is made anew, the scenario that it starts is read and stopped.
    for (fault, words) in [
        (
            "2nd GET /scenarios/1003: 302",
            "webhook.leads: scenario.lead-sync stands on it, and can't be read: GET",
        ),
        (
            "1st PATCH /scenarios/1003: 403",
            "webhook.leads: scenario.lead-sync stands on it, and can't be stopped: PATCH",
        ),
    ] {
        let output = apply_with(&world, &MEANT, fault).exits(1);
        assert!(output.stderr.contains(words), "{output}");
        assert!(!output.to_string().contains("somebody changed"), "{output}");
    }
    let _ = world
        .run(&[&["apply", "--auto-approve"], &MEANT[..]].concat())
        .success();
    world.assert_settled();
}

/// That a webhook is made anew.
const MEANT: [&str; 4] = ["--allow", "hook-url-changes", "--allow", "waiting-work"];

#[test]
fn who_can_t_be_looked_up_is_neither_called_a_stranger_nor_invited_again() {
    // A refusal that is not about the token's scope leaves the people unread.
    let output = apply(&World::copy_of("examples"), "1st GET /users: 404").exits(3);
    assert!(
        output.stdout.contains("warning[incomplete-snapshot]"),
        "{output}"
    );
    // A token without that scope may still tell who is in the team.
    let output = apply(&World::copy_of("examples"), "1st GET /users: 403").exits(1);
    assert!(
        output.stdout.contains("who else is in the organization could not be read: GET /users was refused with status 403"),
        "{output}"
    );
}

/// Beside the step, the list of the organization's people is refused: whom only that one shows has
/// not changed.
#[test]
fn who_can_t_be_looked_up_beside_a_step_is_not_somebody_who_changed() {
    let world = World::new();
    world.write(
        "manifests/nina.yaml",
        "apiVersion: makeform/v1\nkind: OrganizationRole\nmetadata: { name: nina }\n\
         spec: { email: nina@acme.example, role: Member }\n",
    );
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let destroy = ["--destroy", "--allow", "mass-delete"];
    let output = apply_with(&world, &destroy, "2nd GET /users: 403").exits(1);
    for words in [
        "error[access-denied]: GET /users was refused with status 403",
        "--> organization-role.nina",
    ] {
        assert!(output.stderr.contains(words), "{output}");
    }
    let _ = world
        .run(&[&["apply", "--auto-approve"], &destroy[..]].concat())
        .success();
    let plan = world.run(&["plan", "--destroy", "--detailed-exitcode"]);
    assert!(plan.success().stdout.contains("No changes"));
}

#[test]
fn a_scenario_that_is_listed_and_once_not_found_is_not_gone() {
    let world = projects(Dialect::Unified).swap_remove(0);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let output = apply(&world, "1st GET /scenarios/1001: 404").success();
    assert!(output.stdout.contains("No changes"), "{output}");
}

#[test]
fn what_stands_in_a_list_that_was_not_read_is_not_called_missing() {
    let output = apply(&World::copy_of("examples"), "GET /connections: 403").exits(1);
    let words = "error[connection-not-found]: the connection of type `slack` named `Acme Slack` can't be \
                 looked up: GET /connections was refused with status 403";
    assert!(output.stdout.contains(words), "{output}");
    assert!(!output.stdout.contains("create it in Make"), "{output}");
}
