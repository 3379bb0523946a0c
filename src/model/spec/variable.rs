//! A custom variable.

use jiff::Timestamp;
use serde_json::Value;

/// A custom variable of the team or of the organization. Those of the system are never managed.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableSpec {
    /// The name, by which scenarios know it (`{{var.team.NAME}}`): letters, digits, `$` and `_`.
    /// It is the variable's key in Make, so that another name is another variable.
    pub name: String,
    /// Where it belongs.
    pub scope: VariableScope,
    /// What its value is.
    pub kind: VariableType,
    /// The value. Texts may hold references.
    pub value: Value,
}

/// Where a variable belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VariableScope {
    /// To the target's team.
    Team,
    /// To the organization.
    Organization,
}

impl VariableScope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Team, Self::Organization];

    /// The word in manifests, in Make's paths and in the text by which scenarios name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Organization => "organization",
        }
    }
}

/// What the value of a variable is: Make's `typeId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableType {
    /// `typeId` 1.
    Number,
    /// `typeId` 2.
    Text,
    /// `typeId` 3.
    Boolean,
    /// `typeId` 4.
    Date,
}

impl VariableType {
    /// All types, with Make's ids for them and the words of manifests.
    pub const ALL: [(Self, u64, &'static str); 4] = [
        (Self::Number, 1, "number"),
        (Self::Text, 2, "text"),
        (Self::Boolean, 3, "boolean"),
        (Self::Date, 4, "date"),
    ];

    /// The word in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// The type that an id or a word names.
    #[must_use]
    pub fn named(id: Option<u64>, word: &str) -> Option<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|(_, number, name)| Some(*number) == id || *name == word);
        found.map(|(kind, ..)| kind)
    }

    /// A value in the form in which it is compared and sent: a number as a number, also where it
    /// came as a text. What is no value of the type stays as it is.
    #[must_use]
    pub fn normal(self, value: &Value) -> Value {
        let text = match value {
            Value::String(text) => text.trim(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                return match (self, value) {
                    (Self::Text | Self::Date, Value::Number(number)) => {
                        Value::from(number.to_string())
                    }
                    (Self::Text, Value::Bool(flag)) => Value::from(flag.to_string()),
                    _ => value.clone(),
                };
            }
        };
        let read = match self {
            Self::Number => serde_json::from_str(text).ok().filter(Value::is_number),
            Self::Boolean => text.parse().ok().map(Value::Bool),
            Self::Date => moment(text).map(Value::from),
            Self::Text => None,
        };
        read.unwrap_or_else(|| value.clone())
    }

    /// Whether a value in its normal form is one of the type.
    #[must_use]
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Date => value.as_str().is_some_and(|text| moment(text).is_some()),
        }
    }
}

/// A moment or a day as Make writes it: in UTC, with milliseconds.
fn moment(text: &str) -> Option<String> {
    let day = || text.parse::<jiff::civil::Date>().ok();
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let midnight = day()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    })?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::VariableType::{self, Boolean, Date, Number, Text};

    #[test]
    fn a_value_is_the_same_however_the_server_spells_it() {
        for (kind, written, normal) in [
            (Number, json!("5"), json!(5)),
            (Number, json!(5), json!(5)),
            (Number, json!("five"), json!("five")),
            (Boolean, json!("true"), json!(true)),
            (Text, json!("5"), json!("5")),
            (Text, json!(5), json!("5")),
            (Date, json!("2026-12-01"), json!("2026-12-01T00:00:00.000Z")),
            (
                Date,
                json!("2026-12-01T10:00:00+01:00"),
                json!("2026-12-01T09:00:00.000Z"),
            ),
        ] {
            assert_eq!(kind.normal(&written), normal);
            assert_eq!(kind.normal(&normal), normal);
        }
        assert!(!Number.takes(&json!("five")) && !Date.takes(&json!("soon")));
        for (kind, id, word) in VariableType::ALL {
            assert_eq!(VariableType::named(Some(id), ""), Some(kind));
            assert_eq!(VariableType::named(None, word), Some(kind));
            assert_eq!(kind.as_str(), word);
        }
    }
}
