//! Catalogues that are the same for everybody, and the probe.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::live::transport::Response;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, reply};
use crate::sandbox::store::View;

/// Id, code and offset in winter. Make's ids of the others are not public; these are made up.
const TIME_ZONES: [(u64, &str, &str); 14] = [
    (1, "UTC", "+0000"),
    (21, "America/Los_Angeles", "-0800"),
    (34, "America/Chicago", "-0600"),
    (45, "America/New_York", "-0500"),
    (58, "America/Sao_Paulo", "-0300"),
    (91, "Europe/London", "+0000"),
    (104, "Europe/Berlin", "+0100"),
    (111, "Europe/Paris", "+0100"),
    (113, "Europe/Prague", "+0100"),
    (164, "Europe/Rome", "+0100"),
    (201, "Asia/Kolkata", "+0530"),
    (230, "Asia/Singapore", "+0800"),
    (241, "Asia/Tokyo", "+0900"),
    (260, "Australia/Sydney", "+1000"),
];

/// The time zone of an id, by its IANA name.
pub(in crate::sandbox) fn time_zone(id: u64) -> Option<&'static str> {
    TIME_ZONES
        .iter()
        .find(|(known, ..)| *known == id)
        .map(|(_, code, _)| *code)
}

/// `GET /enums/timezones`
pub(super) fn time_zones(_: &Call<'_>, _: &View<'_>) -> Answer {
    let rows = TIME_ZONES.iter().map(|(id, code, offset)| {
        let (hours, minutes) = offset.split_at_checked(3).unwrap_or((offset, ""));
        let name = format!("(GMT{hours}:{minutes}) {code}");
        json!({ "id": id, "name": name, "code": code, "offset": offset })
    });
    reply(&json!({ "timezones": rows.collect::<Vec<Value>>() }))
}

/// Id, name, and the codes of three and two letters of ISO 3166. The ids of the first ones are as
/// Make shows them; those of the others are made up.
#[rustfmt::skip] // a table
const COUNTRIES: [(u64, &str, &str, &str); 32] = [
    (1, "Czech Republic", "CZE", "cz"), (4, "Afghanistan", "AFG", "af"),
    (5, "Åland Islands", "ALA", "ax"), (6, "Albania", "ALB", "al"), (16, "Australia", "AUS", "au"),
    (17, "Austria", "AUT", "at"), (24, "Belgium", "BEL", "be"), (34, "Brazil", "BRA", "br"),
    (42, "Canada", "CAN", "ca"), (48, "China", "CHN", "cn"), (62, "Denmark", "DNK", "dk"),
    (76, "Finland", "FIN", "fi"), (77, "France", "FRA", "fr"), (84, "Germany", "DEU", "de"),
    (87, "Greece", "GRC", "gr"), (101, "Hungary", "HUN", "hu"), (103, "India", "IND", "in"),
    (107, "Ireland", "IRL", "ie"), (110, "Italy", "ITA", "it"), (112, "Japan", "JPN", "jp"),
    (144, "Mexico", "MEX", "mx"), (156, "Netherlands", "NLD", "nl"), (167, "Norway", "NOR", "no"),
    (178, "Poland", "POL", "pl"), (179, "Portugal", "PRT", "pt"), (201, "Singapore", "SGP", "sg"),
    (203, "Slovakia", "SVK", "sk"), (212, "Spain", "ESP", "es"), (218, "Sweden", "SWE", "se"),
    (219, "Switzerland", "CHE", "ch"), (238, "United Kingdom", "GBR", "gb"),
    (239, "United States", "USA", "us"),
];

/// Id, name and code. The ids are made up.
const LOCALES: [(u64, &str, &str); 6] = [
    (1, "Czech (Czech Republic)", "cs_CZ"),
    (7, "German (Germany)", "de_DE"),
    (18, "English (United States)", "en"),
    (19, "English (United Kingdom)", "en_GB"),
    (24, "Spanish (Spain)", "es_ES"),
    (31, "French (France)", "fr_FR"),
];

