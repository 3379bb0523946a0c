//! The kinds beside scenarios, webhooks and folders, and what scenarios have beside their
//! blueprints.

use serde_json::{Map, Value, json};

use super::{Draw, role_name};
use crate::model::{
    Field, Kind, Spec,
    blueprint::Formulas,
    spec::{
        DataStoreSpec, DataStructureSpec, Interface, OrganizationRoleSpec, TeamRoleSpec, TeamSpec,
        VariableSpec, normal_fields,
    },
};

impl Draw<'_> {
    pub(super) fn data_store(&mut self, spec: &DataStoreSpec) {
        let DataStoreSpec {
            name,
            data_structure,
            max_size_mb,
        } = spec;
        self.put("name", name.as_str());
        self.link("dataStructure", data_structure);
        self.field("maxSizeMB", max_size_mb, |size| Value::from(*size));
    }

    pub(super) fn data_structure(&mut self, spec: &DataStructureSpec) {
        let DataStructureSpec {
            name,
            strict,
            fields,
        } = spec;
        self.put("name", name.as_str());
        self.field("strict", strict, |flag| Value::from(*flag));
        match fields {
            Field::Absent => {}
            Field::Null => self.clear("fields"),
            Field::Set(fields) => self.document("fields", normal_fields(fields)),
        }
    }

    pub(super) fn team(&mut self, spec: &TeamSpec) {
        let TeamSpec {
            name,
            operations_limit,
        } = spec;
        self.put("name", name.as_str());
        self.field(
            "limits",
            operations_limit,
            |most| json!({ "operations": most }),
        );
    }

    pub(super) fn variable(&mut self, spec: &VariableSpec) {
        let VariableSpec {
            name,
            scope,
            kind,
            value,
        } = spec;
        self.put("name", name.as_str());
        self.put("scope", scope.as_str());
        self.put("type", kind.as_str());
        self.document("value", value.clone());
        let is_open = self.notes.marks.get(&["value".to_owned()][..]);
        if is_open != Some(&crate::model::Mark::Unknown)
            && let Some(value) = self.fields.get_mut("value")
        {
            *value = kind.normal(value);
        }
    }

    pub(super) fn organization_role(&mut self, spec: &OrganizationRoleSpec) {
        let OrganizationRoleSpec {
            email,
            role,
            name, // said in the invitation, and dropped where there is somebody: see once_fields
            note, // the same
        } = spec;
        self.email(email);
        self.role(Kind::OrganizationRole, role);
        for (field, text) in [("name", name), ("note", note)] {
            if let Some(text) = text {
                self.put(field, text.as_str());
            }
        }
    }

    pub(super) fn team_role(&mut self, spec: &TeamRoleSpec) {
        let TeamRoleSpec { email, role } = spec;
        self.email(email);
        self.role(Kind::TeamRole, role);
        let Some(context) = self.context else {
            return;
        };
        // Who is not in the organization yet has to be invited first.
        let things = context.desired.things.iter();
        let invitation = things.filter(|(_, declared)| {
            matches!(&declared.spec, Spec::OrganizationRole(other)
                if other.email.to_lowercase() == email.to_lowercase())
        });
        let invitation = invitation.map(|(address, _)| address.clone());
        self.notes.uses.extend(invitation);
    }

    fn email(&mut self, email: &str) {
        // The account may not say whom it invited.
        if !email.is_empty() {
            self.put("email", email.to_lowercase());
        }
    }

    fn role(&mut self, kind: Kind, role: &str) {
        // Nor does the ledger always say as what.
        if role.is_empty() && self.context.is_none() {
            return;
        }
        let name = self.context.map_or_else(
            || role.to_owned(),
            |context| role_name(context.dialect, kind, role, context.directory),
        );
        self.put("role", name);
    }

    pub(super) fn interface(&mut self, interface: &Field<Interface>) {
        let is_live = self.context.is_none();
        match interface {
            Field::Absent => {}
            Field::Null => self.clear("interface"),
            Field::Set(Interface { input, output }) if input.is_empty() && output.is_empty() => {
                // Every scenario has one that is empty: that is none.
                if !is_live {
                    self.clear("interface");
                }
            }
            Field::Set(interface) => self.document("interface", normal_interface(interface)),
        }
    }

    pub(super) fn custom_properties(&mut self, properties: &Field<Map<String, Value>>) {
        let said = |values: &Map<String, Value>| -> Map<String, Value> {
            let said = values.iter().filter(|(_, value)| !value.is_null());
            said.map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        match properties.as_ref().map(said) {
            Field::Absent => {}
            // Those without values and none at all are the same.
            Field::Null => self.clear("customProperties"),
            Field::Set(values) if values.is_empty() => self.clear("customProperties"),
            Field::Set(values) => self.document("customProperties", Value::Object(values)),
        }
    }

    /// Notes the variables that the formulas of a blueprint name.
    pub(super) fn variables_in(&mut self, formulas: &Formulas) {
        let Some(context) = self.context else {
            return;
        };
        for (address, declared) in &context.desired.things {
            if let Spec::Variable(spec) = &declared.spec
                && formulas
                    .variables
                    .contains(&(spec.scope, spec.name.clone()))
            {
                self.notes.uses.insert(address.clone());
            }
        }
    }
}

/// The comparable form of an interface.
fn normal_interface(Interface { input, output }: &Interface) -> Value {
    json!({ "input": normal_fields(input), "output": normal_fields(output) })
}

/// What a form says of a live interface; none where it says nothing of one that is empty.
#[must_use]
pub fn interface_form(interface: Interface) -> Option<Value> {
    let is_empty = interface.input.is_empty() && interface.output.is_empty();
    (!is_empty).then(|| normal_interface(&interface))
}
