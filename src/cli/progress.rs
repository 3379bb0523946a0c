//! Events to the screen, if there is one.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{model::Event, render};

use super::ui::Ui;

/// Shows events on a terminal; elsewhere says nothing.
pub(crate) struct Progress {
    screen: Option<render::Progress>,
}

impl Progress {
    /// Progress on stderr, if that is a terminal.
    pub(crate) fn new(ui: &Ui) -> Self {
        let draw = || {
            let target = ProgressDrawTarget::stderr();
            render::Progress::new(target, *ui.status_style())
        };
        Self {
            screen: ui.shows_progress().then(draw),
        }
    }

    /// Shows one event.
    pub(crate) fn show(&self, event: &Event) {
        if let Some(screen) = &self.screen {
            screen.show(event);
        }
    }

    /// Clears the screen's last line.
    pub(crate) fn finish(self) {
        if let Some(screen) = self.screen {
            screen.clear();
        }
    }
}

/// Counts to a known number on a terminal; elsewhere says nothing.
pub(crate) struct Count(ProgressBar);

impl Count {
    /// A count to `total`.
    pub(crate) fn new(ui: &Ui, what: &'static str, total: usize) -> Self {
        if !ui.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(total as u64).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{msg} {pos}/{len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many are done.
    pub(crate) fn show(&self, done: usize) {
        self.0.set_position(done as u64);
    }

    /// Clears the line.
    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}
