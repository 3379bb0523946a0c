//! Whether an answer of success is one of Make's at all.
//!
//! A maintenance page or a proxy says 200 too. Whoever takes that for an answer believes in
//! writes that nobody carried out, and in lists that are empty.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::transport::Response;

/// What an answer of success holds, at the least: a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    member: Option<&'static str>,
    or_nothing: bool,
}

impl Expected {
    /// Any JSON object.
    pub(super) const OBJECT: Self = Self {
        member: None,
        or_nothing: false,
    };

    /// A JSON object with this member.
    pub(super) const fn member(name: &'static str) -> Self {
        Self {
            member: Some(name),
            ..Self::OBJECT
        }
    }

    /// The same, or 204: nobody reads what is in it.
    pub(super) const fn or_nothing(self) -> Self {
        Self {
            or_nothing: true,
            ..self
        }
    }

    /// Checks an answer whose status is one of success.
    ///
    /// # Errors
    /// With what is wrong, in words that quote nothing of the answer.
    pub(super) fn check(self, response: &Response) -> Result<(), String> {
        no_page(response)?;
        if self.or_nothing && response.status == 204 {
            return Ok(());
        }
        let members: BTreeMap<String, Option<IgnoredAny>> = serde_json::from_slice(&response.body)
            .map_err(|_| "it is no JSON object".to_owned())?;
        match self.member {
            Some(name) if !matches!(members.get(name), Some(Some(_))) => {
                Err(format!("`{name}` is missing"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks an answer by reading it: what can be read needs no look of its own at every byte. It
    /// is read for nothing where it then turns out to be none of Make's.
    ///
    /// # Errors
    /// As [`Expected::check`]. An answer of Make's that can't be read is no such error: what is
    /// wrong with it is the result.
    pub(super) fn read<T, E>(
        self,
        response: &Response,
        read: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<Result<T, E>, String> {
        no_page(response)?;
        let read = read(&response.body);
        if read.is_err() {
            self.check(response)?;
        }
        Ok(read)
    }

    /// Whether a document is what is expected.
    pub(super) fn is_met_by(self, document: &Value) -> bool {
        match (document, self.member) {
            (Value::Object(members), Some(name)) => {
                members.get(name).is_some_and(|member| !member.is_null())
            }
            (Value::Object(_), None) => true,
            (Value::Null | Value::Bool(_) | Value::Number(_), _)
            | (Value::String(_) | Value::Array(_), _) => false,
        }
    }
}

fn no_page(response: &Response) -> Result<(), String> {
    let kind = response.header("content-type").unwrap_or_default();
    let page = kind.trim_start().get(.."text/html".len());
    match page.is_some_and(|kind| kind.eq_ignore_ascii_case("text/html")) {
        true => Err("it is an HTML page".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Expected;
    use crate::live::transport::Response;

    #[test]
    fn only_an_object_that_is_no_page_and_has_the_member_is_an_answer() {
        let done = Expected::member("scenario").or_nothing();
        for (expected, status, kind, body, good) in [
            (done, 200, "application/json", r#"{"scenario":925}"#, true),
            (done, 200, "", r#"{"scenario":{"id":5}}"#, true),
            (done, 204, "", "", true),
            (Expected::OBJECT, 200, "", "{}", true),
            (Expected::OBJECT, 204, "", "", false),
            (Expected::OBJECT, 200, "", "[]", false),
            (done, 200, "application/json", "", false),
            (done, 200, "", "<html></html>", false),
            (
                done,
                200,
                "Text/HTML; charset=utf-8",
                r#"{"scenario":1}"#,
                false,
            ),
            (done, 204, "text/html", "", false),
            (done, 200, "", r#"{"scenario":null}"#, false),
            (done, 200, "", r#"{"hook":1}"#, false),
            (done, 200, "", r#"{"scenario":925"#, false),
        ] {
            let response = Response {
                status,
                headers: vec![("content-type".into(), kind.into())],
                body: body.into(),
            };
            assert_eq!(expected.check(&response).is_ok(), good, "{kind} {body}");
        }
    }
}
