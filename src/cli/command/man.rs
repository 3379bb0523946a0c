//! `man`: the manual's pages.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::{
    cli::{args::Args, error::Stop, exit::Exit, session::Scope},
    manifest::emit,
};

/// What stands above the examples of a command's help.
const EXAMPLES: &str = "Examples:\n";

/// Write the pages of the manual
///
/// One for the program and one for each command, such as makeform-plan.1: what `--help` says. Without
/// --out the program's own is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform man | man -l -                                the first page, read at once
  makeform man --out ~/.local/share/man/man1             all of them, for `man makeform-plan`")]
pub(crate) struct ManArgs {
    /// The folder to write all pages into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let mut program = Args::command();
    program.build();
    let Some(out) = &args.out else {
        scope.ui.data(&page(&program)?)?;
        return Ok(Exit::Done);
    };
    let folder = scope.settings.directory.join(out);
    let count = write(&program, &folder)?;
    scope
        .ui
        .status(&format!("Wrote {count} pages to {}", out.display()));
    Ok(Exit::Done)
}

/// Writes the pages of a command and of all below it; how many there are.
fn write(command: &Command, folder: &Path) -> anyhow::Result<usize> {
    let path = folder.join(Man::new(command.clone()).get_filename());
    emit::write(&path, page(command)?.as_bytes())
        .with_context(|| format!("failed to write {}", path.display()))?;
    let mut count = 1;
    for below in command.get_subcommands() {
        // What `help` says stands on these pages.
        if !below.is_hide_set() && below.get_name() != "help" {
            count += write(below, folder)?;
        }
    }
    Ok(count)
}

/// The page of a command, in the language of manuals.
fn page(command: &Command) -> anyhow::Result<String> {
    let examples = command.get_after_help().map(ToString::to_string);
    let man = Man::new(command.clone().after_help(None::<&str>));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut page = String::from_utf8(page)?;
    if let Some(examples) = examples {
        let examples = examples.strip_prefix(EXAMPLES).unwrap_or(&examples);
        page.push_str(".SH EXAMPLES\n.nf\n");
        for line in examples.lines() {
            page.push_str(&verbatim(line));
            page.push('\n');
        }
        page.push_str(".fi\n");
    }
    Ok(page)
}

/// A line as it stands, in a language where some characters at its beginning are orders, and where a
/// backslash and a dash mean something else.
fn verbatim(line: &str) -> String {
    let escaped = line.replace('\\', "\\(rs").replace('-', "\\-");
    match escaped.starts_with(['.', '\'']) {
        true => format!("\\&{escaped}"),
        false => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::verbatim;

    #[test]
    fn nothing_in_an_example_is_an_order() {
        for (line, written) in [
            ("  makeform plan --out x", "  makeform plan \\-\\-out x"),
            (".github/workflows", "\\&.github/workflows"),
            ("'a' \\", "\\&'a' \\(rs"),
        ] {
            assert_eq!(verbatim(line), written);
        }
    }
}
