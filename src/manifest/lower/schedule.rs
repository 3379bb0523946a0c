//! Schedules, in all the forms of manifests.

use jiff::tz::TimeZone;

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        values::{bad_value, flag, list, text, whole, wrong_type},
    },
    model::spec::schedule::{Schedule, When, Window},
};

use super::moments::{duration, moment, month_days, months, range, time, week_days};

/// The rhythms; a schedule has exactly one.
const RHYTHMS: [&str; 10] = [
    "every",
    "daily",
    "weekly",
    "monthly",
    "yearly",
    "once",
    "immediately",
    "onDemand",
    "cron",
    "raw",
];

/// The most runs a minute that Make takes.
const MOST_RUNS: u64 = 10_000;

pub(super) fn schedule(fields: &mut Fields<'_>) -> Option<Schedule> {
    let page = fields.page();
    let mut found = Vec::new();
    for rhythm in RHYTHMS {
        if let Some(node) = fields.optional(rhythm, Some) {
            found.push((rhythm, node));
        }
    }
    let between = fields.optional("between", |node| range(page, node, moment));
    let restrict = fields.optional("restrict", |node| {
        let windows = list(page, node, "windows")?;
        Some(
            windows
                .iter()
                .filter_map(|node| window(page, node))
                .collect(),
        )
    });
    let most = fields.optional("maxRunsPerMinute", |node| {
        let most = whole(page, node, 1..=MOST_RUNS)?;
        Some((u32::try_from(most).ok()?, node))
    });
    let timezone = fields.optional("timezone", |node| timezone(page, node));
    let (rhythm, node) = single(fields, &found)?;
    let when = when(page, rhythm, node)?;
    if let Some((_, node)) = most
        && !matches!(when, When::Immediately | When::Raw(_))
    {
        let message = "`maxRunsPerMinute` goes with `immediately` only";
        page.report(page.finding(&codes::BAD_SCHEDULE, &node.span, message));
    }
    Some(Schedule {
        when,
        between,
        restrict: restrict.unwrap_or_default(),
        max_runs_per_minute: most.map(|(most, _)| most),
        timezone,
    })
}

/// The one rhythm.
fn single<'a>(
    fields: &Fields<'a>,
    found: &[(&'static str, &'a Node)],
) -> Option<(&'static str, &'a Node)> {
    let page = fields.page();
    match found {
        [one] => Some(*one),
        [] => {
            // A null rhythm was reported already.
            let nulls = RHYTHMS
                .iter()
                .any(|key| fields.mapping().get(key).is_some());
            if !nulls {
                let span = &fields.mapping().span;
                let message = "this schedule does not say when";
                page.report(page.finding(&codes::BAD_SCHEDULE, span, message).help(
                    "write `every: 15m`, `daily: \"06:30\"` or `onDemand: true`, for example",
                ));
            }
            None
        }
        [(first, at), (second, node), ..] => {
            let message = format!("this schedule says both `{first}` and `{second}`");
            page.report(
                page.finding(&codes::BAD_SCHEDULE, &node.span, message)
                    .label(page.place(&at.span), "the other one")
                    .help("leave one of the two"),
            );
            None
        }
    }
}

fn when(page: &Page, rhythm: &str, node: &Node) -> Option<When> {
    match rhythm {
        "every" => duration(page, node).map(When::Every),
        "daily" => time(page, node).map(When::Daily),
        "weekly" => {
            let mut fields = Fields::of(page, node, "`weekly`")?;
            let days = fields.required("days", |node| week_days(page, node));
            let at = fields.required("time", |node| time(page, node));
            fields.finish();
            Some(When::Weekly(days?, at?))
        }
        "monthly" => {
            let mut fields = Fields::of(page, node, "`monthly`")?;
            let days = fields.required("days", |node| month_days(page, node));
            let at = fields.required("time", |node| time(page, node));
            fields.finish();
            Some(When::Monthly(days?, at?))
        }
        "yearly" => {
            let mut fields = Fields::of(page, node, "`yearly`")?;
            let months = fields.required("months", |node| months(page, node));
            let days = fields.required("days", |node| month_days(page, node));
            let at = fields.required("time", |node| time(page, node));
            fields.finish();
            Some(When::Yearly(months?, days?, at?))
        }
        "once" => moment(page, node).map(When::Once),
        "immediately" => yes(page, node).then_some(When::Immediately),
        "onDemand" => yes(page, node).then_some(When::OnDemand),
        "raw" => raw(page, node),
        _ => {
            refuse_cron(page, node);
            None
        }
    }
}

