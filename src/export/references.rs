//! Ids between things as references.

use super::name::Names;
use crate::{
    diagnostic::{Finding, Report, codes::export as codes},
    model::{Address, Field, Kind, spec::Link},
};

/// A field that names another thing, by its address where the account lists that thing.
///
/// Ids inside blueprints are not turned around: that belongs here, beside this one.
pub(super) fn to_address(
    field: &Field<Link>,
    kind: Kind,
    of: &Address,
    names: &Names,
    report: &mut Report,
) -> Field<Link> {
    let Field::Set(Link::Id(id)) = field else {
        return field.clone();
    };
    if let Some(address) = names.address(kind, id) {
        return Field::Set(Link::Thing(address.clone()));
    }
    let what = kind.prefix();
    let why = if names.nameless().contains(&(kind, id.clone())) {
        "has no name"
    } else {
        "the account does not list"
    };
    report.push(
        Finding::new(
            &codes::EXPORT_UNKNOWN_ID,
            format!("it names {what} {id}, which {why}"),
        )
        .about(of)
        .help("the id was written instead: it fits this team only"),
    );
    field.clone()
}
