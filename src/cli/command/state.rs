//! `state`: the bindings of a target.

use std::time::Duration;

use clap::Subcommand;

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    diagnostic::nearest,
    model::{Address, Bindings, Record},
    render,
    state::Locked,
};

/// Look at and edit bindings: which address is which id
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List all bindings
    List,
    /// Show what the ledger knows of one address, as JSON
    Show {
        /// The address
        address: Address,
    },
    /// Forget a binding; the object stays in Make
    Rm {
        /// The address (can be repeated)
        #[arg(required = true)]
        addresses: Vec<Address>,
    },
    /// Give a binding another address, after its manifest was renamed
    Mv {
        /// The old address
        from: Address,
        /// The new one, of the same kind
        to: Address,
    },
}

pub(crate) async fn run(command: &StateCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "state")?;
    let store = scope.target(&project, &name)?.store(scope)?;
    match command {
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
        StateCommand::Rm { addresses } => {
            let owner = scope.owner("state rm");
            let mut ledger = store.lock(&owner, Duration::ZERO).await?;
            let forgotten = forget(&mut ledger, addresses).await;
            ledger.close().await?;
            forgotten?;
            for address in addresses {
                scope.ui.status(&format!("Forgot {address}"));
            }
        }
        StateCommand::Mv { from, to } => {
            let owner = scope.owner("state mv");
            let mut ledger = store.lock(&owner, Duration::ZERO).await?;
            let renamed = rename(&mut ledger, from, to).await;
            ledger.close().await?;
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
    let hint = nearest(&address.to_string(), known.iter().map(String::as_str))
        .map_or_else(String::new, |near| format!("; did you mean {near}?"));
    anyhow::anyhow!("{address} is not bound{hint}")
}
