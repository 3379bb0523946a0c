//! The workflows of `examples/ci`, run as CI runs them, against the sandbox and a repository with a bare
//! remote: a request is planned and commented on, its merge applies what was reviewed, an account that has
//! moved is refused, the nights find and take over what was changed by hand.

mod forge;
mod runner;

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use makeform::{live::transport::Method, sandbox::TOKEN};
use serde_json::{Value, json};

use self::{
    forge::{Forge, GITHUB_TOKEN, GITLAB_TOKEN},
    runner::{Done, Runner, ours},
};

use crate::{
    init::{git, repository, yaml},
    support::{account::Account, server::Server, world::World},
};

/// A repository with a project that has an account, a release to run, and what plays the forge.
struct Story {
    world: World,
    account: World,
    _server: Server,
    forge: Forge,
    release: String,
    sha256: String,
}

impl Story {
    fn new() -> Self {
        let account = World::new();
        let server = Server::start(&account, &[]);
        let world = repository();
        let program = format!(
            "#!/bin/sh\nexec {} \"$@\"\n",
            env!("CARGO_BIN_EXE_makeform")
        );
        world.write("makeform-linux/makeform", &program);
        world.write("tools/apt-get", "#!/bin/sh\nexit 0\n");
        let script = "chmod +x makeform-linux/makeform tools/*; git -C remote.git config receive.advertisePushOptions true; \
                      tar -czf release.tar.gz makeform-linux; sha256sum release.tar.gz";
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(world.path())
            .output()
            .unwrap();
        let sha256 = String::from_utf8(output.stdout).unwrap();
        let sha256 = sha256.split_whitespace().next().unwrap().to_owned();
        let release = format!("file://{}", world.file("release.tar.gz").display());
        // The scripts, where those who copy them have them.
        for entry in fs::read_dir(ours("examples/ci/steps")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            world.write(&format!("work/ci/makeform/{name}"), &text);
        }
        let story = Self {
            world,
            account,
            forge: Forge::start(),
            release,
            sha256,
            _server: server,
        };
        let url = &story._server.url;
        let args = ["-C", "work", "init", "--ci", "none", "--url", url];
        let _ = story.world.run(&args).success();
        story.commit("Begin");
        story.git(&["push", "--quiet", "origin", "trunk"]);
        story
    }

    fn git(&self, args: &[&str]) {
        git(&self.world, &[&["-C", "work"], args].concat());
    }

