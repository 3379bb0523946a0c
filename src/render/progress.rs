//! Progress on a terminal, while an account is read and a plan carried out.
//!
//! Events go in, drawing goes to the target that the `cli` hands over; a hidden target draws
//! nothing at all. Nothing here can steer what it watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::{Event, Tally};

use super::{Role, Style, words};

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
        self.bar.tick();
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
        Event::StepStarted { address, doing } => Some(format!("{address}: {doing}...")),
        Event::StepDone { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. } => None,
    }
}

/// What an event says has ended: `webhook.leads: created [3/10]`.
fn ended(event: &Event, style: &Style) -> Option<String> {
    let (address, role, what, tally) = match event {
        Event::Reading { .. } | Event::StepStarted { .. } => return None,
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

fn far(tally: Tally) -> String {
    format!("[{}/{}]", tally.done, tally.total)
}
