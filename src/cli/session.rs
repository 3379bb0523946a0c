//! From the words of the command line to a target with its manifests, ledger and account.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    diagnostic::{Finding, codes, nearest},
    live::{self, Blueprints, Client, transport::Transport},
    manifest::{self, Project, TargetConfig},
    model::{
        Account, Desired, Event, Identity, RemoteId, Snapshot,
        reference::{Part, Reference, Template},
    },
    plan,
    sandbox::{TOKEN, World, WorldOptions},
    state::{Ledger, Owner, Store},
};

use super::{error::Stop, progress::Progress, settings::Settings, ui::Ui};

/// What every command gets.
pub(crate) struct Scope<'a> {
    /// The environment.
    pub(crate) settings: &'a Settings,
    /// The terminal.
    pub(crate) ui: &'a Ui,
    /// The targets that `--target` names.
    pub(crate) targets: &'a [String],
}

impl Scope<'_> {
    /// The project that the working directory is in.
    pub(crate) fn project(&self) -> Result<Project, Stop> {
        manifest::find_project(&self.settings.directory).map_err(Stop::Findings)
    }

    /// The names of the targets to work on, each once, in the order of the command line.
    pub(crate) fn target_names(&self, project: &Project) -> Result<Vec<String>, Stop> {
        let mut names = Vec::new();
        for name in self.targets {
            if !project.targets.contains_key(name) {
                return Err(unknown_target(project, name));
            }
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.is_empty() {
            let only = || match project.targets.len() {
                1 => project.targets.keys().next().cloned(),
                _ => None,
            };
            let name = project.default_target.clone().or_else(only).ok_or_else(|| {
                let known: Vec<&str> = project.targets.keys().map(String::as_str).collect();
                anyhow::anyhow!(
                    "no target named: say --target NAME, or set `defaultTarget` in makeform.yaml \
                     (targets: {})",
                    known.join(", ")
                )
            })?;
            names.push(name);
        }
        Ok(names)
    }

    /// The one target of a command that works on one.
    pub(crate) fn one_target(&self, project: &Project, what: &str) -> Result<String, Stop> {
        let mut names = self.target_names(project)?;
        match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(name),
            _ => Err(anyhow::anyhow!("{what} takes exactly one target").into()),
        }
    }

    /// A target with its manifests. Findings are shown; errors among them stop.
    pub(crate) fn open(&self, project: &Project, target: &str) -> Result<Opened, Stop> {
        let environment = |name: &str| self.settings.variable(name);
        let (desired, report) = manifest::load(project, target, &environment);
        if report.has_errors() {
            return Err(Stop::Findings(report));
        }
        self.ui.findings(&report);
        Ok(Opened {
            desired,
            target: self.target(project, target)?,
        })
    }

    /// A target without its manifests.
    pub(crate) fn target(&self, project: &Project, name: &str) -> Result<TargetHandle, Stop> {
        let config = project
            .targets
            .get(name)
            .ok_or_else(|| unknown_target(project, name))?;
        Ok(TargetHandle {
            name: name.to_owned(),
            root: project.root.clone(),
            config: config.clone(),
            project: project.name.clone(),
        })
    }

    /// Who holds a lock that this process takes.
    pub(crate) fn owner(&self, command: &str) -> Owner {
        Owner {
            who: self.settings.who.clone(),
            pid: std::process::id(),
            command: command.to_owned(),
            since: now(),
        }
    }
}

/// The clock: read here and passed in everywhere.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn unknown_target(project: &Project, name: &str) -> Stop {
    let known: Vec<&str> = project.targets.keys().map(String::as_str).collect();
    let finding = Finding::new(
        &codes::manifest::UNKNOWN_TARGET,
        format!("makeform.yaml has no target `{name}`"),
    );
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its targets are {}", known.join(", ")),
    };
    Stop::finding(finding.help(help))
}

/// A target and what its manifests ask for.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The target.
    pub(crate) target: TargetHandle,
    /// What the manifests ask for.
    pub(crate) desired: Desired,
}

/// A target of the project.
#[derive(Debug)]
pub(crate) struct TargetHandle {
    /// Its name.
    pub(crate) name: String,
    /// The project's folder.
    root: PathBuf,
    config: TargetConfig,
    project: String,
}

impl TargetHandle {
    /// Its ledger.
    pub(crate) fn store(&self) -> Store {
        Store::at(&self.root.join(".makeform").join(&self.name))
    }

    /// The folder of the sandbox that it names, if it names one.
    pub(crate) fn world(&self, scope: &Scope<'_>) -> Result<Option<PathBuf>, Stop> {
        let url = self.text(&self.config.url, scope)?;
        Ok(url
            .strip_prefix("sandbox:")
            .map(|path| self.root.join(world_folder(path))))
    }

