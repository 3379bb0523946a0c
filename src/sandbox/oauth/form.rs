//! The parameters of a request, from a query or a form.

use url::form_urlencoded;

/// Names and values. As the standard has it, an empty value counts as none.
#[derive(Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The body of a form.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A query that was taken apart already.
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Self {
        Self(pairs.to_vec())
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}
