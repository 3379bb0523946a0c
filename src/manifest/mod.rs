//! FILES -> what they ask for, and back.
//!
//! In goes the folder of a project: `makeform.yaml`, the manifests that it names, the blueprints
//! beside them, `makeform.ids.yaml`. Out come [`Project`], a `Desired`, and a report of all that
//! is wrong, each finding with its place. It does not read the account, resolves no reference
//! that needs it, and stops at no first mistake.
//!
//! The way: `discover` reads files, `yaml` turns text into nodes that know where they
//! stand and `json` into values whose places can be asked for (`written`), `document` takes the envelope off, `lower` makes specs of what is inside, `check` looks
//! at all of them together, and `lint` for what is sound and hardly meant. [`emit`] goes the other way.

mod add_pins;
mod blueprint_file;
mod check;
mod declare_env;
mod discover;
mod document;
pub mod edit;
mod editor_file;
#[cfg(test)]
mod editor_tests;
pub mod emit;
#[cfg(test)]
mod environment_tests;
mod exclude;
mod fields;
mod findings;
mod ids;
mod json;
#[cfg(test)]
mod kind_tests;
mod lint;
mod load;
mod lower;
mod moved;
mod node;
mod overrides;
mod page;
mod policy;
mod project;
mod schema;
mod scope;
mod source;
mod started;
mod state_location;
mod target;
#[cfg(test)]
mod tests;
#[cfg(feature = "fuzzing")]
mod texts;
mod told;
mod values;
mod written;
mod yaml;

pub use add_pins::add_pins;
pub use blueprint_file::read_blueprint;
pub use declare_env::declare_env;
pub use discover::{IDS_FILE, PROJECT_FILE};
pub use editor_file::{editor_file_name, is_editor_file};
pub use lint::{Level, Levels};
pub use load::{addresses, load, validate};
pub use project::{Project, check_project, find_project};
pub use schema::{Document, json_schema};
pub use state_location::StateLocation;
pub use target::TargetConfig;
#[cfg(feature = "fuzzing")]
pub use texts::validate_texts;
