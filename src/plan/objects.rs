//! Which object of the account each thing of a project is, as planning pairs them.

use std::collections::BTreeMap;

use super::{input::PlanInput, pair::pair, resolve::Standing, standing::standings};
use crate::{
    diagnostic::Report,
    model::{Address, RemoteId},
};

/// The objects that declared things are: by binding, by pin, else by name. Those that the target
/// leaves out are among them, and what is looked up; not what the account has nothing of.
///
/// The findings say of which things it can't be told.
#[must_use]
pub fn objects(input: &PlanInput<'_>) -> (BTreeMap<Address, RemoteId>, Report) {
    let mut findings = Report::default();
    let pairs = pair(input, &mut findings);
    let (standings, _) = standings(input, &pairs);
    let objects = standings.into_iter();
    let objects = objects.filter_map(|(address, standing)| match standing {
        Standing::Known { id, url: _ } => Some((address, id)),
        Standing::Open | Standing::Blocked => None,
    });
    (objects.collect(), findings)
}
