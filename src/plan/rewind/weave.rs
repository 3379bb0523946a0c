//! A form of the past as the fields that a spec is made of: whole again, what must not be read in
//! its place, and ids as what they mean today.

use serde_json::{Map, Value};

use super::{
    hidden::{Fate, Lacking, Values},
    ids::Ids,
    past::Recorded,
    spec::{Fields, holds_references},
};
use crate::{
    model::{
        Address, Hidden, PackedJson, Path, Trail,
        blueprint::{EditorPart, join},
        each_text,
        reference::{Reference, Template, escape_texts},
        value_at, value_at_mut,
    },
    plan::{
        comparable::{SENSITIVE, remembered_blueprint},
        merge::counterpart,
        normalize::Drawn,
    },
};

/// Fields and blueprint of one form.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) fields: Map<String, Value>,
    pub(super) document: Option<Value>,
}

impl Sheet {
    /// A form that a journal or the ledger holds; nothing, where it is broken.
    pub(super) fn of(form: &PackedJson) -> Self {
        let Ok(Value::Object(mut fields)) = form.document() else {
            return Self::default();
        };
        let document = match fields.contains_key("blueprint") {
            true => remembered_blueprint(&Value::Object(fields.clone())),
            false => None,
        };
        fields.shift_remove("blueprint");
        Self { fields, document }
    }

    /// A live form.
    pub(super) fn of_live(live: &Drawn) -> Self {
        let fields = live.fields.iter();
        Self {
            fields: fields.map(|(k, v)| (k.clone(), v.clone())).collect(),
            document: live.document.clone(),
        }
    }

    pub(super) fn at(&self, path: &[String]) -> Option<&Value> {
        let (head, rest) = path.split_first()?;
        match head.as_str() {
            "blueprint" => value_at(self.document.as_ref()?, rest),
            field => value_at(self.fields.get(field)?, rest),
        }
    }

    pub(super) fn at_mut(&mut self, path: &[String]) -> Option<&mut Value> {
        let (head, rest) = path.split_first()?;
        match head.as_str() {
            "blueprint" => value_at_mut(self.document.as_mut()?, rest),
            field => value_at_mut(self.fields.get_mut(field)?, rest),
        }
    }

    /// Whether it says anything of the field that a path is in.
    pub(super) fn has_field(&self, path: &[String]) -> bool {
        path.first().is_some_and(|head| match head.as_str() {
            "blueprint" => self.document.is_some(),
            field => self.fields.contains_key(field),
        })
    }

    /// What stands in another sheet where this one has a path: in the same module.
    pub(super) fn beside<'o>(&self, path: &[String], other: &'o Self) -> Option<&'o Value> {
        let (head, rest) = path.split_first()?;
        if head != "blueprint" {
            return other.at(path);
        }
        let (from, to) = (self.document.as_ref()?, other.document.as_ref()?);
        value_at(to, &counterpart(rest, from, to))
    }
}

/// What one thing goes back by.
pub(super) struct Weaver<'a, 'v> {
    pub(super) address: &'a Address,
    pub(super) ids: &'a Ids<'a>,
    /// The form last applied before, with its references.
    pub(super) was: Option<Sheet>,
    /// What the account has.
    pub(super) live: Option<Sheet>,
    pub(super) values: &'a mut Values<'v>,
    /// What can't go back.
    pub(super) lacking: Vec<Lacking>,
}

impl Weaver<'_, '_> {
    /// What a journal has recorded.
    pub(super) fn recorded(&mut self, recorded: &Recorded) -> Sheet {
        let sheet = Sheet::of(&recorded.form);
        let editor = recorded.editor.as_ref();
        let mut editor = editor.and_then(|editor| editor.document().ok());
        let mut hidden: Vec<(Path, Option<&Hidden>)> = Vec::new();
        for one in &recorded.hidden {
            match (one.path.split_first(), &mut editor) {
                (Some((head, rest)), Some(editor)) if head == "editor" => {
                    let opened = self.values.seals.open(self.address, one);
                    restore(editor, rest, opened);
                }
                _ => hidden.push((one.path.clone(), Some(one))),
            }
        }
        // What was covered, and could not even be hashed.
        let said: Vec<Path> = hidden.iter().map(|(path, _)| path.clone()).collect();
        let unsaid = covered(&sheet).into_iter();
        hidden.extend(
            unsaid
                .filter(|path| !said.contains(path))
                .map(|path| (path, None)),
        );
        self.weave(sheet, editor, hidden, false)
    }

    /// What the ledger remembered: references by their texts.
    pub(super) fn remembered(&mut self, form: &PackedJson) -> Sheet {
        let sheet = Sheet::of(form);
        let hidden = covered(&sheet).into_iter().map(|path| (path, None));
        let hidden = hidden.collect();
        self.weave(sheet, None, hidden, true)
    }

    /// What the account has.
    pub(super) fn as_it_is(&mut self, live: &Drawn) -> Sheet {
        self.weave(Sheet::of_live(live), None, Vec::new(), false)
    }

