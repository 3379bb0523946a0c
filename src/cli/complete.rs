//! What a shell is told when somebody presses the tab key.
//!
//! The scripts of `makeform completions` run the program with `MAKEFORM_COMPLETE` set and the words typed
//! so far behind `--`. Commands, flags and their values come from the command line's own definition;
//! addresses, targets and codes from the project's files. Nothing is asked of the network, and what can't
//! be read has no candidates: a shell that completes is no place for errors.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Arg, Command, CommandFactory as _};
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate};

use crate::{
    diagnostic::{Code, codes},
    manifest::{self, Project},
};

use super::{args::Args, settings::Settings};

/// The variable by which a shell's script asks.
pub(super) const VARIABLE: &str = "MAKEFORM_COMPLETE";

/// Answers a shell's script, if it is one that runs the program.
pub(super) fn answered() -> bool {
    let words: Vec<OsString> = std::env::args_os().collect();
    let factory = || {
        let directory = Settings::read().ok().map(|settings| settings.directory);
        completing(&directory.unwrap_or_default().join(folder(&words)))
    };
    let environment = CompleteEnv::with_factory(factory).var(VARIABLE);
    // A shell would show the error in the middle of the line that is typed.
    environment.try_complete(&words, None).unwrap_or(true)
}

/// The folder that the words typed so far name with `-C`.
fn folder(words: &[OsString]) -> PathBuf {
    let typed = words.iter().skip_while(|word| *word != "--").skip(1);
    let mut named = None;
    let mut is_next = false;
    for word in typed {
        if is_next {
            named = Some(PathBuf::from(word));
        } else if let Some(rest) = word.to_str().and_then(|word| word.strip_prefix("-C")) {
            named = Some(PathBuf::from(rest)).filter(|_| !rest.is_empty());
        }
        is_next = word == "-C";
    }
    named.unwrap_or_default()
}

/// The command line, whose arguments know the values that a project in this folder has for them.
fn completing(folder: &Path) -> Command {
    let folder: Arc<Path> = folder.into();
    given(Args::command(), &folder)
}

/// A command and those below it.
fn given(command: Command, folder: &Arc<Path>) -> Command {
    // Those of `sandbox` are addresses of the network.
    let has_things = command.get_name() != "sandbox";
    let command = command.mut_args(|arg| valued(arg, folder));
    match has_things {
        true => command.mut_subcommands(|below| given(below, folder)),
        false => command,
    }
}

/// An argument that knows its values, where the name of its value says what they are.
fn valued(arg: Arg, folder: &Arc<Path>) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    let Some(name) = names.first().map(|name| name.to_string()) else {
        return arg;
    };
    let folder = Arc::clone(folder);
    let candidates = match (name.as_str(), arg.get_id().as_str()) {
        ("ADDRESS" | "ADDRESSES" | "FROM" | "TO", _) => {
            ArgValueCandidates::new(move || addresses(&folder))
        }
        ("NAME", "targets") => ArgValueCandidates::new(move || targets(&folder)),
        ("CODE", "code") => ArgValueCandidates::new(|| explained(&codes::all())),
        ("CODE", _) => ArgValueCandidates::new(|| explained(codes::guards::GUARDS)),
        _ => return arg,
    };
    arg.add(candidates)
}

/// The project that is completed for.
fn project(folder: &Path) -> Option<Project> {
    manifest::find_project(folder).ok()
}

fn addresses(folder: &Path) -> Vec<CompletionCandidate> {
    let declared = project(folder).map(|project| manifest::addresses(&project));
    declared
        .into_iter()
        .flatten()
        .map(|(address, place)| {
            let help = place.source.name.clone();
            CompletionCandidate::new(address.to_string()).help(Some(help.into()))
        })
        .collect()
}

fn targets(folder: &Path) -> Vec<CompletionCandidate> {
    let targets = project(folder).map(|project| project.targets);
    targets
        .into_iter()
        .flatten()
        .map(|(name, target)| {
            let url = target.url.as_literal().map(|url| url.to_string().into());
            CompletionCandidate::new(name).help(url)
        })
        .collect()
}

fn explained(codes: &[&'static Code]) -> Vec<CompletionCandidate> {
    let candidate = |code: &&Code| {
        CompletionCandidate::new(code.name).help(Some(code.summary.to_owned().into()))
    };
    codes.iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, path::PathBuf};

    use super::folder;

    #[test]
    fn the_folder_is_the_one_that_the_words_behind_the_dashes_name() {
        for (words, meant) in [
            ("makeform", ""),
            ("makeform -C elsewhere", ""),
            ("makeform -- makeform plan", ""),
            ("makeform -- makeform -C clients/acme plan", "clients/acme"),
            ("makeform -- makeform -Cacme plan --only", "acme"),
            ("makeform -- makeform plan -C", ""),
            ("makeform -- makeform -C one -C two", "two"),
        ] {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            assert_eq!(folder(&words), PathBuf::from(meant), "{words:?}");
        }
    }
}
