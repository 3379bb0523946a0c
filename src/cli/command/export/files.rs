//! The files of an export: what is written, and what it never replaces.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{ExportArgs, source::Source, variables};
use crate::{
    cli::{error::Stop, files::mark_generated, session::Scope},
    diagnostic::{Finding, Report, codes},
    export::Combined,
    manifest::{
        IDS_FILE, PROJECT_FILE, Project, add_pins, editor_file_name,
        emit::{self, ProjectFile},
        is_editor_file,
    },
    model::Dialect,
};

/// What to do about a file that is there and differs.
const DIFFERS: &str = "change it in place with --update, or export to another folder with --out";

/// What is to be written.
pub(super) struct Files<'a> {
    combined: &'a Combined,
    /// Files that are added to where they are there: pins, variables, the project's own.
    beside: Vec<emit::File>,
    /// Whether nobody else may read them.
    is_private: bool,
}

impl<'a> Files<'a> {
    /// `there`: the project that is exported to; `source`: whose target a new one names.
    pub(super) fn new(
        args: &ExportArgs,
        out: &Path,
        combined: &'a Combined,
        there: Option<&Project>,
        source: Option<&Source>,
        scope: &Scope<'_>,
    ) -> Result<Self, Stop> {
        let file = |name: &str, text: String| emit::File {
            path: name.into(),
            bytes: text.into_bytes(),
        };
        let pins = add_pins(
            variables::read(&out.join(IDS_FILE))?.as_deref(),
            &combined.pins,
        )?;
        let names = variables::names(combined);
        let example = variables::example(out, &names)?;
        let project = match (there, source) {
            (Some(there), _) => variables::declared(out, there, &names)?,
            (None, Some(source)) => {
                let text = new_project(combined, source, &names, scope)?;
                Some(file(PROJECT_FILE, text))
            }
            (None, None) => None,
        };
        let pins = pins.map(|text| file(IDS_FILE, text));
        Ok(Self {
            combined,
            // The project's own comes last: a folder half written is no project.
            beside: pins.into_iter().chain(example).chain(project).collect(),
            is_private: args.keep_secrets,
        })
    }

    /// Each file in turn; manifests are made as they are asked for.
    fn each(&self, mut visit: impl FnMut(&emit::File) -> Result<(), Stop>) -> Result<(), Stop> {
        for file in emit::files(&self.combined.desired, &self.combined.places) {
            visit(&file?)?;
        }
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
            // Some are added to where they are there.
            if !self.is_added_to(file) && fs::read(&path).is_ok_and(|there| !says(&there, file)) {
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

    /// Whether a file may be there, and then holds what there was.
    fn is_added_to(&self, file: &emit::File) -> bool {
        self.beside.iter().any(|beside| beside.path == file.path)
    }

    /// Writes what is not there yet; the number of files.
    pub(super) fn write(&self, out: &Path) -> Result<usize, Stop> {
        let mut written = 0;
        let mut has_generated = false;
        self.each(|file| {
            let path = out.join(&file.path);
            has_generated |= is_editor_file(&path);
            if !path.exists() || self.is_added_to(file) {
                let write = match self.is_private {
                    true => emit::write_private,
                    false => emit::write,
                };
                write(&path, &file.bytes).with_context(|| not_written(&path, written))?;
                written += 1;
            } else if self.is_private {
                emit::make_private(&path).with_context(|| not_written(&path, written))?;
            }
            Ok(())
        })?;
        if has_generated && mark_generated(out)? {
            written += 1;
        }
        Ok(written)
    }
}

/// Whether a file says what is to be written there. It may declare other things beside: those of
/// another target, or what was not asked for.
fn says(there: &[u8], file: &emit::File) -> bool {
    let is_manifest = file.path.extension().is_some_and(|end| end == "yaml");
    let (Ok(there), Ok(new)) = (str::from_utf8(there), str::from_utf8(&file.bytes)) else {
        return there == file.bytes;
    };
    if !is_manifest {
        return there == new;
    }
    let documents = |text: &str| -> BTreeSet<String> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.split("\n---\n").map(str::to_owned).collect()
    };
    documents(&there.replace("\r\n", "\n")).is_superset(&documents(new))
}

/// The text of a `makeform.yaml` that names the same target.
fn new_project(
    combined: &Combined,
    source: &Source,
    secrets: &BTreeSet<&str>,
    scope: &Scope<'_>,
) -> Result<String, Stop> {
    let Source {
        target, connected, ..
    } = source;
    // The same sandbox, seen from another folder.
    let url = match target.world(scope)? {
        Some(folder) => format!("sandbox:{}", fs::canonicalize(folder)?.display()),
        None => target.url(scope)?,
    };
    // A pattern that matches no file is an error.
    let patterns = ["manifests/**/*.yaml"];
    let manifests = match combined.places.is_empty() {
        true => &[][..],
        false => &patterns[..],
    };
    let set = source.options.environment.keys().map(String::as_str);
    let environment: BTreeSet<&str> = set.chain(secrets.iter().copied()).collect();
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
        env: environment.into_iter().collect(),
    })?;
    Ok(text)
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

#[cfg(test)]
mod tests {
    use super::says;
    use crate::manifest::emit::File;

    fn is_said(there: &str, path: &str, new: &str) -> bool {
        let file = File {
            path: path.into(),
            bytes: new.as_bytes().to_vec(),
        };
        says(there.as_bytes(), &file)
    }

    #[test]
    fn a_file_may_declare_more_and_nothing_else() {
        for (there, new, expected) in [
            ("a: 1\n", "a: 1\n", true),
            ("a: 1\n---\nb: 2\n---\nc: 3\n", "b: 2\n", true),
            ("a: 1\n---\nb: 2\n---\nc: 3\n", "a: 1\n---\nc: 3\n", true),
            ("a: 1\r\n---\r\nb: 2\r\n", "b: 2\n", true),
            ("a: 1\n---\nb: 2\n", "b: 2\n---\nd: 4\n", false),
            ("a: 1\n---\nb: 2 # more\n", "b: 2\n", false),
            ("a: 12\n", "a: 1\n", false),
            ("", "a: 1\n", false),
        ] {
            assert_eq!(is_said(there, "a.yaml", new), expected, "{there:?} {new:?}");
        }
        assert!(!is_said("{}\n---\n[]\n", "a.json", "[]\n"));
        assert!(!says(
            b"\xff",
            &File {
                path: "a.yaml".into(),
                bytes: b"a: 1\n".to_vec()
            }
        ));
    }
}
