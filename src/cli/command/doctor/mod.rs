//! `doctor`: whether all that a target needs is there, and what to do where it is not.

mod account;
mod machine;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    cli::{
        command::auth::Format,
        error::{Stop, chain},
        exit::Exit,
        session::Scope,
    },
    render::{Role, Style, printable},
};

/// Check that a target can be worked on: machine, network, token and account
///
/// Each check is ok, a warning, or a failure with what to do about it. Nothing is changed
/// anywhere. Exits with 1 if a check fails.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform doctor
  makeform --target production doctor --format json")]
pub(crate) struct DoctorArgs {
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok,
    Warn,
    Fail,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    status: Status,
    /// What was found.
    found: String,
    /// What to do.
    help: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Ok,
            found: found.into(),
            help: None,
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Warn,
            found: found.into(),
            help: Some(help.into()),
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            status: Status::Fail,
            ..Self::warn(name, found, help)
        }
    }

    /// The failure that stopped something; `help` where it does not say itself what to do.
    fn stopped(name: &'static str, stop: &Stop, help: &str) -> Self {
        let (found, own) = match stop {
            Stop::Findings(report) => match report.iter().next() {
                Some(finding) => (finding.message.clone(), finding.help.clone()),
                None => (String::new(), None),
            },
            Stop::Failed(error) => (chain(error), None),
            Stop::Said(_) => (String::new(), None),
        };
        Self::fail(name, found, own.unwrap_or_else(|| help.to_owned()))
    }
}

pub(crate) async fn run(args: &DoctorArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let mut exit = Exit::Done;
    for name in scope.target_names(&project)? {
        let target = scope.target(&project, &name)?;
        let mut checks = machine::checks(&target, scope);
        checks.extend(machine::ledger(&target, scope).await);
        checks.extend(account::checks(&target, scope).await);
        if checks.iter().any(|check| check.status == Status::Fail) {
            exit = exit.worst(Exit::Error);
        }
        let text = match args.format {
            Format::Text => text(&name, &checks, scope.ui.data_style()),
            Format::Json => format!("{}\n", json_of(&name, &checks)),
        };
        scope.ui.data(&text)?;
    }
    Ok(exit)
}

fn text(target: &str, checks: &[Check], style: &Style) -> String {
    let mut out = style.paint(Role::Heading, target) + "\n";
    for check in checks {
        let role = match check.status {
            Status::Ok => Role::Added,
            Status::Warn => Role::Warning,
            Status::Fail => Role::Error,
        };
        let word = style.paint(role, &format!("{:4}", check.status.word()));
        let found = printable(&check.found);
        let _ = writeln!(out, "  {word}  {:14}{found}", check.name);
        if let Some(help) = &check.help {
            let head = style.paint(Role::Help, "help:");
            let _ = writeln!(out, "        {:14}{head} {}", "", printable(help));
        }
    }
    out
}

fn json_of(target: &str, checks: &[Check]) -> Value {
    let checks: Vec<Value> = checks
        .iter()
        .map(|check| {
            json!({
                "name": check.name, "status": check.status.word(),
                "found": check.found, "help": check.help,
            })
        })
        .collect();
    json!({ "target": target, "checks": checks })
}
