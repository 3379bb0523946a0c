//! The program within another one: what it needs is given to it, and what it says is kept.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use clap::Parser as _;

use crate::live::transport::Transport;

use super::{args::Args, misread, settings::Settings, ui::Ui};

/// What runs are given in the place of what a process has. They ask nobody, and no signal ends
/// them.
#[derive(Clone)]
pub struct Embedded {
    /// The folder that they start in.
    pub directory: PathBuf,
    /// Their environment: they see no other variables.
    pub environment: BTreeMap<String, String>,
    /// What answers for targets with the URL `sandbox:`, in the place of the world in their
    /// folder.
    pub account: Option<Arc<dyn Transport>>,
}

/// What a run said, and its exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
    /// As `docs/exit-codes.md` has it.
    pub code: u8,
}

impl Embedded {
    /// Runs the program with arguments, without its own name before them. The runtime is the
    /// caller's, with timers and IO switched on.
    pub async fn run<S: AsRef<str>>(&self, args: &[S]) -> Ran {
        let ui = Ui::kept();
        let words = ["makeform"]
            .into_iter()
            .chain(args.iter().map(AsRef::as_ref));
        let exit = match Args::try_parse_from(words).and_then(Args::checked) {
            Ok(args) => {
                let settings = Settings::of(self.environment.clone(), self.directory.clone());
                super::run(args, settings, &ui, self.account.clone()).await
            }
            Err(error) => {
                ui.status(&error.to_string());
                misread(&error)
            }
        };
        let (stdout, stderr) = ui.said();
        Ran {
            stdout,
            stderr,
            code: exit.code(),
        }
    }
}

impl fmt::Debug for Embedded {
    /// Leaves the environment out: tokens are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Embedded, Ran};

    #[tokio::test]
    async fn a_run_within_another_program_keeps_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let embedded = Embedded {
            directory: folder.path().to_owned(),
            environment: BTreeMap::new(),
            account: None,
        };
        let Ran {
            stdout,
            stderr,
            code,
        } = embedded.run(&["explain", "step-failed"]).await;
        assert_eq!((stderr.as_str(), code), ("", 0));
        assert!(stdout.contains("step-failed"), "{stdout}");
        let ran = embedded.run(&["plan"]).await;
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
        assert!(ran.stderr.contains("makeform.yaml"), "{}", ran.stderr);
        let ran = embedded.run(&["explain", "--nothing"]).await;
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("--nothing"), "{}", ran.stderr);
    }
}
