//! `makeform.yaml`: where the manifests are, and the targets.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    diagnostic::{Finding, Report, codes::manifest as codes},
    model::{
        Place, Source,
        reference::{Part, Reference, Template},
    },
};

use super::{
    discover::{self, PROJECT_FILE},
    document::check_version,
    fields::Fields,
    node::{Entry, Node, Shape},
    page::Page,
    values::{bad_value, did_you_mean, list, text, whole, wrong_type},
    yaml,
};

/// A project: the folder of a `makeform.yaml`, and what that says.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder, links resolved.
    pub root: PathBuf,
    /// Its name.
    pub name: String,
    /// The patterns of its manifests, relative to the root.
    pub manifests: Vec<String>,
    /// Where each pattern stands.
    pub manifest_places: Vec<Place>,
    /// The environment variables that manifests may name.
    pub env: Vec<String>,
    /// The target of commands that name none.
    pub default_target: Option<String>,
    /// The targets, by name.
    pub targets: BTreeMap<String, TargetConfig>,
    /// The text of `makeform.yaml`; a token that stands there by mistake is blotted out.
    pub source: Arc<Source>,
}

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
    /// `zone`, if it is said.
    pub dialect: Option<String>,
    /// Requests a minute, if they are said.
    pub rate_limit: Option<u32>,
    /// Its name.
    pub place: Place,
}

/// The project that a folder belongs to: `makeform.yaml` in it, or in one above.
///
/// # Errors
/// All that is wrong with the file.
pub fn find_project(start: &Path) -> Result<Project, Report> {
    let root = discover::root(start)?;
    let source = discover::read(&root, Path::new(PROJECT_FILE)).map_err(|error| {
        let message = format!("failed to read {PROJECT_FILE}: {error}");
        Report::from_iter([Finding::new(codes::UNREADABLE_FILE, message)])
    })?;
    parse_project(root, source)
}

fn parse_project(root: PathBuf, source: Arc<Source>) -> Result<Project, Report> {
    let page = Page::new(blotted(&source));
    let documents = yaml::read(&page).documents;
    let mut documents = documents.iter().filter(|node| node.shape != Shape::Null);
    let first = documents.next();
    if let Some(second) = documents.next() {
        let message = format!("{PROJECT_FILE} holds one document only");
        page.report(page.finding(codes::BAD_VALUE, &second.span, message));
    }
    let project = first.and_then(|document| project(&page, root, document));
    if project.is_none() && first.is_none() && page.is_clean() {
        page.report(page.finding(codes::MISSING_KEY, &(0..0), "the file is empty"));
    }
    let report = page.into_report();
    match project {
        Some(project) if !report.has_errors() => Ok(project),
        _ => Err(report),
    }
}

/// The same file with tokens that stand in it overwritten: findings show lines of the file, and
/// no line may show a secret.
fn blotted(source: &Arc<Source>) -> Arc<Source> {
    let draft = Page::new(Arc::clone(source));
    let documents = yaml::read(&draft).documents;
    let tokens: Vec<&Node> = documents
        .iter()
        .filter_map(|document| document.get("spec")?.get("targets"))
        .flat_map(Node::entries)
        .filter_map(|target| target.value.get("token"))
        .filter(|token| !is_reference(token))
        .collect();
    if tokens.is_empty() {
        return Arc::clone(source);
    }
    let mut text = String::with_capacity(source.text.len());
    for (at, letter) in source.text.char_indices() {
        let hidden = letter.is_alphanumeric() && tokens.iter().any(|t| t.span.contains(&at));
        if hidden {
            text.push_str(&"x".repeat(letter.len_utf8()));
        } else {
            text.push(letter);
        }
    }
    let name = source.name.clone();
    Arc::new(Source { name, text })
}

