//! Reading answers: tolerant of what is added, exact about what is missing.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

/// A value of an answer, and where it stands in it.
#[derive(Clone, Debug)]
pub(in crate::live) struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// What an answer lacks, by its path: ``` `scenarios.3.id` is missing ```.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::live) struct Wrong(String);

impl Wrong {
    /// Something that must be there is not.
    pub(in crate::live) fn missing(path: &str) -> Self {
        Self(format!("`{path}` is missing"))
    }

    /// The answer is not of the form that it should have. What stands there is not quoted.
    pub(in crate::live) fn form(error: &serde_json::Error) -> Self {
        Self(format!("it has another form at column {}", error.column()))
    }

    /// Something is nested too deeply to be read.
    pub(in crate::live) fn too_deep(path: &str) -> Self {
        Self(format!("`{path}` is nested too deeply"))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> Node<'a> {
    /// A value of an answer; the path is for errors.
    pub(in crate::live) fn at(value: &'a Value, path: impl fmt::Display) -> Self {
        Self {
            value,
            path: path.to_string(),
        }
    }

    /// The value itself.
    pub(in crate::live) fn value(&self) -> &'a Value {
        self.value
    }

    /// A member that must be there.
    pub(in crate::live) fn get(&self, key: &str) -> Result<Self, Wrong> {
        self.find(key)
            .ok_or_else(|| Wrong::missing(&self.below(key)))
    }

    /// A member that may be absent or null, which is the same.
    pub(in crate::live) fn find(&self, key: &str) -> Option<Self> {
        self.value
            .get(key)
            .filter(|value| !value.is_null())
            .map(|value| Self::at(value, self.below(key)))
    }

    /// The items of a list.
    pub(in crate::live) fn items(&self) -> Result<Vec<Self>, Wrong> {
        let items = self.value.as_array().ok_or_else(|| self.no("a list"))?;
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, value)| Self::at(value, self.below(&index.to_string())))
            .collect())
    }

    /// A whole number, also where it is written as a text.
    pub(in crate::live) fn int(&self) -> Result<u64, Wrong> {
        Self::loose_int(self.value).ok_or_else(|| self.no("a whole number"))
    }

    /// A text, also where it is written as a number.
    pub(in crate::live) fn text(&self) -> Result<String, Wrong> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.no("a text"))
            }
        }
    }

    /// A yes or no.
    pub(in crate::live) fn flag(&self) -> Result<bool, Wrong> {
        self.value.as_bool().ok_or_else(|| self.no("true or false"))
    }

    /// A number that may be absent.
    pub(in crate::live) fn find_int(&self, key: &str) -> Result<Option<u64>, Wrong> {
        // Rows come by the thousand: a path is made for errors only.
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match Self::loose_int(value) {
                Some(number) => Ok(Some(number)),
                None => Self::at(value, self.below(key)).int().map(Some),
            },
        }
    }

    /// A text that may be absent.
    pub(in crate::live) fn find_text(&self, key: &str) -> Result<Option<String>, Wrong> {
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value) => Self::at(value, self.below(key)).text().map(Some),
        }
    }

    /// A yes or no that may be absent.
    pub(in crate::live) fn find_flag(&self, key: &str) -> Result<Option<bool>, Wrong> {
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(value) => Self::at(value, self.below(key)).flag().map(Some),
        }
    }

    /// A moment that may be absent. Nothing hangs on it, so that an unreadable one is absent too.
    pub(in crate::live) fn find_time(&self, key: &str) -> Option<Timestamp> {
        self.value.get(key)?.as_str()?.parse().ok()
    }

    /// A whole number in either spelling: Make writes counters, sizes and some ids as texts.
    pub(in crate::live) fn loose_int(value: &Value) -> Option<u64> {
        value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(in crate::live) fn no(&self, wanted: &str) -> Wrong {
        Wrong(format!("`{}` is not {wanted}", self.path))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Node;

    #[test]
    fn an_error_names_the_path() {
        let answer = json!({"hooks": [{"id": "58", "name": null, "enabled": "yes"}]});
        let hooks = Node::at(&answer, "").get("hooks").unwrap().items().unwrap();
        let hook = &hooks[0];
        assert_eq!(hook.get("id").unwrap().int(), Ok(58));
        assert_eq!(
            hook.get("name").unwrap_err().to_string(),
            "`hooks.0.name` is missing"
        );
        assert_eq!(
            hook.find_flag("enabled").unwrap_err().to_string(),
            "`hooks.0.enabled` is not true or false"
        );
        assert_eq!(hook.find_int("queueCount"), Ok(None));
    }
}
