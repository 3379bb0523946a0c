//! Calls of the zone dialect, made from within a call of this one.

use serde_json::Value;

use crate::live::transport::{Method, Request, Response};
use crate::sandbox::dialect::Dialect;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::routes::table::{self, Handler};
use crate::sandbox::store::Batch;

/// A call of the zone dialect.
pub(super) struct Inner {
    request: Request,
}

impl Inner {
    /// A call without query and body. `path` holds ids and words only: nothing is decoded.
    pub(super) fn new(method: Method, path: String) -> Self {
        Self {
            request: Request {
                method,
                path,
                query: Vec::new(),
                headers: Vec::new(),
                body: None,
            },
        }
    }

    pub(super) fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.request
            .query
            .push((name.to_owned(), value.to_string()));
        self
    }

    pub(super) fn body(mut self, body: &Value) -> Self {
        self.request.body = Some(body.to_string().into());
        self
    }

    /// Changes the world; a refusal leaves it as it was, since the whole transaction goes.
    pub(super) fn carry_out(
        &self,
        call: &Call<'_>,
        batch: &mut Batch<'_>,
    ) -> Result<Value, Refusal> {
        let (route, ids) =
            table::find(Dialect::Zone, self.request.method, &self.request.path).target?;
        let inner = call.for_inner(&self.request, ids);
        match route.handler {
            Handler::Write(answer) | Handler::Run(answer) => read(&answer(&inner, batch)?),
            Handler::Open(_) | Handler::Read(_) => Err(Refusal::broken("this is no change")),
        }
    }
}

fn read(answer: &Response) -> Result<Value, Refusal> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Refusal::broken(format!("an inner answer is no JSON: {error}")))
}
