//! Whose token this is, and what it may do.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    live::{
        LiveError,
        client::Client,
        expected::Expected,
        retry::Repeat,
        transport::Request,
        wire::{Node, Wrong, unified::member, zone::organization},
    },
    model::Dialect,
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

/// An organization as a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// The zone that it lives in.
    pub zone: Option<String>,
    /// Whether Make has stopped it.
    pub is_paused: bool,
    /// What its plan allows.
    pub license: License,
}

/// What an organization's plan allows, as far as makeform is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct License {
    /// Requests to the API in a minute.
    pub api_limit: Option<u64>,
    /// The shortest interval of schedules, in minutes.
    pub interval: Option<u64>,
    /// Whose documentation says which limit is which plan's.
    pub dialect: Dialect,
}

impl License {
    /// The plan, by the limit that Make documents for each. Its name is in no answer.
    #[must_use]
    pub fn plan(&self) -> Option<&'static str> {
        match (self.dialect, self.api_limit?) {
            (Dialect::Zone, 30) | (Dialect::Unified, 60) => Some("Free"),
            (Dialect::Zone, 60) | (Dialect::Unified, 120) => Some("Core"),
            (Dialect::Zone, 120) | (Dialect::Unified, 300) => Some("Pro"),
            (Dialect::Zone, 240) | (Dialect::Unified, 600) => Some("Teams"),
            (Dialect::Zone, 1000) => Some("Enterprise"),
            (Dialect::Zone | Dialect::Unified, _) => None,
        }
    }
}

impl Client {
    /// The user whose token it is. It needs no scope. The unified dialect has no request for
    /// it, and none is told.
    ///
    /// # Errors
    /// When the token is refused, or the account can't be reached.
    pub async fn user(&self) -> Result<Option<User>, LiveError> {
        if self.dialect() == Dialect::Unified {
            return Ok(None);
        }
        self.fetch_as(&organization::own_user(), |answer| {
            let user = Node::at(answer, "").get("authUser")?;
            Ok(Some(User {
                id: user.get("id")?.int()?,
                name: user.get("name")?.text()?,
                email: user.get("email")?.text()?,
            }))
        })
        .await
    }

    /// The scopes of the token; none where nobody tells. The unified dialect has no request for
    /// them: there a login knows what it was made for, and an API key nothing.
    ///
    /// # Errors
    /// When the token is refused, or the account can't be reached.
    pub async fn scopes(&self) -> Result<Option<Vec<String>>, LiveError> {
        if self.dialect() == Dialect::Unified {
            return Ok(self.credential().scope().await);
        }
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

    /// Where an organization lives, and what its plan allows. The unified dialect tells the limit
    /// of requests alone, beside each answer.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn subscription(&self, organization: u64) -> Result<Subscription, LiveError> {
        if self.dialect() == Dialect::Unified {
            return self.told_beside(organization).await;
        }
        self.fetch_as(&organization::organization(organization), |answer| {
            let row = Node::at(answer, "").get("organization")?;
            let license = match row.find("license") {
                None => License::default(),
                Some(license) => License {
                    api_limit: license.find_int("apiLimit")?,
                    interval: license.find_int("interval")?,
                    dialect: Dialect::Zone,
                },
            };
            Ok(Subscription {
                zone: row.find_text("zone")?,
                is_paused: row.find_flag("isPaused")?.unwrap_or(false),
                license,
            })
        })
        .await
    }

    /// What the headers of an answer tell of the plan.
    async fn told_beside(&self, organization: u64) -> Result<Subscription, LiveError> {
        let request = member::list(organization).request.query("limit", 1);
        let sent = self.send(&request, Repeat::Safe, Expected::OBJECT).await;
        let answer = sent.last?;
        let limit = answer.header("x-ratelimit-limit");
        Ok(Subscription {
            license: License {
                api_limit: limit.and_then(|limit| limit.trim().parse().ok()),
                interval: None,
                dialect: Dialect::Unified,
            },
            ..Subscription::default()
        })
    }

    /// Asks whether the API is there at all, without a token. Returns the server's clock, where
    /// it shows it. Of the unified dialect no such request is known: any answer will do there.
    ///
    /// # Errors
    /// When it can't be reached, or something else is there.
    pub async fn ping(&self) -> Result<Option<Timestamp>, LiveError> {
        let request = Request::get(&["ping"]);
        let answer = self.knock(&request).await?;
        let pongs = self.dialect() == Dialect::Zone;
        if pongs && !answer.body.trim_ascii().starts_with(b"pong") {
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
