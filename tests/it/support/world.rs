//! A sealed world: a folder, a cleared environment, and the real program.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A digest that no plan has.
pub(crate) const NO_PLANS: &str =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A folder with a project in it, and the program to run there.
pub(crate) struct World {
    folder: TempDir,
    env: BTreeMap<String, String>,
}

/// What a run printed, and its exit code.
#[must_use = "look at the output or assert the exit code"]
pub(crate) struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl World {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("makeform-")
            .tempdir()
            .unwrap();
        Self {
            folder,
            env: BTreeMap::new(),
        }
    }

    /// An empty folder that no disk has to keep, where the machine has such a place: for stories
    /// that are told many times.
    pub(crate) fn in_memory() -> Self {
        let place = Path::new("/dev/shm");
        let folder = match place.is_dir() {
            true => tempfile::Builder::new()
                .prefix("makeform-")
                .tempdir_in(place),
            false => tempfile::Builder::new().prefix("makeform-").tempdir(),
        };
        Self {
            folder: folder.unwrap(),
            env: BTreeMap::new(),
        }
    }

    /// A project with one target on the embedded sandbox, and no manifest yet.
    pub(crate) fn new() -> Self {
        let world = Self::empty();
        world.write(
            "makeform.yaml",
            "apiVersion: makeform/v1\n\
             kind: Project\n\
             metadata: { name: test }\n\
             spec:\n\
             \x20 manifests: [\"manifests/**/*.yaml\"]\n\
             \x20 env: [CRM_TOKEN]\n\
             \x20 targets: { sandbox: { url: \"sandbox:\" } }\n",
        );
        world
    }

    /// A copy of a folder of the repository, without what a run left there.
    pub(crate) fn copy_of(folder: &str) -> Self {
        Self::empty().with_copy_of(folder)
    }

    /// The same, with the files of a folder of the repository.
    pub(crate) fn with_copy_of(self, folder: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, self.path());
        self
    }

    /// Sets a variable for the runs that follow.
    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets a variable for the runs that follow, or takes it away.
    pub(crate) fn set_env(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.env.insert(name.to_owned(), value.to_owned()),
            None => self.env.remove(name),
        };
    }

    /// The variables that were set for its runs.
    pub(crate) fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders it needs.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// All files below a folder, by their names as the world knows them.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.file(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.path()).unwrap();
                    files.insert(name.display().to_string(), fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// Replaces a text that must stand in a file.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` is not in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Whether a text stands in one of the world's files, the sandbox's own aside.
    pub(crate) fn holds(&self, text: &str) -> bool {
        holds(self.path(), text.as_bytes())
    }

    /// The command, ready to run in this world's folder with nothing of our own environment.
    pub(crate) fn command<S: AsRef<str>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makeform"));
        command
            .args(args.iter().map(AsRef::as_ref))
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("USER", "tester")
            .env("HOSTNAME", "testhost")
            .env("COLUMNS", "100")
            .env("RUST_BACKTRACE", "0")
            .envs(&self.env)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<S: AsRef<str>>(&self, args: &[S]) -> Output {
        let output = self.command(args).output().unwrap();
        let text = |bytes| self.redact(&String::from_utf8(bytes).unwrap());
        let output = Output {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code(),
        };
        assert!(!output.stderr.contains("panicked at"), "{output}");
        output
    }

    /// Plans again and sees no changes.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        let output = self.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(output.code, Some(0), "not settled:\n{output}");
        assert!(output.stdout.contains("No changes"), "{output}");
    }

    /// How often the sandbox was asked, by route.
    pub(crate) fn requests(&self) -> BTreeMap<String, u64> {
        let output = self.run(&["sandbox", "stats"]).success();
        let stats: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let requests = stats["requests"].as_object().unwrap();
        requests
            .iter()
            .map(|(route, count)| (route.clone(), count.as_u64().unwrap()))
            .collect()
    }

    /// How many writes the sandbox was asked for.
    pub(crate) fn writes(&self) -> u64 {
        let requests = self.requests();
        requests
            .iter()
            .filter(|(route, _)| !route.trim_start_matches("unified ").starts_with("GET "))
            .map(|(_, n)| n)
            .sum()
    }

    fn redact(&self, text: &str) -> String {
        text.replace(self.path().to_str().unwrap(), "[WORLD]")
    }
}

impl Output {
    /// The output, if the run ended with 0.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        self.exits(0)
    }

    /// The output, if the run ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "--- stderr ---\n{}", self.stderr)?;
        }
        match self.code {
            Some(0) => {}
            Some(code) => writeln!(f, "[exit {code}]")?,
            None => writeln!(f, "[killed]")?,
        }
        write!(f, "[EOF]")
    }
}

fn holds(folder: &Path, text: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => holds(&path, text),
            false if path.ends_with("world.redb") => false,
            false => {
                let bytes = fs::read(&path).unwrap();
                bytes.windows(text.len()).any(|window| window == text)
            }
        }
    })
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == ".makeform" {
            continue;
        }
        let target = to.join(name);
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
