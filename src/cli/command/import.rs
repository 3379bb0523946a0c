//! `import`: binds an address to an object that exists.

use std::time::Duration;

use crate::{
    cli::{
        error::Stop,
        exit::Exit,
        session::{Opened, Scope},
    },
    diagnostic::nearest,
    model::{Address, Handling, RemoteId},
    state::Locked,
};

/// Bind an address to an object that exists in the account
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform import scenario.lead-sync 925")]
pub(crate) struct ImportArgs {
    /// The address, such as scenario.lead-sync
    address: Address,
    /// The object's id in Make
    id: String,
}

pub(crate) async fn run(args: &ImportArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "import")?;
    let opened = scope.open(&project, &name)?;
    let address = &args.address;
    if address.kind.handling() != Handling::Managed {
        return Err(anyhow::anyhow!(
            "{address} can't be imported: a {} has no object that makeform manages",
            address.kind
        )
        .into());
    }
    if !opened.desired.things.contains_key(address) {
        let declared: Vec<String> = opened
            .desired
            .things
            .keys()
            .map(ToString::to_string)
            .collect();
        let near = nearest(&address.to_string(), declared.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(anyhow::anyhow!(
            "no manifest declares {address}: write one first, or let `makeform export` write it{near}"
        )
        .into());
    }
    let id = RemoteId::from(args.id.as_str());
    let mut ledger = opened
        .target
        .store(scope)?
        .lock(&scope.owner("import"), Duration::ZERO)
        .await?;
    let bound = bind(&mut ledger, address, id, &opened, scope).await;
    scope.close(ledger).await;
    bound
}

/// Binds what there is in the account.
async fn bind(
    ledger: &mut Locked,
    address: &Address,
    id: RemoteId,
    opened: &Opened,
    scope: &Scope<'_>,
) -> Result<Exit, Stop> {
    let connected = opened.target.connect(scope).await?;
    ledger.ledger().check_account(&connected.identity())?;
    if connected
        .client
        .read(&connected.account, address.kind, &id)
        .await?
        .is_none()
    {
        return Err(anyhow::anyhow!(
            "{} has no {} with id {id}",
            connected.account.in_words(),
            address.kind
        )
        .into());
    }
    ledger.claim(&connected.identity()).await?;
    ledger.import(address, id.clone()).await?;
    scope.ui.status(&format!("Bound {address} to id {id}"));
    Ok(Exit::Done)
}
