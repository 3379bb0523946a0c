//! What an apply says and does when single requests go wrong: what the sweep over all of them
//! (`sweep`) has found, told as stories.

use makeform::model::Dialect;

use crate::support::{
    examples::projects,
    world::{Output, World},
};

fn apply(world: &World, fault: &str) -> Output {
    let args = ["apply", "--auto-approve"];
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
