//! What the formulas of a blueprint (`{{..}}`) name that a team or an organization has: variables
//! and custom functions.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::spec::VariableScope;

/// What formulas name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formulas {
    /// `{{var.team.NAME}}` and `{{var.organization.NAME}}`.
    pub variables: BTreeSet<(VariableScope, String)>,
    /// The functions that are called and that are not Make's own.
    pub functions: BTreeSet<String>,
    /// The ids of modules whose output is read: the 3 of `{{3.email}}`.
    pub modules: BTreeSet<String>,
}

impl Formulas {
    /// Adds what the formulas of one text name.
    pub fn add(&mut self, text: &str) {
        in_text(text, self);
    }
}

/// The insides of all formulas of a text: what stands between `{{` and `}}`.
pub fn formulas_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        // Most texts hold no brace at all.
        let brace = memchr::memchr(b'{', rest.as_bytes())?;
        let (_, after) = rest.get(brace..)?.split_once("{{")?;
        let (formula, after) = after.split_once("}}")?;
        rest = after;
        Some(formula)
    })
}

/// Reads all formulas of a document.
#[must_use]
pub fn formulas(document: &Value) -> Formulas {
    let mut found = Formulas::default();
    in_value(document, &mut found);
    found
}

fn in_value(value: &Value, found: &mut Formulas) {
    match value {
        Value::String(text) => in_text(text, found),
        Value::Array(items) => items.iter().for_each(|item| in_value(item, found)),
        Value::Object(members) => members.values().for_each(|member| in_value(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn in_text(text: &str, found: &mut Formulas) {
    for formula in formulas_of(text) {
        in_formula(formula, found);
    }
}

/// The names of one formula. What stands in quotes is text; what stands in back-ticks is one name,
/// whatever it holds.
fn in_formula(formula: &str, found: &mut Formulas) {
    let mut names: Vec<String> = Vec::new();
    let mut characters = formula.chars().peekable();
    let mut before = None;
    while let Some(c) = characters.next() {
        let previous = before.replace(c);
        match c {
            '"' | '\'' => {
                characters.by_ref().find(|end| *end == c);
                names.clear();
            }
            '`' => names.push(characters.by_ref().take_while(|c| *c != '`').collect()),
            c if is_part_of_name(c) => {
                let mut name = String::from(c);
                while let Some(c) = characters.next_if(|c| is_part_of_name(*c)) {
                    name.push(c);
                }
                if names.is_empty() && may_precede_module(previous) {
                    let mut after = characters.clone();
                    if is_id(&name) && after.next() == Some('.') && after.next().is_some_and(begins)
                    {
                        found.modules.insert(name.clone());
                    }
                }
                names.push(name);
            }
            '.' => continue,
            '(' => {
                if let [name] = names.as_slice()
                    && is_function(name)
                {
                    found.functions.insert(name.clone());
                }
                names.clear();
            }
            _ => names.clear(),
        }
        if let [head, scope, name] = names.as_slice()
            && head == "var"
            && let Some(scope) = VariableScope::ALL
                .into_iter()
                .find(|known| known.as_str() == scope)
            && characters.peek() != Some(&'.')
        {
            found.variables.insert((scope, name.clone()));
        }
    }
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a name may be the id of a module: a number.
fn is_id(name: &str) -> bool {
    !name.starts_with('0') && name.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a name begins so, and no decimal places.
fn begins(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '`' | '$' | '@')
}

/// Whether what follows may be the id of a module. Regular expressions and addresses, which may stand
/// in formulas without quotes, hold numbers and points too.
fn may_precede_module(previous: Option<char>) -> bool {
    previous.is_none_or(|c| c.is_whitespace() || "(;=<>!+*&|,{".contains(c))
}

/// Make's own functions, sorted.
#[must_use]
pub fn own_functions() -> &'static [&'static str] {
    &OWN
}

/// Whether a name before a `(` is that of a function which is not Make's own.
fn is_function(name: &str) -> bool {
    let starts = name
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && OWN.binary_search(&name).is_err()
}

/// Make's own functions and the operators that are words, sorted.
const OWN: [&str; 111] = [
    "abs",
    "add",
    "addDays",
    "addHours",
    "addMinutes",
    "addMonths",
    "addSeconds",
    "addYears",
    "and",
    "arrayDiff",
    "arrayDifference",
    "arrayIntersect",
    "ascii",
    "average",
    "base64",
    "capitalize",
    "ceil",
    "contains",
    "createJSON",
    "dateDifference",
    "decodeBase64",
    "decodeURL",
    "deduplicate",
    "distinct",
    "div",
    "emptyarray",
    "emptystring",
    "encodeURL",
    "endsWith",
    "equal",
    "escapeHTML",
    "escapeMarkdown",
    "exp",
    "first",
    "flatten",
    "floor",
    "formatDate",
    "formatNumber",
    "get",
    "hmac",
    "if",
    "ifempty",
    "indexOf",
    "isEmpty",
    "join",
    "keys",
    "last",
    "length",
    "log",
    "lower",
    "map",
    "max",
    "md5",
    "median",
    "merge",
    "mime",
    "min",
    "mod",
    "not",
    "now",
    "omit",
    "or",
    "parseDate",
    "parseJSON",
    "parseNumber",
    "pi",
    "pick",
    "pow",
    "random",
    "range",
    "remove",
    "replace",
    "replaceEmojiCharacters",
    "reverse",
    "round",
    "set",
    "setDate",
    "setDay",
    "setHour",
    "setMillisecond",
    "setMinute",
    "setMonth",
    "setSecond",
    "setYear",
    "sha1",
    "sha256",
    "sha512",
    "shuffle",
    "slice",
    "sort",
    "split",
    "sqrt",
    "startcase",
    "startsWith",
    "stdevP",
    "stdevS",
    "stripHTML",
    "substring",
    "sum",
    "switch",
    "timestamp",
    "toArray",
    "toBinary",
    "toCollection",
    "toJSON",
    "toString",
    "trim",
    "trunc",
    "upper",
    "uuid",
    "xor",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{OWN, formulas};

    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let found = formulas(&json!({"a": [text]}));
        let variables = found.variables.iter();
        (
            variables
                .map(|(scope, name)| format!("{}.{name}", scope.as_str()))
                .collect(),
            found.functions.into_iter().collect(),
        )
    }

    #[test]
    fn variables_and_functions_of_ones_own_are_found_in_formulas_only() {
        for (text, variables, functions) in [
            ("{{var.team.base}}/x", &["team.base"][..], &[][..]),
            (
                "{{lower(var.organization.`our owner`)}} {{var.team.a}}",
                &["team.a", "organization.our owner"],
                &[],
            ),
            ("var.team.base toCents(1)", &[], &[]),
            ("{{toCents(1.price) + 1}}", &[], &["toCents"]),
            (
                "{{if(1.a = \"f(x) var.team.b\"; mine(2.b); 0)}}",
                &[],
                &["mine"],
            ),
            ("{{1.`mine(`}} {{1.call(2)}} {{var.input.x}}", &[], &[]),
            ("{{1.a and (2.b or (3.c))}}", &[], &[]),
            ("{{unclosed(1", &[], &[]),
        ] {
            let variables: Vec<String> = variables.iter().map(ToString::to_string).collect();
            let functions: Vec<String> = functions.iter().map(ToString::to_string).collect();
            assert_eq!(found(text), (variables, functions), "{text}");
        }
    }

    #[test]
    fn modules_are_read_where_a_number_and_a_field_stand() {
        for (text, modules) in [
            (
                "{{1.email}} {{lower(12.`a b`)}}{{3.__IMTLENGTH__}}",
                &["1", "12", "3"][..],
            ),
            ("{{if(4.a=5.b; 6.c; 7.$d)}}", &["4", "5", "6", "7"]),
            ("{{1.5 * 2}} {{1}} {{v1.2.x}} {{var.3.x}}", &[]),
            ("{{replace(8.text; /[0-9].x/1.y; \"9.z\")}}", &["8"]),
            ("{{2.items[1].4.x}} {{map(2.items; 3)}}", &["2"]),
            (
                "https://10.example.com/{{ifempty(1.url; https://11.example.com)}}",
                &["1"],
            ),
            ("1.email and {1.email} {{unclosed 2.x", &[]),
        ] {
            let found = formulas(&json!(text)).modules;
            let modules: BTreeSet<String> = modules.iter().map(ToString::to_string).collect();
            assert_eq!(found, modules, "{text}");
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(OWN.is_sorted());
    }
}
