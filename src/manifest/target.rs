//! One target of `makeform.yaml`: an account, and what its manifests may be told of it.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use crate::{
    diagnostic::codes::manifest as codes,
    model::{
        Address, Dialect, Pin, Place,
        reference::{Part, Reference, Template},
    },
};

use super::{
    exclude::{Exclusion, exclude},
    fields::Fields,
    ids::pins_of,
    node::{Entry, Node, Shape, Span},
    overrides::{Patch, overrides},
    page::Page,
    schema::TARGET,
    values::{bad_value, text, whole, wrong_type},
};

/// A target as `makeform.yaml` has it.
#[derive(Clone, Debug)]
pub struct TargetConfig {
    /// `sandbox:`, `sandbox:PATH`, or the address of a zone.
    pub url: Template,
    /// The organization's name or id; the only one, if none is named.
    pub organization: Option<Template>,
    /// The team's name or id; the only one, if none is named.
    pub team: Option<Template>,
    /// The token, always a reference to the environment.
    pub token: Option<Template>,
    /// `${var.*}`.
    pub vars: BTreeMap<String, String>,
    /// The form of the API that is spoken there: what `dialect:` says, else what follows from the
    /// host of `url`.
    pub dialect: Dialect,
    /// The ids of things that nothing in the account lists.
    pub map: BTreeMap<Address, Pin>,
    /// What its manifests are told otherwise.
    pub(super) overrides: BTreeMap<Address, Patch>,
    /// What of them is left out.
    pub(super) exclude: Vec<Exclusion>,
    /// Requests a minute, if they are said.
    pub rate_limit: Option<u32>,
    /// Its name.
    pub place: Place,
}

impl TargetConfig {
    /// Whether it says anything of a thing otherwise than the manifest does.
    #[must_use]
    pub fn overrides_thing(&self, address: &Address) -> bool {
        self.overrides.contains_key(address)
    }

    /// The fields of a thing that it says otherwise, each with its value in the patch, and where it
    /// says so.
    #[must_use]
    pub fn overridden(&self, address: &Address) -> Option<(&Place, Vec<(String, Value)>)> {
        let patch = self.overrides.get(address)?;
        let fields = patch.spec.entries().iter();
        let fields = fields.map(|entry| (entry.key.text.clone(), entry.value.to_value()));
        Some((&patch.place, fields.collect()))
    }

    /// Where it names a thing by its address, if it does.
    #[must_use]
    pub fn naming(&self, address: &Address) -> Option<&Place> {
        let overridden = self.overrides.get(address).map(|patch| &patch.place);
        let mapped = self.map.get(address).map(|pin| &pin.place);
        let name = address.to_string();
        let mut excluded = self.exclude.iter();
        let excluded = excluded.find(|exclusion| exclusion.pattern.as_str() == name);
        overridden
            .or(mapped)
            .or(excluded.map(|exclusion| &exclusion.place))
    }
}

/// Whether a text may be the name of a target.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

/// Reads one target.
pub(super) fn target(page: &Page, entry: &Entry, env: &[String]) -> Option<TargetConfig> {
    if !is_name(&entry.key.text) {
        // Its ledger and its exports are in folders of that name.
        let message = format!("`{}` is no name of a target", entry.key.text);
        let finding = page.finding(&codes::BAD_TARGET, &entry.key.span, message);
        page.report(finding.help("use letters, digits, `-`, `_` and `.`, a letter or digit first"));
    }
    let mut fields = Fields::of(page, &entry.value, &TARGET)?;
    let url = fields.required("url", |node| {
        let url = setting(page, node, &|_| false)?;
        if let Some(literal) = url.as_literal()
            && let Err(fault) = check_url(literal)
        {
            page.report(page.finding(&codes::BAD_TARGET, &node.span, fault));
        }
        Some(url)
    });
    let organization = fields.optional("organization", |node| setting(page, node, &names_account));
    let team = fields.optional("team", |node| setting(page, node, &names_account));
    let token = fields.optional("token", |node| {
        if !is_reference(node) {
            page.report(
                page.finding(
                    &codes::TOKEN_IN_FILE,
                    &node.span,
                    "a token stands in the file",
                )
                .help("write `${env.MAKE_API_KEY}`, and revoke this token"),
            );
            return None;
        }
        setting(page, node, &|name| {
            name.starts_with("MAKE_") || env.iter().any(|e| e == name)
        })
    });
    let vars = fields.optional("vars", |node| Some(vars(page, node)));
    let dialect = fields.optional("dialect", |node| {
        let name = text(page, node)?;
        let dialect = Dialect::from_name(&name);
        if dialect.is_none() {
            let message = format!("there is no dialect `{name}`");
            bad_value(page, node, message, "write `zone` or `unified`");
        }
        dialect
    });
    let rate_limit = fields.optional("rateLimit", |node| {
        let limit = whole(page, node, 1..=u64::from(u32::MAX))?;
        u32::try_from(limit).ok()
    });
    let map = fields.optional("map", |node| Some(pins_of(page, node)));
    let overrides = fields.optional("overrides", |node| Some(overrides(page, node)));
    let exclude = fields.optional("exclude", |node| Some(exclude(page, node)));
    fields.finish();
    let url = url?;
    let dialect = dialect.unwrap_or_else(|| dialect_of(&url));
    Some(TargetConfig {
        dialect,
        url,
        organization,
        team,
        token,
        vars: vars.unwrap_or_default(),
        map: map.unwrap_or_default(),
        overrides: overrides.unwrap_or_default(),
        exclude: exclude.unwrap_or_default(),
        rate_limit,
        place: page.place(&entry.key.span),
    })
}

