//! `init`: a new project.

mod account;
mod answers;
mod files;
mod repository;
mod workflow;

use std::path::PathBuf;

use self::{
    answers::{Answers, Asked, Begin, Release},
    files::{Planned, planned},
    repository::Repository,
    workflow::Ci,
};
use super::{
    auth::keep_api_key,
    export::{self, ExportArgs},
};
use crate::{
    cli::{error::Stop, exit::Exit, files::mark_generated, session::Scope},
    manifest::{self, PROJECT_FILE},
};

/// Begin a project
///
/// Writes makeform.yaml, a first manifest (a small scenario, for you to replace), and a CI workflow
/// that plans on pull requests and applies on merges what was reviewed; keeps .makeform/ out of git, and marks in
/// .gitattributes what is generated. On a terminal it asks for what no flag says.
///
/// The project has a target `sandbox`, the emulator that comes with makeform, and with --url a
/// target `production`, which is your account. On a terminal the organizations and teams that your
/// token opens are listed to choose from, and the project can begin with what the account has. The
/// token never stands in a file.
///
/// The workflow runs no makeform but the one that you name, by its address and its SHA-256.
///
/// In a repository with a remote the ledger is kept in the repository itself (`state: git`), else
/// in a file. A file that is there already stays as it is, and is told of.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform init                                           asks, on a terminal
  makeform init --name acme --url eu1.make.com --team Marketing
  makeform init --url https://api.make.com --organization 12 --ci gitlab
  makeform init --url eu1 --team Marketing --export       begins with what is there
  makeform init --url eu1 --login < api-key.txt           keeps a login, too
  makeform init --state s3://acme-ledgers/make
  makeform init --release https://example.com/makeform-linux.tar.gz --sha256 9f86d081..
  makeform -C clients/acme init --force                   adds what is missing")]
pub(crate) struct InitArgs {
    /// The project's name [default: the folder's]
    #[arg(long)]
    name: Option<String>,
    /// Where the account is: `sandbox`, or the zone's address, as https://eu1.make.com
    /// [default: sandbox]
    #[arg(long)]
    url: Option<String>,
    /// The organization's id or name [default: the only one that the token opens]
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
    /// The team's id or name [default: the only one]
    #[arg(long)]
    team: Option<String>,
    /// Where the ledger is kept: file, git, s3://BUCKET/PREFIX, gs://.., az://..
    /// [default: git in a repository with a remote, else file]
    #[arg(long)]
    state: Option<String>,
    /// Whose CI runs it [default: gitlab if the remote is one's, else github]
    #[arg(long, value_enum)]
    ci: Option<Ci>,
    /// Where CI has makeform from: the address of a release's archive for Linux [default: what the
    /// CI's own settings say, MAKEFORM_RELEASE and MAKEFORM_SHA256]
    #[arg(long, value_name = "URL", requires = "sha256")]
    release: Option<String>,
    /// The SHA-256 of that archive: CI runs no other
    #[arg(long, value_name = "HASH", requires = "release")]
    sha256: Option<String>,
    /// Log in: the API key is typed, or piped in, and kept for the target
    #[arg(long, requires = "url")]
    login: bool,
    /// Begin with what the account has
    #[arg(long, requires = "url")]
    export: bool,
    /// Begin with a first manifest, to try things with [default, where nobody can be asked]
    #[arg(long, conflicts_with = "export")]
    empty: bool,
    /// Add what is missing to a project that is there; no file is ever replaced
    #[arg(long)]
    force: bool,
}

impl InitArgs {
    /// Whether they say what the project begins with.
    fn says_begin(&self) -> bool {
        self.export || self.empty
    }

    /// What it begins with, as far as they say.
    fn begin(&self) -> Begin {
        match self.export {
            true => Begin::Export,
            false => Begin::Hello,
        }
    }
}

pub(crate) async fn run(args: &InitArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let folder = folder(scope)?;
    if !args.force
        && let Some(above) = folder
            .ancestors()
            .find(|above| above.join(PROJECT_FILE).symlink_metadata().is_ok())
    {
        return Err(anyhow::anyhow!(
            "there is a project already: {}; `makeform init --force` adds the files that it lacks, \
             and replaces none",
            above.join(PROJECT_FILE).display()
        )
        .into());
    }
    let repository = Repository::of(&folder);
    let has_project = folder.join(PROJECT_FILE).symlink_metadata().is_ok();
    let release = Release::of(args)?;
    let (mut answers, key) = match has_project {
        // What it says counts.
        true => {
            let project = manifest::find_project(&folder).map_err(Stop::Findings)?;
            (Answers::of_project(&project), None)
        }
        false => {
            let asked = Asked::new(args, &folder, repository.as_ref());
            asked.answers(&folder, scope).await?
        }
    };
    answers.release = release;
    let ci = args.ci.unwrap_or_else(|| match &repository {
        Some(repository) if repository.is_gitlab() => Ci::Gitlab,
        Some(_) | None => Ci::Github,
    });
    let Planned { new, left, notes } = planned(&folder, &answers, ci, repository.as_ref())?;
    let ui = scope.ui;
    for file in &new {
        file.write()?;
        ui.status(&format!("Wrote {}", file.shown(&folder)));
    }
    if mark_generated(&folder)? {
        ui.status("Marked the files of Make's editor as generated in .gitattributes");
    }
    for path in &left {
        ui.status(&format!("Left as it is: {path}"));
    }
    for note in &notes {
        ui.status(note);
    }
    let is_in = key.is_some();
    if let Some(key) = key {
        keep_api_key(&key, answers.target(), scope).await?;
    }
    if answers.begin == Begin::Export {
        let targets = [answers.target().to_owned()];
        let scope = Scope {
            targets: &targets,
            account: scope.account.clone(),
            ..*scope
        };
        let exit = export::run(&ExportArgs::whole(), &scope).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    ui.status(&next(&answers, is_in));
    Ok(Exit::Done)
}

/// The folder to begin in, links resolved.
fn folder(scope: &Scope<'_>) -> Result<PathBuf, Stop> {
    let directory = &scope.settings.directory;
    directory
        .canonicalize()
        .map_err(|error| anyhow::anyhow!("failed to find {}: {error}", directory.display()).into())
}

/// What to type next.
fn next(answers: &Answers, is_in: bool) -> String {
    let target = answers.target();
    if answers.begin == Begin::Export {
        return format!(
            "\nNext:\n\
             \x20 makeform --target {target} plan          shows no changes: all is as it was exported\n\
             \x20 git add --all && git commit              the account as it is\n\
             \x20 makeform --target {target} apply         records what is yours from now on"
        );
    }
    let mut lines = vec![
        "\nNext, against the sandbox:".to_owned(),
        "  makeform plan                               what apply would do".to_owned(),
        "  makeform apply                              shows it, asks, and does it".to_owned(),
    ];
    if answers.account.is_some() {
        lines.push(format!("And with your account (target {target}):"));
        if !is_in {
            lines.push(format!(
                "  makeform --target {target} auth login    or set MAKE_API_KEY"
            ));
        }
        lines.push(format!(
            "  makeform --target {target} doctor        is all in place?"
        ));
        lines.push(format!(
            "  makeform --target {target} export        begin with what is there"
        ));
    }
    lines.join("\n")
}
