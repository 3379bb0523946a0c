//! A JSON body, read with the complaints of Make's own validation.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The object that came with a request.
#[derive(Debug)]
pub(crate) struct Body {
    fields: Map<String, Value>,
}

impl Body {
    /// Parses a body that must be an object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self { fields }),
            Ok(_) => Err(Refusal::invalid("body should be object")),
            Err(error) => Err(Refusal::invalid(format!("body should be JSON: {error}"))),
        }
    }

    /// Refuses fields that the call does not have. Whether Make ignores them is not documented;
    /// a client that sends one is wrong about something.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Refusal> {
        match self
            .fields
            .keys()
            .find(|name| !known.contains(&name.as_str()))
        {
            None => Ok(self),
            Some(name) => Err(Refusal::invalid(format!(
                "should NOT have additional property '{name}'"
            ))),
        }
    }

    /// A field as it is, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// All fields.
    pub(crate) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// A string of at most `longest` characters, if the field is there.
    pub(crate) fn text(&self, name: &str, longest: usize) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= longest => Ok(Some(text)),
            Some(Value::String(_)) => Err(Refusal::invalid(format!(
                "'{name}' should NOT be longer than {longest} characters"
            ))),
            Some(_) => Err(wrong(name, "string")),
        }
    }

    /// A string that must be there, not empty and of at most `longest` characters.
    pub(crate) fn required_text(&self, name: &str, longest: usize) -> Result<&str, Refusal> {
        match self.text(name, longest)? {
            Some("") => Err(Refusal::invalid(format!(
                "'{name}' should NOT be shorter than 1 characters"
            ))),
            Some(text) => Ok(text),
            None => Err(absent(name)),
        }
    }

    /// Refuses a field that is neither a string nor `null` nor absent.
    pub(crate) fn text_or_null(&self, name: &str) -> Result<(), Refusal> {
        match self.get(name) {
            None | Some(Value::Null | Value::String(_)) => Ok(()),
            Some(_) => Err(wrong(name, "string")),
        }
    }

    /// An id, if the field is there; `null` counts as there.
    pub(crate) fn nullable_id(&self, name: &str) -> Result<Option<Option<u64>>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(value) => match value.as_u64() {
                Some(id) => Ok(Some(Some(id))),
                None => Err(wrong(name, "integer")),
            },
        }
    }

    /// An id that must be there, as a number or (which Make's own documents do) as a string.
    pub(crate) fn required_id(&self, name: &str) -> Result<u64, Refusal> {
        let value = self.get(name).ok_or_else(|| absent(name))?;
        let id = value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        id.ok_or_else(|| wrong(name, "integer"))
    }

    /// True or false, if the field is there.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(wrong(name, "boolean")),
        }
    }
}

/// The complaint about a field that is not there.
pub(crate) fn absent(name: &str) -> Refusal {
    Refusal::invalid(format!("should have required property '{name}'"))
}

/// The complaint about a field of another type.
pub(crate) fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::invalid(format!("'{name}' should be {expected}"))
}
