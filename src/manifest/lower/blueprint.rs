//! `blueprint`: a file beside the manifest, or the document itself.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{
    diagnostic::{codes::manifest as codes, nearest},
    manifest::{
        blueprint_file,
        discover::{self, ReadError},
        editor_file::{self, editor_file_name},
        fields::Fields,
        json, lint,
        node::Node,
        page::Page,
        schema::BLUEPRINT_FILE,
        scope::{Blueprints, Scope},
        values::{flag, text},
        written::Written,
    },
    model::{
        Blueprint, BlueprintFile, Field, PackedJson,
        blueprint::{EditorPart, id_places, join},
        numbers_equal,
        reference::{Template, escape_texts},
        spec::Settings,
    },
};

/// What the manifest says that a blueprint may say too.
pub(super) struct Claims<'a> {
    pub(super) name: &'a str,
    pub(super) name_node: Option<&'a Node>,
    pub(super) settings: &'a Settings,
    pub(super) settings_node: Option<&'a Node>,
}

/// Reads the blueprint that a scenario's manifest names or holds.
pub(super) fn blueprint(
    page: &Page,
    scope: &Scope<'_>,
    node: &Node,
    claims: &Claims<'_>,
) -> Option<Blueprint> {
    if let Some(name) = node.as_text() {
        let message = "expected a mapping, found a text";
        let finding = page.finding(&codes::WRONG_TYPE, &node.span, message);
        page.report(finding.help(format!("write `{{ file: {name} }}`")));
        return None;
    }
    let is_inline = node.get("flow").is_some() || node.get("modules").is_some();
    if is_inline && node.get("file").is_none() {
        let document = node.to_value();
        compare(page, node, &document, true, claims);
        let written = Written::in_yaml(page, node);
        let document = check(written, scope, document, true)?;
        let nothing = (EditorPart::default(), false);
        return Some(whole(
            scope,
            written,
            document,
            true,
            nothing,
            claims.settings,
        ));
    }
    let mut fields = Fields::of(page, node, &BLUEPRINT_FILE)?;
    let file = fields.required("file", |file| Some((text(page, file)?, file)));
    let references = fields.optional("references", |node| flag(page, node));
    fields.finish();
    let (name, file) = file?;
    let (beside, document) = open(page, scope, file, &name)?;
    if let Some(address) = page.address() {
        let files = &mut scope.told.borrow_mut().blueprint_files;
        let named = BlueprintFile {
            path: beside.source.name.clone(),
            may_refer: references != Some(false),
        };
        files.entry(address.clone()).or_insert(named);
    }
    let document = document.and_then(|document| {
        let references = references.unwrap_or_else(|| blueprint_file::has_marker(&document));
        compare(page, file, &document, references, claims);
        let document = check(Written::in_json(&beside), scope, document, references)?;
        Some((document, references))
    });
    let document = document.filter(|_| !beside.has_errors());
    let editor = editor_part(page, scope, file, &editor_file_name(&name));
    let read = document
        .zip(editor)
        .map(|((document, references), editor)| {
            whole(
                scope,
                Written::in_json(&beside),
                document,
                references,
                editor,
                claims.settings,
            )
        });
    page.absorb(beside);
    read
}

/// The editor's part of a blueprint, from the file that lies beside it; empty where there is none.
/// None where it is there and can't be read: that is told.
fn editor_part(
    page: &Page,
    scope: &Scope<'_>,
    node: &Node,
    name: &str,
) -> Option<(EditorPart, bool)> {
    if !discover::is_there(scope.known.root, &beside(page, name)) {
        return Some((EditorPart::default(), false));
    }
    let (beside, document) = open(page, scope, node, name)?;
    let read = document.and_then(|document| {
        let written = Written::in_json(&beside);
        let references = blueprint_file::has_marker(&document);
        if !editor_file::check(written, &document) {
            return None;
        }
        if references {
            scope.check_document(written, &document);
        }
        Some((EditorPart::from_value(document), references))
    });
    let read = read.filter(|_| !beside.has_errors());
    page.absorb(beside);
    read
}

/// Joins the two parts. References may stand in one of them only: the other is escaped. `written` is
/// the document as it stands in its file, for what is odd in it.
fn whole(
    scope: &Scope<'_>,
    written: Written<'_>,
    mut document: Value,
    references: bool,
    (editor, in_editor): (EditorPart, bool),
    settings: &Settings,
) -> Blueprint {
    let in_editor = in_editor && !editor.is_empty();
    let mut editor = editor.into_value();
    match (references, in_editor) {
        (true, false) => escape_texts(&mut editor),
        (false, true) => escape_texts(&mut document),
        (true, true) | (false, false) => {}
    }
    let joined = join(document, EditorPart::from_value(editor));
    let places = id_places(&joined);
    scope.told.borrow_mut().mentions.add(&joined, &places);
    let references = references || in_editor;
    if scope.known.lints
        && let Some(address) = written.page.address()
    {
        let facts = lint::blueprint(written, &joined, &places, references, settings);
        let all = &mut scope.told.borrow_mut().facts;
        all.entry(address.clone()).or_insert(facts);
    }
    match scope.known.blueprints {
        Blueprints::Kept => Blueprint::new(&joined, references),
        Blueprints::Checked => Blueprint::from_packed(PackedJson::from_bytes(&[]), ""),
    }
}

