//! A person's role in the team.

/// The role of an organization's member in the target's team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRoleSpec {
    /// The member's e-mail address. Compared case-folded. Empty on the live side where the
    /// account does not say whom it invited.
    pub email: String,
    /// The role: a word that both dialects know (`viewer`, `builder`, `manager`, `admin`) or the
    /// role's own name (`Team Operator`). On the live side, the role's own name.
    pub role: String,
}
