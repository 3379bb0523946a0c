//! Answers -> what they say: a value, a list of rows, or whatever a reader makes of them.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    LiveError,
    client::{Client, Told},
    expected::Expected,
    page::{self, List},
    retry::Repeat,
    transport::{Request, Response},
    wire::{Node, Wrong},
};

impl Client {
    /// Reads one answer.
    pub(super) async fn fetch(
        &self,
        request: &Request,
        expected: Expected,
    ) -> Result<Value, LiveError> {
        let (answer, _) = self.fetch_dated(request, expected).await?;
        Ok(answer)
    }

    /// Reads one answer; with the earliest time at which it can have been made, by the server's
    /// clock, where the server tells its time.
    pub(super) async fn fetch_dated(
        &self,
        request: &Request,
        expected: Expected,
    ) -> Result<(Value, Option<Timestamp>), LiveError> {
        let start = Instant::now();
        let read = |body: &[u8]| match serde_json::from_slice(body) {
            Ok(answer) if expected.is_met_by(&answer) => Ok(answer),
            Ok(_) => Err("it has another form".to_owned()),
            Err(error) => Err(format!("it is no JSON ({error})")),
        };
        let (answer, response) = self.fetch_read(request, expected, read).await?;
        let date = response.header("date");
        let date = date.and_then(|date| rfc2822::parse(date).ok());
        let took = SignedDuration::try_from(start.elapsed()).ok();
        let made = date.zip(took).and_then(|(date, took)| {
            let date = date.timestamp();
            date.checked_sub(took).ok()
        });
        Ok((answer, made))
    }

    /// Reads one answer, which is gone through once: it is what is expected if it can be read.
    async fn fetch_read<T: Send, E: fmt::Display + Send>(
        &self,
        request: &Request,
        expected: Expected,
        read: impl Fn(&[u8]) -> Result<T, E> + Sync,
    ) -> Result<(T, Response), LiveError> {
        let kept = Mutex::new(None);
        let told = Told {
            request,
            repeat: Repeat::Safe,
            check: &|answer| {
                let read = expected.read(answer, &read)?;
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
                Ok(())
            },
            may: &|| true,
            hidden: &[],
        };
        let response = self.tell(told).await.last?;
        let read = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        match read {
            Some(Ok(read)) => Ok((read, response)),
            Some(Err(wrong)) => Err(unreadable(request, &wrong)),
            // Whatever is a success was read.
            None => Err(unreadable(request, &"it was not read")),
        }
    }

    /// Reads one answer and makes something of its text: for what is read by the thousand, and not
    /// looked at in every part.
    pub(super) async fn fetch_text<T>(
        &self,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<T, Wrong> + Sync,
    ) -> Result<T, LiveError>
    where
        T: Send,
    {
        let (read, _) = self.fetch_read(request, Expected::OBJECT, read).await?;
        Ok(read)
    }

    /// Reads one answer and makes something of it.
    pub(super) async fn fetch_as<T>(
        &self,
        request: &Request,
        read: impl FnOnce(&Value) -> Result<T, Wrong>,
    ) -> Result<T, LiveError> {
        let answer = self.fetch(request, Expected::OBJECT).await?;
        read(&answer).map_err(|wrong| unreadable(request, &wrong))
    }

    /// Reads a list to its end and makes something of each row.
    pub(super) async fn rows_as<T>(
        &self,
        list: &List,
        read: impl Fn(&Node<'_>) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, LiveError> {
        let rows = page::rows(self, list).await?;
        Self::read_rows(list, &rows, read)
    }

    /// Makes something of each row of a list.
    pub(super) fn read_rows<T>(
        list: &List,
        rows: &[Value],
        read: impl Fn(&Node<'_>) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, LiveError> {
        rows.iter()
            .enumerate()
            .map(|(index, row)| read(&Node::at(row, format_args!("{}.{index}", list.key))))
            .collect::<Result<_, _>>()
            .map_err(|wrong| unreadable(&list.request, &wrong))
    }
}

fn unreadable(request: &Request, wrong: &dyn fmt::Display) -> LiveError {
    LiveError::Unreadable {
        asked: request.into(),
        problem: wrong.to_string(),
    }
}

/// `None` where Make answers 404: the thing is not there.
pub(super) fn found<T>(read: Result<T, LiveError>) -> Result<Option<T>, LiveError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}