    fn rev(&self, name: &str) -> String {
        let output = Command::new("git")
            .args(["-C", "work", "rev-parse", name])
            .current_dir(self.world.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits all that there is, and gives back its commit.
    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.rev("HEAD")
    }

    /// A request with one change, pushed; its head.
    fn request(&self, branch: &str, from: &str, to: &str) -> String {
        self.git(&["checkout", "--quiet", "-B", branch]);
        self.world.edit("work/manifests/hello.yaml", from, to);
        let head = self.commit(branch);
        self.git(&["push", "--quiet", "origin", branch]);
        head
    }

    /// Merges a request; the commit on the main branch.
    fn merge(&self, branch: &str, how: &str) -> String {
        self.git(&["checkout", "--quiet", "trunk"]);
        self.git(&["merge", "--quiet", how, branch]);
        if how == "--squash" {
            self.git(&["commit", "--quiet", "-m", "Squashed"]);
        }
        self.git(&["push", "--quiet", "origin", "trunk"]);
        self.rev("HEAD")
    }

    /// A runner that knows what every job of GitHub knows.
    fn github(&self, name: &str, commit: &str) -> Runner {
        Runner::new(&self.world, name, commit)
            .with("GITHUB_API_URL", &self.forge.url)
            .with("GITHUB_SHA", commit)
            .knows("github.token", GITHUB_TOKEN)
            .knows("secrets.MAKE_API_KEY", TOKEN)
            .knows("vars.MAKEFORM_RELEASE", &self.release)
            .knows("vars.MAKEFORM_SHA256", &self.sha256)
            .knows("github.event.pull_request.head.sha", "")
            .knows("github.event.pull_request.number", "")
    }

    fn gitlab(&self, name: &str, commit: &str) -> Runner {
        let remote = format!("url.{}.insteadOf", self.world.file("remote.git").display());
        let url = "https://gitlab.test/acme/make.git";
        Runner::new(&self.world, name, commit)
            .with("CI_API_V4_URL", &format!("{}/api/v4", self.forge.url))
            .with("CI_PROJECT_ID", "7")
            .with("CI_COMMIT_SHA", commit)
            .with("CI_DEFAULT_BRANCH", "trunk")
            .with("CI_SERVER_URL", "https://gitlab.test")
            .with(
                "CI_REPOSITORY_URL",
                "https://gitlab-ci-token:x@gitlab.test/acme/make.git",
            )
            .with("API_TOKEN", GITLAB_TOKEN)
            .with("MAKE_API_KEY", TOKEN)
            .with("MAKEFORM_RELEASE", &self.release)
            .with("MAKEFORM_SHA256", &self.sha256)
            .with("GIT_CONFIG_COUNT", "1")
            .with("GIT_CONFIG_KEY_0", &remote)
            .with("GIT_CONFIG_VALUE_0", url)
    }

    /// Somebody changes the one scenario in Make.
    fn by_hand(&self, name: &str) {
        let account = Account::of(&self.account);
        let id = account.scenarios()[0]["id"].clone();
        let body = json!({ "name": name });
        account.write(Method::Patch, &format!("/scenarios/{id}"), body);
    }

    fn name(&self) -> Value {
        Account::of(&self.account).scenarios()[0]["name"].clone()
    }

    /// What is at a branch of the remote is what the account is.
    fn assert_settled(&self, branch: &str) {
        self.git(&["fetch", "--quiet", "origin", branch]);
        self.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        let plan = [
            "-C",
            "work",
            "--target",
            "production",
            "plan",
            "--detailed-exitcode",
        ];
        let mut command = self.world.command(&plan);
        let output = command.env("MAKE_API_KEY", TOKEN).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        self.git(&["checkout", "--quiet", "trunk"]);
    }

    fn comments(&self) -> Vec<Value> {
        self.forge.with(|content| content.comments.clone())
    }
}

/// No token came out anywhere.
fn is_silent(done: &Done) {
    for token in [TOKEN, GITHUB_TOKEN, GITLAB_TOKEN] {
        assert!(!done.said.contains(token), "{}", done.said);
        assert!(!done.summary.contains(token), "{}", done.summary);
    }
}

const MARKER: &str = "<!-- makeform plan production -->\n";

#[test]
fn the_workflow_of_github_plans_comments_applies_refuses_and_takes_over() {
    let story = Story::new();
    let workflow = yaml(&fs::read_to_string(ours("examples/ci/github.yml")).unwrap());
    let plan = |name: &str, head: &str| {
        let done = story
            .github(name, head)
            .knows("github.event.pull_request.head.sha", head)
            .knows("github.event.pull_request.number", "7")
            .github(&workflow, "plan");
        is_silent(&done);
        done
    };
    let apply = |name: &str, commit: &str| {
        let done = story.github(name, commit).github(&workflow, "apply");
        is_silent(&done);
        done
    };
    let brings = |commit: &str, head: &str| {
        let requests = json!([{ "merged_at": null, "head": { "sha": "0" } },
            { "merged_at": "2026-01-01T10:00:00Z", "head": { "sha": head } }]);
        story
            .forge
            .with(|content| content.brought.insert(commit.to_owned(), requests));
    };
    // Others have their say on pages before, one of them in the disguise of the job.
    let said = |id: u64, body: &str| json!({ "id": id, "user": { "login": "eve" }, "body": body });
    let others: Vec<Value> = (0..5)
        .map(|id| said(id, "Looks good"))
        .chain([said(5, MARKER)])
        .collect();
    story
        .forge
        .with(|content| content.comments = others.clone());

    // A branch edits a manifest: one comment, which the next push changes.
    let head = story.request("one", "name: Hello", "name: Hello one");
    let first = plan("plan-one", &head).exits(0);
    assert!(
        first.summary.contains("Plan: 1 to add"),
        "{}",
        first.summary
    );
    assert!(first.said.contains("Added comment 106."), "{}", first.said);
    let notice = "::notice file=manifests/hello.yaml,line=";
    assert!(first.said.contains(notice), "{}", first.said);
    let comment = story.comments()[6]["body"].as_str().unwrap().to_owned();
    assert!(comment.starts_with(MARKER), "{comment}");
    assert!(
        comment.contains("**Plan: 1 to add, 0 to change"),
        "{comment}"
    );
    assert!(comment.contains("apply --expect sha256:"), "{comment}");
    assert!(comment.contains("Hello one"), "{comment}");
    let head = story.request("one", "name: Hello one", "name: Hello two");
    let second = plan("plan-two", &head).exits(0);
    assert!(
        second.said.contains("Updated comment 106."),
        "{}",
        second.said
    );
    let comments = story.comments();
    assert_eq!(comments.len(), 7, "a comment was added");
    assert_eq!(comments[..6], others, "somebody else's comment was touched");
    let changed = comments[6]["body"].as_str().unwrap();
    assert!(
        changed.contains("Hello two") && !changed.contains("Hello one"),
        "{changed}"
    );

    // The merge applies what was reviewed, and nothing else.
    let merged = story.merge("one", "--squash");
    let nobody = apply("apply-nobody", &merged).exits(3);
    assert!(
        nobody.said.contains("no request brought this commit"),
        "{}",
        nobody.said
    );
    assert!(Account::of(&story.account).scenarios().is_empty());
    brings(&merged, &head);
    let applied = apply("apply-one", &merged).exits(0);
    let (before, after) = applied.said.split_once("::stop-commands::").unwrap();
    let word = after.lines().next().unwrap();
    assert!(
        word.len() == 32 && after.contains(&format!("::{word}::")),
        "{after}"
    );
    assert!(!before.contains("scenario."), "{before}");
    story.assert_settled("trunk");

    // Somebody changes the account after the review.
    let head = story.request("two", "name: Hello two", "name: Hello three");
    let _ = plan("plan-three", &head).exits(0);
    story.by_hand("By hand.");
    let merged = story.merge("two", "--squash");
    brings(&merged, &head);
    let refused = apply("apply-two", &merged).exits(3);
    assert!(
        refused.said.contains("another than the approved one"),
        "{}",
        refused.said
    );
    assert_eq!(story.name(), "By hand.");

    // The night finds that, and opens one request that takes it over.
    let night = |name: &str, job: &str| {
        let trunk = story.rev("trunk");
        let done = story.github(name, &trunk);
        let done = done.github(&with_base(&workflow), job);
        is_silent(&done);
        done
    };
    let drift = night("drift", "drift").exits(2);
    assert!(drift.summary.contains("By hand."), "{}", drift.summary);
    let export = night("export-one", "export").exits(0);
    assert!(export.said.contains("Opened request 8."), "{}", export.said);
    let again = night("export-two", "export").exits(0);
    assert!(again.said.contains("says so already"), "{}", again.said);
    let requests = story.forge.with(|content| content.requests.clone());
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["head"], "makeform/export");
    assert_eq!(requests[0]["base"], "trunk");
    story.assert_settled("makeform/export");

