//! What was probably meant, where a command line can't be read and clap can't know it: addresses, kinds
//! and quirks.

use std::collections::BTreeSet;

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    diagnostic::{Finding, Report, codes::plan as codes, nearest, nearest_address},
    model::{Address, Kind},
    sandbox::Quirks,
};

use super::error::Stop;

/// Adds it to an error.
pub(super) fn suggest(error: &mut Error) {
    if error.kind() != ErrorKind::ValueValidation
        || error.get(ContextKind::SuggestedValue).is_some()
    {
        return;
    }
    let meant = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(written)) => meant(written),
        _ => None,
    };
    if let Some(meant) = meant {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(meant));
    }
}

/// Refuses addresses that nothing has.
pub(super) fn check_addresses<'a>(
    named: &[Address],
    known: impl Iterator<Item = &'a Address>,
) -> Result<(), Stop> {
    let known: BTreeSet<&Address> = known.collect();
    let mut unknown = Report::default();
    for address in named.iter().filter(|address| !known.contains(address)) {
        let message = format!("nothing has the address `{address}`");
        let finding = Finding::new(&codes::UNKNOWN_ADDRESS, message);
        let all: Vec<String> = known.iter().map(ToString::to_string).collect();
        let near = nearest(&address.to_string(), all.iter().map(String::as_str));
        unknown.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("`makeform state list` has what is bound"),
        });
    }
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(Stop::Findings(unknown)),
    }
}

/// The address, the kind or the setting of a quirk that was probably meant.
fn meant(written: &str) -> Option<String> {
    if let Some((name, setting)) = written.split_once('=') {
        let name = nearest(name, Quirks::all().iter().map(|quirk| quirk.name))?;
        return Some(format!("{name}={setting}"));
    }
    match written.contains('.') {
        true => nearest_address(written),
        false => nearest(written, Kind::ALL.iter().map(|kind| kind.as_str())).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn kinds_are_suggested_with_and_without_a_name() {
        for (written, near) in [
            ("scenaro.lead-sync", Some("scenario.lead-sync")),
            ("webhok.leads", Some("webhook.leads")),
            ("scenario.Lead", Some("scenario.lead")),
            ("last-edti=save", Some("last-edit=save")),
            ("scenario.lead", None),
            ("Scenaro", Some("Scenario")),
            ("xyz", None),
            ("xyzzy.plugh", None),
        ] {
            assert_eq!(meant(written).as_deref(), near, "{written}");
        }
    }
}
