//! The scenario that a command is about, and the account that it is in.

use std::str::FromStr;

use crate::{
    diagnostic::{Finding, codes},
    live::WriteError,
    model::{Address, AddressError, Bindings, Dialect, Kind, RemoteId},
};

use super::{
    command::state::not_bound,
    error::{Stop, chain},
    session::{Connected, Scope},
};

/// A scenario as it is typed: its address, or its id in Make.
#[derive(Clone, Debug)]
pub(crate) enum ScenarioArg {
    Address(Address),
    Id(RemoteId),
}

/// Why a text is no scenario.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioArgError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("{0} is no scenario: only scenarios run")]
    OtherKind(Address),
}

impl FromStr for ScenarioArg {
    type Err = ScenarioArgError;

    fn from_str(text: &str) -> Result<Self, ScenarioArgError> {
        if let id @ RemoteId::Int(_) = RemoteId::from(text) {
            return Ok(Self::Id(id));
        }
        let address: Address = text.parse()?;
        match address.kind == Kind::Scenario {
            true => Ok(Self::Address(address)),
            false => Err(ScenarioArgError::OtherKind(address)),
        }
    }
}

/// A scenario that was found.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// Its address, or `scenario 925` where no address is bound to it.
    pub(crate) label: String,
    /// What to type for it: its address or id.
    pub(crate) typed: String,
    /// Its id.
    pub(crate) id: RemoteId,
}

impl Chosen {
    /// The scenario of an id.
    pub(crate) fn of(id: RemoteId, bindings: &Bindings) -> Self {
        match bindings.address_of(Kind::Scenario, &id) {
            Some(address) => Self {
                label: address.to_string(),
                typed: address.to_string(),
                id,
            },
            None => Self {
                label: format!("scenario {id}"),
                typed: id.to_string(),
                id,
            },
        }
    }
}

impl ScenarioArg {
    /// The scenario that is meant.
    pub(crate) fn find(&self, bindings: &Bindings) -> Result<Chosen, Stop> {
        match self {
            Self::Id(id) => Ok(Chosen::of(id.clone(), bindings)),
            Self::Address(address) => match bindings.by_address.get(address) {
                Some(binding) => Ok(Chosen {
                    label: address.to_string(),
                    typed: address.to_string(),
                    id: binding.id.clone(),
                }),
                None => Err(not_bound(bindings, address).into()),
            },
        }
    }
}

/// The one target of a command that acts on runs: what its ledger binds, and its account.
pub(crate) struct Account {
    pub(crate) bindings: Bindings,
    pub(crate) connected: Connected,
}

impl Account {
    /// Finds a scenario, then opens the way to the account: nothing is asked of it for a typo.
    pub(crate) async fn open(
        scope: &Scope<'_>,
        what: &str,
        scenarios: &[&ScenarioArg],
    ) -> Result<(Self, Vec<Chosen>), Stop> {
        let project = scope.project()?;
        let name = scope.one_target(&project, what)?;
        let target = scope.target(&project, &name)?;
        let ledger = target.store(scope)?.read().await?;
        let chosen = scenarios
            .iter()
            .map(|scenario| scenario.find(&ledger.bindings))
            .collect::<Result<_, _>>()?;
        let connected = target.connect(scope).await?;
        ledger.check_account(&connected.identity())?;
        let account = Self {
            bindings: ledger.bindings,
            connected,
        };
        Ok((account, chosen))
    }

    /// Refuses what only the zone dialect has.
    pub(crate) fn needs_zone(&self, what: &str) -> Result<(), Stop> {
        match self.connected.client.dialect() {
            Dialect::Zone => Ok(()),
            Dialect::Unified => Err(anyhow::anyhow!(
                "the unified dialect of Make's API has no {what}: use a target whose `url` is a \
                 zone, such as https://eu1.make.com"
            )
            .into()),
        }
    }
}

/// What is to be told of an action that failed: where it may have been carried out all the same,
/// that, and what to look at before it is done again.
pub(crate) fn failed(error: WriteError, may_have: &str, look: &str) -> Stop {
    match error {
        // What is usually told of these is about manifests.
        WriteError::Refused(error) if matches!(error.status(), Some(400 | 422)) => {
            let finding = Finding::new(error.code(), chain(&error.into()));
            let help = format!("nothing was done, and the message says why; to look: {look}");
            Stop::finding(finding.help(help))
        }
        WriteError::Refused(error) => error.into(),
        WriteError::Unknown(error) => {
            let message = format!("{may_have}: {}", chain(&error.into()));
            let finding = Finding::new(&codes::account::ACTION_UNCLEAR, message);
            Stop::finding(finding.help(format!("it was not sent again; look first: {look}")))
        }
    }
}