    /// The URL of its account as the project has it.
    pub(crate) fn url(&self, scope: &Scope<'_>) -> Result<String, Stop> {
        self.text(&self.config.url, scope)
    }

    /// The name of the project that it belongs to.
    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    /// Opens the way to its account and finds organization and team.
    pub(crate) async fn connect(&self, scope: &Scope<'_>) -> Result<Connected, Stop> {
        let url = self.text(&self.config.url, scope)?;
        let token = match &self.config.token {
            Some(template) => Some(self.text(template, scope)?),
            None => None,
        };
        let (transport, host, token): (Arc<dyn Transport>, String, SecretString) =
            if let Some(path) = url.strip_prefix("sandbox:") {
                let folder = self.root.join(world_folder(path));
                let world = World::open(&folder, WorldOptions::default())?;
                let token = token.unwrap_or_else(|| TOKEN.to_owned());
                (Arc::new(world), url.clone(), token.into())
            } else {
                let transport = live::HttpTransport::new(&url, &scope.settings.allowed_hosts)?;
                let host = transport.host();
                let token = token
                    .or_else(|| scope.settings.variable("MAKE_API_KEY"))
                    .filter(|token| !token.is_empty())
                    .ok_or_else(|| {
                        Stop::finding(
                            Finding::new(
                                &codes::account::NO_TOKEN,
                                format!("target `{}` has no token", self.name),
                            )
                            .help("set MAKE_API_KEY, or `token: ${env.NAME}` in makeform.yaml"),
                        )
                    })?;
                (Arc::new(transport), host, token.into())
            };
        let client = Client::new(transport, token, host);
        let organization = match &self.config.organization {
            Some(template) => Some(self.text(template, scope)?),
            None => scope.settings.variable("MAKE_ORGANIZATION_ID"),
        };
        let organization = organization
            .filter(|_| !url.starts_with("sandbox:") || self.config.organization.is_some());
        let team = match &self.config.team {
            Some(template) => Some(self.text(template, scope)?),
            None => None,
        };
        let account = client
            .locate(organization.as_deref(), team.as_deref())
            .await?;
        Ok(Connected { client, account })
    }

    /// A text of the target's configuration with its references filled in.
    fn text(&self, template: &Template, scope: &Scope<'_>) -> Result<String, Stop> {
        let mut text = String::new();
        for part in template.parts() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Reference(Reference::Env(name)) => {
                    let value = scope.settings.variable(name).ok_or_else(|| {
                        Stop::finding(
                            Finding::new(
                                &codes::manifest::UNSET_VARIABLE,
                                format!("the environment variable `{name}` is not set"),
                            )
                            .at(self.config.place.clone())
                            .help(format!("target `{}` needs it", self.name)),
                        )
                    })?;
                    text.push_str(&value);
                }
                Part::Reference(Reference::Var(name)) => {
                    text.push_str(self.config.vars.get(name).map_or("", String::as_str));
                }
                Part::Reference(Reference::Target(_)) => text.push_str(&self.name),
                Part::Reference(reference @ Reference::Thing { .. }) => {
                    return Err(anyhow::anyhow!(
                        "target `{}` may not name {reference}: it is known only with the account",
                        self.name
                    )
                    .into());
                }
            }
        }
        Ok(text)
    }
}

/// The folder of `sandbox:PATH`, relative to the project.
pub(crate) fn world_folder(path: &str) -> &Path {
    Path::new(if path.is_empty() {
        ".makeform/sandbox"
    } else {
        path
    })
}

/// The way to an account.
pub(crate) struct Connected {
    /// Sends requests.
    pub(crate) client: Client,
    /// Where to.
    pub(crate) account: Account,
}

impl Connected {
    /// Whose the ledger of this account is.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            host: self.account.host.clone(),
            organization: self.account.organization,
            team: self.account.team,
        }
    }

    /// Reads what planning needs of the account.
    pub(crate) async fn snapshot(
        &self,
        blueprints: &Blueprints,
        scope: &Scope<'_>,
    ) -> Result<Snapshot, Stop> {
        let progress = Progress::new(scope.ui);
        let mut emit = |event: Event| progress.show(&event);
        let snapshot = self
            .client
            .collect(&self.account, blueprints, &mut emit)
            .await?;
        progress.finish();
        Ok(snapshot)
    }
}

/// The scenarios whose blueprints planning looks at, and those that a create whose answer was
/// lost may have made.
pub(crate) fn interest(desired: &Desired, ledger: &Ledger) -> Blueprints {
    let (mut names, ids): (BTreeSet<String>, BTreeSet<RemoteId>) =
        plan::interest(desired, &ledger.bindings);
    let creates = ledger
        .pending
        .iter()
        .filter_map(|intent| intent.creates.as_ref());
    names.extend(creates.map(|creates| creates.key.clone()));
    Blueprints::Of { names, ids }
}
