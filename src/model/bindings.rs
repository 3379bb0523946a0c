//! Which address is which id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Address, ApplyId, Intent, Kept, PackedJson, RemoteId};

/// The account that bindings belong to. They are refused for any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The API's host, or the sandbox's name.
    pub host: String,
    /// The organization's id.
    pub organization: u64,
    /// The team's id.
    pub team: u64,
}

impl Identity {
    /// Whether it is a sandbox in this process, and no account that anybody else could reach.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.host.starts_with("sandbox:")
    }
}

/// All bindings of one target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bindings {
    /// The account they belong to; none while there are no bindings yet.
    pub identity: Option<Identity>,
    /// The bindings, by address.
    pub by_address: BTreeMap<Address, Binding>,
}

impl Bindings {
    /// The address that is bound to an id.
    #[must_use]
    pub fn address_of(&self, kind: super::Kind, id: &RemoteId) -> Option<&Address> {
        self.by_address
            .iter()
            .find(|(address, binding)| address.kind == kind && binding.id == *id)
            .map(|(address, _)| address)
    }

    /// Notes that a request was carried out, or may have been, of a step that ends with a look at
    /// its scenario.
    pub fn owe(&mut self, intent: &Intent) {
        let Some(owes) = &intent.owes else { return };
        let Some(binding) = self.by_address.get_mut(&intent.address) else {
            return;
        };
        if binding.unchecked.is_some() || intent.id.as_ref().is_some_and(|id| *id != binding.id) {
            return;
        }
        let before = intent.before.clone().map(|form| Kept {
            form,
            editor: intent.editor.clone(),
            hidden: intent.hidden.clone(),
        });
        binding.unchecked = Some(Box::new(Unchecked {
            apply: Some(intent.apply),
            was_invalid: owes.was_invalid,
            before,
        }));
    }
}

/// A scenario that was changed, and at which nobody has looked since: whether it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unchecked {
    /// The apply that changed it first; none where an earlier makeform wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply: Option<ApplyId>,
    /// Whether Make marked it as invalid before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_invalid: bool,
    /// The form before, as the journal keeps it; none where the scenario was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Kept>,
}

/// That a thing of the project is an object of the account, made or adopted by makeform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The object's id.
    pub id: RemoteId,
    /// The form last applied, comparable, sensitive values left out; none where an apply was
    /// interrupted between the object's creation and its last request, and after `import`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<PackedJson>,
    /// Whether its manifest asked for protection when it was last applied.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// The role of somebody who was invited, and whom no list of the account has shown since:
    /// Make may leave people out until they accept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invited: bool,
    /// What is known of the time before a change at which nobody has looked yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<Box<Unchecked>>,
}

impl Binding {
    /// A binding to an object whose form nobody has applied.
    #[must_use]
    pub fn bare(id: RemoteId) -> Self {
        Self {
            id,
            form: None,
            prevent_destroy: false,
            invited: false,
            unchecked: None,
        }
    }
}