/// Whether a token is named, not written down.
fn is_reference(token: &Node) -> bool {
    match &token.shape {
        Shape::Text(text) => matches!(Template::parse(text).single(), Some(Reference::Env(_))),
        Shape::Null | Shape::Broken => true,
        Shape::Bool(_) | Shape::Number(_) | Shape::List(_) | Shape::Map(_) => false,
    }
}

fn project(page: &Page, root: PathBuf, document: &Node) -> Option<Project> {
    let mut fields = Fields::of(page, document, "a project")?;
    check_version(&mut fields);
    fields.required("kind", |node| {
        let kind = text(page, node)?;
        if kind != "Project" {
            bad_value(
                page,
                node,
                format!("{PROJECT_FILE} is no {kind}"),
                "write `Project`",
            );
        }
        Some(())
    });
    let name = fields.required("metadata", |node| {
        let mut fields = Fields::of(page, node, "`metadata`")?;
        let name = fields.required("name", |node| text(page, node));
        fields.finish();
        name
    });
    let spec = fields.required("spec", |node| {
        Fields::of(page, node, "the project's `spec`")
    });
    fields.finish();
    let mut spec = spec?;
    let patterns = spec.required("manifests", |node| list(page, node, "patterns"));
    let patterns: Vec<(String, Place)> = patterns
        .unwrap_or_default()
        .iter()
        .filter_map(|node| Some((text(page, node)?, page.place(&node.span))))
        .collect();
    spec.optional("state", |node| state(page, node));
    let env = spec.optional("env", |node| list(page, node, "names of variables"));
    let env: Vec<String> = env
        .unwrap_or_default()
        .iter()
        .filter_map(|node| variable(page, node))
        .collect();
    let targets = spec.required("targets", Some);
    let targets: BTreeMap<String, TargetConfig> = targets
        .into_iter()
        .flat_map(|node| {
            if !matches!(node.shape, Shape::Map(_)) {
                wrong_type(page, node, "a mapping from names to targets");
            }
            node.entries()
        })
        .filter_map(|entry| Some((entry.key.text.clone(), target(page, entry, &env)?)))
        .collect();
    let default_target = spec.optional("defaultTarget", |node| {
        let name = text(page, node)?;
        let declared = document.get("spec").and_then(|spec| spec.get("targets"));
        let declared = declared.into_iter().flat_map(Node::entries);
        let names: Vec<&str> = declared.map(|entry| entry.key.text.as_str()).collect();
        if !names.contains(&name.as_str()) {
            let message = format!("the project has no target `{name}`");
            let finding = page.finding(codes::UNKNOWN_TARGET, &node.span, message);
            page.report(finding.help(did_you_mean(&name, names)));
        }
        Some(name)
    });
    spec.later(&["policy"]);
    spec.finish();
    let (manifests, manifest_places) = patterns.into_iter().unzip();
    Some(Project {
        root,
        name: name?,
        manifests,
        manifest_places,
        env,
        default_target,
        targets,
        source: Arc::clone(&page.source),
    })
}

fn state(page: &Page, node: &Node) -> Option<()> {
    let state = text(page, node)?;
    let remote = ["s3://", "gs://", "az://"];
    if state == "git" || remote.iter().any(|prefix| state.starts_with(prefix)) {
        let message = format!("the state `{state}` comes in a later version");
        let finding = page.finding(codes::NOT_SUPPORTED_YET, &node.span, message);
        page.report(finding.help("only `file` exists in this version"));
    } else if state != "file" {
        let message = format!("there is no state `{state}`");
        bad_value(page, node, message, "only `file` exists in this version");
    }
    Some(())
}

/// The name of an environment variable that manifests may use.
fn variable(page: &Page, node: &Node) -> Option<String> {
    let name = text(page, node)?;
    let valid = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !valid {
        let message = format!("`{name}` is no name of an environment variable");
        bad_value(page, node, message, "use letters, digits and `_`");
        return None;
    }
    if name.starts_with("MAKE_") {
        let message = format!("`{name}` is for the settings of a target only");
        bad_value(page, node, message, "give manifests variables of their own");
        return None;
    }
    Some(name)
}

