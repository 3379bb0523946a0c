//! The keys of schedules.

use serde_json::{Value, json};

use super::{
    mapping::{Mapping, optional, required},
    values::{
        defined, duration, examples, list, moment, named, object, or_nothing, range, some_of, text,
        time, whole, with,
    },
};
use crate::manifest::lower::{DAYS, MONTHS, MOST_RUNS, RHYTHMS};

pub(in crate::manifest) static SCHEDULE: Mapping = Mapping {
    what: "a schedule",
    about: "When a scenario runs: exactly one rhythm, and what limits it.",
    keys: KEYS,
};

/// The same as a thing of its own, which scenarios share.
pub(in crate::manifest) static SHARED_SCHEDULE: Mapping = Mapping {
    what: "a Schedule",
    about: "When the scenarios run that name it: exactly one rhythm, and what limits it.",
    keys: KEYS,
};

const KEYS: &[super::mapping::Key] = &[
    optional(
        "every",
        "Runs again and again, so long after the last time. Units: s, m, h, d.",
        || examples(duration(), ["15m", "1h30m"]),
    ),
    optional("daily", "Runs every day at this time.", time),
    optional("weekly", "Runs on some days of each week.", || {
        WEEKLY.schema()
    }),
    optional("monthly", "Runs on some days of each month.", || {
        MONTHLY.schema()
    }),
    optional(
        "yearly",
        "Runs on some days of some months of each year.",
        || YEARLY.schema(),
    ),
    optional("once", "Runs once, at this moment.", moment),
    optional(
        "immediately",
        "Runs as soon as its trigger has something, as webhooks do.",
        || json!({ "const": true }),
    ),
    optional(
        "onDemand",
        "Runs when somebody starts it.",
        || json!({ "const": true }),
    ),
    optional(
        "cron",
        "Runs as a cron expression of five fields says. In a zone of Make it has to say what one of the other forms \
         can say too.",
        || examples(text(), ["0 9 * * 1-5", "0 */6 * * *"]),
    ),
    optional(
        "raw",
        "Make's own JSON, for what no other form says.",
        || {
            let schema = with(
                object(),
                "properties",
                json!({ "type": { "type": "string", "description": "Make's word for the rhythm." } }),
            );
            with(schema, "required", json!(["type"]))
        },
    ),
    optional(
        "between",
        "Runs only between two moments: from, and to.",
        || range(moment()),
    ),
    optional("restrict", "Runs only within one of these windows.", || {
        list(defined("Window"))
    }),
    optional(
        "maxRunsPerMinute",
        "The most runs that start in one minute; with `immediately` only.",
        || whole(1, MOST_RUNS),
    ),
    optional(
        "timezone",
        "The IANA name of the time zone of these times. In a zone of Make it is the organization's.",
        || examples(text(), ["Europe/Prague"]),
    ),
];

pub(in crate::manifest) static WEEKLY: Mapping = Mapping {
    what: "`weekly`",
    about: "",
    keys: &[
        required("days", "The days of the week.", || defined("WeekDays")),
        required("time", "The time of day.", time),
    ],
};

pub(in crate::manifest) static MONTHLY: Mapping = Mapping {
    what: "`monthly`",
    about: "",
    keys: &[
        required("days", "The days of the month.", || defined("MonthDays")),
        required("time", "The time of day.", time),
    ],
};

pub(in crate::manifest) static YEARLY: Mapping = Mapping {
    what: "`yearly`",
    about: "",
    keys: &[
        required("months", "The months.", || defined("Months")),
        required("days", "The days of each of these months.", || {
            defined("MonthDays")
        }),
        required("time", "The time of day.", time),
    ],
};

pub(in crate::manifest) static WINDOW: Mapping = Mapping {
    what: "a window",
    about: "A window of time. What it does not name is not limited.",
    keys: &[
        optional("days", "On these days of the week.", || defined("WeekDays")),
        optional("months", "In these months.", || defined("Months")),
        optional("time", "Between these times of day: from, and to.", || {
            range(time())
        }),
    ],
};

pub(super) fn week_days() -> Value {
    some_of(named(&DAYS))
}

pub(super) fn month_days() -> Value {
    some_of(whole(1, 31))
}

pub(super) fn months() -> Value {
    some_of(json!({ "anyOf": [named(&MONTHS), whole(1, 12)] }))
}

/// A window of time.
pub(super) fn window() -> Value {
    or_nothing(&WINDOW)
}

/// What keys alone don't say: exactly one rhythm, and what goes with which.
pub(super) fn whole_schedule(mapping: &Mapping) -> Value {
    let one = |rhythm: &&str| json!({ "required": [rhythm] });
    let schema = with(mapping.schema(), "oneOf", RHYTHMS.iter().map(one).collect());
    with(
        schema,
        "dependentSchemas",
        json!({ "maxRunsPerMinute": { "anyOf": [one(&"immediately"), one(&"raw")] } }),
    )
}