/// The dialect of a URL: there is one host that speaks the unified one.
fn dialect_of(url: &Template) -> Dialect {
    let host = url
        .as_literal()
        .and_then(|text| Url::parse(text).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    match host.as_deref() {
        Some("api.make.com") => Dialect::Unified,
        Some(_) | None => Dialect::Zone,
    }
}

/// Whether a variable says which account is meant. No other may stand where an organization or a
/// team is named: what is not found there is named in errors.
fn names_account(variable: &str) -> bool {
    variable.starts_with("MAKE_ORGANIZATION") || variable.starts_with("MAKE_TEAM")
}

/// A setting of a target: text, and references to the variables of the environment that it may
/// name.
fn setting(page: &Page, node: &Node, may_name: &dyn Fn(&str) -> bool) -> Option<Template> {
    let template = Template::parse(&text(page, node)?);
    for part in template.parts() {
        let reference = match part {
            Part::Text(_) => continue,
            Part::Reference(reference) => reference,
        };
        let finding = match reference {
            Reference::Env(name) if may_name(name) => continue,
            Reference::Env(name) => {
                let message = format!("`{name}` cannot be part of this setting");
                page.finding(&codes::UNDECLARED_VARIABLE, &node.span, message).help(
                    "`token` takes `MAKE_*` and what `env:` declares, `organization` and `team` \
                     take `MAKE_ORGANIZATION_ID` and `MAKE_TEAM_ID`, a `url` is written out, so \
                     that reviewers see it",
                )
            }
            Reference::Thing { .. } | Reference::Var(_) | Reference::Target(_) => {
                let message = format!("`{reference}` cannot be part of a target");
                page.finding(&codes::REFERENCE_NOT_ALLOWED, &node.span, message)
                    .help("settings take `${env.NAME}` only")
            }
        };
        page.report(finding);
    }
    Some(template)
}

fn vars(page: &Page, node: &Node) -> BTreeMap<String, String> {
    if !matches!(node.shape, Shape::Map(_)) {
        wrong_type(page, node, "a mapping from names to texts");
    }
    let mut vars = BTreeMap::new();
    for entry in node.entries() {
        let Some(value) = text(page, &entry.value) else {
            continue;
        };
        match Template::parse(&value).as_literal() {
            Some(literal) => {
                vars.insert(entry.key.text.clone(), literal.to_owned());
            }
            None => {
                let message = "a variable holds plain text, no references";
                let span = &entry.value.span;
                page.report(page.finding(&codes::REFERENCE_NOT_ALLOWED, span, message));
            }
        }
    }
    vars
}

/// Checks the address of a target; which hosts a token may go to is decided where it is sent.
fn check_url(text: &str) -> Result<(), String> {
    if text.starts_with("sandbox:") {
        return Ok(());
    }
    let url = url::Url::parse(text).map_err(|error| {
        format!("this is no address: {error}; write it as `https://eu1.make.com` or `sandbox:`")
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user or password".to_owned());
    }
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => {
            let message =
                "this address names no host; write it as `https://eu1.make.com` or `sandbox:`";
            return Err(message.to_owned());
        }
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err("a token must not travel without TLS: write `https://`".to_owned()),
        other => Err(format!("`{other}:` is neither `https:` nor `sandbox:`")),
    }
}

/// Whether a token is named, not written down.
pub(super) fn is_reference(token: &Node) -> bool {
    match &token.shape {
        Shape::Text(text) => matches!(Template::parse(text).single(), Some(Reference::Env(_))),
        Shape::Null | Shape::Broken => true,
        Shape::Bool(_) | Shape::Number(_) | Shape::List(_) | Shape::Map(_) => false,
    }
}

/// Where a spec holds what guards a webhook, instead of the name of a variable.
pub(super) fn guards(spec: &Node) -> Vec<Span> {
    let security = spec.get("security");
    let values = ["username", "password", "token"]
        .into_iter()
        .filter_map(|key| security?.get(key));
    values
        .filter(|value| !is_reference(value))
        .map(|value| value.span.clone())
        .collect()
}
