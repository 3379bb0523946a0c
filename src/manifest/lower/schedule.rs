//! Schedules, in all the forms of manifests.

use jiff::tz::TimeZone;

use crate::{
    diagnostic::codes::manifest as codes,
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        schema::{MONTHLY, WEEKLY, WINDOW, YEARLY},
        values::{bad_value, flag, list, text, whole, wrong_type},
    },
    model::{
        Dialect, canonical,
        spec::schedule::{
            Cron, SHORTEST_INTERVAL, Schedule, When, Window, nearest_time_zone, time_zone,
        },
    },
};

use super::moments::{duration, moment, month_days, months, range, time, week_days};

/// The rhythms; a schedule has exactly one.
pub(in crate::manifest) const RHYTHMS: [&str; 10] = [
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
pub(in crate::manifest) const MOST_RUNS: u64 = 10_000;

pub(super) fn schedule(fields: &mut Fields<'_>, dialect: Dialect) -> Option<Schedule> {
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
    let when = when(page, dialect, rhythm, node)?;
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
            // A null rhythm was reported already, and one that is misspelled is.
            let is_told = RHYTHMS
                .iter()
                .any(|key| fields.mapping().get(key).is_some());
            let mut rest = fields.rest();
            let is_misspelled = rest.any(|entry| {
                let meant = fields.nearest(&entry.key.text);
                meant.is_some_and(|meant| RHYTHMS.contains(&meant))
            });
            if !is_told && !is_misspelled {
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

fn when(page: &Page, dialect: Dialect, rhythm: &str, node: &Node) -> Option<When> {
    match rhythm {
        "every" => interval(page, node).map(When::Every),
        "daily" => time(page, node).map(When::Daily),
        "weekly" => {
            let mut fields = Fields::of(page, node, &WEEKLY)?;
            let days = fields.required("days", |node| week_days(page, node));
            let at = fields.required("time", |node| time(page, node));
            fields.finish();
            Some(When::Weekly(days?, at?))
        }
        "monthly" => {
            let mut fields = Fields::of(page, node, &MONTHLY)?;
            let days = fields.required("days", |node| month_days(page, node));
            let at = fields.required("time", |node| time(page, node));
            fields.finish();
            Some(When::Monthly(days?, at?))
        }
        "yearly" => {
            let mut fields = Fields::of(page, node, &YEARLY)?;
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
        _ => cron(page, dialect, node),
    }
}

/// A length of time that some plan of Make's allows.
fn interval(page: &Page, node: &Node) -> Option<u64> {
    let seconds = duration(page, node)?;
    if seconds < SHORTEST_INTERVAL {
        let message = "Make starts nothing more often than once a minute";
        page.report(
            page.finding(&codes::BAD_SCHEDULE, &node.span, message)
                .help("write `every: 1m` or more; most accounts allow 15m, paid ones 1m"),
        );
        return None;
    }
    Some(seconds)
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
    let mut fields = Fields::of(page, node, &WINDOW)?;
    let window = Window {
        days: fields.optional("days", |node| week_days(page, node)),
        months: fields.optional("months", |node| months(page, node)),
        time: fields.optional("time", |node| range(page, node, time)),
    };
    fields.finish();
    Some(window)
}

/// A time zone, spelled as its catalogue has it.
fn timezone(page: &Page, node: &Node) -> Option<String> {
    let written = text(page, node)?;
    let zone = time_zone(&written);
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    if name.is_none() {
        let message = format!("there is no time zone `{written}`");
        let help = match nearest_time_zone(&written) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write an IANA name: `Europe/Prague`".to_owned(),
        };
        bad_value(page, node, message, &help);
    }
    name.map(str::to_owned)
}

/// A cron expression. Make's zones have none: there it becomes what they have, or is refused.
fn cron(page: &Page, dialect: Dialect, node: &Node) -> Option<When> {
    let written = text(page, node)?;
    let cron = match Cron::parse(&written) {
        Ok(cron) => cron,
        Err(problem) => {
            let message = format!("`{written}` is no cron expression: {problem}");
            page.report(page.finding(&codes::BAD_SCHEDULE, &node.span, message));
            return None;
        }
    };
    match (dialect, cron.rhythm()) {
        (Dialect::Unified, _) => Some(When::Cron(cron)),
        (Dialect::Zone, Some(rhythm)) => {
            if matches!(rhythm, When::Every(_)) {
                let message = format!("Make counts `{written}` from the moment of activation");
                let form = Schedule::of(rhythm.clone()).in_words();
                page.report(
                    page.finding(&codes::CRON_PHASE, &node.span, message)
                        .help(format!("it will run {form}, whatever the clock says")),
                );
            }
            Some(rhythm)
        }
        (Dialect::Zone, None) => {
            let message = format!("Make's zones have no schedule that says `{written}`");
            let near = canonical(&cron.nearest().to_manifest());
            page.report(
                page.finding(&codes::BAD_SCHEDULE, &node.span, message)
                    .help(format!("the nearest is `{near}`")),
            );
            None
        }
    }
}
