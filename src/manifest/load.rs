//! All manifests of one target -> what they ask for, and all that is wrong with them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use crate::{
    diagnostic::{
        Finding, Report, Severity,
        codes::{lints, manifest as codes, ties},
    },
    model::{Address, Desired, Dialect, Excluded, Pin, Place, Variables},
};

use super::{
    check,
    discover::{self, IDS_FILE, PatternFault, ReadError},
    document::{self, Former, Thing},
    exclude, ids, lint,
    lower::lower,
    moved,
    node::Span,
    overrides,
    page::Page,
    project::Project,
    scope::Scope,
    source::blot,
    started,
    target::guards,
    values::did_you_mean,
    yaml,
};

/// Reads all manifests of a target, to plan from them.
///
/// Findings of all files come in one report; what could be read is there even so. `environment`
/// gives the values of the variables that the project declares. Of lints those come that the project
/// sets to `error`: they stop what a plan would bring about. [`validate`] tells the others.
pub fn load(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (Desired, Report) {
    let (desired, mut report) = validate(project, target, environment);
    report.retain(|finding| {
        finding.severity == Severity::Error
            // Planning tells of raw ids itself, by their names in the account.
            || !(lints::ALL.contains(&finding.code) || finding.code == &ties::RAW_ID)
    });
    (desired, report)
}

/// The same with all lints.
pub fn validate(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (Desired, Report) {
    let mut report = Report::default();
    let mut files = Files::default();
    if project.targets.contains_key(target) {
        for path in matching(project, &mut report) {
            match discover::read(&project.root, &path) {
                Ok(source) => files.open(Page::new(source)),
                Err(error) => {
                    let message = format!("failed to read {}: {error}", path.display());
                    report.push(Finding::new(&codes::UNREADABLE_FILE, message));
                    files.incomplete = true;
                }
            }
        }
    }
    let desired = checked(project, target, environment, files, &mut report);
    (desired, report)
}

/// The same of files that are open, with what is wrong with them.
pub(super) fn checked(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    files: Files,
    report: &mut Report,
) -> Desired {
    let Some(config) = project.targets.get(target) else {
        let message = format!("the project has no target `{target}`");
        let known = project.targets.keys().map(String::as_str);
        report
            .push(Finding::new(&codes::UNKNOWN_TARGET, message).help(did_you_mean(target, known)));
        return Desired::default();
    };
    let env = project.env.iter().filter_map(|name| {
        let value = environment(name)?;
        Some((name.clone(), SecretString::from(value)))
    });
    let variables = Variables {
        vars: config.vars.clone(),
        env: env.collect(),
        target: target.to_owned(),
    };
    let all = !files.incomplete;
    let excluded = exclude::excluded(&config.exclude, &files.declared, all, report);
    if all {
        let is_declared = |address: &Address| files.declared.contains_key(address);
        let declared = files.declared.keys();
        report.extend(overrides::check(&config.overrides, is_declared, declared));
    }
    let scope = Scope {
        root: &project.root,
        env: &project.env,
        dialect: config.dialect,
        variables,
        declared: files.declared,
        excluded,
        incomplete: files.incomplete,
        uses: RefCell::new(BTreeSet::new()),
        started: RefCell::new(BTreeSet::new()),
        blueprint_files: RefCell::new(BTreeMap::new()),
        facts: RefCell::default(),
        mentions: RefCell::default(),
    };
    let mut desired = Desired::default();
    for (mut page, things) in files.pages {
        page.lay(&project.source);
        for mut thing in things {
            let about = page.about(&thing.address);
            if let Some(patch) = config.overrides.get(&thing.address) {
                patch.apply(&about, &mut thing.document);
            }
            let declared = lower(&about, &scope, &thing);
            let address = thing.address;
            if let Some(place) = scope.excluded.get(&address) {
                // What is wrong with it elsewhere, such as a variable of other targets, is no
                // matter here. What can't be read has no name to be found by.
                let excluded = Excluded {
                    declared: declared.filter(|_| !about.has_errors()),
                    place: place.clone(),
                };
                desired.excluded.entry(address).or_insert(excluded);
                continue;
            }
            if let Some(declared) = declared {
                // Of two things with one address the first counts; both are checked.
                desired.things.entry(address).or_insert(declared);
            }
            page.absorb(about);
        }
        report.extend(page.into_report());
    }
    check::removed(files.former.removed, &mut desired, report);
    let declared = &scope.declared;
    moved::moved(files.former.moved, declared, all, &mut desired, report);
    // What `makeform.yaml` says of a target counts where the file of ids says nothing.
    desired.pins = config.map.clone();
    desired.pins.extend(pins(project, target, report));
    let uses = scope.uses.into_inner();
    // Circles of what is left out hinder nobody; a schedule that only they use is used.
    let mut round = uses.clone();
    round.retain(|(user, _)| desired.things.contains_key(user));
    report.extend(check::check(&desired, &round));
    if config.dialect == Dialect::Unified {
        let mut started = scope.started.into_inner();
        started.retain(|(_, scenario)| desired.things.contains_key(scenario));
        report.extend(started::scenarios_of_webhooks(&mut desired, &started));
        report.extend(check::one_role(&desired));
    }
    if !scope.incomplete {
        report.extend(check::unused(&desired, &uses));
    }
    report.extend(lint::across(&desired, &scope.facts.into_inner()));
    project.lints.apply(report);
    desired.blueprint_files = scope.blueprint_files.into_inner();
    let excluded = &desired.excluded;
    desired
        .blueprint_files
        .retain(|address, _| !excluded.contains_key(address));
    desired.variables = scope.variables;
    desired.mentions = scope.mentions.into_inner();
    desired
}

/// The manifests that were opened, and what they declare.
#[derive(Default)]
pub(super) struct Files {
    pages: Vec<(Page, Vec<Thing>)>,
    declared: BTreeMap<Address, Place>,
    former: Former,
    /// Whether a file could not be read, or not to its end: it may declare anything.
    incomplete: bool,
}

impl Files {
    /// Reads the envelopes of a file. A second thing with an address that is taken is reported
    /// and kept, so that its own mistakes are found too.
    pub(super) fn open(&mut self, mut page: Page) {
        let mut things = Vec::new();
        let stream = yaml::read(&page);
        // What guards a webhook may stand there by mistake.
        let literals = stream
            .documents
            .iter()
            .filter_map(|document| document.get("spec"))
            .flat_map(guards)
            .collect::<Vec<Span>>();
        page.source = blot(&page.source, &literals);
        self.incomplete |= !stream.whole;
        for document in stream.documents {
            let Some(thing) = document::open(&page, document, &mut self.former) else {
                continue;
            };
            if let Some(first) = self.declared.get(&thing.address) {
                let message = format!("`{}` is declared twice", thing.address);
                page.report(
                    page.finding(&codes::DUPLICATE_ADDRESS, &thing.name, message)
                        .about(&thing.address)
                        .label(first.clone(), "first here"),
                );
            } else {
                let place = page.place(&thing.name);
                self.declared.insert(thing.address.clone(), place);
            }
            things.push(thing);
        }
        self.pages.push((page, things));
    }
}

/// The files of a project, with what is wrong with its patterns.
fn matching(project: &Project, report: &mut Report) -> Vec<PathBuf> {
    let matches = discover::matching(&project.root, &project.manifests);
    for (index, fault) in matches.faults {
        let pattern = project.manifests.get(index).map(String::as_str);
        let pattern = pattern.unwrap_or_default();
        let mut finding = match fault {
            PatternFault::Nothing => {
                let message = format!("the pattern `{pattern}` matches no file");
                Finding::new(&codes::PATTERN_WITHOUT_MATCH, message)
                    .help("mend it, or take it off the list")
            }
            PatternFault::Outside(path) => {
                let message = format!("`{path}` lies outside of the project");
                Finding::new(&codes::OUTSIDE_PROJECT, message)
            }
            PatternFault::Unreadable(why) => {
                let message = format!("failed to read {why}");
                Finding::new(&codes::UNREADABLE_FILE, message)
            }
            PatternFault::Malformed(why) => {
                let message = format!("`{pattern}` is no pattern: {why}");
                Finding::new(&codes::BAD_VALUE, message)
            }
        };
        finding.place = project.manifest_places.get(index).cloned();
        report.push(finding);
    }
    matches.files
}

fn pins(project: &Project, target: &str, report: &mut Report) -> BTreeMap<Address, Pin> {
    match discover::read(&project.root, Path::new(IDS_FILE)) {
        Ok(source) => {
            let page = Page::new(source);
            let pins = ids::read(&page, project, target);
            report.extend(page.into_report());
            pins
        }
        Err(ReadError::Missing) => BTreeMap::new(),
        Err(error) => {
            let message = format!("failed to read {IDS_FILE}: {error}");
            report.push(Finding::new(&codes::UNREADABLE_FILE, message));
            BTreeMap::new()
        }
    }
}
