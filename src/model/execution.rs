//! Runs of scenarios: executions, and those that Make kept because they could not go on.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde_json::Value;

use super::RemoteId;

/// How an execution stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// It has not ended, or waits to begin.
    Running,
    /// It did all there was to do.
    Success,
    /// It ended, and left something behind: an incomplete execution, for one.
    Warning,
    /// It failed.
    Error,
    /// A word or number of Make's that nobody documents.
    Other(String),
}

impl ExecutionStatus {
    /// Its word, the same in both dialects.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "running",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Other(word) => word,
        }
    }

    /// The status of a word of Make's, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        word.parse()
            .unwrap_or_else(|_| Self::Other(word.to_owned()))
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self != Self::Running
    }
}

/// That a text is no status which can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status: expected running, success, warning or error")]
pub struct StatusError(String);

impl FromStr for ExecutionStatus {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        match text.to_ascii_lowercase().as_str() {
            "running" => Ok(Self::Running),
            "success" => Ok(Self::Success),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(StatusError(text.to_owned())),
        }
    }
}

/// One run of a scenario. What a dialect does not tell is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub status: ExecutionStatus,
    /// When it began.
    pub began: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration: Option<u64>,
    /// The operations that it cost; in the unified dialect the modules that it executed.
    pub operations: Option<u64>,
    /// What it cost, in hundredths of a credit.
    pub centicredits: Option<u64>,
    /// The data that its modules were given, in bytes.
    pub transfer: Option<u64>,
    /// What started it, in Make's word: `auto` or `manual`.
    pub trigger: Option<String>,
}

/// How an execution ended.
#[derive(Clone, PartialEq)]
pub struct Outcome {
    /// How it stands.
    pub status: ExecutionStatus,
    /// What it put out: data of the user.
    pub outputs: Option<Value>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl fmt::Debug for Outcome {
    /// Without what it put out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why an execution failed.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// The type of the error: `DataError`.
    pub name: Option<String>,
    /// Its message, which may quote data of the user.
    pub message: Option<String>,
    /// The module that failed.
    pub module: Option<String>,
}

impl fmt::Debug for Failure {
    /// Without the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("name", &self.name)
            .field("module", &self.module)
            .finish_non_exhaustive()
    }
}

/// Which executions are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Those that began then or later.
    pub from: Option<Timestamp>,
    /// Those that began then or earlier.
    pub to: Option<Timestamp>,
    /// Those that stand like one of these; all where it is empty.
    pub status: Vec<ExecutionStatus>,
    /// The most there may be: the newest.
    pub limit: usize,
}

impl ExecutionFilter {
    /// The newest ones.
    #[must_use]
    pub fn newest(limit: usize) -> Self {
        Self {
            from: None,
            to: None,
            status: Vec::new(),
            limit,
        }
    }
}

/// How often a scenario ran of late, and failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunTally {
    /// How many of the runs that were looked at are over.
    pub runs: usize,
    /// How many of these failed.
    pub errors: usize,
    /// How many left something behind.
    pub warnings: usize,
    /// When the first of them began.
    pub since: Option<Timestamp>,
    /// Whether the newest of them failed.
    pub last_failed: bool,
    /// Whether there may be older ones.
    pub is_part: bool,
}

impl RunTally {
    /// Counts runs, the newest first. `most`: how many were asked for.
    #[must_use]
    pub fn of(runs: &[Execution], most: usize) -> Self {
        let over: Vec<&Execution> = runs.iter().filter(|run| run.status.is_over()).collect();
        let count = |status: &ExecutionStatus| over.iter().filter(|r| r.status == *status).count();
        Self {
            runs: over.len(),
            errors: count(&ExecutionStatus::Error),
            warnings: count(&ExecutionStatus::Warning),
            since: over.iter().filter_map(|run| run.began).min(),
            last_failed: over
                .first()
                .is_some_and(|run| run.status == ExecutionStatus::Error),
            is_part: runs.len() >= most,
        }
    }

    /// How many of a hundred fail; none without a run.
    #[must_use]
    pub fn rate(&self) -> Option<usize> {
        // To the nearest, but never to none or all where that is not so.
        let rate = (self.errors * 200 + self.runs).checked_div(self.runs * 2)?;
        Some(
            match (self.errors, self.runs - self.errors.min(self.runs)) {
                (0, _) => 0,
                (_, 0) => 100,
                _ => rate.clamp(1, 99),
            },
        )
    }
}

/// What Make kept of an execution that could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteExecution {
    /// Its id.
    pub id: String,
    /// The execution that it is left of, where it was asked for alone.
    pub execution: Option<String>,
    /// The scenario, where it was asked for alone.
    pub scenario: Option<RemoteId>,
    /// Why the execution could not go on.
    pub reason: Option<String>,
    /// When it was kept.
    pub created: Option<Timestamp>,
    /// The size of its data, in bytes.
    pub size: Option<u64>,
    /// Whether it was done since.
    pub resolved: bool,
    /// How often it was retried.
    pub attempts: Option<u64>,
}

