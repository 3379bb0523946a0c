//! Whose token this is, and what it may do.

use jiff::Timestamp;
use serde_json::Value;

use crate::live::{
    LiveError,
    client::Client,
    transport::Request,
    wire::{Node, Wrong, zone::organization},
};

/// The user whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// What an organization's plan allows, as far as makeform is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct License {
    /// Requests to the API in a minute.
    pub api_limit: Option<u64>,
    /// The shortest interval of schedules, in minutes.
    pub interval: Option<u64>,
    /// The most scenarios that may be active; 0 for as many as one likes.
    pub scenarios: Option<u64>,
}

impl License {
    /// The plan, by the limit that Make documents for each. Its name is in no answer.
    #[must_use]
    pub fn plan(&self) -> Option<&'static str> {
        match self.api_limit? {
            30 => Some("Free"),
            60 => Some("Core"),
            120 => Some("Pro"),
            240 => Some("Teams"),
            1000 => Some("Enterprise"),
            _ => None,
        }
    }
}

impl Client {
    /// The user whose token it is. It needs no scope.
    ///
    /// # Errors
    /// When the token is refused, or the account can't be reached.
    pub async fn user(&self) -> Result<User, LiveError> {
        self.fetch_as(&organization::own_user(), |answer| {
            let user = Node::at(answer, "").get("authUser")?;
            Ok(User {
                id: user.get("id")?.int()?,
                name: user.get("name")?.text()?,
                email: user.get("email")?.text()?,
            })
        })
        .await
    }

    /// The scopes of the token; none where the server does not tell.
    ///
    /// # Errors
    /// When the token is refused, or the account can't be reached.
    pub async fn scopes(&self) -> Result<Option<Vec<String>>, LiveError> {
        let request = Request::get(&["users", "me", "current-authorization"]);
        let read = |answer: &Value| -> Result<Vec<String>, Wrong> {
            let scope = Node::at(answer, "").get("authorization")?.get("scope")?;
            scope.items()?.iter().map(Node::text).collect()
        };
        match self.fetch_as(&request, read).await {
            Ok(scopes) => Ok(Some(scopes)),
            Err(error) => match error.status() {
                Some(401) | None => Err(error),
                Some(_) => Ok(None),
            },
        }
    }

    /// What an organization's plan allows.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn license(&self, organization: u64) -> Result<License, LiveError> {
        self.fetch_as(&organization::organization(organization), |answer| {
            let row = Node::at(answer, "").get("organization")?;
            let Some(license) = row.find("license") else {
                return Ok(License::default());
            };
            Ok(License {
                api_limit: license.find_int("apiLimit")?,
                interval: license.find_int("interval")?,
                scenarios: license.find_int("scenarios")?,
            })
        })
        .await
    }

    /// Asks whether the API is there at all. Returns the server's clock, where it shows it.
    ///
    /// # Errors
    /// When it can't be reached, or something else is there.
    pub async fn ping(&self) -> Result<Option<Timestamp>, LiveError> {
        let request = Request::get(&["ping"]);
        let answer = self.knock(&request).await?;
        if !answer.body.trim_ascii().starts_with(b"pong") {
            return Err(LiveError::Unreadable {
                asked: (&request).into(),
                problem: "it is not `pong`: something else answers there".to_owned(),
            });
        }
        let date = answer.header("date");
        Ok(date
            .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
            .map(|date| date.timestamp()))
    }
}
