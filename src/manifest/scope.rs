//! What references may name, and what they do name.

use std::{cell::RefCell, collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::{
    diagnostic::{
        Finding,
        codes::{environments, manifest as codes},
        nearest_address,
    },
    model::{
        Address, Dialect, Handling, Kind, Place, RemoteId, Trail, Variables, each_text,
        reference::{Part, Reference, Template},
        spec::Link,
    },
};

use super::{
    node::{Node, Shape, Span},
    page::Page,
    told::Told,
    values::{bad_value, did_you_mean, text, wrong_type},
    written::Written,
};

/// The things and variables of one target, known before any manifest's spec is read.
pub(super) struct Known<'a> {
    /// The project's folder.
    pub(super) root: &'a Path,
    /// The dialect of the target.
    pub(super) dialect: Dialect,
    /// The environment variables that the project declares.
    pub(super) env: &'a [String],
    /// Their values, and those of the target.
    pub(super) variables: Variables,
    /// All things of the project, and where they are named.
    pub(super) declared: BTreeMap<Address, Place>,
    /// Things that the target leaves out, and where it says so.
    pub(super) excluded: BTreeMap<Address, Place>,
    /// Whether a manifest could not be read: what nothing seems to declare may stand there.
    pub(super) incomplete: bool,
    /// What becomes of blueprints.
    pub(super) blueprints: Blueprints,
    /// Whether lints are told: each holds the text of the file that it is about.
    pub(super) lints: bool,
}

/// What becomes of blueprints that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blueprints {
    /// They are kept, to plan from.
    Kept,
    /// They were only to be checked.
    Checked,
}

/// What is known, and what is told of it while a file is read.
pub(super) struct Scope<'a> {
    pub(super) known: &'a Known<'a>,
    pub(super) told: RefCell<Told>,
}

impl<'a> Scope<'a> {
    /// For the first manifest of a file.
    pub(super) fn new(known: &'a Known<'a>) -> Self {
        let told = RefCell::default();
        Self { known, told }
    }
}

