//! What a shell is told when somebody presses the tab key.
//!
//! The scripts of `makeform completions` run the program with `MAKEFORM_COMPLETE` set and the words typed
//! so far behind `--`. Commands, flags and their values come from the command line's own definition;
//! addresses, targets and codes from the project's files, numbers of applies from a ledger that is in one.
//! Nothing is asked of the network, and what can't be read has no candidates: a shell that completes is no
//! place for errors.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Arg, Command, CommandFactory as _};
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate};

use crate::{
    diagnostic::{Code, codes},
    manifest::{self, Project, StateLocation},
    model::Kind,
    render,
    state::{Applied, Store},
};

use super::{args::Args, settings::Settings};

/// The variable by which a shell's script asks.
pub(super) const VARIABLE: &str = "MAKEFORM_COMPLETE";

/// Answers a shell's script, if it is one that runs the program.
pub(super) fn answered() -> bool {
    let words: Vec<OsString> = std::env::args_os().collect();
    let factory = || {
        let directory = Settings::read().ok().map(|settings| settings.directory);
        let folder = named(&words, "-C").map(PathBuf::from).unwrap_or_default();
        completing(&Arc::new(Typed {
            folder: directory.unwrap_or_default().join(folder),
            target: named(&words, "--target"),
        }))
    };
    let environment = CompleteEnv::with_factory(factory).var(VARIABLE);
    // A shell would show the error in the middle of the line that is typed.
    environment
        .try_complete(distinct(&words), None)
        .unwrap_or(true)
}

/// What the words typed so far say of the project that is meant.
struct Typed {
    /// The folder that it is looked for from.
    folder: PathBuf,
    /// The target, where one is named.
    target: Option<String>,
}

/// The value that the words typed so far give a flag, as `-C DIR`, `-CDIR` or `--target=NAME`: the last one.
fn named(words: &[OsString], flag: &str) -> Option<String> {
    let typed = words.iter().skip_while(|word| *word != "--").skip(1);
    let mut named = None;
    let mut is_next = false;
    for word in typed {
        let word = word.to_str()?;
        if is_next {
            named = Some(word.to_owned());
        } else if let Some(rest) = word.strip_prefix(flag) {
            let rest = match flag.starts_with("--") {
                true => rest.strip_prefix('=').unwrap_or_default(),
                false => rest,
            };
            named = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
        }
        is_next = word == flag;
    }
    named
}

/// The words, with no target's name that the engine takes for a command: it does so with any word that is
/// called like one, `--target sandbox` among them. The last one is still typed.
fn distinct(words: &[OsString]) -> Vec<OsString> {
    let mut distinct = words.to_vec();
    let last = distinct.len().saturating_sub(1);
    for (at, word) in distinct.iter_mut().enumerate() {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        if before.is_some_and(|before| before == "--target") && at < last {
            word.push(".");
        }
    }
    distinct
}

/// The command line, whose arguments know the values that a project in this folder has for them.
fn completing(typed: &Arc<Typed>) -> Command {
    given(Args::command(), typed)
}

/// A command and those below it.
fn given(command: Command, typed: &Arc<Typed>) -> Command {
    // Those of `sandbox` are addresses of the network.
    let has_things = command.get_name() != "sandbox";
    let command = command.mut_args(|arg| valued(arg, typed));
    match has_things {
        true => command.mut_subcommands(|below| given(below, typed)),
        false => command,
    }
}

/// An argument that knows its values, where the name of its value says what they are.
fn valued(arg: Arg, typed: &Arc<Typed>) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    let Some(name) = names.first().map(|name| name.to_string()) else {
        return arg;
    };
    let typed = Arc::clone(typed);
    let candidates = match (name.as_str(), arg.get_id().as_str()) {
        ("ADDRESS", "scenario" | "scenarios") => {
            ArgValueCandidates::new(move || addresses(&typed.folder, Some(Kind::Scenario)))
        }
        ("ADDRESS" | "ADDRESSES" | "FROM" | "TO", _) => {
            ArgValueCandidates::new(move || addresses(&typed.folder, None))
        }
        ("NAME", "targets") => ArgValueCandidates::new(move || targets(&typed.folder)),
        ("APPLY", _) => ArgValueCandidates::new(move || applies(&typed).unwrap_or_default()),
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

/// The addresses that a project's manifests declare, of one kind or of all.
fn addresses(folder: &Path, kind: Option<Kind>) -> Vec<CompletionCandidate> {
    let declared = project(folder).map(|project| manifest::addresses(&project));
    declared
        .into_iter()
        .flatten()
        .filter(|(address, _)| kind.is_none_or(|kind| address.kind == kind))
        .map(|(address, place)| {
            let help = place.source.name.clone();
            CompletionCandidate::new(address.to_string()).help(Some(help.into()))
        })
        .collect()
}

/// The applies of a target whose ledger is a file of this machine, the last one first. One that is
/// encrypted stays closed: what opens it may ask somebody.
fn applies(typed: &Typed) -> Option<Vec<CompletionCandidate>> {
    let project = project(&typed.folder)?;
    let default = project.default_target.as_ref();
    let only = project
        .targets
        .keys()
        .next()
        .filter(|_| project.targets.len() == 1);
    let name = typed.target.as_ref().or(default).or(only)?;
    let target = project.targets.get(name)?;
    let url = target.url.as_literal()?;
    if project.state != StateLocation::File && !url.starts_with("sandbox:") {
        return None;
    }
    let folder = project.root.join(".makeform").join(name);
    let store = Store::at(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ledger = runtime.ok()?.block_on(store.read()).ok()?;
    let candidate = |applied: &Applied| {
        let help = render::applied_in_words(applied);
        CompletionCandidate::new(applied.apply.0.to_string()).help(Some(help.into()))
    };
    Some(ledger.applies.iter().rev().map(candidate).collect())
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
    use std::ffi::OsString;

    use super::named;

    #[test]
    fn what_is_named_is_in_the_words_behind_the_dashes() {
        for (words, folder, target) in [
            ("makeform", None, None),
            ("makeform -C elsewhere", None, None),
            (
                "makeform -- makeform -C clients/acme plan",
                Some("clients/acme"),
                None,
            ),
            (
                "makeform -- makeform -Cacme plan --only",
                Some("acme"),
                None,
            ),
            ("makeform -- makeform plan -C", None, None),
            ("makeform -- makeform -C one -C two", Some("two"), None),
            ("makeform -- makeform --target a -C b", Some("b"), Some("a")),
            ("makeform -- makeform rollback --target=a", None, Some("a")),
            ("makeform -- makeform --targets a", None, None),
        ] {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            assert_eq!(named(&words, "-C").as_deref(), folder, "{words:?}");
            assert_eq!(named(&words, "--target").as_deref(), target, "{words:?}");
        }
    }
}
