//! What manifests ask for, and the account's dialect has no words for.

use super::{input::PlanInput, lookup::lookup_code};
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{Address, Declared, Dialect, Kind, Spec},
};

/// That a thing is left out: the account has none of its kind.
pub(super) fn thing(dialect: Dialect, address: &Address, declared: &Declared) -> Finding {
    let of_type = match declared.spec.as_webhook() {
        Some(spec) => format!(" of type `{}`", spec.kind),
        None => String::new(),
    };
    let message = format!(
        "`{address}` is left out: {} has no {}{of_type}",
        dialect.in_words(),
        things(address.kind)
    );
    Finding::new(&codes::NOT_EXPRESSIBLE, message)
        .about(address)
        .at(declared.place.clone())
}

/// That a field of a thing is left out.
pub(super) fn field(
    dialect: Dialect,
    address: &Address,
    declared: &Declared,
    field: &str,
) -> Finding {
    let (what, help) = match field {
        "schedule" => (
            "can't say when it runs",
            Some("say it by `cron`, `every`, `daily`, `weekly`, `monthly` or `yearly`"),
        ),
        "settings" => (
            "has `maxErrors` and `autoCommit` beside a blueprint of modules, and no other setting",
            None,
        ),
        _ => ("", None),
    };
    let words = dialect.in_words();
    let message = match what {
        "" => {
            let things = things(address.kind);
            format!("`{field}` is left out: {words} has no such field of {things}")
        }
        what => format!("`{field}` is left out: {words} {what}"),
    };
    let place = declared.places.get(&[field.to_owned()][..]);
    let finding = Finding::new(&codes::NOT_EXPRESSIBLE, message)
        .about(address)
        .at(place.unwrap_or(&declared.place).clone());
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// That a thing has an id which the account does not tell, and the target neither.
pub(super) fn unlisted(dialect: Dialect, address: &Address) -> Finding {
    let message = format!(
        "{} lists no {}, and `map` has no id for `{address}`",
        dialect.in_words(),
        things(address.kind)
    );
    let help = format!(
        "write `map: {{ {address}: 123 }}` at the target in makeform.yaml, with its id in Make"
    );
    Finding::new(lookup_code(address.kind), message).help(help)
}

/// Whether a role in the team is that in the organization, of which another manifest says the
/// same: members of the unified dialect have one.
pub(super) fn is_said_already(input: &PlanInput<'_>, declared: &Declared) -> bool {
    let Spec::TeamRole(spec) = &declared.spec else {
        return false;
    };
    let email = spec.email.to_lowercase();
    input.snapshot.account.dialect == Dialect::Unified
        && input.desired.things.values().any(|other| {
            matches!(&other.spec, Spec::OrganizationRole(other) if other.email.to_lowercase() == email)
        })
}

/// Things of a kind, as people name them: `data stores`.
fn things(kind: Kind) -> String {
    format!("{}s", kind.prefix().replace('-', " "))
}