/// `true`: a rhythm that is not meant is left out.
fn yes(page: &Page, node: &Node) -> bool {
    let yes = flag(page, node);
    if yes == Some(false) {
        bad_value(
            page,
            node,
            "this says nothing",
            "write `true`, or another rhythm",
        );
    }
    yes == Some(true)
}

fn raw(page: &Page, node: &Node) -> Option<When> {
    if !matches!(node.shape, Shape::Map(_)) {
        wrong_type(page, node, "Make's own JSON, a mapping");
        return None;
    }
    if node.get("type").and_then(Node::as_text).is_none() {
        bad_value(page, node, "Make's own JSON names its `type`", "");
        return None;
    }
    Some(When::Raw(node.to_value()))
}

fn window(page: &Page, node: &Node) -> Option<Window> {
    let mut fields = Fields::of(page, node, "a window")?;
    let window = Window {
        days: fields.optional("days", |node| week_days(page, node)),
        months: fields.optional("months", |node| months(page, node)),
        time: fields.optional("time", |node| range(page, node, time)),
    };
    fields.finish();
    Some(window)
}

fn timezone(page: &Page, node: &Node) -> Option<String> {
    let name = text(page, node)?;
    if TimeZone::get(&name).is_err() {
        let message = format!("there is no time zone `{name}`");
        bad_value(page, node, message, "write an IANA name: `Europe/Prague`");
        return None;
    }
    Some(name)
}

fn refuse_cron(page: &Page, node: &Node) {
    let message = "cron comes in a later version";
    let mut finding = page.finding(&codes::NOT_SUPPORTED_YET, &node.span, message);
    if let Some(form) = node.as_text().and_then(like_cron) {
        finding = finding.help(format!("write `{form}`"));
    }
    page.report(finding);
}

/// The form that says the same as a simple cron expression.
fn like_cron(cron: &str) -> Option<String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let at = |hour: &str, minute: &str| {
        let hour: u8 = hour.parse().ok().filter(|hour| *hour < 24)?;
        let minute: u8 = minute.parse().ok().filter(|minute| *minute < 60)?;
        Some(format!("\"{hour:02}:{minute:02}\""))
    };
    let every = |field: &str| {
        let number: u8 = field.strip_prefix("*/")?.parse().ok()?;
        Some(number).filter(|number| *number > 0)
    };
    match fields.as_slice() {
        [minute, "*", "*", "*", "*"] => Some(format!("every: {}m", every(minute)?)),
        ["0", hour, "*", "*", "*"] if hour.starts_with("*/") => {
            Some(format!("every: {}h", every(hour)?))
        }
        [minute, hour, "*", "*", "*"] => Some(format!("daily: {}", at(hour, minute)?)),
        [minute, hour, day, "*", "*"] => {
            let day: u8 = day.parse().ok()?;
            let time = at(hour, minute)?;
            Some(format!("monthly: {{ days: [{day}], time: {time} }}"))
        }
        [minute, hour, "*", "*", "1-5"] => {
            let time = at(hour, minute)?;
            let days = "[mon, tue, wed, thu, fri]";
            Some(format!("weekly: {{ days: {days}, time: {time} }}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::like_cron;

    #[test]
    fn simple_cron_expressions_have_a_nearest_form() {
        for (cron, form) in [
            ("*/15 * * * *", Some("every: 15m")),
            ("0 */2 * * *", Some("every: 2h")),
            ("30 6 * * *", Some("daily: \"06:30\"")),
            (
                "0 9 * * 1-5",
                Some("weekly: { days: [mon, tue, wed, thu, fri], time: \"09:00\" }"),
            ),
            (
                "0 7 15 * *",
                Some("monthly: { days: [15], time: \"07:00\" }"),
            ),
            ("0 9 1,15 * 1", None),
            ("nonsense", None),
        ] {
            assert_eq!(like_cron(cron).as_deref(), form, "{cron}");
        }
    }
}