    // A release that is another file is not run.
    story.world.write("release.tar.gz", "another");
    let other = plan("plan-four", &head).exits(1);
    assert!(other.said.contains("release: FAILED"), "{}", other.said);
}

/// The workflow of a repository whose main branch is `trunk`.
fn with_base(workflow: &Value) -> Value {
    let mut workflow = workflow.clone();
    let steps = workflow["jobs"]["export"]["steps"].as_array_mut().unwrap();
    steps[1]["with"]["base"] = json!("trunk");
    workflow
}

#[test]
fn the_pipeline_of_gitlab_plans_comments_applies_and_takes_over() {
    let story = Story::new();
    let jobs = yaml(&fs::read_to_string(ours("examples/ci/gitlab.yml")).unwrap());
    let note = json!({ "id": 1, "author": { "id": 5 }, "body": MARKER });
    story.forge.with(|content| content.comments = vec![note; 3]);
    let plan = |name: &str, head: &str| {
        let runner = story.gitlab(name, head).with("CI_MERGE_REQUEST_IID", "3");
        let done = runner.gitlab(&jobs, "makeform-plan");
        is_silent(&done);
        done
    };
    let head = story.request("one", "name: Hello", "name: Hello one");
    let added = plan("plan-one", &head).exits(0);
    assert!(added.said.contains("Added comment 103."), "{}", added.said);
    let head = story.request("one", "name: Hello one", "name: Hello two");
    let updated = plan("plan-two", &head).exits(0);
    assert!(
        updated.said.contains("Updated comment 103."),
        "{}",
        updated.said
    );
    assert_eq!(story.comments().len(), 4);
    assert!(
        story.comments()[3]["body"]
            .as_str()
            .unwrap()
            .contains("Hello two")
    );

    // What can't be planned is said as well.
    let broken = story.request("broken", "name: Hello two", "nmae: Hello two");
    let broken = plan("plan-broken", &broken);
    assert_eq!(broken.code, 1, "{}", broken.said);
    story.git(&["checkout", "--quiet", "one"]);

    let merged = story.merge("one", "--squash");
    let requests = json!([{ "state": "opened", "sha": "0" }, { "state": "merged", "sha": head }]);
    story
        .forge
        .with(|content| content.brought.insert(merged.clone(), requests));
    let apply = story.gitlab("apply", &merged);
    is_silent(&apply.gitlab(&jobs, "makeform-apply").exits(0));
    story.assert_settled("trunk");

    story.by_hand("By hand.");
    let drift = story.gitlab("drift", &merged);
    let drift = drift.gitlab(&jobs, "makeform-drift").exits(2);
    assert!(drift.said.contains("By hand."), "{}", drift.said);
    let export = story.gitlab("export", &merged);
    is_silent(&export.gitlab(&jobs, "makeform-export").exits(0));
    story.assert_settled("makeform/export");

    // git gets the token whenever it asks for it, and its files have none.
    let kept = story.world.read("export/checkout/.git/config");
    assert!(!kept.contains(GITLAB_TOKEN), "{kept}");
    let mut git = Command::new("git");
    let git = git
        .args(["-C", "export/checkout", "credential", "fill"])
        .current_dir(story.world.path())
        .env("API_TOKEN", GITLAB_TOKEN)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut git = git.spawn().unwrap();
    let asked = "protocol=https\nhost=gitlab.test\npath=acme/make.git\n\n";
    git.stdin
        .take()
        .unwrap()
        .write_all(asked.as_bytes())
        .unwrap();
    let told = String::from_utf8(git.wait_with_output().unwrap().stdout).unwrap();
    assert!(
        told.contains(&format!("password={GITLAB_TOKEN}\n")),
        "{told}"
    );
}

