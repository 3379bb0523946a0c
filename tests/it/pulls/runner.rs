//! Runs the jobs of `examples/ci` as CI runs them: each in a checkout of its own, each step by its
//! shell, those of `action.yml` with what its inputs and expressions stand for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Map, Value};

use crate::{
    init::{git, yaml},
    support::world::World,
};

/// A file of the repository of makeform itself.
pub(crate) fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// How a job ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    /// What it said, on both streams.
    pub(crate) said: String,
    /// What it wrote to its summary.
    pub(crate) summary: String,
}

impl Done {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.said);
        self
    }
}

/// What runs one job.
pub(crate) struct Runner {
    pub(crate) checkout: PathBuf,
    temp: PathBuf,
    env: BTreeMap<String, String>,
    /// What expressions stand for.
    context: BTreeMap<String, String>,
}

impl Runner {
    /// A runner with a checkout of a commit.
    pub(crate) fn new(world: &World, name: &str, commit: &str) -> Self {
        let folder = format!("{name}/checkout");
        git(world, &["clone", "--quiet", "remote.git", &folder]);
        git(
            world,
            &["-C", &folder, "checkout", "--quiet", "--detach", commit],
        );
        let temp = world.file(&format!("{name}/temp"));
        fs::create_dir_all(&temp).unwrap();
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", world.file("tools").display());
        let runner = Self {
            checkout: world.file(&folder),
            temp,
            env: BTreeMap::new(),
            context: BTreeMap::new(),
        };
        runner
            .with("PATH", &path)
            .with("HOME", world.path().to_str().unwrap())
            .with("USER", "runner")
            .with("CI", "true")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn knows(mut self, expression: &str, value: &str) -> Self {
        self.context.insert(expression.to_owned(), value.to_owned());
        self
    }

    /// Runs a script in a folder; its exit code, and what it said.
    pub(crate) fn shell(&self, script: &str, folder: &Path) -> (i32, String) {
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .envs(&self.env)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        (output.status.code().unwrap(), said)
    }

    /// A value of a workflow, with what its expressions stand for.
    fn filled(&self, value: &str) -> String {
        let mut text = value.to_owned();
        while let Some((before, rest)) = text.split_once("${{ ") {
            let (expression, after) = rest.split_once(" }}").unwrap();
            let known = self.context.get(expression);
            assert!(known.is_some(), "nobody knows {expression}");
            let known = known.unwrap();
            text = format!("{before}{known}{after}");
        }
        text
    }

    fn set(&mut self, variables: &Value) {
        for (name, value) in map(variables) {
            let value = self.filled(value.as_str().unwrap());
            self.context.insert(format!("env.{name}"), value.clone());
            self.env.insert(name, value);
        }
    }

    /// Runs a job of a workflow of GitHub, up to the step that fails.
    pub(crate) fn github(mut self, workflow: &Value, job: &str) -> Done {
        let [summary, path] = ["summary", "path"].map(|name| self.temp.join(name));
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "acme/make"),
            ("RUNNER_TEMP", self.temp.clone().to_str().unwrap()),
            ("GITHUB_WORKSPACE", self.checkout.clone().to_str().unwrap()),
            ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
            ("GITHUB_PATH", path.to_str().unwrap()),
            ("GITHUB_ACTION_PATH", ours("").to_str().unwrap()),
        ] {
            self = self.with(name, value);
        }
        self.set(&workflow["env"]);
        self.set(&workflow["jobs"][job]["env"]);
        let (mut code, mut said) = (0, String::new());
        for step in workflow["jobs"][job]["steps"].as_array().unwrap() {
            let uses = step["uses"].as_str().unwrap();
            if uses.starts_with("actions/checkout@") {
                continue;
            }
            assert_eq!(uses, "OWNER/makeform@COMMIT");
            let (ended, text) = self.action(&step["with"], &path);
            said.push_str(&text);
            code = ended;
            if code != 0 {
                break;
            }
        }
        Done {
            code,
            said,
            summary: fs::read_to_string(summary).unwrap_or_default(),
        }
    }

    /// Runs the steps of `action.yml`.
    fn action(&mut self, with: &Value, path: &Path) -> (i32, String) {
        let action = yaml(&fs::read_to_string(ours("action.yml")).unwrap());
        let given = map(with);
        let inputs = map(&action["inputs"]);
        for name in given.keys() {
            assert!(inputs.contains_key(name), "action.yml has no input {name}");
        }
        for (name, input) in &inputs {
            let given = given.get(name).or_else(|| input.get("default"));
            assert!(given.is_some(), "{name} is required");
            let value = self.filled(given.unwrap().as_str().unwrap());
            self.context.insert(format!("inputs.{name}"), value);
        }
        let mut said = String::new();
        for step in action["runs"]["steps"].as_array().unwrap() {
            if let Some(condition) = step["if"].as_str() {
                let input = condition.strip_suffix(" != ''").unwrap();
                if self.context[input].is_empty() {
                    continue;
                }
            }
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "text goes into a script: {script}");
            assert_eq!(step["shell"], "bash");
            let before = self.env.clone();
            self.set(&step["env"]);
            let folder = step["working-directory"].as_str().unwrap_or(".");
            let folder = self.checkout.join(self.filled(folder));
            let (code, text) = self.shell(script, &folder);
            self.env = before;
            said.push_str(&text);
            if code != 0 {
                return (code, said);
            }
            if let Ok(added) = fs::read_to_string(path) {
                let path = format!("{}:{}", added.trim_end(), self.env["PATH"]);
                self.env.insert("PATH".to_owned(), path);
            }
        }
        (0, said)
    }

    /// Runs a job of GitLab: one shell for all of its lines.
    pub(crate) fn gitlab(mut self, jobs: &Value, job: &str) -> Done {
        let builds = self.temp.display().to_string();
        self = self
            .with("GITLAB_CI", "true")
            .with("CI_BUILDS_DIR", &builds);
        let base = &jobs[jobs[job]["extends"].as_str().unwrap()];
        for (name, value) in map(&base["variables"]) {
            let set = self.env.entry(name);
            set.or_insert_with(|| value.as_str().unwrap().to_owned());
        }
        let lines = [&base["before_script"], &jobs[job]["script"]];
        let lines = lines.into_iter().flat_map(|l| l.as_array().unwrap());
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        let (code, said) = self.shell(&lines.join("\n"), &self.checkout);
        Done {
            code,
            said,
            summary: String::new(),
        }
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
