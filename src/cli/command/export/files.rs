//! The files of an export: what is written, and what it never replaces.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    cli::{
        error::Stop,
        files::mark_generated,
        session::{Connected, Scope, TargetHandle},
    },
    diagnostic::{Finding, Report, codes},
    export::{ExportOptions, Exported},
    manifest::{
        IDS_FILE, PROJECT_FILE, editor_file_name,
        emit::{self, ProjectFile},
        is_editor_file,
    },
    model::Dialect,
};

/// What to do about a file that is there and differs.
const DIFFERS: &str = "change it in place with --update, or export to another folder with --out";

/// What is to be written.
pub(super) struct Files<'a> {
    exported: &'a Exported,
    /// `makeform.yaml` and `makeform.ids.yaml`, where they are needed.
    beside: Vec<emit::File>,
}

impl<'a> Files<'a> {
    pub(super) fn new(
        out: &Path,
        exported: &'a Exported,
        options: &ExportOptions,
        target: &TargetHandle,
        connected: &Connected,
        scope: &Scope<'_>,
    ) -> Result<Self, Stop> {
        let mut beside = Vec::new();
        if !exported.desired.pins.is_empty() {
            let pins = BTreeMap::from([(target.name.clone(), exported.desired.pins.clone())]);
            let bytes = emit::ids_file(&pins)?.into_bytes();
            beside.push(emit::File {
                path: IDS_FILE.into(),
                bytes,
            });
        }
        if !out.join(PROJECT_FILE).exists() {
            // The same sandbox, seen from another folder.
            let url = match target.world(scope)? {
                Some(folder) => format!("sandbox:{}", fs::canonicalize(folder)?.display()),
                None => target.url(scope)?,
            };
            // A pattern that matches no file is an error.
            let patterns = ["manifests/**/*.yaml"];
            let manifests = if exported.places.is_empty() {
                &[][..]
            } else {
                &patterns[..]
            };
            let text = emit::project_file(&ProjectFile {
                name: target.project(),
                manifests,
                target: &target.name,
                url: &url,
                organization: connected.account.organization,
                team: match connected.account.dialect {
                    Dialect::Zone => Some(&connected.account.team_name),
                    Dialect::Unified => None,
                },
                dialect: connected.account.dialect,
                env: options.environment.keys().map(String::as_str).collect(),
            })?;
            beside.push(emit::File {
                path: PROJECT_FILE.into(),
                bytes: text.into_bytes(),
            });
        }
        Ok(Self { exported, beside })
    }

    /// Each file in turn; manifests are made as they are asked for.
    fn each(&self, mut visit: impl FnMut(&emit::File) -> Result<(), Stop>) -> Result<(), Stop> {
        for file in emit::files(&self.exported.desired, &self.exported.places) {
            visit(&file?)?;
        }
        // The project file comes last: a folder half written is no project.
        self.beside.iter().try_for_each(visit)
    }

    /// Refuses to replace what somebody else wrote.
    pub(super) fn refuse_conflicts(&self, out: &Path) -> Result<(), Stop> {
        let mut report = Report::default();
        // Of blueprints that have no editor's part: read back, it would be one.
        let mut beside = BTreeSet::new();
        self.each(|file| {
            let path = out.join(&file.path);
            let editors = editor_file_of(&path).filter(|editors| editors.exists());
            beside.extend(editors);
            beside.remove(&path);
            if fs::read(&path).is_ok_and(|bytes| bytes != file.bytes) {
                report.push(
                    Finding::new(
                        &codes::export::FILE_DIFFERS,
                        format!("{} exists and says something else", path.display()),
                    )
                    .help(DIFFERS),
                );
            }
            Ok(())
        })?;
        for path in beside {
            let message = format!(
                "{} exists, and the account has nothing of it",
                path.display()
            );
            let finding = Finding::new(&codes::export::FILE_DIFFERS, message);
            report.push(finding.help(DIFFERS));
        }
        if report.is_empty() {
            Ok(())
        } else {
            Err(Stop::Findings(report))
        }
    }

    /// Writes what is not there yet; the number of files.
    pub(super) fn write(&self, out: &Path) -> Result<usize, Stop> {
        let mut written = 0;
        let mut has_generated = false;
        self.each(|file| {
            let path = out.join(&file.path);
            has_generated |= is_editor_file(&path);
            if !path.exists() {
                emit::write(&path, &file.bytes).with_context(|| not_written(&path, written))?;
                written += 1;
            }
            Ok(())
        })?;
        if has_generated && mark_generated(out)? {
            written += 1;
        }
        Ok(written)
    }
}

/// That a file could not be written after others were.
fn not_written(path: &Path, written: usize) -> String {
    let before = match written {
        0 => String::new(),
        1 => " (one file was written before it, and stays: export again to go on)".to_owned(),
        many => {
            format!(" ({many} files were written before it, and stay: export again to go on)")
        }
    };
    format!("failed to write {}{before}", path.display())
}

/// The file that would hold the editor's part, if this one holds a blueprint.
fn editor_file_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let is_blueprint = path.extension()? == "json" && !is_editor_file(path);
    is_blueprint.then(|| path.with_file_name(editor_file_name(name)))
}
