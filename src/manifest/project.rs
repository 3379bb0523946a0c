//! `makeform.yaml`: where the manifests are, and the targets.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    diagnostic::{Finding, Report, codes::manifest as codes},
    model::{Place, Policy, Source},
};

use super::{
    discover::{self, PROJECT_FILE},
    document::check_version,
    fields::Fields,
    lint::{self, Levels},
    node::{Node, Shape, Span},
    page::Page,
    policy,
    schema::{PROJECT, PROJECT_METADATA, PROJECT_SPEC},
    source::blot,
    state_location::StateLocation,
    target::{TargetConfig, guards, is_reference, target},
    values::{bad_value, did_you_mean, list, text, wrong_type},
    written::Written,
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
    /// Where the ledgers of its targets are kept.
    pub state: StateLocation,
    /// The environment variables that manifests may name.
    pub env: Vec<String>,
    /// The target of commands that name none.
    pub default_target: Option<String>,
    /// The targets, by name.
    pub targets: BTreeMap<String, TargetConfig>,
    /// How bad lints are.
    pub lints: Levels,
    /// What counts for all plans.
    pub policy: Policy,
    /// What looks like a secret among what manifests are told of targets.
    pub(super) literals: Vec<Finding>,
    /// The text of `makeform.yaml`; a token that stands there by mistake is blotted out.
    pub source: Arc<Source>,
}

/// The project that a folder belongs to: `makeform.yaml` in it, or in one above.
///
/// # Errors
/// All that is wrong with the file.
pub fn find_project(start: &Path) -> Result<Project, Report> {
    let root = discover::root(start)?;
    let source = discover::read(&root, Path::new(PROJECT_FILE)).map_err(|error| {
        let message = format!("failed to read {PROJECT_FILE}: {error}");
        Report::from_iter([Finding::new(&codes::UNREADABLE_FILE, message)])
    })?;
    parse_project(root, source)
}

/// What a `makeform.yaml` would say that is not written yet, in the folder that it is for.
///
/// # Errors
/// All that would be wrong with it.
pub fn check_project(root: &Path, text: &str) -> Result<Project, Report> {
    let source = Source {
        name: PROJECT_FILE.to_owned(),
        text: text.to_owned(),
    };
    parse_project(root.to_owned(), Arc::new(source))
}

pub(super) fn parse_project(root: PathBuf, source: Arc<Source>) -> Result<Project, Report> {
    let draft = Page::new(Arc::clone(&source));
    let documents = yaml::read(&draft).documents;
    let (source, literals) = blotted(&draft, &documents);
    let mut page = Page::new(source);
    if !draft.is_clean() {
        // What was found is found again, and shows nothing.
        page = lint::veiled(&page);
        yaml::read(&page);
    }
    let mut documents = documents.iter().filter(|node| node.shape != Shape::Null);
    let first = documents.next();
    if let Some(second) = documents.next() {
        let message = format!("{PROJECT_FILE} holds one document only");
        page.report(page.finding(&codes::BAD_VALUE, &second.span, message));
    }
    let project = first.and_then(|document| project(&page, root, document));
    if project.is_none() && first.is_none() && page.is_clean() {
        page.report(page.finding(&codes::MISSING_KEY, &(0..0), "the file is empty"));
    }
    let report = page.into_report();
    match project {
        Some(project) if !report.has_errors() => Ok(Project {
            literals,
            ..project
        }),
        _ => Err(report),
    }
}

/// The same file with tokens that stand in it overwritten: findings show lines of the file, and
/// no line may show a secret. Beside it: what is said of other secrets.
fn blotted(draft: &Page, documents: &[Node]) -> (Arc<Source>, Vec<Finding>) {
    let targets = || {
        let targets = documents
            .iter()
            .filter_map(|document| document.get("spec")?.get("targets"));
        targets.flat_map(Node::entries)
    };
    let tokens = targets()
        .filter_map(|target| target.value.get("token"))
        .filter(|token| !is_reference(token))
        .map(|token| token.span.clone());
    let guards = targets()
        .filter_map(|target| target.value.get("overrides"))
        .flat_map(Node::entries)
        .flat_map(|patch| guards(&patch.value));
    let secrets: Vec<Span> = tokens.chain(guards).collect();
    let mut page = Page::new(blot(&draft.source, &secrets));
    // What manifests are told by a target: the rest are settings, which are checked by name.
    let told = targets().flat_map(|target| ["vars", "overrides"].map(|key| target.value.get(key)));
    let told = told
        .flatten()
        .map(|node| lint::literals(Written::in_yaml(draft, node), node));
    let literals: Vec<_> = told.flatten().collect();
    lint::hide(&mut page, &literals);
    let findings = literals.into_iter();
    let findings = findings.map(|literal| literal.finding(&page, None));
    let findings = findings.collect();
    (page.source, findings)
}

