//! Desired -> files: manifests as YAML, blueprints as JSON.
//!
//! In goes a [`Desired`](crate::model::Desired) and where each of its things is to stand; out
//! comes one [`File`] after the other, so that the texts of 10,000 blueprints are never held at
//! once. [`write()`] puts a file in its place, whole or not at all. The same values give the same
//! bytes. What there is to write, and under which names, is decided elsewhere.

mod blueprint_text;
mod document;
mod env_example;
mod files;
mod git;
mod project;
mod write;
mod yaml;

pub(in crate::manifest) use yaml::{to_yaml, to_yaml_stream};

pub use blueprint_text::blueprint_text;
pub use document::spec_form;
pub use env_example::{ENV_EXAMPLE, env_example};
pub use files::{EmitError, File, blueprint_files, files};
pub use git::{GIT_ATTRIBUTES, git_attributes};
pub use project::{ProjectFile, ids_file, project_file};
pub use write::{make_private, write, write_private};
