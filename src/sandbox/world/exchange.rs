//! One request on its way through a world: latency and faults, the count, the token, the limit,
//! the handler.

use std::time::{Duration, Instant};

use crate::live::transport::{Exchange, Request, Transport, TransportError};
use crate::sandbox::dialect::Dialect;
use crate::sandbox::fault::{Mishap, Outcome};
use crate::sandbox::limit;
use crate::sandbox::quirk::Quirks;
use crate::sandbox::routes::{self, Answer, Call, Handler, Refusal, Route};

use super::{Inner, World, held};

/// How long an answer is waited for in this process, where no connection gives up.
const PATIENCE: Duration = Duration::from_secs(75);

impl World {
    /// Takes one request to its end: as long as latency and faults make it last, and then as
    /// the API or a fault will have it.
    pub(crate) async fn exchange(&self, request: &Request) -> Outcome {
        let verdict = held(&self.inner.faults).judge(request, tokio::time::Instant::now());
        let wait = self.latency().pick() + verdict.wait;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let (world, request) = (self.clone(), request.clone());
        let answer = move || world.inner.answer(world.dialect, &request, verdict.mishap);
        let ended = tokio::task::spawn_blocking(answer).await;
        ended.unwrap_or(Outcome::Broken) // a handler that panics breaks the connection
    }
}

impl Inner {
    /// The one place where a request enters and its answer leaves, blocking on the disk: it is
    /// counted, and then carried out unless a fault has it otherwise.
    fn answer(&self, dialect: Dialect, request: &Request, mishap: Option<Mishap>) -> Outcome {
        let found = routes::find(dialect, request.method, &request.path);
        if self.store.counts.add(&found.name) {
            // A count that cannot be written stays pending; it is no reason to refuse.
            let _ = self.write_counts();
        }
        let quirks = *held(&self.quirks);
        let carry_out = || {
            let answer = found
                .target
                .and_then(|(route, ids)| self.handle(dialect, request, route, ids, &quirks));
            let mut answer =
                answer.unwrap_or_else(|refusal| refusal.into_response(dialect, &quirks));
            if let Some(limits) = &self.limits {
                limits.sign(dialect, &mut answer, Instant::now());
            }
            answer
        };
        match mishap {
            None => Outcome::Answer(carry_out()),
            Some(mishap) => {
                let answer = mishap.is_carried_out.then(carry_out);
                let mut outcome = mishap.befall(answer, dialect, &quirks);
                if let (Outcome::Answer(answer), Some(limits)) = (&mut outcome, &self.limits)
                    && answer.status == limit::REFUSED
                {
                    // Somebody else has taken all that there was.
                    limits.exhaust(dialect, Instant::now());
                    limits.sign(dialect, answer, Instant::now());
                }
                outcome
            }
        }
    }

    /// Token and scope, the request limit, the handler: the first that refuses answers.
    fn handle(
        &self,
        dialect: Dialect,
        request: &Request,
        route: &Route,
        ids: Vec<&str>,
        quirks: &Quirks,
    ) -> Answer {
        let (mut view, now) = self.look()?;
        let mut call = Call::new(request, ids, self.plan, quirks, now);
        call.looks = Some(&self.looks);
        call.hooks_at = self.hooks_at.get().map(String::as_str);
        call.rendered = call.hooks_at.map(|_| &self.rendered);
        if let Handler::Open(answer) = route.handler {
            return answer(&call);
        }
        call.check_token(&view, route.scope)?;
        call.check_body()?;
        self.check_limit(dialect, route)?;
        let reach = call.reach(&view)?;
        match route.handler {
            Handler::Open(answer) => answer(&call),
            Handler::Read(answer) => {
                view.keep_to(&reach);
                answer(&call, &view)
            }
            Handler::Write(answer) | Handler::Run(answer) => {
                drop(view);
                let answer = self.store.write(|batch| {
                    batch.keep_to(&reach);
                    answer(&call, batch)
                });
                self.watch.look_again();
                answer
            }
        }
    }

    fn check_limit(&self, dialect: Dialect, route: &Route) -> Result<(), Refusal> {
        let is_limited = !matches!(route.handler, Handler::Run(_));
        match &self.limits {
            Some(limits) if is_limited && !limits.admit(dialect, Instant::now()) => {
                Err(limit::refusal())
            }
            _ => Ok(()),
        }
    }
}

impl Transport for World {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(async move {
            let host = || "the sandbox".to_owned();
            match self.exchange(request).await {
                Outcome::Answer(answer) => Ok(answer),
                Outcome::CutShort(_) => Err(TransportError::NoAnswer {
                    host: host(),
                    reason: "the connection broke in the middle of the answer".to_owned(),
                }),
                Outcome::Broken => Err(TransportError::NoAnswer {
                    host: host(),
                    reason: "the connection broke".to_owned(),
                }),
                Outcome::NotReached => Err(TransportError::NotSent {
                    host: host(),
                    reason: "connection refused".to_owned(),
                }),
                Outcome::Silence => {
                    tokio::time::sleep(PATIENCE).await;
                    Err(TransportError::NoAnswer {
                        host: host(),
                        reason: format!("no answer began within {PATIENCE:?}"),
                    })
                }
            }
        })
    }
}
