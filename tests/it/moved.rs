//! A ledger that goes to another place: it is taken along, or nothing is done.

use makeform::sandbox::TOKEN;

use crate::{
    init::git,
    support::{server::Server, world::World},
};

/// A project with an account over HTTP and a repository with a remote.
fn project(url: &str) -> World {
    let world = World::new()
        .with_env("PATH", &std::env::var("PATH").unwrap())
        .with_env("MAKE_API_KEY", TOKEN);
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: moved }}\nspec:\n  \
             manifests: [manifests/*.yaml]\n  state: file\n  targets:\n    prod: {{ url: \"{url}\" }}\n"
        ),
    );
    let folder = |name: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: {name} }}\nspec: {{ name: \
             {name} }}\n"
        )
    };
    world.write("manifests/kept.yaml", &folder("kept"));
    world.write("manifests/gone.yaml", &folder("gone"));
    git(&world, &["init", "--quiet"]);
    git(&world, &["init", "--quiet", "--bare", "remote.git"]);
    git(&world, &["remote", "add", "origin", "./remote.git"]);
    world
}

#[test]
fn what_the_ledger_of_before_knows_is_forgotten_by_nobody() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let world = project(&server.url);
    let _ = world.run(&["apply", "--auto-approve"]).success();

    // A ledger that begins anew would not know that the folder was ours, and leave it.
    std::fs::remove_file(world.file("manifests/gone.yaml")).unwrap();
    world.edit("makeform.yaml", "state: file", "state: git");
    for command in [
        &["plan"][..],
        &["apply", "--auto-approve"],
        &["apply", "--destroy", "--auto-approve"],
        &["drift"],
        &["state", "list"],
    ] {
        let refused = world.run(command).exits(1);
        assert!(refused.stderr.contains("error[ledger-moved]"), "{refused}");
        let help = "take it along with `makeform state migrate --from file`";
        assert!(refused.stderr.contains(help), "{refused}");
    }
    let _ = world.run(&["state", "migrate", "--from", "file"]).success();
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("- folder.gone"), "{plan}");

    // A ref that is lost is no reason to begin anew either.
    git(
        &world,
        &["push", "--quiet", "origin", ":refs/makeform/prod"],
    );
    let seen = "refs/makeform-remotes/origin/prod";
    git(&world, &["update-ref", "-d", seen]);
    let refused = world.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("put the ledger back"), "{refused}");
    world.edit("makeform.yaml", "state: git", "state: file");
    let _ = world.run(&["state", "migrate", "--from", "git"]).success();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
}
