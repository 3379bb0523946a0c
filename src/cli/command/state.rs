//! `state`: the bindings of a target.

use std::time::Duration;

use clap::Subcommand;

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    diagnostic::nearest,
    model::{Address, Bindings},
    render,
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

pub(crate) fn run(command: &StateCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "state")?;
    let store = scope.target(&project, &name)?.store();
    match command {
        StateCommand::List => {
            let ledger = store.read()?;
            scope.ui.data(&render::state_list_text(
                &ledger.bindings,
                scope.ui.data_style(),
            ))?;
        }
        StateCommand::Show { address } => {
            let ledger = store.read()?;
            let binding = ledger
                .bindings
                .by_address
                .get(address)
                .ok_or_else(|| not_bound(&ledger.bindings, address))?;
            scope.ui.data(&render::state_show_json(address, binding))?;
        }
        StateCommand::Rm { addresses } => {
            let mut ledger = store.lock(&scope.owner("state rm"), Duration::ZERO)?;
            // All or none: a typo in the last address must not leave half of it done.
            for address in addresses {
                bound(&ledger.ledger().bindings, address)?;
            }
            for address in addresses {
                ledger.unbind(address)?;
                scope.ui.status(&format!("Forgot {address}"));
            }
        }
        StateCommand::Mv { from, to } => {
            let mut ledger = store.lock(&scope.owner("state mv"), Duration::ZERO)?;
            bound(&ledger.ledger().bindings, from)?;
            ledger.rename(from, to)?;
            scope.ui.status(&format!("Renamed {from} to {to}"));
        }
    }
    Ok(Exit::Done)
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
