//! Any schedule, from Make to manifests and back; and cron.

use std::sync::Arc;

use jiff::{
    ToSpan as _,
    civil::{DateTime, date},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    manifest::{fields::Fields, page::Page, schema::SCHEDULE, yaml},
    model::{
        Dialect, Source,
        spec::schedule::{
            Schedule, When,
            testing::{cron_text, make_json, schedule as any_schedule},
        },
    },
};

/// What a manifest's form says, and `code: message (help)` of each finding.
fn read(form: &str, dialect: Dialect) -> (Option<Schedule>, Vec<String>) {
    let source = Source {
        name: "a.yaml".to_owned(),
        text: form.to_owned(),
    };
    let page = Page::new(Arc::new(source));
    let documents = yaml::read(&page).documents;
    let schedule = Fields::of(&page, &documents[0], &SCHEDULE).and_then(|mut fields| {
        let schedule = super::schedule::schedule(&mut fields, dialect);
        fields.finish();
        schedule
    });
    let report = page.into_report();
    let findings = report.sorted().into_iter().map(|finding| {
        let help = finding.help.as_deref().unwrap_or_default();
        format!("{}: {} ({help})", finding.code.name, finding.message)
    });
    (schedule, findings.collect())
}

fn told(form: &str) -> Vec<String> {
    read(form, Dialect::Zone).1
}

#[test]
fn what_can_never_be_is_said_without_the_account() {
    for (form, findings) in [
        ("every: 1m", vec![]),
        (
            "every: 59s",
            vec![
                "bad-schedule: Make starts nothing more often than once a minute (write `every: 1m` or more; most accounts allow 15m, paid ones 1m)",
            ],
        ),
        (
            "{ daily: \"06:30\", timezone: Europe/Pargue }",
            vec![
                "bad-value: there is no time zone `Europe/Pargue` (did you mean `Europe/Prague`?)",
            ],
        ),
        (
            "{ daily: \"06:30\", timezone: CEST }",
            vec!["bad-value: there is no time zone `CEST` (write an IANA name: `Europe/Prague`)"],
        ),
        (
            "cron: \"*/15 8-17 * * 1-5\"",
            vec![
                r#"bad-schedule: Make's zones have no schedule that says `*/15 8-17 * * 1-5` (the nearest is `{"every":"15m","restrict":[{"days":["mon","tue","wed","thu","fri"],"time":["08:00","18:00"]}]}`)"#,
            ],
        ),
        (
            "{ cron: \"0 */6 * * *\", timezone: Europe/Prague }",
            vec![
                "cron-phase: Make counts `0 */6 * * *` from the moment of activation (it will run every 6h, whatever the clock says)",
            ],
        ),
    ] {
        assert_eq!(told(form), findings, "{form}");
    }
    // As its catalogue spells it, which is what is compared and sent.
    let (zone, _) = read("{ onDemand: true, timezone: europe/prague }", Dialect::Zone);
    assert_eq!(zone.unwrap().timezone.as_deref(), Some("Europe/Prague"));
}

/// Whether a rhythm starts something at a minute, told by its fields alone. An interval is taken
/// to begin at midnight.
fn says(when: &When, at: DateTime) -> bool {
    let number = |number: i8| u8::try_from(number).unwrap();
    let weekday = number(at.weekday().to_sunday_zero_offset());
    let (day, month) = (number(at.day()), number(at.month()));
    match when {
        When::Every(seconds) => {
            let minute = u64::from(number(at.hour())) * 60 + u64::from(number(at.minute()));
            (minute * 60).is_multiple_of(*seconds)
        }
        When::Daily(time) => at.time() == *time,
        When::Weekly(days, time) => at.time() == *time && days.contains(&weekday),
        When::Monthly(days, time) => at.time() == *time && days.contains(&day),
        When::Yearly(months, days, time) => {
            at.time() == *time && days.contains(&day) && months.contains(&month)
        }
        When::Once(_) | When::Immediately | When::OnDemand | When::Cron(_) | When::Raw(_) => {
            panic!("{when:?} is no rhythm of a cron expression")
        }
    }
}

proptest! {
    #[test]
    fn a_schedule_means_the_same_in_make_and_in_a_manifest(schedule in any_schedule()) {
        let normal = schedule.clone().normal();
        let in_make = normal.to_make();
        prop_assert_eq!(&Schedule::from_make(&in_make).normal(), &normal);
        prop_assume!(in_make.get("type").is_some_and(Value::is_string));
        for (form, dialect) in [(normal.to_manifest(), Dialect::Zone), (schedule.to_manifest(), Dialect::Unified)] {
            let (read, findings) = read(&form.to_string(), dialect);
            prop_assert_eq!(findings, Vec::<String>::new(), "{}", form);
            let read = read.unwrap().normal();
            prop_assert_eq!(read.to_make(), in_make.clone(), "{}", form);
        }
    }

    #[test]
    fn what_make_has_is_kept_in_its_shortest_form(value in make_json()) {
        let normal = Schedule::from_make(&value).normal();
        let form = normal.to_manifest();
        prop_assume!(normal.to_make().get("type").is_some_and(Value::is_string));
        let (read, findings) = read(&form.to_string(), Dialect::Zone);
        prop_assert_eq!(findings, Vec::<String>::new(), "{}", form);
        let again = read.unwrap().normal();
        prop_assert_eq!(again.to_make(), normal.to_make(), "{}", form);
        prop_assert_eq!(again.to_manifest(), form);
    }

    #[test]
    fn cron_becomes_what_runs_at_the_same_minutes_or_names_what_is_nearest(text in cron_text()) {
        let form = json!({"cron": text}).to_string();
        let (read_form, findings) = read(&form, Dialect::Zone);
        // The other dialect takes each one that is an expression at all.
        let (unified, problems) = read(&form, Dialect::Unified);
        let Some(When::Cron(cron)) = unified.map(|schedule| schedule.when) else {
            prop_assert!(read_form.is_none() && !problems.is_empty());
            return Ok(());
        };
        let Some(schedule) = read_form else {
            let [finding] = findings.as_slice() else {
                return Err(TestCaseError::fail(format!("{findings:?}")));
            };
            let (_, near) = finding.split_once("(the nearest is `").unwrap();
            let near = near.strip_suffix("`)").unwrap();
            let (nearest, findings) = read(near, Dialect::Zone);
            prop_assert_eq!(findings, Vec::<String>::new(), "{}", near);
            prop_assert_eq!(nearest.unwrap().normal(), cron.nearest().normal());
            return Ok(());
        };
        let is_interval = matches!(schedule.when, When::Every(_));
        prop_assert_eq!(!findings.is_empty(), is_interval, "{:?}", findings);
        let pattern: croner::Cron = text.parse().unwrap();
        let same = |at: DateTime| pattern.is_time_matching(&at).unwrap() == says(&schedule.when, at);
        // Each day of a leap year, at the time of its runs, and each minute of two days.
        let first = match &schedule.when {
            When::Daily(time) | When::Weekly(_, time) | When::Monthly(_, time)
            | When::Yearly(_, _, time) => *time,
            When::Every(_) | When::Once(_) | When::Immediately | When::OnDemand | When::Cron(_)
            | When::Raw(_) => jiff::civil::Time::midnight(),
        };
        for day in date(2028, 1, 1).series(1.day()).take(366) {
            prop_assert!(same(day.to_datetime(first)), "{day}");
        }
        for day in [date(2028, 2, 29), date(2028, 7, 1)] {
            for at in day.at(0, 0, 0, 0).series(1.minute()).take(24 * 60) {
                prop_assert!(same(at), "{at}");
            }
        }
    }
}
