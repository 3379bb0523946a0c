//! Projects in a git repository, as their users have them.

use std::process::Command;

use super::world::World;

/// Runs git in a world; gives what it prints.
pub(crate) fn git(world: &World, args: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"])
        .args(args)
        .current_dir(world.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Makes the world a repository.
pub(crate) fn init(world: &World) {
    world.write(".gitignore", ".makeform\n.config\n.cache\n");
    let _ = git(world, &["init", "--quiet"]);
}

/// Commits all that there is; gives the commit.
pub(crate) fn commit(world: &World) -> String {
    let _ = git(world, &["add", "--all"]);
    let _ = git(
        world,
        &["commit", "--quiet", "--allow-empty", "-m", "Change"],
    );
    git(world, &["rev-parse", "HEAD"])
}

/// Checks an earlier commit out.
pub(crate) fn check_out(world: &World, commit: &str) {
    let _ = git(world, &["checkout", "--quiet", commit]);
}