/// Where organizations can be: a world is a zone of its own.
const REGIONS: [(u64, &str); 1] = [(1, "Sandbox")];

/// What a module can be, as its type ids in app definitions.
const MODULE_TYPES: [(u64, &str); 6] = [
    (1, "Trigger (polling)"),
    (4, "Action"),
    (9, "Search"),
    (10, "Instant trigger (webhook)"),
    (11, "Responder"),
    (12, "Universal"),
];

/// Whether an organization can be in this country.
pub(super) fn is_country(id: u64) -> bool {
    COUNTRIES.iter().any(|(known, ..)| *known == id)
}

/// Whether an organization can be in this region.
pub(super) fn is_region(id: u64) -> bool {
    REGIONS.iter().any(|(known, _)| *known == id)
}

/// The locale of an id, by its code.
pub(super) fn locale(id: Option<u64>) -> &'static str {
    let known = LOCALES.iter().find(|(known, ..)| Some(*known) == id);
    known.map_or("en", |(_, _, code)| *code)
}

/// `GET /enums/countries`
pub(super) fn countries(_: &Call<'_>, _: &View<'_>) -> Answer {
    let rows = COUNTRIES.iter().map(
        |(id, name, code, short)| json!({ "id": id, "name": name, "code": code, "code2": short }),
    );
    reply(&json!({ "countries": rows.collect::<Vec<Value>>() }))
}

/// `GET /enums/locales`
pub(super) fn locales(_: &Call<'_>, _: &View<'_>) -> Answer {
    let rows = LOCALES
        .iter()
        .map(|(id, name, code)| json!({ "id": id, "name": name, "code": code }));
    reply(&json!({ "locales": rows.collect::<Vec<Value>>() }))
}

/// `GET /enums/imt-regions`
pub(super) fn regions(_: &Call<'_>, _: &View<'_>) -> Answer {
    reply(&json!({ "imtRegions": named(&REGIONS) }))
}

/// `GET /enums/module-types`
pub(super) fn module_types(_: &Call<'_>, _: &View<'_>) -> Answer {
    reply(&json!({ "moduleTypes": named(&MODULE_TYPES) }))
}

fn named(table: &[(u64, &str)]) -> Vec<Value> {
    let rows = table.iter();
    rows.map(|(id, name)| json!({ "id": id, "name": name }))
        .collect()
}

/// `GET /ping`
pub(super) fn ping(_: &Call<'_>) -> Answer {
    let headers = vec![(
        "content-type".to_owned(),
        "text/plain; charset=utf-8".to_owned(),
    )];
    Ok(Response {
        status: 200,
        headers,
        body: Bytes::from_static(b"pong"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::sandbox::trial::Trial;

    #[test]
    fn the_catalogues_are_read_without_any_right() {
        let trial = Trial::new();
        let rows = |path: &str, key: &str| {
            let rows = trial.get(path)[key].as_array().cloned().unwrap_or_default();
            let mut ids: Vec<u64> = rows.iter().filter_map(|row| row["id"].as_u64()).collect();
            assert_eq!(ids.len(), rows.len(), "{path}");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), rows.len(), "an id stands twice in {path}");
            rows
        };
        let countries = rows("/enums/countries", "countries");
        let albania = json!({ "id": 6, "name": "Albania", "code": "ALB", "code2": "al" });
        assert_eq!(countries[3], albania);
        assert_eq!(
            rows("/enums/timezones", "timezones")[8]["code"],
            "Europe/Prague"
        );
        assert_eq!(rows("/enums/locales", "locales")[2]["code"], "en");
        assert_eq!(rows("/enums/imt-regions", "imtRegions").len(), 1);
        assert_eq!(
            rows("/enums/module-types", "moduleTypes")[1]["name"],
            "Action"
        );
    }
}
