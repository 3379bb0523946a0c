//! What a target leaves out: addresses, or patterns of them.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Finding, Report, codes::environments as codes},
    model::{Address, Place},
};

use super::{
    node::Node,
    page::Page,
    values::{bad_value, did_you_mean, list, text},
};

/// An entry of the `exclude` of a target.
#[derive(Clone, Debug)]
pub(super) struct Exclusion {
    /// An address, or a pattern with `*`, `?` and `[..]`.
    pub(super) pattern: glob::Pattern,
    pub(super) place: Place,
}

/// Reads the `exclude` of a target.
pub(super) fn exclude(page: &Page, node: &Node) -> Vec<Exclusion> {
    let nodes = list(page, node, "addresses and patterns").unwrap_or_default();
    let read = |node: &Node| {
        let written = text(page, node)?;
        match glob::Pattern::new(&written) {
            Ok(pattern) => Some(Exclusion {
                pattern,
                place: page.place(&node.span),
            }),
            Err(error) => {
                let message = format!("`{written}` is no pattern: {}", error.msg);
                bad_value(
                    page,
                    node,
                    message,
                    "write `scenario.NAME` or `scenario.test-*`",
                );
                None
            }
        }
    };
    nodes.iter().filter_map(read).collect()
}

/// The things that are left out, each with the first entry that says so. Entries that leave
/// nothing out are reported where `all` manifests could be read.
pub(super) fn excluded(
    exclusions: &[Exclusion],
    declared: &BTreeMap<Address, Place>,
    all: bool,
    report: &mut Report,
) -> BTreeMap<Address, Place> {
    let names: Vec<(String, &Address)> = declared
        .keys()
        .map(|address| (address.to_string(), address))
        .collect();
    let mut excluded = BTreeMap::new();
    for Exclusion { pattern, place } in exclusions {
        let mut found = false;
        for (_, address) in names.iter().filter(|(name, _)| pattern.matches(name)) {
            found = true;
            excluded
                .entry((*address).clone())
                .or_insert_with(|| place.clone());
        }
        if !found && all {
            let message = format!("no manifest declares `{pattern}`");
            let known = names.iter().map(|(name, _)| name.as_str());
            let help = did_you_mean(pattern.as_str(), known);
            let finding = Finding::new(&codes::EXCLUDE_UNKNOWN, message);
            report.push(finding.at(place.clone()).help(help));
        }
    }
    excluded
}
