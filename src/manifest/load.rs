//! All manifests of one target -> what they ask for, and all that is wrong with them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use secrecy::SecretString;

use crate::{
    diagnostic::{
        Finding, Report, Severity,
        codes::{lints, manifest as codes, ties},
    },
    model::{Address, Declared, Desired, Dialect, Excluded, Pin, Place, Variables},
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
    scope::{Blueprints, Known, Scope},
    source::blot,
    started,
    target::{TargetConfig, guards},
    told::Told,
    values::did_you_mean,
    written::Written,
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
    let (desired, mut report) = read(project, target, environment, Blueprints::Kept);
    report.retain(|finding| {
        finding.severity == Severity::Error
            // Planning tells of raw ids itself, by their names in the account.
            || !(lints::ALL.contains(&finding.code) || finding.code == &ties::RAW_ID)
    });
    (desired, report)
}

/// Checks all manifests of a target: how many things they declare, and what is wrong or odd.
pub fn validate(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (usize, Report) {
    let (desired, report) = read(project, target, environment, Blueprints::Checked);
    (desired.things.len(), report)
}

/// The things that the manifests of a project declare, whatever its targets make of them, and where.
/// What can't be read declares none; blueprints are not looked at.
#[must_use]
pub fn addresses(project: &Project) -> BTreeMap<Address, Place> {
    Files::open(project, Blueprints::Checked, &mut Report::default()).declared
}

fn read(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    blueprints: Blueprints,
) -> (Desired, Report) {
    let mut report = Report::default();
    let files = match project.targets.contains_key(target) {
        true => Files::open(project, blueprints, &mut report),
        false => Files::default(),
    };
    let desired = checked(project, target, environment, blueprints, files, &mut report);
    (desired, report)
}

/// The same of files that are open.
pub(super) fn checked(
    project: &Project,
    target: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    blueprints: Blueprints,
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
    report.extend(project.literals.iter().cloned().collect());
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
    let known = Known {
        root: &project.root,
        env: &project.env,
        dialect: config.dialect,
        variables,
        declared: files.declared,
        excluded,
        incomplete: files.incomplete,
        blueprints,
        lints: blueprints == Blueprints::Checked || project.lints.stop_plans(),
    };
    // Nearly all the time goes into blueprints, and each is read for itself. What is kept is made on
    // one thread: allocators have an arena for each, and holes in one are of no use to another (a plan
    // of 10,000 scenarios held 366 MB so, against 257).
    let lower = |(page, things)| lower_page(project, config, &known, page, things);
    let lowered: Vec<Lowered> = match blueprints {
        Blueprints::Checked => files.pages.into_par_iter().map(lower).collect(),
        Blueprints::Kept => files.pages.into_iter().map(lower).collect(),
    };
    let mut desired = Desired::default();
    let mut told = Told::default();
    for lowered in lowered {
        for (address, declared) in lowered.things {
            // Of two things with one address the first counts; both are checked.
            desired.things.entry(address).or_insert(declared);
        }
        for (address, excluded) in lowered.excluded {
            desired.excluded.entry(address).or_insert(excluded);
        }
        told.extend(lowered.told);
        report.extend(lowered.report);
    }
    check::removed(files.former.removed, &mut desired, report);
    let declared = &known.declared;
    moved::moved(files.former.moved, declared, all, &mut desired, report);
    // What `makeform.yaml` says of a target counts where the file of ids says nothing.
    desired.pins = config.map.clone();
    desired.pins.extend(pins(project, target, report));
    // Circles of what is left out hinder nobody; a schedule that only they use is used.
    let mut round = told.uses.clone();
    round.retain(|(user, _)| desired.things.contains_key(user));
    report.extend(check::check(&desired, &round));
    if config.dialect == Dialect::Unified {
        let mut started = told.started;
        started.retain(|(_, scenario)| desired.things.contains_key(scenario));
        report.extend(started::scenarios_of_webhooks(&mut desired, &started));
        report.extend(check::one_role(&desired));
    }
    if !known.incomplete {
        report.extend(check::unused(&desired, &told.uses));
    }
    report.extend(lint::across(&desired, &told.facts));
    project.lints.apply(report);
    desired.blueprint_files = told.blueprint_files;
    let excluded = &desired.excluded;
    desired
        .blueprint_files
        .retain(|address, _| !excluded.contains_key(address));
    desired.variables = known.variables;
    desired.mentions = told.mentions;
    for (address, declared) in &mut desired.things {
        let ignored = project.policy.ignored_in(address.kind).iter().cloned();
        declared.lifecycle.ignore_changes.extend(ignored);
    }
    desired.policy = project.policy.clone();
    desired
}

/// What the manifests of one file ask for.
struct Lowered {
    things: Vec<(Address, Declared)>,
    excluded: Vec<(Address, Excluded)>,
    told: Told,
    report: Report,
}

fn lower_page(
    project: &Project,
    config: &TargetConfig,
    known: &Known<'_>,
    mut page: Page,
    manifests: Vec<Thing>,
) -> Lowered {
    let scope = Scope::new(known);
    let mut things = Vec::new();
    let mut excluded = Vec::new();
    page.lay(&project.source);
    for mut thing in manifests {
        let about = page.about(&thing.address);
        if let Some(patch) = config.overrides.get(&thing.address) {
            patch.apply(&about, &mut thing.document);
        }
        let declared = lower(&about, &scope, &thing);
        let address = thing.address;
        if let Some(place) = known.excluded.get(&address) {
            // What is wrong with it elsewhere, such as a variable of other targets, is no
            // matter here. What can't be read has no name to be found by.
            let left_out = Excluded {
                declared: declared.filter(|_| !about.has_errors()),
                place: place.clone(),
            };
            excluded.push((address, left_out));
            continue;
        }
        things.extend(declared.map(|declared| (address, declared)));
        page.absorb(about);
    }
    Lowered {
        things,
        excluded,
        told: scope.told.into_inner(),
        report: page.into_report(),
    }
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
    /// Opens those that a project names.
    fn open(project: &Project, blueprints: Blueprints, report: &mut Report) -> Self {
        let mut files = Self::default();
        let paths = matching(project, report);
        let read = |path: PathBuf| {
            let page = Page::new(discover::read(&project.root, &path).map_err(|error| {
                let message = format!("failed to read {}: {error}", path.display());
                Box::new(Finding::new(&codes::UNREADABLE_FILE, message))
            })?);
            let stream = yaml::read(&page);
            if page.is_clean() {
                return Ok((page, stream));
            }
            // What was found is found again, and shows nothing.
            let veiled = lint::veiled(&page);
            yaml::read(&veiled);
            Ok((veiled, stream))
        };
        let read: Vec<Result<_, Box<Finding>>> = match blueprints {
            Blueprints::Checked => paths.into_par_iter().map(read).collect(),
            Blueprints::Kept => paths.into_iter().map(read).collect(),
        };
        for read in read {
            match read {
                Ok((page, stream)) => files.add(page, stream),
                Err(finding) => {
                    report.push(*finding);
                    files.incomplete = true;
                }
            }
        }
        files
    }

    /// Takes the envelopes off. A second thing with an address that is taken is reported and kept,
    /// so that its own mistakes are found too.
    pub(super) fn add(&mut self, mut page: Page, stream: yaml::Stream) {
        let mut things = Vec::new();
        // What guards a webhook may stand there by mistake.
        let literals = stream
            .documents
            .iter()
            .filter_map(|document| document.get("spec"))
            .flat_map(guards)
            .collect::<Vec<Span>>();
        let secrets: Vec<_> = stream
            .documents
            .iter()
            .map(|document| lint::literals(Written::in_yaml(&page, document), document))
            .collect();
        page.source = blot(&page.source, &literals);
        for secrets in &secrets {
            lint::hide(&mut page, secrets);
        }
        self.incomplete |= !stream.whole;
        for (document, secrets) in stream.documents.into_iter().zip(secrets) {
            let thing = document::open(&page, document, &mut self.former);
            let address = thing.as_ref().map(|thing| &thing.address);
            for secret in secrets {
                page.report(secret.finding(&page, address));
            }
            let Some(thing) = thing else {
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
