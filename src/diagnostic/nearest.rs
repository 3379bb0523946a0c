//! "Did you mean".

use crate::model::{Address, Kind, Name};

/// The known word that is nearest to what was written, if one is near enough.
///
/// Damerau-Levenshtein over lowercase text; near enough is a third of the word's length.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&written, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, word)| word)
}

/// The address that was probably meant by what is none: its kind spelt well, its name of the letters that
/// names have.
#[must_use]
pub fn nearest_address(written: &str) -> Option<String> {
    let (kind, name) = written.split_once('.')?;
    let kind = match Kind::from_prefix(kind) {
        Some(kind) => kind,
        None => {
            let prefixes = Kind::ALL.iter().map(|kind| kind.prefix());
            let names = Kind::ALL.iter().map(|kind| kind.as_str());
            let meant = nearest(kind, prefixes.chain(names))?;
            Kind::from_prefix(meant).or_else(|| Kind::from_manifest(meant))?
        }
    };
    let letters = name.trim().to_lowercase().replace([' ', '_', '.'], "-");
    let name = Name::new(&letters)?;
    let meant = Address::new(kind, name).to_string();
    (meant != written).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_address};

    #[test]
    fn a_slip_in_an_address_is_mended_in_its_kind_and_in_its_name() {
        for (written, meant) in [
            ("scenaro.lead-sync", Some("scenario.lead-sync")),
            ("Scenario.lead-sync", Some("scenario.lead-sync")),
            ("TeamRole.ada", Some("team-role.ada")),
            ("webhok.leads", Some("webhook.leads")),
            ("scenario.Lead_Sync", Some("scenario.lead-sync")),
            ("scenaro.Lead", Some("scenario.lead")),
            // It is one already.
            ("scenario.lead", None),
            ("scenario.", None),
            ("xyzzy.plugh", None),
            ("lead-sync", None),
        ] {
            assert_eq!(nearest_address(written).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn a_slip_is_found_and_nonsense_is_not() {
        let known = ["schedule", "blueprint", "active"];
        assert_eq!(nearest("shedule", known), Some("schedule"));
        assert_eq!(nearest("Active", known), Some("active"));
        assert_eq!(nearest("xyz", known), None);
    }
}
