//! From the words of the command line to a target with its manifests, ledger and account.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    diagnostic::{Finding, Report, codes, nearest},
    live::{Blueprints, Client, Gates, Scenarios, Wanted, transport::Transport},
    manifest::{self, Levels, Project, StateLocation, TargetConfig},
    model::{
        Account, Desired, Event, Identity, Snapshot,
        reference::{Part, Reference, Template},
    },
    plan,
    sandbox::World,
    state::{Ledger, Owner},
};

use super::{error::Stop, exit::Exit, progress::Progress, settings::Settings, told, ui::Ui};

/// What every command gets.
pub(crate) struct Scope<'a> {
    /// The environment.
    pub(crate) settings: &'a Settings,
    /// The terminal.
    pub(crate) ui: &'a Ui,
    /// The targets that `--target` names.
    pub(crate) targets: &'a [String],
    /// Whether all of the project's are meant.
    pub(crate) all_targets: bool,
    /// What holds requests back so that they keep to the limits of organizations.
    pub(crate) gates: &'a Arc<Gates>,
    /// What answers in the place of the sandboxes in this process.
    pub(crate) account: Option<Arc<dyn Transport>>,
}

impl Scope<'_> {
    /// The project that the working directory is in.
    pub(crate) fn project(&self) -> Result<Project, Stop> {
        manifest::find_project(&self.settings.directory).map_err(Stop::Findings)
    }

    /// The names of the targets to work on, each once, in the order of the command line.
    pub(crate) fn target_names(&self, project: &Project) -> Result<Vec<String>, Stop> {
        if self.all_targets && !project.targets.is_empty() {
            return Ok(project.targets.keys().cloned().collect());
        }
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

    /// Does the same for each target of the project. Where there are several, one that can't be
    /// worked on is told of, and hinders no other; the exit is that of the worst. `single`: what
    /// was said that takes one target only.
    pub(crate) async fn each_target(
        &self,
        single: Option<&str>,
        mut work: impl AsyncFnMut(&Project, &str) -> Result<Exit, Stop>,
    ) -> Result<Exit, Stop> {
        let project = self.project()?;
        if let Some(what) = single {
            self.one_target(&project, what)?;
        }
        let names = self.target_names(&project)?;
        if let [name] = names.as_slice() {
            return work(&project, name).await;
        }
        let mut exit = Exit::Done;
        for name in &names {
            let done = work(&project, name).await;
            exit = exit.worst(done.unwrap_or_else(|stop| self.told(name, stop)));
        }
        Ok(exit)
    }

    /// Says why the work on one of several targets stopped.
    pub(crate) fn told(&self, name: &str, stop: Stop) -> Exit {
        if !matches!(stop, Stop::Said(_)) {
            self.ui.status(&format!("Target {name}:"));
        }
        told(stop, self.ui)
    }

    /// The one target of a command that works on one.
    pub(crate) fn one_target(&self, project: &Project, what: &str) -> Result<String, Stop> {
        let mut names = self.target_names(project)?;
        match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(name),
            _ => Err(anyhow::anyhow!("{what} takes exactly one target").into()),
        }
    }

    /// A target with its manifests. Errors in them stop; the other findings go with what is made
    /// of the manifests.
    pub(crate) fn open(&self, project: &Project, target: &str) -> Result<Opened, Stop> {
        self.open_with(project, target, &|name| self.settings.variable(name))
    }

    /// The same with other values of the variables that manifests take from the environment.
    pub(crate) fn open_with(
        &self,
        project: &Project,
        target: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Opened, Stop> {
        let (desired, findings) = manifest::load(project, target, environment);
        if findings.has_errors() {
            return Err(Stop::Findings(findings));
        }
        Ok(Opened {
            desired,
            findings,
            lints: project.lints.clone(),
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
            state: project.state.clone(),
            project: project.name.clone(),
            env: project.env.clone(),
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
    /// What there is to tell of the manifests; no error among it.
    pub(crate) findings: Report,
    /// How bad lints are.
    pub(crate) lints: Levels,
}

/// A target of the project.
#[derive(Debug)]
pub(crate) struct TargetHandle {
    /// Its name.
    pub(crate) name: String,
    /// The project's folder.
    pub(super) root: PathBuf,
    pub(super) config: TargetConfig,
    /// Where the project keeps its ledgers.
    pub(super) state: StateLocation,
    project: String,
    /// The variables whose values a server may quote, and nobody may see.
    pub(super) env: Vec<String>,
}

impl TargetHandle {
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

    /// The folder of its project.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The name of the project that it belongs to.
    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    /// Refuses to begin a world among other files. A pull request may name any folder, and must
    /// not leave anything in one that is no world's.
    pub(super) fn check_folder(&self, folder: &Path) -> Result<(), Stop> {
        let own = folder.starts_with(self.root.join(".makeform"));
        if own || World::is_at(folder) || is_empty(folder) {
            return Ok(());
        }
        let message = format!("{} holds files, but no sandbox", folder.display());
        let finding = Finding::new(&codes::manifest::BAD_TARGET, message)
            .at(self.config.place.clone())
            .help("name the folder of a sandbox, an empty one, or one that is not there yet");
        Err(Stop::finding(finding))
    }

    /// A text of the target's configuration with its references filled in.
    pub(super) fn text(&self, template: &Template, scope: &Scope<'_>) -> Result<String, Stop> {
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

/// Whether a folder holds nothing, or is not there.
fn is_empty(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
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
    /// The sandbox in this process that it is, which has a clock of its own.
    pub(super) world: Option<World>,
    /// Whether the next run finds the ledger too, wherever it runs.
    pub(crate) ledger_shared: bool,
}

impl Connected {
    /// What time it is in the account: Make's clock is the machine's.
    pub(crate) fn now(&self) -> Result<Timestamp, Stop> {
        match &self.world {
            Some(world) => Ok(world.now()?),
            None => Ok(now()),
        }
    }

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
        wanted: &Wanted,
        scope: &Scope<'_>,
    ) -> Result<Snapshot, Stop> {
        let progress = Progress::new(scope.ui);
        let mut emit = |event: Event| progress.show(&event);
        // All kinds at once make a future of 70 kB, which every command around it would hold.
        let read = Box::pin(self.client.collect(&self.account, wanted, &mut emit));
        let snapshot = progress.of(&self.client, read).await?;
        progress.finish();
        Ok(snapshot)
    }
}

/// What planning and settling look at. `destroy`: all that is bound is to go.
pub(crate) fn interest(desired: &Desired, ledger: &Ledger, destroy: bool) -> Wanted {
    let plan::Interest {
        kinds,
        names,
        ids,
        interface_names,
        interface_ids,
        scheduled_names,
        scheduled_ids,
        property_names,
        property_ids,
        unlisted,
        functions,
    } = plan::interest(desired, &ledger.bindings, destroy);
    let mut wanted = Wanted {
        kinds,
        blueprints: Blueprints::All,
        interfaces: Scenarios::Of {
            names: interface_names,
            ids: interface_ids,
        },
        scheduled: Scenarios::Of {
            names: scheduled_names,
            ids: scheduled_ids,
        },
        properties: Scenarios::Of {
            names: property_names,
            ids: property_ids,
        },
        cache: None,
        unlisted,
        functions,
    };
    let mut names = names;
    for intent in &ledger.pending {
        wanted.kinds.insert(intent.address.kind);
        names.extend(intent.creates.iter().map(|creates| creates.key.clone()));
    }
    let known = desired.things.values().filter_map(|declared| {
        let blueprint = declared.spec.as_scenario()?.blueprint.as_set()?;
        Some((declared.spec.match_key()?, blueprint.clone()))
    });
    wanted.blueprints = Blueprints::Of {
        names,
        ids,
        known: known.collect(),
    };
    wanted
}

/// Waits until the user (Ctrl-C) or the machine (SIGTERM) asks this process to end. Within
/// another program nobody does.
pub(crate) fn told_to_stop(ui: &Ui) -> impl Future<Output = std::io::Result<()>> + Send + use<> {
    let is_of_a_process = ui.is_of_a_process();
    async move {
        match is_of_a_process {
            true => signalled().await,
            false => std::future::pending().await,
        }
    }
}

async fn signalled() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut terminate = tokio::signal::unix::signal(kind)?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
