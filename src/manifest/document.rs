//! The envelope of a manifest: `apiVersion`, `kind`, `metadata`, and what is removed or moved.

use crate::{
    diagnostic::codes::manifest as codes,
    model::{Address, Handling, Kind, Name, Place},
};

use super::{
    fields::Fields,
    moved::{MovedEntry, moved_entry},
    node::{Node, Shape, Span},
    page::Page,
    schema::{FORMER, METADATA, Presence, REMOVED_ENTRY, THING},
    values::{bad_value, did_you_mean, flag, list, no_address, text},
};

/// The version of the format that this program reads.
pub(super) const API_VERSION: &str = "makeform/v1";

/// Kinds of the contract that this version does not manage yet.
const LATER_KINDS: [&str; 1] = ["Policy"];

/// A document that declares a thing.
#[derive(Debug)]
pub(super) struct Thing {
    pub(super) address: Address,
    /// Where `metadata.name` stands.
    pub(super) name: Span,
    /// The whole document; its `spec` is read when all addresses are known.
    pub(super) document: Node,
}

/// An entry of `removed:`.
#[derive(Debug)]
pub(super) struct RemovedEntry {
    pub(super) address: Address,
    pub(super) destroy: bool,
    pub(super) place: Place,
}

/// What manifests say of things that are declared no more.
#[derive(Debug, Default)]
pub(super) struct Former {
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) moved: Vec<MovedEntry>,
}

/// Reads the envelope of a document. A document of nothing but `removed` and `moved` declares no
/// thing.
pub(super) fn open(page: &Page, document: Node, former: &mut Former) -> Option<Thing> {
    if document.shape == Shape::Null {
        return None;
    }
    let tells = ["removed", "moved"].map(|key| document.get(key).is_some());
    let declares = document.get("kind").is_some() || !tells.contains(&true);
    let keys = if declares { &THING } else { &FORMER };
    let mut fields = Fields::of(page, &document, keys)?;
    check_version(&mut fields);
    if let Some(entries) = fields.optional("removed", |node| list(page, node, "removed things")) {
        let removed = entries.iter().filter_map(|node| removed_entry(page, node));
        former.removed.extend(removed);
    }
    if let Some(entries) = fields.optional("moved", |node| list(page, node, "moved things")) {
        let moved = entries.iter().filter_map(|node| moved_entry(page, node));
        former.moved.extend(moved);
    }
    if !declares {
        fields.finish();
        return None;
    }
    let kind = fields.required("kind", |node| kind(page, node));
    let name = fields.required("metadata", |node| metadata(page, node));
    fields.node("spec", Presence::Optional);
    fields.finish();
    let (name, span) = name?;
    Some(Thing {
        address: Address::new(kind?, name),
        name: span,
        document,
    })
}

/// Checks `apiVersion`.
pub(super) fn check_version(fields: &mut Fields<'_>) {
    let page = fields.page();
    fields.required("apiVersion", |node| {
        let version = text(page, node)?;
        if version != API_VERSION {
            let message = format!("this program does not read `{version}`");
            bad_value(page, node, message, &format!("write `{API_VERSION}`"));
        }
        Some(())
    });
}

fn kind(page: &Page, node: &Node) -> Option<Kind> {
    let written = text(page, node)?;
    if let Some(kind) = Kind::from_manifest(&written) {
        return Some(kind);
    }
    let (code, message, help) = match written.as_str() {
        "Project" | "Ids" => (
            &codes::UNKNOWN_KIND,
            format!("a {written} is no manifest"),
            "it has a file of its own at the root of the project".to_owned(),
        ),
        later if LATER_KINDS.contains(&later) => (
            &codes::NOT_SUPPORTED_YET,
            format!("the kind {later} comes in a later version"),
            "remove this manifest for now".to_owned(),
        ),
        _ => (
            &codes::UNKNOWN_KIND,
            format!("there is no kind `{written}`"),
            did_you_mean(&written, Kind::ALL.map(Kind::as_str)),
        ),
    };
    page.report(page.finding(code, &node.span, message).help(help));
    None
}

fn metadata(page: &Page, node: &Node) -> Option<(Name, Span)> {
    let mut fields = Fields::of(page, node, &METADATA)?;
    let name = fields.required("name", |node| {
        let written = text(page, node)?;
        let name = Name::new(&written);
        if name.is_none() {
            let message = format!("`{written}` cannot be part of an address");
            let help = match slug(&written) {
                Some(slug) => format!("write `{slug}`, and put `{written}` into `spec.name`"),
                None => "use lowercase letters, digits and `-`".to_owned(),
            };
            let finding = page.finding(&codes::BAD_NAME, &node.span, message);
            page.report(finding.help(help));
        }
        Some((name?, node.span.clone()))
    });
    fields.finish();
    name
}

/// A name like a text, if anything of it can be one.
fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    Name::is_valid(slug).then(|| slug.to_owned())
}

fn removed_entry(page: &Page, node: &Node) -> Option<RemovedEntry> {
    let mut fields = Fields::of(page, node, &REMOVED_ENTRY)?;
    let address = fields.required("address", |node| {
        let address = match text(page, node)?.parse::<Address>() {
            Ok(address) => address,
            Err(error) => {
                no_address(page, node, &error);
                return None;
            }
        };
        if address.kind.handling() != Handling::Managed {
            let message = format!("a {} is nothing that could be removed", address.kind);
            bad_value(page, node, message, "remove its manifest, that is all");
            return None;
        }
        Some((address, page.place(&node.span)))
    });
    let destroy = fields.optional("destroy", |node| flag(page, node));
    fields.finish();
    let (address, place) = address?;
    Some(RemovedEntry {
        address,
        destroy: destroy.unwrap_or(false),
        place,
    })
}
