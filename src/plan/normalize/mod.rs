//! A spec, wanted or live, as comparable fields. The one list of fields of each kind.
//!
//! Both sides go through the same lines, by full destructuring: a new field does not compile
//! until someone decides how it is compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    defaults::{default_value, is_expressible},
    resolve::{Notes, Resolver},
    roles::role_name,
    ties::Ties,
};
use crate::model::{
    Address, Blueprint, Desired, Dialect, Directory, Field, Form, Kind, Live, Mark, Path, Spec,
    UnpackError,
    reference::{Reference, Template},
    spec::{FolderSpec, Link},
    value_at, values_equal,
};

mod scenario;
mod things;
mod webhook;

pub(super) use scenario::{settings_beside, write_name, write_settings};
pub use things::interface_form;

/// A spec as fields: those that it mentions.
#[derive(Default)]
pub(super) struct Drawn {
    /// All fields but the blueprint, comparable and ready to be sent.
    pub(super) fields: BTreeMap<String, Value>,
    /// The blueprint, references resolved, name and settings written into it.
    pub(super) document: Option<Value>,
    /// The same packed, where it is at hand: the forms of 10,000 scenarios share what they can.
    pub(super) packed: Option<Blueprint>,
    /// Values that are unknown or sensitive.
    pub(super) marks: BTreeMap<Path, Mark>,
    /// The texts by which values are remembered, where not by themselves.
    pub(super) symbols: BTreeMap<Path, String>,
    /// The things that it names.
    pub(super) uses: BTreeSet<Address>,
    /// Where it names a thing of which nothing can be said.
    pub(super) blocked: BTreeSet<Path>,
    /// References that lead nowhere.
    pub(super) unresolved: BTreeSet<Reference>,
    /// Fields that are wanted, and that the account's dialect can't say.
    pub(super) left_out: Vec<&'static str>,
    /// What its blueprint names as it is written; of a wanted one only.
    pub(super) ties: Ties,
}

impl Drawn {
    /// The fields as a form, the blueprint packed.
    pub(super) fn into_form(self) -> Form {
        Form {
            blueprint: self.blueprint(),
            fields: self.fields,
            marks: self.marks,
        }
    }

    /// The same, of fields that are still looked at.
    pub(super) fn form(&self) -> Form {
        Form {
            blueprint: self.blueprint(),
            fields: self.fields.clone(),
            marks: self.marks.clone(),
        }
    }

    fn blueprint(&self) -> Option<Blueprint> {
        let document = self.document.as_ref();
        self.packed
            .clone()
            .or_else(|| document.map(|document| Blueprint::new(document, false)))
    }

    /// Moves marks and symbols up by one from a place in a list on: something was put in there.
    pub(super) fn make_room(&mut self, list: &[String], index: usize) {
        let moved = |mut path: Path| {
            let at = path
                .strip_prefix(list)
                .and_then(|rest| rest.first()?.parse::<usize>().ok())
                .filter(|at| *at >= index);
            if let (Some(at), Some(key)) = (at, path.get_mut(list.len())) {
                *key = (at + 1).to_string();
            }
            path
        };
        let marks = std::mem::take(&mut self.marks).into_iter();
        self.marks = marks.map(|(path, mark)| (moved(path), mark)).collect();
        let symbols = std::mem::take(&mut self.symbols).into_iter();
        self.symbols = symbols.map(|(path, text)| (moved(path), text)).collect();
    }

    /// The values of the blueprint that are marked or remembered by a text.
    pub(super) fn marked_in_blueprint(&self) -> Vec<(Path, Value)> {
        let paths: BTreeSet<&Path> = self.marks.keys().chain(self.symbols.keys()).collect();
        let found = paths.into_iter().filter_map(|path| {
            let (head, rest) = path.split_first()?;
            let document = self.document.as_ref().filter(|_| head == "blueprint")?;
            Some((path.clone(), value_at(document, rest)?.clone()))
        });
        found.collect()
    }

    /// Drops marks and symbols of values that others have taken the place of.
    pub(super) fn unmark_replaced(&mut self, marked: Vec<(Path, Value)>) {
        for (path, value) in marked {
            let rest = path.get(1..).unwrap_or_default();
            let document = self.document.as_ref();
            let now = document.and_then(|document| value_at(document, rest));
            if !now.is_some_and(|now| values_equal(now, &value)) {
                self.unmark(&path);
            }
        }
    }

    /// Drops marks and symbols at and below a path.
    pub(super) fn unmark(&mut self, path: &[String]) {
        self.marks.retain(|key, _| !key.starts_with(path));
        self.symbols.retain(|key, _| !key.starts_with(path));
    }
}

/// What a wanted spec is read with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The other things, for schedules that are shared.
    pub(super) desired: &'a Desired,
    /// Ids and variables.
    pub(super) resolver: &'a Resolver<'a>,
    /// The names of roles.
    pub(super) directory: &'a Directory,
    /// What can be said at all.
    pub(super) dialect: Dialect,
}

/// Draws a wanted spec.
pub(super) fn draw(spec: &Spec, context: Context<'_>) -> Result<Drawn, UnpackError> {
    Draw::new(Some(context)).spec(spec)
}

/// Draws a live object.
pub(super) fn draw_live(live: &Live) -> Result<Drawn, UnpackError> {
    Draw::new(None).spec(&live.spec)
}

