//! `validate`: all manifests, without the account.

use crate::{
    cli::{document, error::Stop, exit::Exit, session::Scope},
    manifest, render,
};

/// Check all manifests without the account
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform validate
  makeform --target production validate --format json
  makeform --all-targets validate
  makeform --all-targets validate --format sarif > makeform.sarif")]
pub(crate) struct ValidateArgs {
    /// How findings are written; all but text go to stdout
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
    /// SARIF 2.1.0, one document with a run for each target: for code scanning.
    Sarif,
}

pub(crate) fn run(args: &ValidateArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let mut exit = Exit::Done;
    let mut reports = Vec::new();
    let folder = document::folder(&project.root, scope.settings);
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
            Format::Github => {
                scope.ui.data(&render::findings_github(&report, &folder))?;
            }
            Format::Sarif => {}
        }
        if report.has_errors() {
            exit = exit.worst(Exit::Error);
        }
        reports.push((name.clone(), report));
    }
    if args.format == Format::Sarif {
        let document = render::findings_sarif(&reports, &folder);
        scope.ui.data(&document)?;
    }
    Ok(exit)
}
