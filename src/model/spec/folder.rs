//! A folder of scenarios.

use super::Link;
use crate::model::Field;

/// A folder of scenarios. Make does not demand that names are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSpec {
    /// The name that Make shows; at most 100 characters.
    pub name: String,
    /// The folder that holds it; null is the top level.
    pub parent: Field<Link>,
}
