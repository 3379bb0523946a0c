//! The one door for output: stdout is data, stderr is everything else.

use std::{
    io::{self, IsTerminal as _, Read as _, Write as _},
    sync::{Mutex, PoisonError},
};

use secrecy::SecretString;

use crate::{diagnostic::Report, render};

use super::{progress::ProgressMode, settings::ColorChoice};

/// No secret is longer than this, in bytes.
const LONGEST_SECRET: u64 = 64 * 1024;

/// The terminal, or what stands in for it.
#[derive(Debug)]
pub(crate) struct Ui {
    stdout: render::Style,
    stderr: render::Style,
    terminal: Terminal,
    progress: ProgressMode,
    /// What was said, where it goes to nobody else: data, and everything else.
    kept: Option<Mutex<(String, String)>>,
}

/// Which streams are terminals.
#[derive(Clone, Copy, Debug)]
struct Terminal {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

impl Ui {
    /// Looks at the process's streams once.
    pub(crate) fn new(choice: ColorChoice, columns: Option<usize>) -> Self {
        let style = |terminal: bool, of: &console::Term| render::Style {
            colour: match choice {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal,
            },
            width: columns.unwrap_or_else(|| match terminal {
                true => wide(of),
                // Nobody knows what a reader of a pipe or a file has.
                false => usize::MAX,
            }),
            full: false,
            words: false,
        };
        let terminal = Terminal {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
            stderr: io::stderr().is_terminal(),
        };
        Self {
            stdout: style(terminal.stdout, &console::Term::stdout()),
            stderr: style(terminal.stderr, &console::Term::stderr()),
            terminal,
            progress: ProgressMode::default(),
            kept: None,
        }
    }

    /// The same with long values whole, words in the place of signs, and another progress.
    pub(crate) fn with(mut self, full: bool, words: bool, progress: ProgressMode) -> Self {
        for style in [&mut self.stdout, &mut self.stderr] {
            style.full = full;
            style.words = words;
        }
        self.progress = progress;
        self
    }

    /// One that nobody looks at, which keeps what is said.
    pub(crate) fn kept() -> Self {
        let style = render::Style {
            colour: false,
            width: 100,
            full: false,
            words: false,
        };
        Self {
            stdout: style,
            stderr: style,
            terminal: Terminal {
                stdin: false,
                stdout: false,
                stderr: false,
            },
            progress: ProgressMode::default(),
            kept: Some(Mutex::default()),
        }
    }

    /// What was kept: data, and everything else.
    pub(crate) fn said(self) -> (String, String) {
        let kept = self.kept.map(Mutex::into_inner);
        kept.map_or_else(Default::default, |kept| {
            kept.unwrap_or_else(PoisonError::into_inner)
        })
    }

    /// Whether it belongs to a process, to which the machine may send signals.
    pub(crate) fn is_of_a_process(&self) -> bool {
        self.kept.is_none()
    }

    /// How data is drawn.
    pub(crate) fn data_style(&self) -> &render::Style {
        &self.stdout
    }

    /// How everything else is drawn.
    pub(crate) fn status_style(&self) -> &render::Style {
        &self.stderr
    }

    /// Whether somebody is there to answer a question.
    pub(crate) fn can_ask(&self) -> bool {
        self.terminal.stdin && self.terminal.stderr
    }

    /// An answer that is typed, or the usual one; it is asked for again while `check` says what is
    /// wrong with it. Only for whom can be asked.
    pub(crate) fn answer(
        &self,
        prompt: &str,
        usual: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> anyhow::Result<String> {
        let question = dialoguer::Input::<String>::new()
            .with_prompt(prompt)
            .default(usual.to_owned())
            .show_default(!usual.is_empty())
            .allow_empty(usual.is_empty())
            .validate_with(|answer: &String| check(answer));
        Ok(question.interact_text()?)
    }

    /// A secret: typed unseen, or all of what is piped in.
    pub(crate) fn secret(&self, prompt: &str) -> anyhow::Result<SecretString> {
        self.unseen(prompt, false)
    }

    /// The same, where to type nothing is an answer.
    pub(crate) fn secret_or_none(&self, prompt: &str) -> anyhow::Result<SecretString> {
        self.unseen(prompt, true)
    }

    fn unseen(&self, prompt: &str, may_be_empty: bool) -> anyhow::Result<SecretString> {
        if self.can_ask() {
            let typed = dialoguer::Password::new()
                .with_prompt(prompt)
                .allow_empty_password(may_be_empty)
                .interact()?;
            return Ok(typed.into());
        }
        let mut text = String::new();
        io::stdin().take(LONGEST_SECRET).read_to_string(&mut text)?;
        Ok(text.trim().into())
    }

    /// Whether progress may be drawn.
    pub(crate) fn shows_progress(&self) -> bool {
        self.terminal.stderr && self.progress == ProgressMode::Auto
    }

    /// How progress is shown.
    pub(crate) fn progress(&self) -> ProgressMode {
        self.progress
    }

    /// Writes data that is a text for people: on a terminal no word is broken at its edge.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        match self.terminal.stdout {
            true => self.data(&render::fitted(text, self.stdout.width)),
            false => self.data(text),
        }
    }

    /// Writes data. A reader that went away (`plan | head`) is no error.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        if let Some(kept) = &self.kept {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.0.push_str(text);
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Says something that is no data; on a terminal no word of it is broken at its edge. Nobody is left to
    /// tell when stderr is gone.
    pub(crate) fn status(&self, text: &str) {
        if let Some(kept) = &self.kept {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.1.push_str(text);
            kept.1.push('\n');
            return;
        }
        let mut err = io::stderr().lock();
        let fitted = self
            .terminal
            .stderr
            .then(|| render::fitted(text, self.stderr.width));
        let _ = err.write_all(fitted.as_deref().unwrap_or(text).as_bytes());
        let _ = err.write_all(b"\n");
    }

    /// Shows findings, if there are any.
    pub(crate) fn findings(&self, report: &Report) {
        if !report.is_empty() {
            self.status(render::findings_text(report, &self.stderr).trim_end());
        }
    }
}

/// How wide a terminal is; 100 columns where it does not say. Narrower than 40 nothing is read.
fn wide(terminal: &console::Term) -> usize {
    let (_, columns) = terminal.size_checked().unwrap_or((0, 100));
    usize::from(columns).max(40)
}
