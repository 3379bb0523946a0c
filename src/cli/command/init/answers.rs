//! What a new project is to be, from flags, questions and what is usual.

use std::path::Path;

use secrecy::SecretString;

use super::{
    InitArgs,
    account::{Account, choose, meant, named},
    files::project_text,
    repository::Repository,
};
use crate::{
    cli::{error::Stop, session::Scope},
    diagnostic::Report,
    live::{ZONES, is_unlisted},
    manifest::{self, Project, TargetConfig},
    model::Dialect,
};

/// The emulator, as it is answered.
const SANDBOX: &str = "sandbox";

/// The target that is an account.
pub(super) const PRODUCTION: &str = "production";

/// What a project is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    /// Its name.
    pub(super) name: String,
    /// The account beside the sandbox.
    pub(super) account: Option<AccountAnswers>,
    /// Where the ledger is kept.
    pub(super) state: String,
    /// Where CI has makeform from, where that is said.
    pub(super) release: Option<Release>,
    /// What its first manifests are.
    pub(super) begin: Begin,
}

/// What a project begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// A small scenario, to try things with.
    Hello,
    /// What the account has.
    Export,
}

/// A release of makeform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
    /// Where its archive is.
    pub(super) url: String,
    /// The SHA-256 of that, in lower case.
    pub(super) sha256: String,
}

impl Release {
    /// The release that flags name; an error where they name no digest.
    pub(super) fn of(args: &InitArgs) -> anyhow::Result<Option<Self>> {
        let (Some(url), Some(sha256)) = (&args.release, &args.sha256) else {
            return Ok(None);
        };
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        anyhow::ensure!(
            is_digest,
            "`{sha256}` is no SHA-256: it has 64 hexadecimal digits"
        );
        Ok(Some(Self {
            url: url.clone(),
            sha256: sha256.to_ascii_lowercase(),
        }))
    }
}

/// An account, as `makeform.yaml` is to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AccountAnswers {
    /// The name of its target.
    pub(super) target: String,
    /// Its address.
    pub(super) url: String,
    /// Its organization, where one is named.
    pub(super) organization: Option<String>,
    /// Its team, where one is named.
    pub(super) team: Option<String>,
}

impl Answers {
    /// What a project is that is there already: as much of it as its CI has to know.
    pub(super) fn of_project(project: &Project) -> Self {
        let url = |target: &TargetConfig| target.url.as_literal().map(str::to_owned);
        let is_account =
            |target: &TargetConfig| url(target).is_none_or(|url| !url.starts_with("sandbox:"));
        let found = match project.targets.get_key_value(PRODUCTION) {
            Some(found) => Some(found),
            None => project
                .targets
                .iter()
                .find(|(_, target)| is_account(target)),
        };
        let account = found.filter(|(_, target)| is_account(target));
        Self {
            name: project.name.clone(),
            account: account.map(|(name, target)| AccountAnswers {
                target: name.clone(),
                url: url(target).unwrap_or_default(),
                organization: None,
                team: None,
            }),
            state: project.state.to_string(),
            release: None,
            begin: Begin::Hello,
        }
    }

    /// Whether what one run remembers, the next one on another machine knows.
    pub(super) fn is_shared(&self) -> bool {
        let account = self.account.as_ref();
        self.state != "file" && account.is_some_and(|account| !account.url.starts_with("sandbox:"))
    }

    /// The target that CI works on.
    pub(super) fn target(&self) -> &str {
        let account = self.account.as_ref();
        account.map_or(SANDBOX, |account| account.target.as_str())
    }

    /// Whether its team is known.
    fn is_placed(&self) -> bool {
        let account = self.account.as_ref();
        account.is_some_and(|account| account.team.is_some())
    }

    /// Whether makeform could read the project that this makes.
    fn check(&self, folder: &Path) -> Result<(), Report> {
        self.project(folder).map(|_| ())
    }

    /// The project that this makes.
    fn project(&self, folder: &Path) -> Result<Project, Report> {
        manifest::check_project(folder, &project_text(self))
    }

    /// Whether its account has teams.
    fn has_teams(&self, folder: &Path) -> bool {
        let project = self.project(folder).ok();
        let account = project.and_then(|project| project.targets.get(PRODUCTION).cloned());
        account.is_some_and(|account| account.dialect == Dialect::Zone)
    }
}

/// What is said already, and what is usual for the rest.
pub(super) struct Asked<'a> {
    args: &'a InitArgs,
    folder_name: String,
    state: &'static str,
}

impl<'a> Asked<'a> {
    pub(super) fn new(args: &'a InitArgs, folder: &Path, repository: Option<&Repository>) -> Self {
        let name = folder.file_name().and_then(|name| name.to_str());
        let has_remote = repository.is_some_and(|repository| repository.remote.is_some());
        Self {
            args,
            folder_name: name.unwrap_or("automations").to_owned(),
            state: if has_remote { "git" } else { "file" },
        }
    }

