//! `completions`: what makes a shell complete the command line.

use clap::builder::PossibleValuesParser;
use clap_complete::env::Shells;

use crate::cli::{complete, error::Stop, exit::Exit, session::Scope};

/// The shells that there are scripts for.
const SHELLS: Shells<'static> = Shells::builtins();

/// Print the script that completes command lines in a shell
///
/// Commands, flags, files, and what the project declares: addresses, targets, codes of guards and of
/// findings. They are read from the manifests each time; the account is not asked. The script runs
/// `makeform`, which has to be on the path.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform completions bash > ~/.local/share/bash-completion/completions/makeform
  makeform completions zsh > \"${fpath[1]}/_makeform\"
  makeform completions fish > ~/.config/fish/completions/makeform.fish
  makeform completions powershell >> $PROFILE
  makeform completions elvish >> ~/.config/elvish/rc.elv")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_parser = PossibleValuesParser::new(SHELLS.names()))]
    shell: String,
}

pub(crate) fn run(args: &CompletionsArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    if let Some(shell) = SHELLS.completer(&args.shell) {
        let name = env!("CARGO_PKG_NAME");
        shell.write_registration(complete::VARIABLE, name, name, name, &mut script)?;
    }
    scope.ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
