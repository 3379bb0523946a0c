//! The two forms in which a world answers.

/// A form of the API. Both are about the same objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As Make's zones have it.
    #[default]
    Zone,
    /// As integration guides describe `api.make.com`.
    Unified,
}
