//! `explain`: what a code means.

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    diagnostic::{codes, nearest},
    render,
};

/// Explain the code of a finding
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform explain                   list all codes
  makeform explain mass-delete")]
pub(crate) struct ExplainArgs {
    /// The code, as findings show it in brackets
    code: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let Some(name) = &args.code else {
        scope
            .ui
            .text(&render::codes_text(&codes::all(), scope.ui.data_style()))?;
        return Ok(Exit::Done);
    };
    let Some(code) = codes::asked(name) else {
        return Err(anyhow::anyhow!("there is no code `{name}`{}", hint(name)).into());
    };
    scope
        .ui
        .data(&render::explain_text(code, scope.ui.data_style()))?;
    Ok(Exit::Done)
}

/// What may have been meant: the nearest code, or those that have the word in them.
fn hint(name: &str) -> String {
    let all = || codes::all().into_iter().map(|code| code.name);
    if let Some(near) = nearest(name, all()) {
        return format!("; did you mean `{near}`?");
    }
    let word = name.to_lowercase();
    let with: Vec<String> = all()
        .filter(|code| code.split('-').any(|part| part == word))
        .map(|code| format!("`{code}`"))
        .collect();
    match with.is_empty() {
        true => "; `makeform explain` lists them all".to_owned(),
        false => format!("; there are {}", with.join(", ")),
    }
}
