//! Random schedules.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Time};
use proptest::{collection, option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{Schedule, When, Window};

pub(crate) fn time() -> impl Strategy<Value = Time> {
    (0..24_i8, 0..60_i8, prop_oneof![Just(0_i8), 0..60_i8])
        .prop_map(|(hour, minute, second)| Time::constant(hour, minute, second, 0))
}

pub(crate) fn numbers(range: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = BTreeSet<u8>> {
    let all: BTreeSet<u8> = range.clone().collect();
    prop_oneof![Just(all), collection::btree_set(range, 0..4)]
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    (
        0..4_000_000_000_000_i64,
        prop_oneof![Just(0_i64), 0..1_000_000_000_i64],
    )
        .prop_map(|(millis, nanos)| {
            let moment = Timestamp::from_millisecond(millis).unwrap();
            moment + jiff::SignedDuration::from_nanos(nanos)
        })
}

fn raw() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        Just(json!("indefinitely")),
        Just(json!(900)),
        Just(json!("06:30")),
        Just(json!([1, 2])),
        Just(json!([{"time": ["06:30", "06:31"]}])),
        Just(Value::Null),
    ];
    let key = prop_oneof![
        "type|interval|time|days|months|restrict|between|date",
        "[a-z]{1,3}"
    ];
    prop_oneof![
        collection::btree_map(key, member, 0..5).prop_map(|map| json!(map)),
        Just(json!("manual")),
    ]
}

/// Rhythms that Make's own JSON says.
fn rhythm() -> impl Strategy<Value = When> {
    prop_oneof![
        prop_oneof![Just(900), 0..10_000_u64].prop_map(When::Every),
        (1..1_500_u64).prop_map(|minutes| When::Every(minutes * 60)),
        time().prop_map(When::Daily),
        (numbers(0..=6), time()).prop_map(|(days, time)| When::Weekly(days, time)),
        (numbers(1..=31), time()).prop_map(|(days, time)| When::Monthly(days, time)),
        (numbers(1..=12), numbers(1..=31), time())
            .prop_map(|(months, days, time)| When::Yearly(months, days, time)),
        moment().prop_map(When::Once),
        Just(When::Immediately),
        Just(When::OnDemand),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    let span = prop_oneof![
        (time(), time()),
        time().prop_map(|time| (time, time.wrapping_add(jiff::Span::new().minutes(1)))),
    ];
    (
        option::of(numbers(0..=6)),
        option::of(numbers(1..=12)),
        option::of(span),
    )
        .prop_map(|(days, months, time)| Window { days, months, time })
}

/// A schedule of a rhythm, with any limits.
fn limited(when: impl Strategy<Value = When>) -> impl Strategy<Value = Schedule> {
    let limits = (
        option::of((moment(), moment())),
        collection::vec(window(), 0..3),
        option::of(1..10_000_u32),
    );
    (when, limits).prop_map(
        |(when, (between, restrict, max_runs_per_minute))| Schedule {
            between,
            restrict,
            max_runs_per_minute,
            ..Schedule::of(when)
        },
    )
}

/// Any schedule, those among it that only Make's own JSON says.
pub(crate) fn schedule() -> impl Strategy<Value = Schedule> {
    limited(prop_oneof![9 => rhythm(), 1 => raw().prop_map(When::Raw)])
}

/// Any schedule that is no odd JSON.
pub(crate) fn plain() -> impl Strategy<Value = Schedule> {
    limited(rhythm())
}

/// Some zones: without and with clocks that change, in either half of the year, by an hour or
/// half of one, at midnight or later.
pub(crate) fn zone() -> impl Strategy<Value = &'static str> {
    select(vec![
        "UTC",
        "Europe/Prague",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "Asia/Kathmandu",
    ])
}

/// Make's own JSON, valid and odd: what the documentation has, with something else in it.
pub(crate) fn make_json() -> impl Strategy<Value = Value> {
    let key = select(vec![
        "type",
        "interval",
        "time",
        "days",
        "months",
        "date",
        "between",
        "restrict",
        "maximum_runs_per_minute",
        "jitter",
    ]);
    let odd = select(vec![
        json!(null),
        json!(0),
        json!(30),
        json!(900.0),
        json!(1.5),
        json!("900"),
        json!("6:30"),
        json!("06:30:00"),
        json!("24:00"),
        json!([]),
        json!([7, 0, 0]),
        json!([31, 1]),
        json!(["mon"]),
        json!([{}]),
        json!([{"days": null, "time": ["22:00", "06:00"]}]),
        json!([{"days": [0, 1, 2, 3, 4, 5, 6], "months": []}]),
        json!("2026-11-22T10:00:00Z"),
        json!(["2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00Z"]),
        json!("on-demand"),
        json!("lunar"),
    ]);
    let changes = collection::vec((key, option::of(odd)), 0..3);
    (schedule(), changes).prop_map(|(schedule, changes)| {
        let mut value = schedule.to_make();
        if let Value::Object(fields) = &mut value {
            for (key, odd) in changes {
                match odd {
                    Some(odd) => fields.insert(key.to_owned(), odd),
                    None => fields.shift_remove(key),
                };
            }
        }
        value
    })
}

/// A cron expression as people write them, and as they don't.
pub(crate) fn cron_text() -> impl Strategy<Value = String> {
    let field = |least: u8, most: u8| {
        let one = least..=most;
        prop_oneof![
            4 => Just("*".to_owned()),
            3 => one.clone().prop_map(|number| number.to_string()),
            2 => select(vec![1_u8, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30])
                .prop_map(move |step| format!("*/{}", step.min(most))),
            1 => collection::btree_set(one.clone(), 1..4).prop_map(|numbers| {
                let numbers: Vec<String> = numbers.iter().map(u8::to_string).collect();
                numbers.join(",")
            }),
            1 => (one.clone(), one.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
            1 => (one.clone(), one, 1..10_u8)
                .prop_map(|(a, b, step)| format!("{}-{}/{step}", a.min(b), a.max(b))),
        ]
    };
    let clock = (field(0, 59), field(0, 23));
    // Most expressions leave most of these open.
    let days = prop_oneof![
        2 => Just(["*", "*", "*"].map(str::to_owned)),
        3 => (field(1, 31), field(1, 12), field(0, 7)).prop_map(|(a, b, c)| [a, b, c]),
    ];
    (clock, days).prop_map(|((minute, hour), [day, month, weekday])| {
        format!("{minute} {hour} {day} {month} {weekday}")
    })
}
