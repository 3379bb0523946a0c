//! How a world is opened, and how that is written.

use std::str::FromStr;
use std::time::Duration;

use super::fault::{Fault, Latency};
use super::limit::{MINUTE, PlanName, Window};
use super::quirk::Quirks;

/// How a world behaves while it is open; nothing of it is kept in the world.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// The plan whose request limit holds and whose `apiLimit` the license shows. Without one
    /// there is no limit, and `apiLimit` is a figure that nobody reaches.
    pub plan: Option<PlanName>,
    /// What kind of window the limit of the zone dialect counts in.
    pub window: Window,
    /// How long the minute is that limits count in: Make's, or less where a test can't wait.
    pub minute: Duration,
    /// How it answers what Make leaves open.
    pub quirks: Quirks,
    /// How long every answer takes, beside the work on it.
    pub latency: Latency,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            plan: None,
            window: Window::default(),
            minute: MINUTE,
            quirks: Quirks::default(),
            latency: Latency::default(),
            faults: Vec::new(),
        }
    }
}

/// A text that says no options of a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part:?} is no option of a sandbox: {reason}")]
pub struct WrongOption {
    part: String,
    reason: String,
}

impl FromStr for WorldOptions {
    type Err = WrongOption;

    /// Reads options with the words of `sandbox serve`, separated by semicolons: `plan core;
    /// latency 80ms; quirk last-edit=save; fault 3rd POST /scenarios: 500 after`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut options = Self::default();
        let parts = text.split(';').map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            options.set(part).map_err(|reason| WrongOption {
                part: part.to_owned(),
                reason,
            })?;
        }
        Ok(options)
    }
}

impl WorldOptions {
    fn set(&mut self, part: &str) -> Result<(), String> {
        let (name, value) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let value = value.trim();
        match name {
            "plan" => self.plan = Some(value.parse().map_err(said)?),
            "window" => self.window = value.parse()?,
            "minute" => {
                let seconds = value
                    .parse()
                    .ok()
                    .and_then(|n| Duration::try_from_secs_f64(n).ok());
                let minute = seconds.filter(|minute| !minute.is_zero());
                self.minute = minute.ok_or_else(|| format!("{value:?} is no number of seconds"))?;
            }
            "latency" => self.latency = value.parse()?,
            "quirk" => self.quirks.set_from(value).map_err(said)?,
            "fault" => self.faults.push(value.parse().map_err(said)?),
            _ => {
                return Err(
                    "it begins with none of plan, window, minute, latency, quirk and fault"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

fn said(error: impl std::error::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Duration, Window, WorldOptions};
    use crate::sandbox::PlanName;
    use crate::sandbox::quirk::LastEdit;

    #[test]
    fn options_are_read_with_the_words_of_the_flags() {
        let text = "plan core; window fixed; minute 0.5; latency 80ms..1s;quirk last-edit=save; fault any: 429 for 20s ;\
                    fault 3rd POST /scenarios: 500 after;";
        let options: WorldOptions = text.parse().unwrap();
        assert_eq!(options.plan, Some(PlanName::Core));
        assert_eq!(options.window, Window::Fixed);
        assert_eq!(options.minute, Duration::from_millis(500));
        assert_eq!(options.latency.to_string(), "80ms..1s");
        assert_eq!(options.quirks.last_edit, LastEdit::Save);
        let faults: Vec<String> = options.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            ["any: 429 for 20s", "3rd POST /scenarios: 500 after"]
        );
    }

    #[test]
    fn what_is_no_option_is_refused_with_the_reason() {
        for (text, reason) in [
            ("slow", "begins with none of"),
            ("plan gold", "unknown plan"),
            ("minute 0", "no number of seconds"),
            ("quirk last-edit", "write NAME=SETTING"),
            ("latency soon", "no time"),
            ("fault any", "a colon"),
        ] {
            let error = format!("plan free; {text}")
                .parse::<WorldOptions>()
                .unwrap_err();
            let message = error.to_string();
            assert!(
                message.starts_with(&format!("{text:?} is no option")),
                "{message}"
            );
            assert!(message.contains(reason), "{message}");
        }
    }
}
