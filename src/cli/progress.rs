//! Events to the screen, if there is one.

use crate::{model::Event, render};

use super::ui::Ui;

/// Shows events on a terminal; elsewhere says nothing.
pub(crate) struct Progress {
    screen: Option<render::Progress>,
}

impl Progress {
    /// Progress on stderr, if that is a terminal.
    pub(crate) fn new(ui: &Ui) -> Self {
        Self { screen: ui.shows_progress().then(render::Progress::on_stderr) }
    }

    /// Shows one event.
    pub(crate) fn show(&mut self, event: &Event) {
        if let Some(screen) = &mut self.screen {
            screen.show(event);
        }
    }

    /// Clears the screen's last line.
    pub(crate) fn finish(self) {
        if let Some(screen) = self.screen {
            screen.finish();
        }
    }
}
