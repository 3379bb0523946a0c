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
