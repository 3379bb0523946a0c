//! What was approved before an apply: a plan file, a digest, or the plan that was recorded under a
//! commit.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::{
    plan::{PlanFile, PlanFileError},
    render,
};

use super::{
    commit,
    error::Stop,
    exit::Exit,
    session::{Opened, Scope},
};

/// How an apply is approved.
#[derive(Debug, clap::Args)]
pub(crate) struct ApprovalArgs {
    /// A plan that `plan --out` saved (takes one target)
    #[arg(value_name = "PLANFILE")]
    plan: Option<PathBuf>,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Go on only if the plan has this digest; `recorded`: that of `plan --record` (takes one
    /// target)
    #[arg(long, value_name = "DIGEST", conflicts_with = "plan", value_parser = expected)]
    expect: Option<String>,

    /// The commit under which the plan was recorded, where it is not the one that is checked out
    #[arg(long, value_name = "SHA", requires = "expect")]
    commit: Option<String>,
}

/// Accepts what may be a plan's digest. One that was copied in part would be found out only after all of
/// the account was read.
pub(crate) fn digest(text: &str) -> Result<String, String> {
    match is_digest(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("no digest of a plan: {DIGEST}")),
    }
}

/// The same, or the word for the plan that was recorded.
fn expected(text: &str) -> Result<String, String> {
    match text == RECORDED || is_digest(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("no digest of a plan: {DIGEST}, or `{RECORDED}`")),
    }
}

/// What digests look like.
const DIGEST: &str = "expected `sha256:` and 64 hexadecimal digits, as `plan` prints them";

/// The word for the plan that was recorded under the commit.
const RECORDED: &str = "recorded";

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    digits.len() == 64 && digits.bytes().all(is_digit)
}

/// What was approved before this command ran.
pub(crate) enum Approval {
    /// Nothing: show the plan and ask.
    Ask,
    /// Whatever the plan is.
    Any,
    /// A plan of this digest.
    Digest(String),
    /// A saved plan, or one that was recorded.
    File(PlanFile),
}

impl ApprovalArgs {
    /// Whether somebody has to be asked.
    pub(crate) fn asks(&self) -> bool {
        !self.auto_approve && !self.is_of_one_plan()
    }

    /// Whether one plan was approved, which is for one target.
    pub(crate) fn is_of_one_plan(&self) -> bool {
        self.plan.is_some() || self.expect.is_some()
    }

    /// What was approved.
    pub(crate) async fn find(&self, opened: &Opened, scope: &Scope<'_>) -> Result<Approval, Stop> {
        if let Some(path) = &self.plan {
            let path = scope.settings.directory.join(path);
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("failed to read the plan {}", path.display()))?;
            let file = parsed(&text, scope)?;
            let file =
                file.with_context(|| format!("failed to read the plan {}", path.display()))?;
            return Ok(Approval::File(file));
        }
        Ok(match self.expect.as_deref() {
            Some(RECORDED) => Approval::File(self.recorded(opened, scope).await?),
            Some(digest) => Approval::Digest(digest.to_owned()),
            None if self.auto_approve => Approval::Any,
            None => Approval::Ask,
        })
    }

    /// The plan that was recorded for review under the commit.
    async fn recorded(&self, opened: &Opened, scope: &Scope<'_>) -> Result<PlanFile, Stop> {
        let named = self.commit.as_deref();
        let commit = commit::reviewed(named, opened.target.root(), scope.settings).await?;
        let Some(review) = opened.target.store(scope)?.review(&commit).await? else {
            scope.ui.status(&format!(
                "Refused: no plan for target {} was recorded under commit {commit}. Nothing was sent. \
                 After a merge, name the head of the request that was reviewed: --commit SHA.",
                render::printable(&opened.target.name)
            ));
            return Err(Stop::Said(Exit::Refused));
        };
        let file = parsed(&review.outline.to_string(), scope)?;
        let file = file.with_context(|| format!("failed to read the plan of commit {commit}"))?;
        match file.digest == review.digest {
            true => Ok(file),
            false => {
                Err(anyhow::anyhow!("the plan recorded under commit {commit} is damaged").into())
            }
        }
    }
}

/// Reads a plan that was approved. One of another format is another plan: it is refused.
fn parsed(text: &str, scope: &Scope<'_>) -> Result<Result<PlanFile, PlanFileError>, Stop> {
    match PlanFile::parse(text) {
        Err(error @ PlanFileError::Format(_)) => {
            let error = render::printable(&error.to_string());
            scope.ui.status(&format!(
                "Refused: {error}. Nothing was sent. Plan again with this version, and have that \
                 plan approved."
            ));
            Err(Stop::Said(Exit::Refused))
        }
        parsed => Ok(parsed),
    }
}
