//! A team of the organization.

use crate::model::Field;

/// A team of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamSpec {
    /// The name that Make shows; at most 128 characters.
    pub name: String,
    /// The operations that it may use in each billing period; null is no limit of its own.
    pub operations_limit: Field<u64>,
}
