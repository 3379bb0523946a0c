//! The process's environment, read once. Nothing else reads it.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use secrecy::SecretString;

use anyhow::Context as _;

use crate::{
    live::Timeouts,
    sandbox::WorldOptions,
    state::{Cipher, Direction},
};

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the environment says.
pub(crate) struct Settings {
    environment: BTreeMap<String, String>,
    /// The folder that relative paths are meant from.
    pub(crate) directory: PathBuf,
    /// Whether this is a CI runner, whose disk is gone tomorrow.
    pub(crate) ci: bool,
    /// Hosts beside Make's own that tokens may go to (`MAKEFORM_ALLOWED_HOSTS`).
    pub(crate) allowed_hosts: Vec<String>,
    /// Who runs this: `user@host`.
    pub(crate) who: String,
    /// The terminal's width, where it says (`COLUMNS`).
    pub(crate) columns: Option<usize>,
}

impl Settings {
    /// Reads the environment and the working directory.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn read() -> std::io::Result<Self> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self::of(environment, std::env::current_dir()?))
    }

    /// What an environment and a folder say.
    pub(crate) fn of(environment: BTreeMap<String, String>, directory: PathBuf) -> Self {
        let get = |name: &str| {
            environment
                .get(name)
                .filter(|value| !value.is_empty())
                .cloned()
        };
        let user = get("USER")
            .or_else(|| get("USERNAME"))
            .unwrap_or_else(|| "unknown".into());
        let host = get("HOSTNAME")
            .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
            .map_or_else(|| "unknown".to_owned(), |host| host.trim().to_owned());
        let allowed = get("MAKEFORM_ALLOWED_HOSTS").unwrap_or_default();
        Self {
            directory,
            ci: get("CI").is_some_and(|value| value != "false"),
            allowed_hosts: allowed
                .split(',')
                .map(|host| host.trim().to_owned())
                .filter(|host| !host.is_empty())
                .collect(),
            who: format!("{user}@{host}"),
            columns: get("COLUMNS").and_then(|columns| columns.parse().ok()),
            environment,
        }
    }

    /// Whether plans have words in the place of signs (`MAKEFORM_SIGNS=words`).
    pub(crate) fn words_for_signs(&self) -> bool {
        let signs = self.variable("MAKEFORM_SIGNS");
        signs.is_some_and(|signs| signs == "words")
    }

    /// One variable. An empty one counts as not set: that is what CI gives to a pull request
    /// that may not see a secret.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.environment
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// The commands that encrypt and decrypt ledgers (`MAKEFORM_STATE_ENCRYPT`,
    /// `MAKEFORM_STATE_DECRYPT`), and how long they may take (`MAKEFORM_STATE_COMMAND_TIMEOUT`).
    pub(crate) fn cipher(&self) -> anyhow::Result<Cipher> {
        let line = |direction: Direction| self.variable(direction.variable());
        let cipher = Cipher::new(
            line(Direction::Encrypt).map(SecretString::from),
            line(Direction::Decrypt).map(SecretString::from),
        );
        let Some(seconds) = self.variable("MAKEFORM_STATE_COMMAND_TIMEOUT") else {
            return Ok(cipher);
        };
        let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0.0);
        let patience = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let patience =
            patience.context("MAKEFORM_STATE_COMMAND_TIMEOUT is no number of seconds")?;
        Ok(cipher.within(patience))
    }

    /// How the sandboxes of this process behave (`MAKEFORM_SANDBOX`).
    pub(crate) fn sandbox(&self) -> anyhow::Result<WorldOptions> {
        let text = self.variable("MAKEFORM_SANDBOX").unwrap_or_default();
        text.parse().context("failed to read MAKEFORM_SANDBOX")
    }

    /// The folder of the user's settings, for all programs.
    pub(crate) fn config_home(&self) -> Option<PathBuf> {
        let folder = |name: &str| self.variable(name).map(PathBuf::from);
        let home = if cfg!(windows) {
            folder("APPDATA")
        } else {
            folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
        };
        home.filter(|home| home.is_absolute())
    }

    /// The folder of the user's settings for makeform.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        match self.variable("MAKEFORM_CONFIG_DIR") {
            Some(folder) => Some(self.directory.join(folder)),
            None => Some(self.config_home()?.join("makeform")),
        }
    }

    /// The folder in which makeform keeps what it can do without.
    pub(crate) fn cache_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = self.variable("MAKEFORM_CACHE_DIR") {
            return Some(self.directory.join(folder));
        }
        let folder = |name: &str| self.variable(name).map(PathBuf::from);
        let caches = if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else {
            folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))
        };
        Some(
            caches
                .filter(|caches| caches.is_absolute())?
                .join("makeform"),
        )
    }

    /// The proxy for HTTPS, and the variable that names it.
    pub(crate) fn proxy(&self) -> Option<(&'static str, SecretString)> {
        self.first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
            .map(|(name, value)| (name, value.into()))
    }

    /// The hosts that are reached without it.
    pub(crate) fn no_proxy(&self) -> Option<String> {
        Some(self.first(["NO_PROXY", "no_proxy"])?.1)
    }

    fn first<const N: usize>(&self, names: [&'static str; N]) -> Option<(&'static str, String)> {
        let mut found = names.into_iter().map(|name| (name, self.variable(name)));
        found.find_map(|(name, value)| Some((name, value?)))
    }

    /// The file of certificate authorities that are trusted beside the system's.
    pub(crate) fn authorities(&self) -> Option<PathBuf> {
        let file = self.variable("MAKEFORM_CA_FILE")?;
        Some(self.directory.join(file))
    }

    /// How long each phase of an exchange may take (`MAKEFORM_TIMEOUTS`).
    pub(crate) fn timeouts(&self) -> anyhow::Result<Timeouts> {
        let text = self.variable("MAKEFORM_TIMEOUTS").unwrap_or_default();
        text.parse().context("failed to read MAKEFORM_TIMEOUTS")
    }

    /// The file that gets the log (`MAKEFORM_LOG`).
    pub(crate) fn log(&self) -> Option<PathBuf> {
        self.variable("MAKEFORM_LOG").map(PathBuf::from)
    }

    /// The length of the minute that requests are limited in: another one only against a sandbox
    /// that was told the same.
    pub(crate) fn minute(&self) -> Option<Duration> {
        let seconds: f64 = self.variable("MAKEFORM_MINUTE")?.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// The colour to use, after the environment had its say.
    pub(crate) fn color(&self, asked: Option<ColorChoice>) -> ColorChoice {
        let set = |name: &str| {
            self.environment
                .get(name)
                .is_some_and(|value| !value.is_empty())
        };
        match asked {
            Some(choice) => choice,
            None if set("NO_COLOR") => ColorChoice::Never,
            None if set("CLICOLOR_FORCE") => ColorChoice::Always,
            None if self
                .environment
                .get("TERM")
                .is_some_and(|term| term == "dumb") =>
            {
                ColorChoice::Never
            }
            None => ColorChoice::Auto,
        }
    }
}

impl std::fmt::Debug for Settings {
    /// Leaves the environment out: tokens are in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
