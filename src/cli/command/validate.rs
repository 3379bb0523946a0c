//! `validate`: all manifests, without the account.

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    manifest, render,
};

/// Check all manifests without the account
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform validate
  makeform --target production validate --format json
  makeform --all-targets validate")]
pub(crate) struct ValidateArgs {
    /// How findings are written; json and github go to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object a line for each target.
    Json,
    /// Annotations of GitHub Actions.
    Github,
}

pub(crate) fn run(args: &ValidateArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let mut exit = Exit::Done;
    let names = scope.target_names(&project)?;
    for name in &names {
        let environment = |variable: &str| scope.settings.variable(variable);
        let (count, report) = manifest::validate(&project, name, &environment);
        match args.format {
            Format::Text => {
                if names.len() > 1 && !report.is_empty() {
                    scope.ui.status(&format!("Target {name}:"));
                }
                scope.ui.findings(&report);
                if !report.has_errors() {
                    let things = if count == 1 { "thing" } else { "things" };
                    let line = format!("Valid: {count} {things} for target {name}.");
                    scope.ui.status(&line);
                }
            }
            Format::Json => scope.ui.data(&render::findings_json(name, &report))?,
            Format::Github => scope.ui.data(&render::findings_github(&report))?,
        }
        if report.has_errors() {
            exit = exit.worst(Exit::Error);
        }
    }
    Ok(exit)
}