fn target(page: &Page, entry: &Entry, env: &[String]) -> Option<TargetConfig> {
    let mut fields = Fields::of(page, &entry.value, "a target")?;
    let url = fields.required("url", |node| {
        let url = setting(page, node, env, MakeVariables::Refused)?;
        if let Some(literal) = url.as_literal()
            && let Err(fault) = check_url(literal)
        {
            page.report(page.finding(codes::BAD_TARGET, &node.span, fault));
        }
        Some(url)
    });
    let allowed = MakeVariables::Allowed;
    let organization = fields.optional("organization", |node| setting(page, node, env, allowed));
    let team = fields.optional("team", |node| setting(page, node, env, allowed));
    let token = fields.optional("token", |node| {
        if !is_reference(node) {
            page.report(
                page.finding(
                    codes::TOKEN_IN_FILE,
                    &node.span,
                    "a token stands in the file",
                )
                .help("write `${env.MAKE_API_KEY}`, and revoke this token"),
            );
            return None;
        }
        setting(page, node, env, allowed)
    });
    let vars = fields.optional("vars", |node| Some(vars(page, node)));
    let dialect = fields.optional("dialect", |node| {
        let dialect = text(page, node)?;
        match dialect.as_str() {
            "zone" => {}
            "unified" => {
                let message = "the dialect `unified` comes in a later version";
                page.report(page.finding(codes::NOT_SUPPORTED_YET, &node.span, message));
            }
            _ => bad_value(
                page,
                node,
                format!("there is no dialect `{dialect}`"),
                "write `zone`",
            ),
        }
        Some(dialect)
    });
    let rate_limit = fields.optional("rateLimit", |node| {
        let limit = whole(page, node, 1..=u64::from(u32::MAX))?;
        u32::try_from(limit).ok()
    });
    fields.later(&["map"]);
    fields.finish();
    Some(TargetConfig {
        url: url?,
        organization,
        team,
        token,
        vars: vars.unwrap_or_default(),
        dialect,
        rate_limit,
        place: page.place(&entry.key.span),
    })
}

/// Whether a setting may name the variables of the account itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MakeVariables {
    Allowed,
    Refused,
}

/// A setting of a target: text and references to the environment.
fn setting(page: &Page, node: &Node, env: &[String], make: MakeVariables) -> Option<Template> {
    let template = Template::parse(&text(page, node)?);
    for part in template.parts() {
        let reference = match part {
            Part::Text(_) => continue,
            Part::Reference(reference) => reference,
        };
        let finding = match reference {
            Reference::Env(name) if name.starts_with("MAKE_") => {
                if make == MakeVariables::Allowed {
                    continue;
                }
                let message = format!("`{name}` cannot be part of a `url`");
                page.finding(codes::UNDECLARED_VARIABLE, &node.span, message)
                    .help("write the address, so that reviewers see it")
            }
            Reference::Env(name) if env.contains(name) => continue,
            Reference::Env(name) => {
                let message = format!("`{name}` is not declared");
                page.finding(codes::UNDECLARED_VARIABLE, &node.span, message)
                    .help(format!("add it: `env: [{name}]`"))
            }
            Reference::Thing { .. } | Reference::Var(_) | Reference::Target(_) => {
                let message = format!("`{reference}` cannot be part of a target");
                page.finding(codes::REFERENCE_NOT_ALLOWED, &node.span, message)
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
                page.report(page.finding(codes::REFERENCE_NOT_ALLOWED, span, message));
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
    let url = url::Url::parse(text).map_err(|error| format!("this is no address: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user or password".to_owned());
    }
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("this address names no host".to_owned()),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err("a token must not travel without TLS: write `https://`".to_owned()),
        other => Err(format!("`{other}:` is neither `https:` nor `sandbox:`")),
    }
}
