//! Who was invited and stands in no list of the account: Make may leave people out until they
//! accept. Until then their roles are as the ledger has them, and nobody is invited twice.

use serde_json::Value;

use super::input::PlanInput;
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{
        Address, Binding, Bindings, Dialect, Facts, Kind, Live, PackedJson, Spec,
        spec::{OrganizationRoleSpec, TeamRoleSpec},
    },
};

/// The roles of people who were invited, for where no list has them.
pub(super) fn unlisted(bindings: &Bindings) -> Vec<Live> {
    let invited = bindings.by_address.iter();
    let invited = invited.filter(|(address, binding)| binding.invited && address.kind.is_role());
    invited
        .map(|(address, binding)| as_remembered(address, binding))
        .collect()
}

/// A role with what was last applied; without that, nothing is known of it but that it is there.
fn as_remembered(address: &Address, binding: &Binding) -> Live {
    let form = binding.form.as_ref().map(PackedJson::document);
    let form = form.and_then(Result::ok).unwrap_or_default();
    let text = |field: &str| {
        let text = form.get(field).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let (email, role) = (text("email"), text("role"));
    let spec = match address.kind == Kind::TeamRole {
        true => Spec::TeamRole(TeamRoleSpec { email, role }),
        false => Spec::OrganizationRole(OrganizationRoleSpec {
            email,
            role,
            name: None,
            note: None,
        }),
    };
    Live {
        id: binding.id.clone(),
        spec,
        facts: Facts {
            unlisted: true,
            ..Facts::default()
        },
    }
}

/// That somebody was invited and has not been seen: what is true of an invitation that is open is
/// as true of one that was withdrawn.
pub(super) fn open_invitations(input: &PlanInput<'_>) -> Vec<Finding> {
    let is_open = |address: &Address, binding: &Binding| {
        let live = input.snapshot.get(address.kind, &binding.id);
        let invites = match input.snapshot.account.dialect {
            Dialect::Zone => address.kind == Kind::OrganizationRole,
            Dialect::Unified => address.kind.is_role(),
        };
        invites && live.is_some_and(|live| live.facts.unlisted)
    };
    let bindings = input.bindings.by_address.iter();
    bindings
        .filter(|(address, binding)| is_open(address, binding))
        .map(|(address, _)| {
            let message = "an invitation was sent, and the account does not list the person yet: \
                           it counts as open";
            let finding = Finding::new(&codes::INVITATION_OPEN, message).about(address);
            let declared = input.desired.things.get(address);
            let finding = match declared {
                Some(declared) => finding.at(declared.place.clone()),
                None => finding,
            };
            finding.help(format!(
                "if it was withdrawn or has expired, `makeform state rm {address}` lets the next \
                 apply invite again"
            ))
        })
        .collect()
}
