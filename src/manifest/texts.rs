//! Projects that lie in no folder: the way in for the fuzz targets, which have bytes and no disk.

use std::path::PathBuf;

use crate::{
    diagnostic::{Finding, Report, codes::manifest as codes},
    model::Desired,
};

use super::{
    discover::PROJECT_FILE,
    load::{Files, checked},
    page::Page,
    project::parse_project,
    scope::Blueprints,
    source::decode,
    yaml,
};

/// A folder that there is not: a file that a manifest names is missing there.
const NOWHERE: &str = "/nowhere/makeform";

/// Reads the bytes of a `makeform.yaml` and of one manifest, as [`super::validate`] reads those of a
/// folder, for each target. Variables of the environment hold their own names.
///
/// # Errors
/// All that is wrong with the project.
pub fn validate_texts(
    project: &[u8],
    manifest: &[u8],
) -> Result<Vec<(String, Desired, Report)>, Report> {
    let source = |name: &str, bytes: &[u8]| {
        decode(name.to_owned(), bytes.to_vec()).map_err(|line| {
            let message = format!("line {line} of {name} is no UTF-8 text");
            Report::from_iter([Finding::new(&codes::UNREADABLE_FILE, message)])
        })
    };
    let root = PathBuf::from(NOWHERE);
    let project = parse_project(root, source(PROJECT_FILE, project)?)?;
    let manifest = source("manifest.yaml", manifest)?;
    let targets = project.targets.keys().map(|target| {
        let mut report = Report::default();
        let mut files = Files::default();
        let page = Page::new(manifest.clone());
        let stream = yaml::read(&page);
        files.add(page, stream);
        let environment = |name: &str| Some(name.to_owned());
        let desired = checked(
            &project,
            target,
            &environment,
            Blueprints::Kept,
            files,
            &mut report,
        );
        (target.clone(), desired, report)
    });
    Ok(targets.collect())
}
