//! Custom variables of teams and of the organization. Their name is their key.

use serde_json::{Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{
        Account, Facts, Form, Kind, Live, RemoteId, Spec,
        spec::{VariableScope, VariableSpec, VariableType, variable_key},
    },
};

/// All variables of a scope, those of the system among them.
pub(in crate::live) fn list(account: &Account, scope: VariableScope) -> Request {
    Request::get(&place(account, scope.as_str()).each())
}

/// Reads the answer to a list. What wraps it is not documented for certain: it is the one list
/// in it.
pub(in crate::live) fn lives(answer: &Value, scope: VariableScope) -> Result<Vec<Live>, Wrong> {
    let wrapper = match scope {
        VariableScope::Team => "teamVariables",
        VariableScope::Organization => "organizationVariables",
    };
    let node = Node::at(answer, "");
    let members = answer.as_object().into_iter().flatten();
    let key = members
        .filter(|(_, value)| value.is_array())
        .map(|(key, _)| key.as_str())
        .max_by_key(|key| *key == wrapper);
    let rows = node.get(key.unwrap_or(wrapper))?.items()?;
    let rows = rows.iter().map(|row| live(row, scope));
    Ok(rows
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// Reads a row; none for a variable of the system, which nobody can change.
fn live(row: &Node<'_>, scope: VariableScope) -> Result<Option<Live>, Wrong> {
    if row.find_flag("isSystem")?.unwrap_or(false) {
        return Ok(None);
    }
    let name = row.get("name")?.text()?;
    let type_id = row.find_int("typeId")?;
    let kind = VariableType::named(type_id, "").unwrap_or(VariableType::Text);
    let value = row.find("value");
    Ok(Some(Live {
        id: RemoteId::Text(variable_key(scope.as_str(), &name)),
        spec: Spec::Variable(VariableSpec {
            name,
            scope,
            kind,
            value: value.map_or(Value::Null, |value| value.value().clone()),
        }),
        facts: Facts::default(),
    }))
}

/// The request that creates a variable, and the form that stands then.
pub(in crate::live) fn create(account: &Account, after: &Form) -> Result<(Write, Form), LiveError> {
    let (scope, name) = key_of(after)?;
    let mut body = body(after);
    if let Some(body) = body.as_object_mut() {
        body.insert("name".to_owned(), json!(name));
    }
    let request = Request::post(&place(account, scope).each()).json(&body);
    let id = RemoteId::Text(variable_key(scope, name));
    let write = Write::create(Kind::Variable, request).known_as(id);
    Ok((write, after.clone()))
}

/// The requests that turn one form into another: type and value have one together.
pub(in crate::live) fn update(
    account: &Account,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    let mut fields = ["type", "value"].into_iter();
    if !fields.any(|field| changed(before, after, field).is_some()) {
        return Ok(Vec::new());
    }
    let mut merged = before.clone();
    merged.fields.extend(after.fields.clone());
    let (scope, name) = key_of(&merged)?;
    let request = Request::patch(&place(account, scope).with(name)).json(&body(&merged));
    let write = Write::change("update variable", request, Expected::OBJECT);
    Ok(vec![write])
}

/// The requests that delete a variable. Make demands a confirmation.
pub(in crate::live) fn delete(account: &Account, id: &RemoteId) -> Result<Vec<Write>, LiveError> {
    let id = id.to_string();
    let (scope, name) = id
        .split_once('/')
        .ok_or_else(|| unsayable("its id names no scope"))?;
    let request = Request::delete(&place(account, scope).with(name)).query("confirmed", true);
    let write = Write::remove("delete variable", request, Expected::OBJECT);
    Ok(vec![write])
}

/// The path of the variables of a scope.
struct Place {
    of: &'static str,
    id: String,
}

impl Place {
    fn each(&self) -> [&str; 3] {
        [self.of, self.id.as_str(), "variables"]
    }

    fn with<'p>(&'p self, name: &'p str) -> [&'p str; 4] {
        [self.of, self.id.as_str(), "variables", name]
    }
}

fn place(account: &Account, scope: &str) -> Place {
    let (of, id) = match scope == VariableScope::Organization.as_str() {
        true => ("organizations", account.organization),
        false => ("teams", account.team),
    };
    Place {
        of,
        id: id.to_string(),
    }
}

fn key_of(form: &Form) -> Result<(&str, &str), LiveError> {
    let key = form.text("scope").zip(form.text("name"));
    key.ok_or_else(|| unsayable("it has no name or no scope"))
}

fn body(form: &Form) -> Value {
    let kind = VariableType::named(None, form.text("type").unwrap_or_default());
    let kind = kind.unwrap_or(VariableType::Text);
    let ids = VariableType::ALL.into_iter();
    let id = ids
        .filter(|(known, ..)| *known == kind)
        .map(|(_, id, _)| id);
    json!({ "typeId": id.max(), "value": form.get("value") })
}

fn unsayable(reason: &str) -> LiveError {
    LiveError::Unsayable {
        kind: "variable",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{VariableScope, lives};

    #[test]
    fn variables_are_found_whatever_wraps_them_and_those_of_the_system_left() {
        let rows = json!([
            {"name": "organization.id", "typeId": 1, "value": 1, "isSystem": true},
            {"name": "apiBase", "typeId": 2, "value": "https://x", "isSystem": false},
        ]);
        for wrapper in ["teamVariables", "variables", "items"] {
            let answer = json!({"note": "x", wrapper: rows});
            let lives = lives(&answer, VariableScope::Team).unwrap();
            let ids: Vec<_> = lives.iter().map(|live| live.id.to_string()).collect();
            assert_eq!(ids, ["team/apiBase"]);
        }
        assert!(lives(&json!({"code": "SC404"}), VariableScope::Team).is_err());
    }
}