/// Opens and reads a file beside the manifest, and tells of the secrets in it. Its text is not
/// kept, unless a finding shows it.
fn open(page: &Page, scope: &Scope<'_>, node: &Node, name: &str) -> Option<(Page, Option<Value>)> {
    match discover::read(scope.known.root, &beside(page, name)) {
        Ok(source) => {
            let mut beside = page.beside(source);
            let document = json::read(&beside);
            if !beside.is_clean() {
                // What was found is found again, and shows nothing.
                beside = lint::veiled(&beside);
                json::read(&beside);
            }
            if let Some(document) = &document {
                let literals = lint::literals(Written::in_json(&beside), document);
                lint::hide(&mut beside, &literals);
                let told = literals.into_iter().filter(|_| scope.known.lints);
                for literal in told {
                    beside.report(literal.finding(&beside, page.address()));
                }
            }
            Some((beside, document))
        }
        Err(error) => {
            let code = match error {
                ReadError::Outside => &codes::OUTSIDE_PROJECT,
                ReadError::Missing
                | ReadError::Dangling
                | ReadError::NoFile
                | ReadError::TooLarge(_)
                | ReadError::NoText(_)
                | ReadError::Refused(_) => &codes::UNREADABLE_FILE,
            };
            let message = format!("failed to read `{name}`: {error}");
            let finding = page.finding(code, &node.span, message);
            let near = match error {
                ReadError::Missing => like(scope.known.root, &beside(page, name)),
                ReadError::Dangling
                | ReadError::Outside
                | ReadError::NoFile
                | ReadError::TooLarge(_)
                | ReadError::NoText(_)
                | ReadError::Refused(_) => None,
            };
            page.report(match near {
                Some(near) => {
                    let meant = Path::new(name).with_file_name(near);
                    finding.help(format!("did you mean `{}`?", meant.display()))
                }
                None => finding,
            });
            None
        }
    }
}

/// A file in the folder of another that is not there, which is probably meant.
fn like(root: &Path, path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let files = discover::names_in(root, folder);
    // The editor's part of a blueprint is none.
    let files = files.iter().map(String::as_str);
    let near = nearest(
        wanted,
        files.filter(|file| !file.ends_with(editor_file::SUFFIX)),
    )?;
    Some(near.to_owned())
}

/// The path of a file beside the manifest, relative to the project.
fn beside(page: &Page, name: &str) -> PathBuf {
    let folder = Path::new(&page.source.name).parent();
    folder.unwrap_or(Path::new("")).join(name)
}

/// Checks a document, and makes of it what is sent.
fn check(
    written: Written<'_>,
    scope: &Scope<'_>,
    document: Value,
    references: bool,
) -> Option<Value> {
    let sound = blueprint_file::check(written, &document, scope.known.dialect);
    if references {
        scope.check_document(written, &document);
    }
    sound.then(|| blueprint_file::as_sent(document))
}

/// Warns where the blueprint says something else than the manifest, which wins. `node` is where
/// the manifest names it.
fn compare(page: &Page, node: &Node, document: &Value, references: bool, claims: &Claims<'_>) {
    let name = document.get("name").and_then(Value::as_str);
    let template = name.map(|name| match references {
        true => Template::parse(name),
        false => Template::literal(name),
    });
    if let Some(name) = template.as_ref().and_then(Template::as_literal)
        && name != claims.name
    {
        let message = format!(
            "the blueprint is named `{name}`, but the scenario `{}`",
            claims.name
        );
        let finding = page.finding(
            &codes::OVERRIDDEN_BY_SPEC,
            &claims.name_node.unwrap_or(node).span,
            message,
        );
        page.report(match claims.name_node {
            Some(_) => finding.help("change either of the two"),
            None => finding.help(format!("add `name: {}`", Value::from(name))),
        });
    }
    let inside = document
        .get("metadata")
        .and_then(|metadata| metadata.get("scenario"));
    for (ours, makes, field) in claims.settings.entries() {
        let (Field::Set(wanted), Some(other)) =
            (field, inside.and_then(|inside| inside.get(makes)))
        else {
            continue;
        };
        let equal = match (&wanted, other) {
            (Value::Number(a), Value::Number(b)) => numbers_equal(a, b),
            (a, b) => a == b,
        };
        if !equal {
            let at = claims.settings_node.and_then(|settings| settings.get(ours));
            let message = format!("the blueprint has {makes}: {other}, and this says {wanted}");
            let span = &at.unwrap_or(node).span;
            let finding = page.finding(&codes::OVERRIDDEN_BY_SPEC, span, message);
            page.report(finding.help("change either of the two"));
        }
    }
}
