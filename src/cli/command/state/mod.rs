//! `state`: the ledger of a target.

mod place;

use std::path::PathBuf;

use clap::Subcommand;

use crate::{
    cli::{error::Stop, exit::Exit, ledger::LockArgs, session::Scope},
    diagnostic::nearest,
    model::{Address, Bindings, Record},
    render,
    state::Locked,
};

/// Look at and edit the ledger of a target: which address is which id, and what was applied
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  makeform state list
  makeform state mv scenario.leads scenario.lead-sync
  makeform state history                     what was applied, when, by whom, from which commit
  makeform state history --format json
  makeform state pull > ledger.json
  makeform state push ledger.json
  makeform state unlock
  makeform state migrate --from file         after `state: git` was written in makeform.yaml")]
pub(crate) enum StateCommand {
    /// List all bindings
    #[command(after_help = "Examples:
  makeform state list
  makeform --target production state list")]
    List,
    /// Show what the ledger knows of one address, as JSON
    #[command(after_help = "Examples:
  makeform state show scenario.lead-sync")]
    Show {
        /// The address
        address: Address,
    },
    /// Forget a binding; the object stays in Make
    #[command(after_help = "Examples:
  makeform state rm webhook.old
  makeform state rm team-role.ada organization-role.ada")]
    Rm {
        /// The address (can be repeated)
        #[arg(required = true)]
        addresses: Vec<Address>,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Give a binding another address, after its manifest was renamed
    #[command(after_help = "Examples:
  makeform state mv scenario.leads scenario.lead-sync")]
    Mv {
        /// The old address
        from: Address,
        /// The new one, of the same kind
        to: Address,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// List what was applied, when, by whom, from which commit, and how it ended
    #[command(after_help = "Examples:
  makeform state history
  makeform state history --format json")]
    History {
        /// How the list is written
        #[arg(long, value_enum, default_value_t = place::Format::Text)]
        format: place::Format,
    },
    /// Print the whole ledger as JSON
    #[command(after_help = "Examples:
  makeform state pull > ledger.json")]
    Pull,
    /// Replace the ledger by a file: what `state pull` printed, edited
    ///
    /// Refused where the file is of another account, or lacks what was recorded since it was pulled.
    #[command(after_help = "Examples:
  makeform state push ledger.json
  makeform state push ledger.json --lock-timeout 60")]
    Push {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Break the lock of somebody who will not give it back
    ///
    /// The lock of a process of this machine that died is free already. A remote one is taken over by
    /// whoever waits for as long as its lease lasts (--lock-timeout), which is the safer way.
    #[command(after_help = "Examples:
  makeform state unlock
  makeform --target production state unlock --force")]
    Unlock {
        /// Do not ask
        #[arg(long)]
        force: bool,
    },
    /// Take the ledger from where it was to where makeform.yaml says that it is
    #[command(after_help = "Examples:
  makeform state migrate --from file         after `state: git` was written in makeform.yaml
  makeform state migrate --from s3://acme-ledgers/make")]
    Migrate {
        /// Where it was: file, git, s3://BUCKET/PREFIX
        #[arg(long, value_name = "PLACE")]
        from: String,
        #[command(flatten)]
        lock: LockArgs,
    },
}

pub(crate) async fn run(command: &StateCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "state")?;
    let target = scope.target(&project, &name)?;
    let store = target.store(scope)?;
    match command {
        StateCommand::History { format } => return place::history(&target, *format, scope).await,
        StateCommand::Pull => return place::pull(&target, scope).await,
        StateCommand::Push { file, lock } => {
            return place::push(&target, file, lock.wait(), scope).await;
        }
        StateCommand::Unlock { force } => return place::unlock(&target, *force, scope).await,
        StateCommand::Migrate { from, lock } => {
            return place::migrate(&target, from, lock.wait(), scope).await;
        }
        StateCommand::List => {
            let ledger = store.read().await?;
            scope.ui.data(&render::state_list_text(
                &ledger.bindings,
                scope.ui.data_style(),
            ))?;
        }
        StateCommand::Show { address } => {
            let ledger = store.read().await?;
            let binding = ledger
                .bindings
                .by_address
                .get(address)
                .ok_or_else(|| not_bound(&ledger.bindings, address))?;
            scope.ui.data(&render::state_show_json(address, binding))?;
        }
        StateCommand::Rm { addresses, lock } => {
            let owner = scope.owner("state rm");
            let mut ledger = store.lock(&owner, lock.wait()).await?;
            let forgotten = forget(&mut ledger, addresses).await;
            scope.close(ledger).await;
            forgotten?;
            for address in addresses {
                scope.ui.status(&format!("Forgot {address}"));
            }
        }
        StateCommand::Mv { from, to, lock } => {
            let owner = scope.owner("state mv");
            let mut ledger = store.lock(&owner, lock.wait()).await?;
            let renamed = rename(&mut ledger, from, to).await;
            scope.close(ledger).await;
            renamed?;
            scope.ui.status(&format!("Renamed {from} to {to}"));
        }
    }
    Ok(Exit::Done)
}

/// Forgets all of these or none: a typo in the last address must not leave half of it done.
async fn forget(ledger: &mut Locked, addresses: &[Address]) -> Result<(), Stop> {
    for address in addresses {
        bound(&ledger.ledger().bindings, address)?;
    }
    let unbound = addresses.iter().cloned();
    let unbound = unbound.map(|address| Record::Unbound { address });
    Ok(ledger.record(unbound.collect()).await?)
}

async fn rename(ledger: &mut Locked, from: &Address, to: &Address) -> Result<(), Stop> {
    bound(&ledger.ledger().bindings, from)?;
    Ok(ledger.rename(from, to).await?)
}

fn bound(bindings: &Bindings, address: &Address) -> Result<(), Stop> {
    match bindings.by_address.contains_key(address) {
        true => Ok(()),
        false => Err(not_bound(bindings, address).into()),
    }
}

/// That nothing is bound to an address; the nearest one that is.
pub(crate) fn not_bound(bindings: &Bindings, address: &Address) -> anyhow::Error {
    let known: Vec<String> = bindings
        .by_address
        .keys()
        .map(ToString::to_string)
        .collect();
    let hint = match nearest(&address.to_string(), known.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean {near}?"),
        None if known.is_empty() => "; nothing is, as long as nothing was applied".to_owned(),
        None => "; `makeform state list` has what is".to_owned(),
    };
    anyhow::anyhow!("{address} is not bound{hint}")
}
