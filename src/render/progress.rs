//! Progress on a terminal, while an account is read and a plan carried out.
//!
//! Events go in, drawing goes to the target that the `cli` hands over; a hidden target draws
//! nothing at all. Nothing here can steer what it watches. Where there is no terminal, what takes
//! long is told in lines of its own, so that a log shows why nothing goes on.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::{Event, Tally};

use super::{Role, Style, fold::fitted, words};

/// How often the spinner turns, so that a slow answer does not look like a standstill.
const TICK: Duration = Duration::from_millis(120);

/// Draws events as they come.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    style: Style,
    /// What goes on, and how fast.
    line: Mutex<Line>,
}

/// The line that moves.
#[derive(Debug, Default)]
struct Line {
    doing: String,
    pace: String,
}

impl Progress {
    /// A progress that draws on a target.
    #[must_use]
    pub fn new(target: ProgressDrawTarget, style: Style) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        // A template that does not parse leaves indicatif's own.
        if let Ok(template) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(template);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            style,
            line: Mutex::default(),
        }
    }

    /// Shows an event: what goes on in the line that moves, what has ended in a line that stays.
    pub fn show(&self, event: &Event) {
        if let Some(line) = ended(event, &self.style) {
            self.bar.println(fitted(&line, self.style.width));
        }
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        match (pace(event), going_on(event)) {
            (Some(pace), _) => line.pace = format!(": {pace}"),
            (None, Some(doing)) => line.doing = doing,
            (None, None) => return,
        }
        // Who waits does not go on.
        let pace = match event {
            Event::Reading { .. } | Event::Pace { .. } | Event::StepStarted { .. } => {
                line.pace.as_str()
            }
            Event::Waiting { .. }
            | Event::Offline { .. }
            | Event::Online
            | Event::StepDone { .. }
            | Event::StepFailed { .. }
            | Event::StepSkipped { .. } => "",
        };
        self.bar.set_message(format!("{}{pace}", line.doing));
    }

    /// Takes the line that moves from the screen; what has ended stays.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// What an event says is going on.
fn going_on(event: &Event) -> Option<String> {
    match event {
        Event::Reading { kind, tally } => {
            Some(format!("Reading {}s {}", kind.prefix(), far(*tally)))
        }
        Event::Waiting { wait, limit, .. } => Some(waiting(*wait, *limit)),
        Event::Offline { host, most } => Some(offline(host, *most)),
        Event::Online => Some(BACK.to_owned()),
        Event::StepStarted { address, doing } => Some(format!("{address}: {doing}...")),
        Event::Pace { .. }
        | Event::StepDone { .. }
        | Event::StepFailed { .. }
        | Event::StepSkipped { .. } => None,
    }
}

/// What an event tells a log: only what takes long.
#[must_use]
pub fn progress_line(event: &Event) -> Option<String> {
    match event {
        Event::Waiting {
            wait,
            limit,
            is_news: true,
        } => Some(waiting(*wait, *limit)),
        Event::Pace { is_news: true, .. } => Some(format!("Left: {}", pace(event)?)),
        Event::Offline { host, most } => Some(offline(host, *most)),
        Event::Online => Some(BACK.to_owned()),
        Event::Waiting { .. }
        | Event::Pace { .. }
        | Event::Reading { .. }
        | Event::StepStarted { .. }
        | Event::StepDone { .. }
        | Event::StepFailed { .. }
        | Event::StepSkipped { .. } => None,
    }
}

/// What an event tells where each is a line of its own: what has ended, and what takes long.
#[must_use]
pub fn progress_plain(event: &Event, style: &Style) -> Option<String> {
    ended(event, style).or_else(|| progress_line(event))
}

/// What is said when a lost network is there again.
const BACK: &str = "The network is back";

fn offline(host: &str, most: Duration) -> String {
    let (host, most) = (words::printable(host), words::about(most));
    format!("Waiting for the network: {host} can't be reached; giving up after {most}")
}

fn waiting(wait: Duration, limit: u32) -> String {
    let wait = words::about(wait);
    format!("Waiting {wait}: Make allows {limit} requests a minute, and no more in this one")
}

