//! "Did you mean".

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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_found_and_nonsense_is_not() {
        let known = ["schedule", "blueprint", "active"];
        assert_eq!(nearest("shedule", known), Some("schedule"));
        assert_eq!(nearest("Active", known), Some("active"));
        assert_eq!(nearest("xyz", known), None);
    }
}
