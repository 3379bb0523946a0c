//! A project from nothing, as a new user begins it.

use std::process::Command;

use makeform::sandbox::TOKEN;
use serde_json::Value;

use crate::support::{server::Server, world::World};

/// What CI and people do next with what was begun.
fn lives(world: &World) {
    let _ = world.run(&["validate"]).success();
    let plan = world.run(&["plan"]).success();
    assert!(plan.stdout.contains("1 to add, 0 to change"), "{plan}");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    let run = ["run", "scenario.hello", "--wait"];
    let _ = world.run(&run).success();
}

pub(crate) fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// A world in which git is found.
fn with_git() -> World {
    World::empty().with_env("PATH", &std::env::var("PATH").unwrap())
}

pub(crate) fn git(world: &World, args: &[&str]) {
    let done = Command::new("git")
        .args(args)
        .current_dir(world.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn an_empty_folder_becomes_a_project_that_applies_and_settles() {
    let world = World::empty();
    let begun = world.run(&["init", "--name", "acme"]).success();
    assert_eq!(begun.stdout, "");
    insta::assert_snapshot!(begun.stderr);
    insta::assert_snapshot!("project", world.read("makeform.yaml"));
    assert_eq!(world.read(".gitignore"), ".makeform/\n");
    assert_eq!(
        world.read(".gitattributes"),
        "*.editor.json linguist-generated\n"
    );
    lives(&world);

    let again = world.run(&["init"]).exits(1);
    assert!(
        again.stderr.contains("there is a project already"),
        "{again}"
    );
}

#[test]
fn the_workflow_of_github_plans_on_pull_requests_and_applies_on_merges() {
    let world = World::empty();
    let args = [
        "init",
        "--name",
        "acme",
        "--url",
        "eu1",
        "--organization",
        "12",
        "--team",
        "Marketing",
        "--state",
        "s3://acme/make",
    ];
    let begun = world.run(&args).success();
    assert!(!begun.stderr.contains("CI can't apply"), "{begun}");
    insta::assert_snapshot!("project_of_an_account", world.read("makeform.yaml"));
    let text = world.read(".github/workflows/makeform.yml");
    insta::assert_snapshot!("github", text);
    let workflow = yaml(&text);
    assert_eq!(
        workflow["on"]["push"]["branches"],
        serde_json::json!(["main"])
    );
    assert_eq!(
        workflow["jobs"]["plan"]["if"],
        "github.event_name == 'pull_request'"
    );
    assert_eq!(
        workflow["jobs"]["apply"]["if"],
        "github.event_name == 'push'"
    );
    lives(&world);
}

#[test]
fn gitlab_has_jobs_in_a_file_of_their_own() {
    let world = World::empty();
    let _ = world.run(&["init", "--ci", "gitlab"]).success();
    let text = world.read(".gitlab/makeform.yml");
    insta::assert_snapshot!("gitlab", text);
    assert_eq!(yaml(&text)["makeform-plan"]["stage"], "test");
    assert_eq!(
        yaml(&world.read(".gitlab-ci.yml"))["include"][0]["local"],
        ".gitlab/makeform.yml"
    );

    let other = World::empty();
    other.write(".gitlab-ci.yml", "stages: [mine]\n");
    let begun = other.run(&["init", "--ci", "gitlab"]).success();
    assert_eq!(other.read(".gitlab-ci.yml"), "stages: [mine]\n");
    assert!(
        begun.stderr.contains("Left as it is: .gitlab-ci.yml"),
        "{begun}"
    );
    assert!(
        begun.stderr.contains("- local: .gitlab/makeform.yml"),
        "{begun}"
    );

    let none = World::empty();
    let _ = none.run(&["init", "--ci", "none"]).success();
    assert!(!none.file(".github").exists() && !none.file(".gitlab").exists());
}

#[test]
fn no_file_that_is_there_is_replaced() {
    let world = World::empty();
    world.write(".gitignore", "target/");
    world.write(".gitattributes", "* text=auto\n");
    world.write(".github/workflows/makeform.yml", "mine\n");
    world.write("manifests/mine.yaml", "# mine\n");
    let begun = world.run(&["init"]).success();
    for left in [".github/workflows/makeform.yml", "manifests/"] {
        assert!(
            begun.stderr.contains(&format!("Left as it is: {left}")),
            "{begun}"
        );
    }
    assert_eq!(world.read(".github/workflows/makeform.yml"), "mine\n");
    assert!(!world.file("manifests/hello.yaml").exists());
    // To these it only adds.
    assert_eq!(world.read(".gitignore"), "target/\n.makeform/\n");
    assert_eq!(
        world.read(".gitattributes"),
        "* text=auto\n*.editor.json linguist-generated\n"
    );

    // Also with --force, which adds what is missing.
    std::fs::remove_file(world.file(".github/workflows/makeform.yml")).unwrap();
    let before = world.files("");
    let forced = world.run(&["init", "--force", "--name", "other"]).success();
    assert!(
        forced.stderr.contains("Left as it is: makeform.yaml"),
        "{forced}"
    );
    let mut after = world.files("");
    assert!(after.remove(".github/workflows/makeform.yml").is_some());
    assert_eq!(after, before);
}

#[test]
fn what_makes_no_project_is_said_and_nothing_is_written() {
    for (args, said) in [
        (&["init", "--url", "ftp://x"][..], "bad-target"),
        (&["init", "--url", "http://eu1.make.com"], "bad-target"),
        (&["init", "--state", "s4://x"], "state"),
        (&["init", "--team", "Marketing"], "--url"),
        (&["init", "--url", "eu1", "--team", "${env.TOKEN}"], "TOKEN"),
    ] {
        let world = World::empty();
        let refused = world.run(args).exits(1);
        assert!(refused.stderr.contains(said), "{refused}");
        assert_eq!(
            std::fs::read_dir(world.path()).unwrap().count(),
            0,
            "{args:?}"
        );
    }
    // Most likely a slip: somebody is in a folder of a project.
    let world = World::new();
    world.write("manifests/a.yaml", "");
    let refused = world.run(&["-C", "manifests", "init"]).exits(1);
    assert!(
        refused.stderr.contains("there is a project already"),
        "{refused}"
    );
}

#[test]
fn a_zone_that_nobody_knows_is_written_and_told() {
    for (url, told) in [
        ("eu3", true),
        ("https://us1.make.com/", false),
        ("eu2.make.celonis.com", true),
        ("https://api.make.com", false),
    ] {
        let world = World::empty();
        let done = world.run(&["init", "--url", url, "--team", "Sales", "--ci", "github"]);
        let done = done.success();
        let note = "is none of the zones that are known: eu1.make.com, eu2.make.com,";
        assert_eq!(done.stderr.contains(note), told, "{done}");
        assert!(
            world.read("makeform.yaml").contains("production:"),
            "{done}"
        );
    }
}

/// A repository with a bare one as its remote, and one commit.
pub(crate) fn repository() -> World {
    let world = with_git();
    git(&world, &["init", "--quiet", "--bare", "remote.git"]);
    git(&world, &["init", "--quiet", "-b", "trunk", "work"]);
    let work = |args: &[&str]| git(&world, &[&["-C", "work"], args].concat());
    work(&["config", "user.name", "Ada"]);
    work(&["config", "user.email", "ada@example.com"]);
    work(&["commit", "--quiet", "--allow-empty", "-m", "one"]);
    work(&["remote", "add", "origin", "../remote.git"]);
    work(&["push", "--quiet", "origin", "HEAD"]);
    world
}

#[test]
fn in_a_repository_with_a_remote_the_ledger_is_in_git() {
    let project = World::new();
    let account = Server::start(&project, &[]);
    let world = repository().with_env("MAKE_API_KEY", TOKEN);
    let args = ["-C", "work", "init", "--url", &account.url];
    let begun = world.run(&args).success();
    assert!(!begun.stderr.contains("CI can't apply"), "{begun}");
    let text = world.read("work/makeform.yaml");
    assert!(text.contains("  state: git #"), "{text}");
    let workflow = yaml(&world.read("work/.github/workflows/makeform.yml"));
    assert_eq!(
        workflow["on"]["push"]["branches"],
        serde_json::json!(["trunk"])
    );
    assert_eq!(
        workflow["jobs"]["apply"]["permissions"]["contents"],
        "write"
    );
    assert_eq!(workflow["env"]["TARGET"], "production");

    // As the workflow does it, and as somebody does who tries it out first.
    for target in ["sandbox", "production"] {
        let run = |args: &[&str]| world.run(&[&["-C", "work", "--target", target], args].concat());
        let _ = run(&["validate"]).success();
        let plan = run(&["plan"]).success();
        assert!(plan.stdout.contains("1 to add, 0 to change"), "{plan}");
        let _ = run(&["apply", "--auto-approve"]).success();
        let plan = run(&["plan", "--detailed-exitcode"]).success();
        assert!(plan.stdout.contains("No changes"), "{plan}");
    }
    let refs = Command::new("git")
        .args(["ls-remote", "remote.git"])
        .current_dir(world.path())
        .output()
        .unwrap();
    let refs = String::from_utf8(refs.stdout).unwrap();
    assert!(refs.contains("refs/makeform/production"), "{refs}");
    assert!(!refs.contains("refs/makeform/sandbox"), "{refs}");
}

#[test]
fn no_workflow_names_a_folder_that_a_shell_would_read_otherwise() {
    let world = repository();
    for name in ["costs $(touch taken)", "team #1", "${{ secrets.KEY }}"] {
        let folder = format!("work/{name}");
        world.write(&format!("{folder}/README"), "");
        let refused = world.run(&["-C", &folder, "init"]).exits(1);
        assert!(refused.stderr.contains("--ci none"), "{refused}");
        assert!(!world.file(&format!("{folder}/makeform.yaml")).exists());
        let _ = world
            .run(&["-C", &folder, "init", "--ci", "none"])
            .success();
    }
}

#[test]
fn a_project_within_a_repository_has_its_workflow_at_the_top() {
    let world = repository();
    world.write("work/clients/acme/README", "");
    let begun = world.run(&["-C", "work/clients/acme", "init"]).success();
    assert!(begun.stderr.contains("Wrote makeform.yaml"), "{begun}");
    assert!(
        world
            .file("work/clients/acme/manifests/hello.yaml")
            .exists()
    );
    let workflow = yaml(&world.read("work/.github/workflows/makeform.yml"));
    assert_eq!(
        workflow["defaults"]["run"]["working-directory"],
        "clients/acme"
    );

    git(
        &world,
        &[
            "-C",
            "work",
            "remote",
            "set-url",
            "origin",
            "git@gitlab.com:acme/x.git",
        ],
    );
    world.write("work/clients/other/README", "");
    let _ = world.run(&["-C", "work/clients/other", "init"]).success();
    let jobs = yaml(&world.read("work/.gitlab/makeform.yml"));
    assert_eq!(
        jobs[".makeform"]["before_script"][6],
        "cd \"clients/other\""
    );
}

#[test]
fn flags_alone_begin_a_project_with_what_is_there() {
    let account = World::copy_of("examples");
    let _ = account.run(&["apply", "--auto-approve"]).success();
    let server = Server::start(&account, &[]);
    let world = World::empty().with_env("MAKE_API_KEY", TOKEN);
    let begun = [
        "init",
        "--name",
        "acme",
        "--url",
        &server.url,
        "--export",
        "--ci",
        "none",
    ];
    let begun = world.run(&begun).success();
    assert!(
        begun.stderr.contains("Planning from them shows no changes"),
        "{begun}"
    );
    assert!(!world.file("manifests/hello.yaml").exists());
    let target = ["--target", "production"];
    let run = |args: &[&str]| world.run(&[&target[..], args].concat());
    let plan = run(&["plan"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
    let _ = run(&["apply", "--auto-approve"]).success();
    let plan = run(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

#[test]
fn a_key_that_is_piped_in_is_kept_if_it_opens_the_account() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let piped = |world: &World, key: &str| {
        world.write("key.txt", key);
        let args = [
            "init",
            "--name",
            "acme",
            "--url",
            &server.url,
            "--login",
            "--ci",
            "none",
        ];
        let mut command = world.command(&args);
        command.stdin(std::fs::File::open(world.file("key.txt")).unwrap());
        command.output().unwrap()
    };
    let world = World::empty();
    let refused = piped(&world, "5a4db0c5-0000-4000-8000-00000000dead");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("token-refused"), "{said}");
    assert!(!world.file("makeform.yaml").exists());

    let begun = piped(&world, TOKEN);
    let said = String::from_utf8_lossy(&begun.stderr).into_owned();
    assert_eq!(begun.status.code(), Some(0), "{said}");
    assert!(said.contains("The login is kept in"), "{said}");
    assert!(!said.contains(TOKEN) && !world.read("makeform.yaml").contains(TOKEN));
    let status = world
        .run(&["--target", "production", "auth", "status"])
        .success();
    assert!(status.stdout.contains("Olivia Owen"), "{status}");
}
