//! Progress on a terminal, while an account is read and a plan carried out.
//!
//! Events go in, drawing goes to the target that the `cli` hands over; a hidden target draws
//! nothing at all. Nothing here can steer what it watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::{Event, Tally};

use super::{Role, Style, words};

/// How often the spinner turns, so that a slow answer does not look like a standstill.
const TICK: Duration = Duration::from_millis(120);

/// Draws events as they come.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    style: Style,
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
        Self { bar, style }
    }

    /// Shows an event: what goes on in the line that moves, what has ended in a line that stays.
    pub fn show(&self, event: &Event) {
        if let Some(line) = ended(event, &self.style) {
            self.bar.println(line);
        }
        if let Some(message) = going_on(event) {
            self.bar.set_message(message);
        }
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
        Event::Waiting { seconds } => Some(format!(
            "Waiting {seconds} s: Make allows no more requests in this minute"
        )),
        Event::StepStarted { address, doing } => Some(format!("{address}: {doing}...")),
        Event::StepDone { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. } => None,
    }
}

/// What an event says has ended: `webhook.leads: created [3/10]`.
fn ended(event: &Event, style: &Style) -> Option<String> {
    let (address, role, what, tally) = match event {
        Event::Reading { .. } | Event::Waiting { .. } | Event::StepStarted { .. } => {
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
    use super::{ended, going_on};
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
            Event::Waiting { seconds: 41 },
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
        ... Waiting 41 s: Make allows no more requests in this minute
        ... webhook.leads: creating...
        webhook.leads: created [3/10]
        folder.crm: failed: 400: \u001b[2J\nno [3/10]
        scenario.lead-sync: skipped, because folder.crm failed [3/10]
        "#);
    }
}
