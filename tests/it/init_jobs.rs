//! The jobs that `init` writes for CI, run as CI runs them: each step by its shell, in a checkout
//! of its own, from a release with a digest, against the sandbox and a ledger in the repository.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use makeform::sandbox::TOKEN;
use serde_json::{Value, json};

use crate::{
    init::{git, repository, yaml},
    support::{account::Account, server::Server, world::World},
};

/// What one job needs and leaves behind.
struct Runner {
    /// The checkout that its steps run in.
    checkout: PathBuf,
    /// A folder of its own.
    temp: PathBuf,
    env: BTreeMap<String, String>,
    /// What expressions of the workflow stand for.
    context: BTreeMap<&'static str, String>,
}

impl Runner {
    fn new(world: &World, name: &str, commit: &str) -> Self {
        let checkout = world.file(&format!("{name}/checkout"));
        let temp = world.file(&format!("{name}/temp"));
        fs::create_dir_all(&temp).unwrap();
        git(
            world,
            &[
                "clone",
                "--quiet",
                "remote.git",
                &format!("{name}/checkout"),
            ],
        );
        let folder = checkout.to_str().unwrap();
        git(
            world,
            &["-C", folder, "checkout", "--quiet", "--detach", commit],
        );
        let path = format!(
            "{}:{}",
            world.file("tools").display(),
            std::env::var("PATH").unwrap()
        );
        let mut env = BTreeMap::new();
        for (name, value) in [
            ("PATH", path.as_str()),
            ("HOME", world.path().to_str().unwrap()),
            ("USER", "runner"),
            ("CI", "true"),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        Self {
            checkout,
            temp,
            env,
            context: BTreeMap::new(),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What a script said, or why it failed.
    fn shell(&self, script: &str, folder: &Path) -> Result<String, String> {
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .envs(&self.env)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        match output.status.success() {
            true => Ok(text),
            false => Err(format!("{script}\n{text}")),
        }
    }

    /// A value of a workflow of GitHub, with what its expressions stand for.
    fn filled(&self, value: &Value) -> String {
        let mut text = value.as_str().unwrap().to_owned();
        while let Some((before, rest)) = text.split_once("${{ ") {
            let (expression, after) = rest.split_once(" }}").unwrap();
            let known = self.context.get(expression);
            let known = known.unwrap();
            text = format!("{before}{known}{after}");
        }
        text
    }

    /// Runs the steps of a job of GitHub. What they said.
    fn github(mut self, workflow: &Value, job: &str) -> Result<String, String> {
        let mut said = String::new();
        self.context
            .insert("runner.temp", self.temp.display().to_string());
        self.context
            .insert("secrets.MAKE_API_KEY", TOKEN.to_owned());
        self.context.insert("github.token", "ghs_123".to_owned());
        let path_file = self.temp.join("path");
        let temp = self.temp.display().to_string();
        let here = self.temp.join("summary").display().to_string();
        self = self
            .with("RUNNER_TEMP", &temp)
            .with("GITHUB_STEP_SUMMARY", &here);
        self = self.with("GITHUB_PATH", path_file.to_str().unwrap());
        let of = |value: &Value| value.as_object().cloned().unwrap_or_default();
        for (name, value) in of(&workflow["env"]) {
            self.env.insert(name, self.filled(&value));
        }
        let usual = &workflow["defaults"]["run"]["working-directory"];
        for step in workflow["jobs"][job]["steps"].as_array().unwrap() {
            let Some(script) = step["run"].as_str() else {
                // A tag can be moved, a full commit can't.
                let (action, commit) = step["uses"].as_str().unwrap().split_once('@').unwrap();
                assert_eq!(action, "actions/checkout");
                assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()));
                continue;
            };
            let folder = step.get("working-directory").unwrap_or(usual);
            let folder = self.checkout.join(self.filled(folder));
            let before = self.env.clone();
            for (name, value) in of(&step["env"]) {
                self.env.insert(name, self.filled(&value));
            }
            let done = self.shell(script, &folder);
            self.env = before;
            said.push_str(&done?);
            if let Ok(added) = fs::read_to_string(&path_file) {
                let path = format!("{}:{}", added.trim_end(), self.env["PATH"]);
                self.env.insert("PATH".to_owned(), path);
                fs::remove_file(&path_file).unwrap();
            }
        }
        Ok(said)
    }

    /// Runs a job of GitLab: one shell for all of its lines.
    fn gitlab(mut self, jobs: &Value, job: &str) -> Result<String, String> {
        let builds = self.temp.display().to_string();
        self = self
            .with("CI_BUILDS_DIR", &builds)
            .with("MAKE_API_KEY", TOKEN);
        let base = &jobs[jobs[job]["extends"].as_str().unwrap()];
        for (name, value) in base["variables"].as_object().unwrap() {
            let settings = self.env.entry(name.clone());
            settings.or_insert_with(|| value.as_str().unwrap().to_owned());
        }
        let lines = [&base["before_script"], &jobs[job]["script"]];
        let lines = lines
            .into_iter()
            .flat_map(|lines| lines.as_array().unwrap());
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        self.shell(&lines.join("\n"), &self.checkout.clone())
    }
}

/// A repository with a project that has an account, and a release to run.
struct Story {
    world: World,
    account: World,
    server: Server,
    release: String,
    sha256: String,
}

impl Story {
    fn new() -> Self {
        let account = World::new();
        let server = Server::start(&account, &[]);
        let world = repository();
        // An archive as releases are, and the tools that are on a runner.
        let program = format!(
            "#!/bin/sh\nexec {} \"$@\"\n",
            env!("CARGO_BIN_EXE_makeform")
        );
        world.write("makeform-linux/makeform", &program);
        world.write("tools/gh", GH);
        world.write("tools/curl", CURL);
        world.write("tools/apt-get", "#!/bin/sh\nexit 0\n");
        let script = "chmod +x makeform-linux/makeform tools/*; \
                      tar -czf release.tar.gz makeform-linux; sha256sum release.tar.gz";
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(world.path())
            .output()
            .unwrap();
        let sha256 = String::from_utf8(output.stdout).unwrap();
        let sha256 = sha256.split_whitespace().next().unwrap().to_owned();
        let release = format!("file://{}", world.file("release.tar.gz").display());
        Self {
            world,
            account,
            server,
            release,
            sha256,
        }
    }

