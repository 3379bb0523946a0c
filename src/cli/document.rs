//! Plans of several targets, told in one document at the end.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use anyhow::Context as _;

use crate::{
    plan::Plan,
    render::{self, Planned, Style},
};

use super::{
    error::{Stop, chain},
    session::Scope,
    settings::Settings,
};

/// What becomes of each target, in the order in which it was found out.
#[derive(Default)]
pub(crate) struct Document {
    told: Vec<(String, Result<Plan, String>)>,
}

impl Document {
    /// The plan of a target.
    pub(crate) fn plan(&mut self, plan: Plan) {
        self.told.push((plan.target.name.clone(), Ok(plan)));
    }

    /// That a target has none. What was planned before it failed still counts.
    pub(crate) fn failure(&mut self, target: &str, stop: &Stop) {
        if self.told.iter().any(|(name, _)| name == target) {
            return;
        }
        let why = match stop {
            Stop::Findings(report) => render::findings_text(report, &Style::plain()),
            Stop::Failed(error) => format!("error: {}", chain(error)),
            Stop::Said(_) => String::new(),
        };
        self.told.push((target.to_owned(), Err(why)));
    }

    fn planned(&self) -> Vec<Planned<'_>> {
        let planned = self.told.iter().map(|(target, plan)| match plan {
            Ok(plan) => Planned::Plan(plan),
            Err(why) => Planned::Failed { target, why },
        });
        planned.collect()
    }

    /// All of it as Markdown, no longer than a comment may be.
    pub(crate) fn markdown(&self) -> String {
        render::plans_markdown(&self.planned(), render::COMMENT)
    }

    /// Prints it as Markdown.
    pub(crate) fn print(&self, scope: &Scope<'_>) -> Result<(), Stop> {
        Ok(scope.ui.data(&self.markdown())?)
    }

    /// Prints it as annotations of GitHub, and adds it to the summary of the job.
    pub(crate) fn annotate(&self, scope: &Scope<'_>) -> Result<(), Stop> {
        let root = scope.project()?.root;
        let planned = self.planned();
        let annotations = render::plans_github(&planned, &folder(&root, scope.settings));
        scope.ui.data(&annotations)?;
        let Some(file) = scope.settings.variable("GITHUB_STEP_SUMMARY") else {
            scope
                .ui
                .status("No summary was written: GITHUB_STEP_SUMMARY names no file.");
            return Ok(());
        };
        let file = scope.settings.directory.join(file);
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let room = render::SUMMARY.saturating_sub(usize::try_from(length).unwrap_or(usize::MAX));
        let text = render::plans_markdown(&planned, room);
        let add = || {
            let mut open = OpenOptions::new().create(true).append(true).open(&file)?;
            open.write_all(text.as_bytes())
        };
        add().with_context(|| format!("failed to write {}", file.display()))?;
        Ok(())
    }
}

/// What leads from the repository that a workflow checked out to the project; empty elsewhere.
/// GitHub finds files by their paths in the repository.
pub(crate) fn folder(root: &Path, settings: &Settings) -> String {
    let inner = || {
        let workspace = settings.variable("GITHUB_WORKSPACE")?;
        let workspace = settings.directory.join(workspace).canonicalize().ok()?;
        let root = root.canonicalize().ok()?;
        let folder = root.strip_prefix(workspace).ok()?;
        let parts: Option<Vec<&str>> = folder.iter().map(|part| part.to_str()).collect();
        Some(parts?.iter().map(|part| format!("{part}/")).collect())
    };
    inner().unwrap_or_default()
}
