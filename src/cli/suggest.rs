//! What was probably meant, where a command line can't be read and clap can't know it: addresses and kinds.

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{diagnostic::nearest, model::Kind};

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

/// The address or the kind that was probably meant.
fn meant(written: &str) -> Option<String> {
    match written.split_once('.') {
        Some((kind, _)) if Kind::from_prefix(kind).is_some() => None,
        Some((kind, name)) => {
            let near = nearest(kind, Kind::ALL.iter().map(|kind| kind.prefix()))?;
            Some(format!("{near}.{name}"))
        }
        None => nearest(written, Kind::ALL.iter().map(|kind| kind.as_str())).map(str::to_owned),
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
            ("scenario.Lead", None),
            ("Scenaro", Some("Scenario")),
            ("xyz", None),
            ("xyzzy.plugh", None),
        ] {
            assert_eq!(meant(written).as_deref(), near, "{written}");
        }
    }
}
