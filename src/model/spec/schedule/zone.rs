//! Time zones by their IANA names.
//!
//! Their rules come with the program, not from the machine: the same schedule means the same
//! wherever it is planned.

use jiff::{
    SignedDuration, Timestamp,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

/// For how long two zones have to tell the same time to count as one.
const AHEAD: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// The time zone of an IANA name, in whatever case; none where there is none.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The name that somebody may have meant: that of a city (`Prague`), or one that is spelled
/// nearly so.
#[must_use]
pub fn nearest_time_zone(written: &str) -> Option<String> {
    let database = TimeZoneDatabase::bundled();
    let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
    let folded = written.trim().to_lowercase().replace([' ', '-'], "_");
    let city = |name: &&String| {
        let last = name.rsplit('/').next().unwrap_or_default();
        name.contains('/') && last.to_lowercase() == folded
    };
    if let Some(name) = names.iter().find(city) {
        return Some(name.clone());
    }
    // Three letters are nearly any three others: `PST` is not `EST`.
    let near = |name: &&String| name.contains('/') && folded.len() > 4;
    let distance = |name: &String| strsim::damerau_levenshtein(&folded, &name.to_lowercase());
    let found = names.iter().filter(near).map(|name| (distance(name), name));
    let (distance, name) = found.min()?;
    (distance <= folded.len() / 3).then(|| name.clone())
}

/// Whether clocks in two zones show the same from a moment on.
#[must_use]
pub fn same_clock(one: &TimeZone, other: &TimeZone, from: Timestamp) -> bool {
    offsets(one, from) == offsets(other, from)
}

/// The offset at a moment, and those that it changes to.
fn offsets(zone: &TimeZone, from: Timestamp) -> Vec<(Timestamp, Offset)> {
    let until = from.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut offsets = vec![(from, zone.to_offset(from))];
    let changes = zone
        .following(from)
        .take_while(|change| change.timestamp() < until);
    for change in changes {
        if offsets
            .last()
            .is_none_or(|(_, last)| *last != change.offset())
        {
            offsets.push((change.timestamp(), change.offset()));
        }
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::{nearest_time_zone, same_clock, time_zone};

    #[test]
    fn a_zone_is_known_by_its_iana_name_alone() {
        let name = |written| time_zone(written)?.iana_name().map(str::to_owned);
        assert_eq!(name("Europe/Prague").as_deref(), Some("Europe/Prague"));
        assert_eq!(name("europe/prague").as_deref(), Some("Europe/Prague"));
        assert_eq!(name("UTC").as_deref(), Some("UTC"));
        for written in ["", "Prague", "PST", "+02:00", "CET-1CEST", "Local"] {
            assert_eq!(name(written), None, "{written}");
        }
    }

    #[test]
    fn what_was_meant_is_the_zone_of_that_city_or_of_that_spelling() {
        for (written, meant) in [
            ("Prague", Some("Europe/Prague")),
            ("New York", Some("America/New_York")),
            ("Europe/Prag", Some("Europe/Prague")),
            ("Europe-Berlin", Some("Europe/Berlin")),
            ("PST", None),
            ("Middle-earth/Mordor", None),
        ] {
            assert_eq!(nearest_time_zone(written).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn zones_are_the_same_while_their_clocks_are() {
        let from = "2026-03-27T12:00:00Z".parse().unwrap();
        let same =
            |one, other| same_clock(&time_zone(one).unwrap(), &time_zone(other).unwrap(), from);
        assert!(same("Europe/Prague", "Europe/Bratislava"));
        assert!(same("America/New_York", "America/Toronto"));
        assert!(same("Asia/Calcutta", "Asia/Kolkata"));
        assert!(same("UTC", "Etc/UTC"));
        assert!(!same("Europe/Prague", "Europe/London"));
        // The same offset in winter, and in summer not.
        assert!(!same("Europe/London", "UTC"));
    }
}
