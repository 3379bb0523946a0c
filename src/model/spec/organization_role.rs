//! A person's role in the organization.

/// The role of a person in the organization. To give one to somebody who is not there yet is to
/// invite them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRoleSpec {
    /// The person's e-mail address. Compared case-folded. Empty on the live side where the
    /// account does not say whom it invited.
    pub email: String,
    /// The role: a word that both dialects know (`viewer`, `builder`, `admin`) or the role's own
    /// name (`Accountant`). On the live side, the role's own name. Never the owner's, which only
    /// a transfer gives.
    pub role: String,
    /// The person's name in the invitation; said once, and never compared.
    pub name: Option<String>,
    /// The text of the invitation; said once, and never compared.
    pub note: Option<String>,
}