fn project(page: &Page, root: PathBuf, document: &Node) -> Option<Project> {
    let mut fields = Fields::of(page, document, &PROJECT)?;
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
        let mut fields = Fields::of(page, node, &PROJECT_METADATA)?;
        let name = fields.required("name", |node| text(page, node));
        fields.finish();
        name
    });
    let spec = fields.required("spec", |node| Fields::of(page, node, &PROJECT_SPEC));
    fields.finish();
    let mut spec = spec?;
    let patterns = spec.required("manifests", |node| list(page, node, "patterns"));
    let patterns: Vec<(String, Place)> = patterns
        .unwrap_or_default()
        .iter()
        .filter_map(|node| Some((text(page, node)?, page.place(&node.span))))
        .collect();
    let state = spec.optional("state", |node| state(page, node));
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
            let finding = page.finding(&codes::UNKNOWN_TARGET, &node.span, message);
            page.report(finding.help(did_you_mean(&name, names)));
        }
        Some(name)
    });
    let lints = spec.optional("lints", |node| Some(lint::levels(page, node)));
    let policy = policy::policy(page, &mut spec);
    spec.later(&["policy"]);
    spec.finish();
    let (manifests, manifest_places) = patterns.into_iter().unzip();
    Some(Project {
        root,
        name: name?,
        manifests,
        manifest_places,
        state: state.unwrap_or_default(),
        env,
        default_target,
        targets,
        lints: lints.unwrap_or_default(),
        policy,
        literals: Vec::new(),
        source: Arc::clone(&page.source),
    })
}

/// Where the ledgers are.
fn state(page: &Page, node: &Node) -> Option<StateLocation> {
    let state = text(page, node)?;
    match state.parse() {
        Ok(location) => Some(location),
        Err(error) => {
            let message = format!("`{state}` is no place for ledgers: {error}");
            let help = "write `file`, `git`, or a place such as `s3://bucket/prefix`";
            bad_value(page, node, message, help);
            None
        }
    }
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
    // `MAKE_*` opens accounts, `MAKEFORM_*` unseals ledgers: no manifest may see them.
    if name.starts_with("MAKE_") || name.starts_with("MAKEFORM_") {
        let message = format!("`{name}` is for the settings of a target only");
        bad_value(page, node, message, "give manifests variables of their own");
        return None;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use super::{Project, parse_project};
    use crate::{
        diagnostic::{Report, codes::manifest as codes},
        model::Source,
    };

    fn parse(text: &str) -> Result<Project, Report> {
        let source = Source {
            name: "makeform.yaml".to_owned(),
            text: text.to_owned(),
        };
        parse_project(PathBuf::from("/p"), Arc::new(source))
    }

    const HEAD: &str = "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: p }\nspec:\n";

    #[test]
    fn what_explain_shows_to_those_without_a_project_is_one() {
        let project = parse(codes::NO_PROJECT.example).unwrap();
        assert_eq!(project.manifests, ["manifests/**/*.yaml"]);
        assert!(project.targets.contains_key("sandbox"));
    }

    #[test]
    fn all_mistakes_of_a_project_are_found() {
        let text = "  manifest: [a]
  state: s4://x
  env: [CRM TOKEN, MAKE_API_KEY]
  defaultTarget: sandbx
  targets:
    sandbox: { url: \"sandbox:\", vars: { a: true, b: \"${env.X}\" } }
    a: { url: http://eu1.make.com, token: \"${env.MAKE_API_KEY}\" }
    b: { url: \"https://${env.MAKE_ZONE}\", team: \"${var.x}\" }
    c: { url: ftp://x, organization: \"${env.OTHER}\", dialect: unified }
    d: { url: http://127.0.0.1:8080, rateLimit: 0 }
    ../d: { url: \"sandbox:\" }
";
        let report = parse(&format!("{HEAD}{text}")).unwrap_err();
        let lines: Vec<String> = report
            .sorted()
            .into_iter()
            .map(|finding| {
                let (line, column) = finding.place.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", finding.code)
            })
            .collect();
        assert_eq!(
            lines,
            [
                "5:3 missing-key",
                "5:3 unknown-key",
                "6:10 bad-value",
                "7:9 bad-value",
                "7:20 bad-value",
                "8:18 unknown-target",
                "10:44 wrong-type",
                "10:53 reference-not-allowed",
                "11:15 bad-target",
                "12:15 undeclared-variable",
                "12:49 reference-not-allowed",
                "13:15 bad-target",
                "13:38 undeclared-variable",
                "14:49 bad-value",
                "15:5 bad-target",
            ]
        );
    }

    #[test]
    fn a_token_in_the_file_is_refused_and_never_shown() {
        let text = format!(
            "{HEAD}  manifests: [a]\n  targets:\n    a: {{ url: ftp://x, token: \"5a4db0c5-é-secret\" }}\n"
        );
        let report = parse(&text).unwrap_err();
        assert_eq!(report.iter().count(), 2);
        for finding in report.iter() {
            let source = &finding.place.as_ref().unwrap().source;
            assert!(!source.text.contains("5a4db0c5") && !source.text.contains("secret"));
            assert_eq!(source.text.len(), text.len());
        }
    }
}