/// How a scenario fares. What a dialect does not tell is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioHealth {
    /// The scenario's id.
    pub id: RemoteId,
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
    pub active: Option<bool>,
    /// Whether Make can't run it because of errors.
    pub invalid: Option<bool>,
    /// Whether it is paused over trouble with the subscription.
    pub paused: Option<bool>,
    /// How many incomplete executions it has.
    pub incomplete: Option<u64>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it runs next.
    pub next_run: Option<Timestamp>,
    /// Its newest execution.
    pub last_run: Option<Execution>,
}

/// What can be wrong with a scenario that should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Make can't run it because of errors.
    Invalid,
    /// Its last run failed.
    Errors,
    /// It has incomplete executions.
    Incomplete,
    /// It is switched off or paused, and was not meant to be.
    Inactive,
    /// The account does not have it any more.
    Gone,
}

impl Trouble {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Errors => "errors",
            Self::Incomplete => "incomplete",
            Self::Inactive => "inactive",
            Self::Gone => "gone",
        }
    }
}

impl ScenarioHealth {
    /// What is wrong with it. `meant_off`: its manifest switches it off.
    #[must_use]
    pub fn troubles(&self, meant_off: bool) -> Vec<Trouble> {
        let failed = self
            .last_run
            .as_ref()
            .is_some_and(|run| run.status == ExecutionStatus::Error);
        let paused = self.paused == Some(true);
        let off = self.active == Some(false) && !meant_off;
        [
            (Trouble::Invalid, self.invalid == Some(true)),
            (Trouble::Errors, failed),
            (Trouble::Incomplete, self.incomplete.unwrap_or(0) > 0),
            (Trouble::Inactive, off || paused),
        ]
        .into_iter()
        .filter_map(|(trouble, is_there)| is_there.then_some(trouble))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Execution, ExecutionStatus, Failure, Outcome, RunTally, ScenarioHealth, Trouble};
    use crate::model::RemoteId;

    fn health() -> ScenarioHealth {
        ScenarioHealth {
            id: RemoteId::Int(7),
            name: "x".to_owned(),
            active: Some(true),
            invalid: Some(false),
            paused: None,
            incomplete: Some(0),
            edited_at: None,
            next_run: None,
            last_run: None,
        }
    }

    fn health_run() -> Execution {
        Execution {
            id: "a".to_owned(),
            status: ExecutionStatus::Success,
            began: None,
            duration: None,
            operations: None,
            centicredits: None,
            transfer: None,
            trigger: None,
        }
    }

    #[test]
    fn what_is_off_on_purpose_is_no_trouble() {
        assert_eq!(health().troubles(false), []);
        let off = ScenarioHealth {
            active: Some(false),
            ..health()
        };
        assert_eq!(off.troubles(true), []);
        assert_eq!(off.troubles(false), [Trouble::Inactive]);
        let failing = ScenarioHealth {
            invalid: Some(true),
            paused: Some(true),
            incomplete: Some(2),
            last_run: Some(Execution {
                status: ExecutionStatus::of_word("ERROR"),
                ..health_run()
            }),
            ..health()
        };
        let all = [
            Trouble::Invalid,
            Trouble::Errors,
            Trouble::Incomplete,
            Trouble::Inactive,
        ];
        assert_eq!(failing.troubles(true), all);
    }

    #[test]
    fn data_of_the_user_is_not_in_debug_output() {
        let outcome = Outcome {
            status: ExecutionStatus::Error,
            outputs: Some(serde_json::json!({ "canary": 1 })),
            failure: Some(Failure {
                name: None,
                message: Some("canary".to_owned()),
                module: None,
            }),
        };
        assert!(!format!("{outcome:?} {:?}", outcome.failure).contains("canary"));
    }

    #[test]
    fn failures_are_counted_over_what_has_ended() {
        let run = |word: &str, began: &str| Execution {
            status: ExecutionStatus::of_word(word),
            began: began.parse().ok(),
            ..health_run()
        };
        let mut runs = vec![run("RUNNING", "2026-05-04T00:00:00Z")];
        runs.push(run("ERROR", "2026-05-03T00:00:00Z"));
        runs.push(run("SUCCESS", "2026-05-02T00:00:00Z"));
        runs.push(run("WARNING", "2026-05-01T00:00:00Z"));
        let tally = RunTally::of(&runs, 10);
        assert_eq!((tally.runs, tally.errors, tally.warnings), (3, 1, 1));
        assert_eq!(tally.rate(), Some(33));
        assert!(tally.last_failed && !tally.is_part);
        assert_eq!(tally.since, "2026-05-01T00:00:00Z".parse().ok());
        assert!(RunTally::of(&runs, 4).is_part);
        assert_eq!(RunTally::of(&[], 4).rate(), None);
        let rate = |errors, runs| {
            let mut all = vec![run("ERROR", ""); errors];
            all.resize(runs, run("SUCCESS", ""));
            RunTally::of(&all, 1000).rate()
        };
        assert_eq!(
            [rate(1, 999), rate(998, 999), rate(2, 2), rate(0, 2)],
            [Some(1), Some(99), Some(100), Some(0)]
        );
    }

    #[test]
    fn a_word_that_nobody_knows_is_kept() {
        assert_eq!(ExecutionStatus::of_word("QUEUED").word(), "QUEUED");
        assert!("QUEUED".parse::<ExecutionStatus>().is_err());
        assert!(!ExecutionStatus::of_word("Running").is_over());
    }
}
