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
            .data(&render::codes_text(&codes::all(), scope.ui.data_style()))?;
        return Ok(Exit::Done);
    };
    let Some(code) = codes::asked(name) else {
        let hint = nearest(name, codes::all().iter().map(|code| code.name))
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(anyhow::anyhow!("there is no code `{name}`{hint}").into());
    };
    scope
        .ui
        .data(&render::explain_text(code, scope.ui.data_style()))?;
    Ok(Exit::Done)
}
