//! `--log FILE`: what the program did, as JSON lines.
//!
//! A line is an event: `at`, `level`, `from` (the module), `event`, and its fields. Only our own
//! events are written: what libraries have to say may quote headers or bodies. There are no spans,
//! so that a subscriber is all that it takes.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::session::now;

/// The crate, as events name where they come from.
const OURS: &str = env!("CARGO_CRATE_NAME");

/// A file that gets a line for each event.
pub(super) struct Log {
    file: Mutex<File>,
}

impl Log {
    /// Opens a file to append to; one that is made is for the user alone.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = Mutex::new(options.open(path)?);
        Ok(Self { file })
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let from = metadata.target();
        metadata.is_event() && from.split("::").next() == Some(OURS)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(Map::new());
        let own = [
            ("at", now().to_string()),
            ("level", metadata.level().as_str().to_ascii_lowercase()),
            ("from", metadata.target().to_owned()),
        ];
        for (name, text) in own {
            line.0.insert(name.to_owned(), text.into());
        }
        event.record(&mut line);
        let mut text = Value::Object(line.0).to_string();
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // In one write, so that lines of two processes do not mix. A log that can't be written
        // stops nothing.
        let _ = file.write_all(text.as_bytes());
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The fields of an event. Its message is its name.
struct Line(Map<String, Value>);

impl Line {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        let name = match field.name() {
            "message" => "event",
            name => name,
        };
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Log;

    #[test]
    fn our_events_become_lines_and_those_of_libraries_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let log = Log::open(&path).unwrap();
        tracing::subscriber::with_default(log, || {
            tracing::info!(status = 200_u64, path = "/scenarios", "answered");
            tracing::info!(target: "hyper::proto", header = "authorization: Token x", "sent");
            tracing::info!(target: "makeform_friend", "not ours");
        });
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["event"], "answered");
        assert_eq!(line["status"], 200);
        assert_eq!(line["level"], "info");
        assert_eq!(line["from"], "makeform::cli::log::tests");
        assert!(line["at"].as_str().unwrap().ends_with('Z'), "{line}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
