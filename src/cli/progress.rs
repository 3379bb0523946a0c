//! Events to the screen, if there is one, or to another program.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{live::Client, model::Event, render};

use super::ui::Ui;

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProgressMode {
    /// Drawn on a terminal; elsewhere only what takes long is said.
    #[default]
    Auto,
    /// A line for each thing that ends, without drawing.
    Plain,
    /// `makeform/progress/v1`: a JSON object a line, on stderr.
    Json,
    /// Not at all.
    None,
}

/// Shows events on a terminal; elsewhere says only what takes long.
pub(crate) struct Progress<'a> {
    ui: &'a Ui,
    screen: Option<render::Progress>,
    /// The requests that are left, as far as that is known.
    left: AtomicUsize,
    /// About how many an apply takes in all.
    all: usize,
}

impl<'a> Progress<'a> {
    /// Progress on stderr.
    pub(crate) fn new(ui: &'a Ui) -> Self {
        let draw = || {
            let target = ProgressDrawTarget::stderr();
            render::Progress::new(target, *ui.status_style())
        };
        Self {
            ui,
            screen: ui.shows_progress().then(draw),
            left: AtomicUsize::new(0),
            all: 0,
        }
    }

    /// The same for an apply that takes about so many requests.
    pub(crate) fn of_apply(ui: &'a Ui, requests: usize) -> Self {
        Self {
            left: AtomicUsize::new(requests),
            all: requests,
            ..Self::new(ui)
        }
    }

    /// Does some work with a client, and shows what it tells and what holds it up.
    pub(crate) async fn of<T>(&self, client: &Client, work: impl Future<Output = T>) -> T {
        let left = || self.left.load(Ordering::Relaxed);
        client.watched(work, left, |event| self.show(&event)).await
    }

    /// Shows one event.
    pub(crate) fn show(&self, event: &Event) {
        if let Event::Reading { tally, .. } = event {
            let left = tally.total.saturating_sub(tally.done);
            self.left.store(left, Ordering::Relaxed);
        }
        if let Event::StepDone { tally, .. }
        | Event::StepFailed { tally, .. }
        | Event::StepSkipped { tally, .. } = event
        {
            let ahead = tally.total.saturating_sub(tally.done);
            let left = self.all.saturating_mul(ahead) / tally.total.max(1);
            self.left.store(left, Ordering::Relaxed);
        }
        log(event);
        let line = match (self.ui.progress(), &self.screen) {
            (ProgressMode::None, _) => None,
            (ProgressMode::Json, _) => Some(render::progress_json(event)),
            (ProgressMode::Plain, _) => render::progress_plain(event, self.ui.status_style()),
            (ProgressMode::Auto, Some(screen)) => return screen.show(event),
            (ProgressMode::Auto, None) => render::progress_line(event),
        };
        if let Some(line) = line {
            self.ui.status(&line);
        }
    }

    /// Clears the screen's last line.
    pub(crate) fn finish(self) {
        if let Some(screen) = self.screen {
            screen.clear();
        }
    }
}

/// Leaves word of what an apply does, and of what holds it up.
fn log(event: &Event) {
    match event {
        Event::Reading { .. } | Event::Pace { .. } | Event::Waiting { is_news: false, .. } => {}
        Event::Waiting { wait, limit, .. } => {
            let milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(milliseconds, limit, "waiting for the limit");
        }
        Event::Offline { host, .. } => tracing::warn!(host, "waiting for the network"),
        Event::Online => tracing::info!("the network is back"),
        Event::StepStarted { address, doing } => tracing::info!(%address, doing, "step begun"),
        Event::StepDone { address, done, .. } => tracing::info!(%address, done, "step done"),
        Event::StepFailed {
            address, reason, ..
        } => tracing::error!(%address, reason, "step failed"),
        Event::StepSkipped {
            address, because, ..
        } => tracing::warn!(%address, %because, "step skipped"),
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