/// Draws a live object beside the wanted form: the same blueprint is not parsed twice.
pub(super) fn draw_live_beside(live: &Live, wanted: &Drawn) -> Result<Drawn, UnpackError> {
    let mut draw = Draw::new(None);
    draw.parsed = wanted.packed.as_ref().zip(wanted.document.as_ref());
    draw.spec(&live.spec)
}

/// The comparable form of a live object: what planning compares, and what apply reads again
/// before each step.
#[must_use]
pub fn live_form(live: &Live) -> Form {
    draw_live(live).unwrap_or_default().into_form()
}

struct Draw<'a> {
    /// None on the live side, where nothing refers to anything but by id.
    context: Option<Context<'a>>,
    /// A blueprint that is parsed already.
    parsed: Option<(&'a Blueprint, &'a Value)>,
    kind: Kind,
    fields: BTreeMap<String, Value>,
    left_out: Vec<&'static str>,
    notes: Notes,
    ties: Ties,
}

impl<'a> Draw<'a> {
    fn new(context: Option<Context<'a>>) -> Self {
        Self {
            context,
            parsed: None,
            kind: Kind::Folder,
            fields: BTreeMap::new(),
            left_out: Vec::new(),
            notes: Notes::default(),
            ties: Ties::default(),
        }
    }

    fn spec(mut self, spec: &Spec) -> Result<Drawn, UnpackError> {
        self.kind = spec.kind();
        let (mut document, mut packed) = (None, None);
        match spec {
            Spec::DataStore(spec) => self.data_store(spec),
            Spec::DataStructure(spec) => self.data_structure(spec),
            Spec::Folder(spec) => self.folder(spec),
            Spec::OrganizationRole(spec) => self.organization_role(spec),
            Spec::Scenario(spec) => {
                (document, packed) = self.scenario(spec)?.unzip();
            }
            Spec::Team(spec) => self.team(spec),
            Spec::TeamRole(spec) => self.team_role(spec),
            Spec::Variable(spec) => self.variable(spec),
            Spec::Webhook(spec) => self.webhook(spec),
            // No steps of their own.
            Spec::Agent(_)
            | Spec::Connection(_)
            | Spec::Device(_)
            | Spec::Key(_)
            | Spec::Schedule(_) => {}
        }
        let Notes {
            marks,
            symbols,
            uses,
            blocked,
            unresolved,
        } = self.notes;
        Ok(Drawn {
            fields: self.fields,
            document,
            packed: packed.flatten(),
            marks,
            symbols,
            uses,
            blocked,
            unresolved,
            left_out: self.left_out,
            ties: self.ties,
        })
    }

    fn folder(&mut self, spec: &FolderSpec) {
        let FolderSpec { name, parent } = spec;
        self.put("name", name.as_str());
        self.link("parent", parent);
    }

    /// Whether a field is to be put. One that is wanted, and that the dialect can't say, is left
    /// out.
    fn says<T>(&mut self, name: &'static str, field: &Field<T>) -> bool {
        let says = self
            .dialect()
            .is_none_or(|dialect| is_expressible(dialect, self.kind, name));
        if !says && field.as_set().is_some() {
            self.left_out.push(name);
        }
        says
    }

    /// The dialect of the account; none on the live side, where all that was read is there to be
    /// compared.
    fn dialect(&self) -> Option<Dialect> {
        self.context.map(|context| context.dialect)
    }

    /// A value whose texts may hold references.
    fn document(&mut self, field: &str, mut value: Value) {
        if let Some(context) = self.context {
            let mut path = vec![field.to_owned()];
            let resolver = context.resolver;
            resolver.document(&mut value, &mut path, &mut self.notes);
        }
        self.put(field, value);
    }

    fn put(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    fn clear(&mut self, field: &str) {
        let value = default_value(self.kind, field).unwrap_or(Value::Null);
        self.put(field, value);
    }

    fn field<T>(&mut self, name: &'static str, field: &Field<T>, value: impl FnOnce(&T) -> Value) {
        if !self.says(name, field) {
            return;
        }
        match field {
            Field::Absent => {}
            Field::Null => self.clear(name),
            Field::Set(set) => self.put(name, value(set)),
        }
    }

    fn link(&mut self, name: &'static str, field: &Field<Link>) {
        if !self.says(name, field) {
            return;
        }
        match field {
            Field::Absent => {}
            Field::Null => self.clear(name),
            Field::Set(Link::Id(id)) => self.put(name, id.to_value()),
            Field::Set(Link::Thing(address)) => {
                let path = [name.to_owned()];
                let id = self.context.map_or(Value::Null, |context| {
                    context.resolver.id(address, &path, &mut self.notes)
                });
                self.put(name, id);
            }
        }
    }

    fn template(&mut self, name: &'static str, field: &Field<Template>) {
        if !self.says(name, field) {
            return;
        }
        match field {
            Field::Absent => {}
            Field::Null => self.clear(name),
            Field::Set(template) => {
                let path = [name.to_owned()];
                let text = match self.context {
                    Some(context) => context.resolver.text(template, &path, &mut self.notes),
                    None => Value::from(
                        template
                            .as_literal()
                            .map_or_else(|| template.to_string(), str::to_owned),
                    ),
                };
                self.put(name, text);
            }
        }
    }
}
