//! What a handler is given of a request.

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::live::transport::Request;
use crate::sandbox::beginning::OWNER;
use crate::sandbox::engine::watch::Looks;
use crate::sandbox::limit::PlanName;
use crate::sandbox::quirk::{Quirks, RoleIds};
use crate::sandbox::reach::Reach;
use crate::sandbox::rendered::Rendered;
use crate::sandbox::store::Objects;
use crate::sandbox::token::{self, Grant};

use super::body::Body;
use super::refusal::Refusal;

/// The largest body that is read: Make was seen to refuse bodies from somewhere between 2.1 and
/// 2.8 MB on.
pub(crate) const LARGEST_BODY: usize = 2_500_000;

/// One request on its way to its handler.
pub(crate) struct Call<'a> {
    request: &'a Request,
    /// The segments of the path that stand for ids, in order.
    segments: Vec<&'a str>,
    /// The plan that the world was opened with.
    pub(crate) plan: Option<PlanName>,
    /// Where hooks take requests, if the world is served.
    pub(crate) hooks_at: Option<&'a str>,
    /// The executions that were looked at before.
    pub(crate) looks: Option<&'a Looks>,
    /// Blueprints as they were shown before, if the world is served.
    pub(crate) rendered: Option<&'a Rendered>,
    quirks: &'a Quirks,
    /// When it arrived, by the world's clock.
    pub(crate) now: Timestamp,
    /// What its token allows; no handler that wants a token is called without.
    pub(crate) grant: Option<Grant>,
    /// Whether it was made from within another call.
    is_inner: bool,
}

impl<'a> Call<'a> {
    /// A request whose path was matched.
    pub(crate) fn new(
        request: &'a Request,
        segments: Vec<&'a str>,
        plan: Option<PlanName>,
        quirks: &'a Quirks,
        now: Timestamp,
    ) -> Self {
        Self {
            request,
            segments,
            plan,
            hooks_at: None,
            looks: None,
            rendered: None,
            quirks,
            now,
            grant: None,
            is_inner: false,
        }
    }

    /// Another call within this one: of the same caller, at the same time.
    pub(crate) fn for_inner<'b>(&self, request: &'b Request, segments: Vec<&'b str>) -> Call<'b>
    where
        'a: 'b,
    {
        Call {
            request,
            segments,
            plan: self.plan,
            hooks_at: self.hooks_at,
            looks: self.looks,
            rendered: self.rendered,
            quirks: self.quirks,
            now: self.now,
            grant: self.grant.clone(),
            is_inner: true,
        }
    }

    /// Refuses whoever shows no token that opens the world, or one that is not for `scope`.
    pub(crate) fn check_token(&mut self, world: &impl Objects, scope: &str) -> Result<(), Refusal> {
        let header = self.header("authorization").unwrap_or_default();
        let shown = header
            .strip_prefix("Token ")
            .or_else(|| header.strip_prefix("Bearer "));
        let grant = match shown {
            Some(shown) => token::find(world, shown, self.now)?,
            None => None,
        };
        let grant = grant.ok_or_else(Refusal::unauthorized)?;
        if !scope.is_empty() && !grant.allows(scope) {
            return Err(Refusal::forbidden(format!(
                "The token lacks the scope '{scope}'."
            )));
        }
        self.grant = Some(grant);
        Ok(())
    }

    /// How far the roles of the user who calls reach.
    pub(crate) fn reach(&self, world: &impl Objects) -> Result<Reach, Refusal> {
        match &self.grant {
            Some(grant) if !grant.is_well_known => Ok(Reach::of(world, grant.user)?),
            _ => Ok(Reach::Everything),
        }
    }

    /// How the world answers what Make leaves open.
    pub(crate) fn quirks(&self) -> &'a Quirks {
        self.quirks
    }

    /// Whether ids of roles are others than in Make's documents. A call from within has those of
    /// the world.
    pub(crate) fn has_other_role_ids(&self) -> bool {
        self.quirks.role_ids == RoleIds::Other && !self.is_inner
    }

    /// The user who calls.
    pub(crate) fn user(&self) -> u64 {
        self.grant.as_ref().map_or(OWNER, |grant| grant.user)
    }

    /// Refuses a body that Make would not read: too large, or said not to be JSON.
    pub(crate) fn check_body(&self) -> Result<(), Refusal> {
        let body = self.request.body.as_ref();
        if body.is_some_and(|body| body.len() > LARGEST_BODY) {
            return Err(Refusal::too_large());
        }
        match self.header("content-type") {
            Some(kind) if !kind.starts_with("application/json") => {
                Err(Refusal::invalid("Content-Type should be application/json"))
            }
            _ => Ok(()),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.request.headers.iter();
        let found = headers.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The path's placeholder number `index`, counted from 0, as it stands there.
    pub(crate) fn segment(&self, index: usize) -> &'a str {
        self.segments.get(index).copied().unwrap_or_default()
    }

    /// The text that is the path's placeholder number `index`, counted from 0, decoded.
    pub(crate) fn text_segment(&self, index: usize) -> Result<String, Refusal> {
        let decoded = percent_decode_str(self.segment(index)).decode_utf8();
        let text = decoded.map_err(|_| Refusal::invalid("the path should be UTF-8"))?;
        Ok(text.into_owned())
    }

    /// The id that is the path's placeholder number `index`, counted from 0.
    pub(crate) fn id(&self, index: usize) -> Result<u64, Refusal> {
        let segment = self.segment(index);
        segment
            .parse()
            .map_err(|_| Refusal::missing(format!("'{segment}' is no id.")))
    }

    /// The first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.query_all(name).next()
    }

    /// All values of a query parameter, in order.
    pub(crate) fn query_all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let pairs = self.request.query.iter();
        pairs
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    pub(crate) fn query_number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid(format!("'{name}' should be integer")))
        };
        self.query(name).map(number).transpose()
    }

    /// A query parameter that is true or false.
    pub(crate) fn query_flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.query(name) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Refusal::invalid(format!("'{name}' should be boolean"))),
        }
    }

    /// A number that must be in the query.
    pub(crate) fn required_number(&self, name: &str) -> Result<u64, Refusal> {
        self.query_number(name)?
            .ok_or_else(|| Refusal::invalid(format!("should have required property '{name}'")))
    }

    /// Whether the caller accepts the consequences.
    pub(crate) fn is_confirmed(&self) -> Result<bool, Refusal> {
        Ok(self.query_flag("confirmed")?.unwrap_or(false))
    }

    /// The body, which must be a JSON object.
    pub(crate) fn body(&self) -> Result<Body, Refusal> {
        Body::parse(self.request.body.as_deref().unwrap_or_default())
    }

    /// Whether there is a body that says anything.
    pub(crate) fn has_body(&self) -> bool {
        let body = self
            .request
            .body
            .as_deref()
            .unwrap_or_default()
            .trim_ascii();
        !matches!(body, b"" | b"{}" | b"null")
    }

    /// The time as Make writes it: ISO 8601 with milliseconds, in UTC.
    pub(crate) fn stamp(&self) -> String {
        stamp(self.now)
    }
}

/// A time as Make writes it.
pub(crate) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn times_have_milliseconds_even_where_there_are_none() {
        for time in ["2021-09-22T06:40:56.692Z", "2026-01-01T00:00:00.000Z"] {
            assert_eq!(stamp(time.parse().unwrap()), time);
        }
    }
}
