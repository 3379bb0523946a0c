//! The ledger as a whole: looked at, replaced, unlocked, moved.

use std::{path::Path, time::Duration};

use anyhow::Context as _;

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        session::{Scope, TargetHandle},
    },
    diagnostic::nearest,
    manifest::StateLocation,
    render,
    state::{StateError, Store},
};

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// `makeform/history/v1`.
    Json,
}

pub(super) async fn history(
    target: &TargetHandle,
    format: Format,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let ledger = target.store(scope)?.read().await?;
    let text = match format {
        Format::Text => render::history_text(&ledger.applies, scope.ui.data_style()),
        Format::Json => render::history_json(&ledger.applies),
    };
    scope.ui.data(&text)?;
    Ok(Exit::Done)
}

pub(super) async fn pull(target: &TargetHandle, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let bytes = target.store(scope)?.pull().await?;
    scope.ui.data(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}

pub(super) async fn push(
    target: &TargetHandle,
    file: &Path,
    wait: Duration,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let path = scope.settings.directory.join(file);
    let document =
        std::fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
    let store = target.store(scope)?;
    let owner = scope.owner("state push");
    let mut ledger = store.lock(&owner, wait).await?;
    let replaced = ledger.replace(&document).await;
    let count = ledger.ledger().bindings.by_address.len();
    scope.close(ledger).await;
    let kept = replaced?;
    scope.ui.status(&format!(
        "Replaced the ledger: {count} bindings. What it was is kept as {kept}"
    ));
    Ok(Exit::Done)
}

pub(super) async fn unlock(
    target: &TargetHandle,
    force: bool,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let store = target.store(scope)?;
    let Some(holder) = store.holder().await? else {
        scope.ui.status("The ledger is not locked.");
        return Ok(Exit::Done);
    };
    scope
        .ui
        .status(&format!("The ledger is locked by {holder}"));
    if !force {
        if !scope.ui.can_ask() {
            return Err(anyhow::anyhow!(
                "unlock needs an answer and there is no terminal to ask on: say --force"
            )
            .into());
        }
        let question = "Break this lock? What it does is cut short. Only `yes` is accepted";
        let answer = scope.ui.answer(question, "", |_| Ok(()))?;
        if answer.trim() != "yes" {
            scope.ui.status("The lock was left alone.");
            return Ok(Exit::Error);
        }
    }
    if store.has_leases() {
        scope.ui.status(
            "Breaking the lock. It stays taken until its owner sends nothing more: half a lease.",
        );
    }
    match store.unlock(&scope.owner("state unlock"), &holder).await? {
        Some(holder) => {
            let but = match store.has_leases() {
                true => "",
                false => " than what is on its way: it looks whose the lock is before each request",
            };
            scope.ui.status(&format!(
                "Broke the lock of {holder}. It sends nothing more{but}; the next apply finds out \
                 what became of what was in flight."
            ));
        }
        None => scope.ui.status("It was given back meanwhile."),
    }
    Ok(Exit::Done)
}

pub(super) async fn migrate(
    target: &TargetHandle,
    from: &str,
    wait: Duration,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let here = target.location(scope)?;
    let there: StateLocation = from.parse().map_err(|error| {
        let near = nearest(from, ["file", "git"]);
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        anyhow::anyhow!("`{from}` is no place of a ledger: {error}{near}")
    })?;
    if there == here {
        return Err(anyhow::anyhow!(
            "the ledger of target {} is in `{here}`: write the new place as `state:` in \
             makeform.yaml, and name the old one with --from",
            target.name
        )
        .into());
    }
    let (new, old) = (
        target.store_at(&here, scope)?,
        target.store_at(&there, scope)?,
    );
    let (there, here) = (there.to_string(), here.to_string());
    if !old.is_begun().await? && !has_moved(&new, &there).await {
        return Err(anyhow::anyhow!("there is no ledger in `{there}`").into());
    }
    let owner = scope.owner("state migrate");
    let moved = new
        .migrate_from(&old, (&there, &here), &owner, wait)
        .await?;
    scope.ui.status(&format!(
        "The ledger of target {} is in `{here}` now: {} bindings, {} documents of its history. The \
         one in `{there}` is marked as moved.",
        target.name, moved.bindings, moved.history
    ));
    if let Some(kept) = moved.kept {
        scope
            .ui
            .status(&format!("What was in `{here}` before is kept as {kept}"));
    }
    Ok(Exit::Done)
}

/// Whether a ledger went there, from where it may be lost: it comes back as it was.
async fn has_moved(ledger: &Store, there: &str) -> bool {
    matches!(ledger.read().await, Err(StateError::Moved { to, .. }) if to == there)
}