impl Scope<'_> {
    /// A text that may hold references, which are checked.
    pub(super) fn template(&self, page: &Page, node: &Node) -> Option<Template> {
        let template = Template::parse(&text(page, node)?);
        self.check_template(page, &node.span, &template);
        Some(template)
    }

    /// A text that may hold references to `${var.*}` and `${target.*}` only, resolved.
    pub(super) fn plain(&self, page: &Page, node: &Node) -> Option<String> {
        let written = text(page, node)?;
        let template = Template::parse(&written);
        let mut resolved = String::new();
        for part in template.parts() {
            match part {
                Part::Text(text) => resolved.push_str(text),
                Part::Reference(reference @ (Reference::Thing { .. } | Reference::Env(_))) => {
                    let message = format!("`{reference}` cannot be part of a name");
                    let finding = page
                        .finding(
                            &codes::REFERENCE_NOT_ALLOWED,
                            &find(page, &node.span, reference),
                            message,
                        )
                        .help("names take `${var.NAME}` and `${target.name}` only");
                    page.report(finding);
                    return None;
                }
                Part::Reference(reference @ (Reference::Var(_) | Reference::Target(_))) => {
                    self.check(page, &|| find(page, &node.span, reference), reference);
                    resolved.push_str(self.local(reference)?);
                }
            }
        }
        if resolved.trim().is_empty() {
            bad_value(page, node, "a name cannot be empty", "");
            return None;
        }
        Some(resolved)
    }

    /// Another thing: its address, as it is or in `${..}`, or an id of the account.
    pub(super) fn link(&self, page: &Page, node: &Node, kind: Kind) -> Option<Link> {
        let id = |text: &str| text.parse().ok().map(|id| Link::Id(RemoteId::Int(id)));
        let prefix = kind.prefix();
        let wanted = format!("write `{prefix}.NAME`, or an id of the account");
        match &node.shape {
            Shape::Number(number) => {
                let link = id(number);
                if link.is_none() {
                    bad_value(page, node, "this is no id", &wanted);
                }
                link
            }
            Shape::Text(text) => match id(text) {
                Some(link) => Some(link),
                None => self.address(page, node, kind).map(Link::Thing),
            },
            Shape::Null | Shape::Bool(_) | Shape::List(_) | Shape::Map(_) | Shape::Broken => {
                wrong_type(page, node, &format!("`{prefix}.NAME` or an id"));
                None
            }
        }
    }

    /// The address of a declared thing of a kind, as it is or in `${..}`.
    pub(super) fn address(&self, page: &Page, node: &Node, kind: Kind) -> Option<Address> {
        let written = text(page, node)?;
        let parsed = match Template::parse(&written).single() {
            Some(Reference::Thing {
                address,
                attribute: None,
            }) => Ok(address.clone()),
            _ => written.parse::<Address>(),
        };
        let address = match parsed {
            Ok(address) => address,
            Err(error) => {
                let help = match nearest_address(&written) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("write `{}.NAME`", kind.prefix()),
                };
                bad_value(page, node, error.to_string(), &help);
                return None;
            }
        };
        if address.kind != kind {
            let message = format!("`{address}` is a {}, and this takes a {kind}", address.kind);
            page.report(page.finding(&codes::WRONG_REFERENCE, &node.span, message));
            return None;
        }
        self.check_declared(page, &|| node.span.clone(), &address)
            .then_some(address)
    }

    /// Checks the references in all texts of a document.
    pub(super) fn check_texts(&self, page: &Page, node: &Node) {
        node.walk(&mut |node| {
            if let Some(text) = node.as_text().filter(|text| text.contains("${")) {
                self.check_template(page, &node.span, &Template::parse(text));
            }
        });
    }

    /// Checks those in all texts of a document that was read from there.
    pub(super) fn check_document(&self, written: Written<'_>, document: &Value) {
        let page = written.page;
        each_text(document, &Trail::from(&[]), &mut |text, trail| {
            if memchr::memchr(b'$', text.as_bytes()).is_none() {
                return;
            }
            for reference in Template::parse(text).references() {
                let span = || written.span(&trail.path());
                self.check(page, &|| find(page, &span(), reference), reference);
            }
        });
    }

    fn check_template(&self, page: &Page, span: &Span, template: &Template) {
        for reference in template.references() {
            self.check(page, &|| find(page, span, reference), reference);
        }
    }

    /// Checks a reference. Where it stands is only asked if there is something to say of it.
    fn check(&self, page: &Page, span: &dyn Fn() -> Span, reference: &Reference) {
        let undeclared = |message: String, help: String| {
            let finding = page.finding(&codes::UNDECLARED_VARIABLE, &span(), message);
            page.report(finding.help(help));
        };
        match reference {
            Reference::Thing { address, attribute } => {
                if let (Kind::Webhook, None, Some(user)) = (address.kind, attribute, page.address())
                    && user.kind == Kind::Scenario
                {
                    let pair = (address.clone(), user.clone());
                    self.told.borrow_mut().started.insert(pair);
                }
                if self.check_declared(page, span, address)
                    && let Some(finding) = misfit(page, span, address, attribute.as_deref())
                {
                    page.report(finding);
                }
            }
            Reference::Var(name) => {
                let vars = &self.known.variables.vars;
                if !vars.contains_key(name) {
                    let target = &self.known.variables.target;
                    let message = format!("target `{target}` has no variable `{name}`");
                    undeclared(message, did_you_mean(name, vars.keys().map(String::as_str)));
                }
            }
            Reference::Env(name) if name.starts_with("MAKE_") => undeclared(
                format!("`{name}` is for the settings of a target only"),
                "give the manifest a variable of its own".to_owned(),
            ),
            Reference::Env(name) if !self.known.env.contains(name) => undeclared(
                format!("`{name}` is not declared in makeform.yaml"),
                format!("add it there: `env: [{name}]`"),
            ),
            Reference::Env(name) => {
                if !self.known.variables.env.contains_key(name) {
                    let message = format!("the environment variable `{name}` is not set");
                    page.report(page.finding(&codes::UNSET_VARIABLE, &span(), message));
                }
            }
            Reference::Target(name) => {
                if name != "name" {
                    undeclared(
                        format!("a target has no attribute `{name}`"),
                        "there is `${target.name}`".to_owned(),
                    );
                }
            }
        }
    }

    /// Whether a thing is declared; keeps who names it.
    fn check_declared(&self, page: &Page, span: &dyn Fn() -> Span, address: &Address) -> bool {
        if self.known.declared.contains_key(address) {
            if address.kind.handling() == Handling::Local
                && let Some(place) = self.known.excluded.get(address)
            {
                let target = &self.known.variables.target;
                let message = format!("target `{target}` leaves out `{address}`");
                let finding = page.finding(&environments::NAMES_EXCLUDED, &span(), message);
                page.report(
                    finding.label(place.clone(), "left out here").help(
                        "it is no object of the account that could be there in spite of that",
                    ),
                );
                return false;
            }
            if let Some(user) = page.address() {
                let used = (user.clone(), address.clone());
                self.told.borrow_mut().uses.insert(used);
            }
            return true;
        }
        if self.known.incomplete {
            return true;
        }
        let alike: Vec<String> = self
            .known
            .declared
            .keys()
            .filter(|other| other.kind == address.kind)
            .map(Address::to_string)
            .collect();
        let message = format!("no manifest declares `{address}`");
        let help = did_you_mean(&address.to_string(), alike.iter().map(String::as_str));
        page.report(
            page.finding(&codes::DANGLING_REFERENCE, &span(), message)
                .help(help),
        );
        false
    }

    /// The value of a reference that needs no account and is no secret.
    fn local(&self, reference: &Reference) -> Option<&str> {
        match reference {
            Reference::Var(name) => self.known.variables.vars.get(name).map(String::as_str),
            Reference::Target(name) => {
                (name == "name").then_some(self.known.variables.target.as_str())
            }
            Reference::Thing { .. } | Reference::Env(_) => None,
        }
    }
}

/// What is wrong with a reference to a declared thing, if anything is.
fn misfit(
    page: &Page,
    span: &dyn Fn() -> Span,
    address: &Address,
    attribute: Option<&str>,
) -> Option<Finding> {
    let message = match (address.kind, attribute) {
        (Kind::Webhook, Some("url")) => return None,
        (kind, Some("id")) if kind.handling() != Handling::Local && kind != Kind::Variable => {
            return None;
        }
        (kind, Some(attribute)) => format!("a {kind} has no attribute `{attribute}`"),
        // Scenarios know a variable by its name.
        (kind, None) if kind.handling() == Handling::Local || kind == Kind::Variable => {
            format!("a {kind} has no id in Make")
        }
        (_, None) => return None,
    };
    let finding = page.finding(&codes::WRONG_REFERENCE, &span(), message);
    Some(match address.kind {
        Kind::Webhook => finding.help(format!("there is `${{{address}.url}}`")),
        Kind::Variable => finding.help("Make itself fills in `{{var.team.NAME}}`"),
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::TeamRole => finding,
    })
}

/// Where a reference stands in a text; the whole text, where escapes hide it.
fn find(page: &Page, span: &Span, reference: &Reference) -> Span {
    let written = reference.to_string();
    match page.written(span).find(&written) {
        Some(at) => {
            let start = span.start + at;
            start..start + written.len()
        }
        None => span.clone(),
    }
}
