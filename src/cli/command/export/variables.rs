//! The variables that stand for secrets: where they are declared, and what is said of them.

use std::{collections::BTreeSet, fs, io, path::Path};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;

use crate::{
    cli::{error::Stop, session::Scope},
    diagnostic::{Finding, codes::export as codes},
    export::Combined,
    manifest::{
        PROJECT_FILE, Project, declare_env,
        emit::{ENV_EXAMPLE, File, env_example},
    },
};

/// How many variables a line names.
const MOST_NAMES: usize = 6;

/// The names of the variables that stand for secrets.
pub(super) fn names(combined: &Combined) -> BTreeSet<&str> {
    let parts = combined.targets.values();
    let secrets = parts.flat_map(|part| part.secrets.keys());
    secrets.map(String::as_str).collect()
}

/// A file that may be there already, and what it holds then.
pub(super) fn read(path: &Path) -> Result<Option<String>, Stop> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let context = format!("failed to read {}", path.display());
            Err(anyhow::Error::new(error).context(context).into())
        }
    }
}

/// `.env.example` with these names; none where it has all of them.
pub(super) fn example(out: &Path, names: &BTreeSet<&str>) -> Result<Option<File>, Stop> {
    if names.is_empty() {
        return Ok(None);
    }
    let there = read(&out.join(ENV_EXAMPLE))?;
    let text = env_example(there.as_deref(), names.iter().copied());
    Ok(text.map(|text| File {
        path: ENV_EXAMPLE.into(),
        bytes: text.into_bytes(),
    }))
}

/// The project's own file with these names under `env`; none where it has all of them.
///
/// # Errors
/// Where they have to be added by hand: nothing is written then.
pub(super) fn declared(
    out: &Path,
    project: &Project,
    names: &BTreeSet<&str>,
) -> Result<Option<File>, Stop> {
    let is_new = |name: &&&str| !project.env.iter().any(|known| known == **name);
    let new: Vec<&str> = names.iter().filter(is_new).copied().collect();
    if new.is_empty() {
        return Ok(None);
    }
    let path = out.join(PROJECT_FILE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    match declare_env(&text, &new) {
        Some(text) => Ok(Some(File {
            path: PROJECT_FILE.into(),
            bytes: text.into_bytes(),
        })),
        None => {
            let message = format!("makeform.yaml has to declare {}", new.join(", "));
            let finding = Finding::new(&codes::EXPORT_UNDECLARED, message);
            let help = format!("add to its `spec`: `env: [{}]`", new.join(", "));
            Err(Stop::finding(finding.help(help)))
        }
    }
}

/// What the user has to do before planning, as far as it is not done.
pub(super) fn to_set(combined: &Combined, scope: &Scope<'_>) -> Vec<String> {
    let mut unset = BTreeSet::new();
    let mut other = BTreeSet::new();
    for part in combined.targets.values() {
        for (name, value) in &part.secrets {
            match scope.settings.variable(name) {
                None => unset.insert(name.as_str()),
                Some(set) if set != value.expose_secret() => other.insert(name.as_str()),
                Some(_) => false,
            };
        }
    }
    let mut lines = Vec::new();
    if !unset.is_empty() {
        let them = if unset.len() == 1 {
            "this variable"
        } else {
            "these variables"
        };
        lines.push(format!(
            "To plan, set {them} to what the account has (see {ENV_EXAMPLE}): {}.",
            listed(&unset)
        ));
    }
    if !other.is_empty() {
        lines.push(format!(
            "Set to something else than the account has, which a plan would write there: {}.",
            listed(&other)
        ));
    }
    lines
}

fn listed(names: &BTreeSet<&str>) -> String {
    let first: Vec<&str> = names.iter().copied().take(MOST_NAMES).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