    /// All answers, asked for where nobody gave them and somebody is there to ask.
    ///
    /// With them comes an API key that was typed, to be kept once there is a project.
    pub(super) async fn answers(
        &self,
        folder: &Path,
        scope: &Scope<'_>,
    ) -> Result<(Answers, Option<SecretString>), Stop> {
        let (args, ui) = (self.args, scope.ui);
        let mut typed = None;
        let mut answers = Answers {
            name: self.folder_name.clone(),
            account: None,
            state: self.state.to_owned(),
            release: None,
            begin: self.args.begin(),
        };
        // Each answer is tried in the project as it stands so far.
        let ask = |given: &Option<String>,
                   prompt: &str,
                   usual: &str,
                   answers: &mut Answers,
                   set: fn(&mut Answers, &str)| {
            let answer = match given {
                Some(answer) => answer.clone(),
                None if ui.can_ask() => {
                    let so_far = answers.clone();
                    ui.answer(prompt, usual, |answer| {
                        let mut tried = so_far.clone();
                        set(&mut tried, answer);
                        tried.check(folder).map_err(|report| first(&report))
                    })?
                }
                None => usual.to_owned(),
            };
            set(answers, &answer);
            answers.check(folder).map_err(Stop::Findings)
        };
        let usual = self.folder_name.as_str();
        ask(&args.name, "Project", usual, &mut answers, |to, name| {
            to.name = name.to_owned();
        })?;
        let prompt = "Account (sandbox, or a zone's address such as https://eu1.make.com)";
        ask(&args.url, prompt, SANDBOX, &mut answers, |to, url| {
            to.account = address(url).map(|url| AccountAnswers {
                target: PRODUCTION.to_owned(),
                url,
                organization: None,
                team: None,
            });
        })?;
        if let Some(note) = answers.account.as_ref().and_then(|to| unlisted(&to.url)) {
            ui.status(&note);
        }
        if answers.account.is_some() && (ui.can_ask() || args.login) {
            let project = answers.project(folder).map_err(Stop::Findings)?;
            if let Some(account) = Account::of(&project, scope).await? {
                if let Err(stop) = self.choose(&mut answers, &account, scope).await {
                    // A token may be for one team alone, and list none.
                    scope.told(PRODUCTION, stop);
                }
                typed = account.typed;
            }
        }
        match &answers.account {
            Some(_) if answers.is_placed() => {}
            Some(_) => {
                let prompt = "Organization, its id or name (empty: the only one)";
                ask(&args.organization, prompt, "", &mut answers, |to, text| {
                    set(to, |account| account.organization = some(text));
                })?;
                if answers.has_teams(folder) || args.team.is_some() {
                    let prompt = "Team, its id or name (empty: the only one)";
                    ask(&args.team, prompt, "", &mut answers, |to, text| {
                        set(to, |account| account.team = some(text));
                    })?;
                }
            }
            None if args.organization.is_some() || args.team.is_some() => {
                return Err(anyhow::anyhow!(
                    "the sandbox needs no organization and no team: say where the account is with --url"
                )
                .into());
            }
            None => {}
        }
        let prompt = "Ledger (file, git, s3://BUCKET/PREFIX, gs://.., az://..)";
        ask(
            &args.state,
            prompt,
            self.state,
            &mut answers,
            |to, state| {
                to.state = state.to_owned();
            },
        )?;
        Ok((answers, typed))
    }

    /// Sets the organization and the team that somebody chooses of those that the token opens, and what
    /// the project begins with.
    async fn choose(
        &self,
        answers: &mut Answers,
        account: &Account,
        scope: &Scope<'_>,
    ) -> Result<(), Stop> {
        let organizations = match &self.args.organization {
            Some(said) => meant(said, &account.organizations).cloned(),
            None => choose("Organization", &account.organizations, scope)?.cloned(),
        };
        let Some((organization, _)) = organizations else {
            return Ok(());
        };
        let teams = account.teams(organization).await?;
        let team = match &self.args.team {
            Some(said) => meant(said, &teams),
            None => choose("Team", &teams, scope)?,
        };
        let Some(team) = team.map(|team| named(team, &teams)) else {
            return Ok(());
        };
        set(answers, |account| {
            account.organization = Some(organization.to_string());
            account.team = Some(team);
        });
        if !self.args.says_begin() && scope.ui.can_ask() {
            let prompt = "Begin with (export: what is there; empty: a first manifest)";
            let begin = scope.ui.answer(prompt, "export", |answer| match answer {
                "export" | "empty" => Ok(()),
                other => Err(format!("`{other}` is neither `export` nor `empty`")),
            })?;
            answers.begin = match begin.as_str() {
                "export" => Begin::Export,
                _ => Begin::Hello,
            };
        }
        Ok(())
    }
}

/// Sets what an account is to be.
fn set(answers: &mut Answers, set: impl FnOnce(&mut AccountAnswers)) {
    if let Some(account) = &mut answers.account {
        set(account);
    }
}

/// Nothing where nothing was typed.
fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// The address that is meant: none is the sandbox; `eu1` and `eu1.make.com` are zones.
fn address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    match typed {
        SANDBOX | "sandbox:" => None,
        _ if typed.contains("://") || typed.starts_with("sandbox:") => Some(typed.to_owned()),
        _ if typed.contains('.') => Some(format!("https://{typed}")),
        _ => Some(format!("https://{typed}.make.com")),
    }
}

/// What there is to tell of the address of a zone that nobody knows: it is written all the same, since Make
/// may have opened it after this program was made.
fn unlisted(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.trim_end_matches('/');
    let told = || {
        format!(
            "Note: {host} is none of the zones that are known: {}. The address that your browser shows \
             in Make begins with yours.",
            ZONES.join(", ")
        )
    };
    is_unlisted(host).then(told)
}

/// What is wrong, in one line.
fn first(report: &Report) -> String {
    let first = report.sorted().into_iter().next();
    first.map_or_else(String::new, |finding| finding.message.clone())
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn people_may_type_less_than_an_address() {
        for (typed, meant) in [
            ("sandbox", None),
            ("sandbox:", None),
            ("sandbox:other", Some("sandbox:other")),
            ("eu1", Some("https://eu1.make.com")),
            (
                "us2.make.celonis.com ",
                Some("https://us2.make.celonis.com"),
            ),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
        ] {
            assert_eq!(address(typed).as_deref(), meant, "{typed}");
        }
    }
}