    fn init(&self, ci: &str, extra: &[&str]) {
        let args = ["-C", "work", "init", "--ci", ci, "--url", &self.server.url];
        let _ = self.world.run(&[&args, extra].concat()).success();
        self.commit("Begin");
        self.git(&["push", "--quiet", "origin", "trunk"]);
    }

    fn git(&self, args: &[&str]) {
        git(&self.world, &[&["-C", "work"], args].concat());
    }

    /// Commits all that there is, and gives back its commit.
    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.rev("HEAD")
    }

    fn rev(&self, name: &str) -> String {
        let output = Command::new("git")
            .args(["-C", "work", "rev-parse", name])
            .current_dir(self.world.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A request with one change, pushed; its head.
    fn request(&self, branch: &str, from: &str, to: &str) -> String {
        self.git(&["checkout", "--quiet", "-b", branch, "trunk"]);
        self.world.edit("work/manifests/hello.yaml", from, to);
        let head = self.commit(branch);
        self.git(&["push", "--quiet", "origin", branch]);
        head
    }

    /// Squashes a request onto the main branch; the commit there.
    fn squash(&self, branch: &str) -> String {
        self.git(&["checkout", "--quiet", "trunk"]);
        self.git(&["merge", "--quiet", "--squash", branch]);
        let merged = self.commit("Squashed");
        self.git(&["push", "--quiet", "origin", "trunk"]);
        merged
    }

    /// A checkout of its commit is settled.
    fn assert_settled(&self, folder: &str) {
        let target = "production";
        let plan = [
            "-C",
            folder,
            "--target",
            target,
            "plan",
            "--detailed-exitcode",
        ];
        let mut command = self.world.command(&plan);
        let output = command.env("MAKE_API_KEY", TOKEN).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// What of the program `gh` the workflow uses: answers that are in files.
const GH: &str = r#"#!/bin/sh
test "$1 $3" = "api --jq" && test -n "$GH_TOKEN" || exit 64
jq -r "$4" "$GH_ANSWERS/$2"
"#;

/// A text of an account that has a line for a runner.
const HOSTILE: &str =
    "The first line is long enough to be shown by its lines.\n::add-mask::scenario\nThe last line";

/// Whether a runner, which takes blanks off, finds nothing to obey in what a job said but notices
/// and what stops it from looking.
fn assert_obeys_nothing(said: &str) {
    let mut stopped: Option<String> = None;
    for line in said.lines().map(str::trim) {
        match (&stopped, line.strip_prefix("::")) {
            (Some(word), Some(rest)) if rest == format!("{word}::") => stopped = None,
            (Some(_), _) | (None, None) => {}
            (None, Some(rest)) => match rest.strip_prefix("stop-commands::") {
                Some(word) => stopped = Some(word.to_owned()),
                None => assert!(rest.starts_with("notice "), "{line}\n{said}"),
            },
        }
    }
    assert_eq!(stopped, None, "{said}");
}

#[test]
fn what_a_merge_applies_on_github_is_what_was_reviewed_in_the_request() {
    let story = Story::new();
    story.init(
        "github",
        &["--release", &story.release, "--sha256", &story.sha256],
    );
    let workflow = yaml(&story.world.read("work/.github/workflows/makeform.yml"));
    let answers = story.world.file("answers").display().to_string();
    let plan = |name: &str, head: &str| {
        let mut runner = Runner::new(&story.world, name, head);
        runner
            .context
            .insert("github.event.pull_request.head.sha", head.to_owned());
        runner.github(&workflow, "plan")
    };
    let apply = |name: &str, commit: &str, requests: Value| {
        let answer = format!("answers/repos/acme/make/commits/{commit}/pulls");
        story.world.write(&answer, &requests.to_string());
        let runner = Runner::new(&story.world, name, commit);
        let runner = runner
            .with("GITHUB_REPOSITORY", "acme/make")
            .with("GITHUB_SHA", commit);
        runner
            .with("GH_ANSWERS", &answers)
            .github(&workflow, "apply")
    };
    let merged =
        |head: &str| json!([{ "merged_at": "2026-01-01T10:00:00Z", "head": { "sha": head } }]);

    // Nobody has seen a plan of what is pushed directly.
    let pushed = apply("pushed", &story.rev("trunk"), json!([])).unwrap_err();
    assert!(
        pushed.contains("no pull request brought this commit"),
        "{pushed}"
    );
    assert!(Account::of(&story.account).scenarios().is_empty());

    let described = format!("description: {HOSTILE:?}\n  name: Hello one");
    let head = story.request("one", "name: Hello", &described);
    plan("plan-one", &head).unwrap();
    let squashed = story.squash("one");
    assert_ne!(squashed, head);
    apply("apply-one", &squashed, merged(&head)).unwrap();
    story.assert_settled("apply-one/checkout");

    // A line that a runner would obey stands unchanged beside one that changes.
    let head = story.request("lines", "The last line", "Another line");
    assert_obeys_nothing(&plan("plan-lines", &head).unwrap());
    let summary = story.world.read("plan-lines/temp/summary");
    assert!(summary.contains("::add-mask::scenario"), "{summary}");
    let squashed = story.squash("lines");
    let said = apply("apply-lines", &squashed, merged(&head)).unwrap();
    assert!(said.contains("::add-mask::scenario"), "{said}");
    assert_obeys_nothing(&said);

    // Somebody changes the account after the review.
    let head = story.request("two", "name: Hello one", "name: Hello two");
    plan("plan-two", &head).unwrap();
    let account = Account::of(&story.account);
    let id = account.scenario("Hello one from makeform")["id"].clone();
    let body = json!({ "description": "By hand." });
    account.write(
        makeform::live::transport::Method::Patch,
        &format!("/scenarios/{id}"),
        body,
    );
    let squashed = story.squash("two");
    let moved = apply("apply-two", &squashed, merged(&head)).unwrap_err();
    assert!(moved.contains("another than the approved one"), "{moved}");
    let _ = account.scenario("Hello one from makeform");

    // A release that is another file is not run.
    story.world.write("release.tar.gz", "another");
    let other = plan("plan-three", &head).unwrap_err();
    assert!(other.contains("release: FAILED"), "{other}");
}

/// curl, of which it is kept what everybody on the machine can read of it.
const CURL: &str = r#"#!/bin/sh
printf '%s\n' "$@" >> "$HOME/arguments"
PATH=${PATH#*tools:} exec curl "$@"
"#;

#[test]
fn what_a_merge_applies_on_gitlab_is_what_was_reviewed_in_the_request() {
    let story = Story::new();
    story.init("gitlab", &[]);
    let jobs = yaml(&story.world.read("work/.gitlab/makeform.yml"));
    let api = format!("file://{}", story.world.file("answers").display());
    let runner = |name: &str, commit: &str| {
        let runner = Runner::new(&story.world, name, commit).with("CI_COMMIT_SHA", commit);
        let runner = runner
            .with("CI_API_V4_URL", &api)
            .with("CI_PROJECT_ID", "7");
        runner.with("API_TOKEN", "glpat-123")
    };
    let head = story.request("one", "name: Hello", "name: Hello one");
    // Nobody has said yet where makeform comes from.
    let nowhere = runner("nowhere", &head)
        .gitlab(&jobs, "makeform-plan")
        .unwrap_err();
    assert!(
        nowhere.contains("say in this file where makeform comes from"),
        "{nowhere}"
    );

    let installed = |name: &str, commit: &str| {
        let runner = runner(name, commit).with("MAKEFORM_RELEASE", &story.release);
        runner.with("MAKEFORM_SHA256", &story.sha256)
    };
    installed("plan", &head)
        .gitlab(&jobs, "makeform-plan")
        .unwrap();
    let squashed = story.squash("one");
    let answer = format!("answers/projects/7/repository/commits/{squashed}/merge_requests");
    story.world.write(&answer, "[]");
    let pushed = installed("pushed", &squashed)
        .gitlab(&jobs, "makeform-apply")
        .unwrap_err();
    assert!(
        pushed.contains("no merge request brought this commit"),
        "{pushed}"
    );
    let requests = json!([{ "state": "opened", "sha": "0" }, { "state": "merged", "sha": head }]);
    story.world.write(&answer, &requests.to_string());
    installed("apply", &squashed)
        .gitlab(&jobs, "makeform-apply")
        .unwrap();
    let _ = Account::of(&story.account).scenario("Hello one from makeform");
    story.assert_settled("apply/checkout");
    let arguments = story.world.read("arguments");
    assert!(arguments.contains("/merge_requests"), "{arguments}");
    assert!(!arguments.contains("glpat-123"), "{arguments}");
}

#[test]
fn where_nothing_is_shared_nothing_is_applied_on_merges() {
    for (ci, file) in [
        ("github", ".github/workflows/makeform.yml"),
        ("gitlab", ".gitlab/makeform.yml"),
    ] {
        let world = World::empty();
        let _ = world.run(&["init", "--ci", ci, "--url", "eu1"]).success();
        let text = world.read(file);
        assert!(text.contains("Nothing is applied on merges"), "{text}");
        assert!(
            !text.contains("makeform --target \"$TARGET\" apply"),
            "{text}"
        );
        assert!(!text.contains("--record"), "{text}");
    }
    let world = World::empty();
    for (args, said) in [
        (
            ["init", "--release", "https://example.com/x.tar.gz"].as_slice(),
            "--sha256",
        ),
        (
            &[
                "init",
                "--release",
                "https://example.com/x.tar.gz",
                "--sha256",
                "9f86",
            ],
            "no SHA-256",
        ),
    ] {
        let refused = world.run(args).exits(1);
        assert!(refused.stderr.contains(said), "{refused}");
        assert_eq!(fs::read_dir(world.path()).unwrap().count(), 0);
    }
}
