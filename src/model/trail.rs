//! The walk over all texts of a document, which makes a path only for those who ask.

use serde_json::Value;

use super::json::Path;

/// The way to a value.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    before: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Start(&'a [String]),
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    /// The way that begins where a path leads.
    #[must_use]
    pub fn from(path: &'a [String]) -> Self {
        let step = Step::Start(path);
        Self { before: None, step }
    }

    /// One key further.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        self.then(Step::Key(key))
    }

    /// One index further.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&'a self, step: Step<'a>) -> Self {
        let before = Some(self);
        Self { before, step }
    }

    /// The way as a path.
    #[must_use]
    pub fn path(&self) -> Path {
        let mut path = self.before.map(Self::path).unwrap_or_default();
        match self.step {
            Step::Start(start) => path.extend_from_slice(start),
            Step::Key(key) => path.push(key.to_owned()),
            Step::Index(index) => path.push(index.to_string()),
        }
        path
    }
}

/// Visits all texts in a value, in its order, keys left out. `trail` leads to the value.
pub fn each_text(value: &Value, trail: &Trail<'_>, visit: &mut dyn FnMut(&str, &Trail<'_>)) {
    match value {
        Value::String(text) => visit(text, trail),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each_text(item, &trail.index(index), visit);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                each_text(member, &trail.key(key), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Trail, each_text};

    #[test]
    fn every_text_is_visited_with_its_path() {
        let document = json!({"a": ["x", {"b/c": "y", "d": 1}], "e": "z"});
        let start = ["root".to_owned()];
        let mut found = Vec::new();
        each_text(&document, &Trail::from(&start), &mut |text, trail| {
            found.push(format!("{} {text}", trail.path().join(" ")));
        });
        assert_eq!(found, ["root a 0 x", "root a 1 b/c y", "root e z"]);
    }
}