#[test]
fn a_plain_shell_does_the_same_without_a_forge() {
    let story = Story::new();
    let run = |name: &str, commit: &str, args: &str| {
        let runner = Runner::new(&story.world, name, commit)
            .with("TARGET", "production")
            .with("MAKE_API_KEY", TOKEN);
        let path = story.world.file("makeform-linux");
        let script = format!(
            "PATH={}:$PATH bash {} {args}",
            path.display(),
            ours("examples/ci/plain.sh").display()
        );
        runner.shell(&script, &runner.checkout)
    };
    let head = story.request("one", "name: Hello", "name: Hello one");
    let (code, said) = run("plan", &head, &format!("request {head} plan.md"));
    assert_eq!(code, 0, "{said}");
    let comment = story.world.read("plan/checkout/plan.md");
    assert!(comment.contains("Plan: 1 to add"), "{comment}");
    let merged = story.merge("one", "--no-ff");
    let (code, said) = run("apply", &merged, "merge");
    assert_eq!(code, 0, "{said}");
    story.assert_settled("trunk");
    // What is pushed without a request is not applied.
    let pushed = story.request("trunk", "name: Hello one", "name: Hello two");
    let (code, said) = run("pushed", &pushed, "merge");
    assert_eq!(code, 3, "{said}");

    story.by_hand("By hand.");
    let (code, said) = run("night", &merged, "nightly");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("Pushed makeform/export"), "{said}");
    story.assert_settled("makeform/export");
}