    /// `symbolic`: whether it holds references.
    fn weave(
        &mut self,
        mut sheet: Sheet,
        editor: Option<Value>,
        hidden: Vec<(Path, Option<&Hidden>)>,
        symbolic: bool,
    ) -> Sheet {
        let placed: Vec<(Path, Fate)> = hidden
            .into_iter()
            .filter_map(|(path, hidden)| {
                let fate = self.decide(&sheet, &path, hidden)?;
                Some((path, fate))
            })
            .collect();
        let mut editor = editor;
        if !symbolic {
            let fields = sheet.fields.iter_mut();
            fields
                .filter(|(field, _)| holds_references(field))
                .for_each(|(_, value)| escape_texts(value));
            let documents = sheet.document.iter_mut().chain(&mut editor);
            documents.for_each(escape_texts);
        }
        if let Some(editor) = editor {
            let document = sheet.document.take();
            let join = |document| join(document, EditorPart::from_value(editor));
            sheet.document = document.map(join);
        }
        if let Some(was) = &self.was {
            sheet.put_symbols(was, self.ids);
        }
        self.ids.in_fields(&mut sheet.fields);
        if let Some(document) = &mut sheet.document {
            self.ids.in_document(document);
        }
        for (path, fate) in placed {
            let in_references = path
                .first()
                .is_some_and(|head| head == "blueprint" || holds_references(head));
            let value = match (fate, in_references) {
                (Fate::Value(value), false) => value,
                (Fate::Value(value), true) => self.values.secret(value),
                (Fate::Template(text), true) => Value::from(text),
                (Fate::Template(text), false) => {
                    Value::from(self.values.resolved(&text, self.ids).unwrap_or_default())
                }
            };
            if let Some(slot) = sheet.at_mut(&path) {
                *slot = value;
            }
        }
        sheet
    }

    /// What is put where a value is covered; none where there is no such place.
    fn decide(&mut self, sheet: &Sheet, path: &[String], hidden: Option<&Hidden>) -> Option<Fate> {
        sheet.at(path)?;
        let seals = self.values.seals;
        let was = self.was.as_ref().and_then(|was| sheet.beside(path, was));
        let symbol = was
            .and_then(Value::as_str)
            .filter(|text| has_references(text));
        let live = self.live.as_ref().and_then(|live| sheet.beside(path, live));
        let resolved = symbol.and_then(|text| self.values.resolved(text, self.ids));
        if let Some(symbol) = symbol
            && self.values.names_restored(symbol, self.ids)
        {
            // What it names comes back with another URL.
            return Some(Fate::Template(symbol.to_owned()));
        }
        let is_it = |value: &Value| hidden.is_some_and(|it| seals.is(self.address, it, value));
        let resolved = resolved.map(Value::from);
        if let (Some(resolved), Some(symbol)) = (&resolved, symbol)
            && is_it(resolved)
        {
            return Some(Fate::Template(symbol.to_owned()));
        }
        if let Some(live) = live
            && is_it(live)
        {
            return Some(Fate::Value(live.clone()));
        }
        if let Some(opened) = hidden.and_then(|hidden| seals.open(self.address, hidden)) {
            return Some(Fate::Value(opened));
        }
        let (fate, lacking) = match (live, resolved, symbol) {
            (Some(live), _, _) => (Fate::Value(live.clone()), Lacking::stays(path, hidden)),
            (None, Some(_), Some(symbol)) => (
                Fate::Template(symbol.to_owned()),
                Lacking::of_today(path, hidden),
            ),
            (None, _, _) => (self.values.placeholder(), Lacking::gone(path, hidden)),
        };
        self.lacking.push(lacking.within(sheet.document.as_ref()));
        Some(fate)
    }
}

impl Sheet {
    /// The fields and the blueprint.
    pub(super) fn into_fields(self) -> Fields {
        Fields::new(self.fields, self.document)
    }
}

/// Puts back what was hidden of what the editor keeps, or takes it out: nothing works less for it.
fn restore(editor: &mut Value, path: &[String], opened: Option<Value>) {
    let Some((last, parent)) = path.split_last() else {
        return;
    };
    match (value_at_mut(editor, parent), opened) {
        (Some(Value::Object(map)), Some(value)) => {
            map.insert(last.clone(), value);
        }
        (Some(Value::Object(map)), None) => {
            map.shift_remove(last);
        }
        (Some(Value::Array(items)), opened) => {
            let slot = last.parse().ok();
            let slot = slot.and_then(|index: usize| items.get_mut(index));
            if let Some(slot) = slot {
                *slot = opened.unwrap_or_default();
            }
        }
        _ => {}
    }
}

/// The paths of what is covered in a sheet.
fn covered(sheet: &Sheet) -> Vec<Path> {
    let mut found = Vec::new();
    let mut visit = |value: &Value, head: &str| {
        let start = [head.to_owned()];
        each_text(value, &Trail::from(&start), &mut |text, trail| {
            if text == SENSITIVE {
                found.push(trail.path());
            }
        });
    };
    for (field, value) in &sheet.fields {
        visit(value, field);
    }
    if let Some(document) = &sheet.document {
        visit(document, "blueprint");
    }
    found
}

fn has_references(text: &str) -> bool {
    let is_telling = |reference: &Reference| match reference {
        Reference::Env(_) | Reference::Thing { .. } => true,
        Reference::Var(_) | Reference::Target(_) => false,
    };
    text.contains("${") && Template::parse(text).references().any(is_telling)
}