/// `412 requests, about 1 min 40 s at 240 a minute`.
fn pace(event: &Event) -> Option<String> {
    let Event::Pace {
        requests,
        lasts,
        limit,
        ..
    } = event
    else {
        return None;
    };
    let plural = if *requests == 1 { "" } else { "s" };
    Some(format!(
        "{requests} request{plural}, about {} at {limit} a minute",
        words::about(*lasts)
    ))
}

/// What an event says has ended: `webhook.leads: created [3/10]`.
fn ended(event: &Event, style: &Style) -> Option<String> {
    let (address, role, what, tally) = match event {
        Event::Reading { .. }
        | Event::Waiting { .. }
        | Event::Pace { .. }
        | Event::Offline { .. }
        | Event::Online
        | Event::StepStarted { .. } => {
            return None;
        }
        Event::StepDone {
            address,
            done,
            tally,
        } => (address, Role::Added, (*done).to_owned(), tally),
        Event::StepFailed {
            address,
            reason,
            tally,
        } => {
            let what = format!("failed: {}", words::printable(reason));
            (address, Role::Error, what, tally)
        }
        Event::StepSkipped {
            address,
            because,
            tally,
        } => {
            let what = format!("skipped, because {because} failed");
            (address, Role::Warning, what, tally)
        }
    };
    let what = style.paint(role, &what);
    let tally = style.paint(Role::Muted, &far(*tally));
    Some(format!("{address}: {what} {tally}"))
}

/// How far something has come, in numbers: `[3/10]`, or `[3]` where nobody knows the end.
fn far(tally: Tally) -> String {
    match tally.total {
        0 => format!("[{}]", tally.done),
        total => format!("[{}/{total}]", tally.done),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ended, going_on, pace, progress_line};
    use crate::{
        model::{Event, Kind, Tally},
        render::{Style, sample::address},
    };

    #[test]
    fn each_event_is_said_once() {
        let tally = Tally { done: 3, total: 10 };
        let events = [
            Event::Reading {
                kind: Kind::TeamRole,
                tally: Tally { done: 3, total: 0 },
            },
            Event::Waiting {
                wait: Duration::from_millis(40_300),
                limit: 240,
                is_news: false,
            },
            Event::StepStarted {
                address: address("webhook.leads"),
                doing: "creating",
            },
            Event::StepDone {
                address: address("webhook.leads"),
                done: "created",
                tally,
            },
            Event::StepFailed {
                address: address("folder.crm"),
                reason: "400: \u{1b}[2J\nno".into(),
                tally,
            },
            Event::StepSkipped {
                address: address("scenario.lead-sync"),
                because: address("folder.crm"),
                tally,
            },
        ];
        let lines: Vec<String> = events
            .iter()
            .map(
                |event| match (going_on(event), ended(event, &Style::plain())) {
                    (Some(moving), None) => format!("... {moving}"),
                    (None, Some(staying)) => staying,
                    both => panic!("{both:?}"),
                },
            )
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        ... Reading team-roles [3]
        ... Waiting 41 s: Make allows 240 requests a minute, and no more in this one
        ... webhook.leads: creating...
        webhook.leads: created [3/10]
        folder.crm: failed: 400: \u001b[2J\nno [3/10]
        scenario.lead-sync: skipped, because folder.crm failed [3/10]
        "#);
    }
    #[test]
    fn a_log_is_told_what_takes_long_once() {
        let told = |requests, seconds, is_news| Event::Pace {
            requests,
            lasts: Duration::from_secs(seconds),
            limit: 240,
            is_news,
        };
        let event = told(412, 100, true);
        let words = "412 requests, about 1 min 40 s at 240 a minute";
        assert_eq!(pace(&event).as_deref(), Some(words));
        assert_eq!(progress_line(&event), Some(format!("Left: {words}")));
        assert_eq!(progress_line(&told(412, 100, false)), None);
        assert_eq!(
            pace(&told(1, 120, false)).as_deref(),
            Some("1 request, about 2 min at 240 a minute")
        );
        let wait = |is_news| Event::Waiting {
            wait: Duration::from_secs(12),
            limit: 60,
            is_news,
        };
        let line = "Waiting 12 s: Make allows 60 requests a minute, and no more in this one";
        assert_eq!(progress_line(&wait(true)).as_deref(), Some(line));
        assert_eq!(progress_line(&wait(false)), None);
    }
}
