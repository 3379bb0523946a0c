//! The account of a project that is begun: what a token opens, to choose from.

use secrecy::{ExposeSecret as _, SecretString};

use super::answers::PRODUCTION;
use crate::{
    cli::{
        access::Access,
        error::Stop,
        session::{Scope, TargetHandle},
    },
    live::{
        Client,
        auth::{Credential, Scheme},
    },
    manifest::Project,
    model::Dialect,
};

/// An organization or a team.
pub(super) type Named = (u64, String);

/// The account, with a token that opens it.
pub(super) struct Account {
    client: Client,
    /// The organizations that the token sees.
    pub(super) organizations: Vec<Named>,
    /// The key that was typed, to be kept.
    pub(super) typed: Option<SecretString>,
}

impl Account {
    /// The account of a project that is to be, if it is one whose organizations can be listed, and if
    /// there is a token for it or somebody has one to type.
    pub(super) async fn of(project: &Project, scope: &Scope<'_>) -> Result<Option<Self>, Stop> {
        let target = scope.target(project, PRODUCTION)?;
        // A sandbox in this process would begin here; its organization is the only one.
        if target.world(scope)?.is_some() {
            return Ok(None);
        }
        let access = target.access(scope)?;
        if access.dialect == Dialect::Unified {
            return Ok(None);
        }
        if let Some(found) = target.token(scope, &access)? {
            scope.ui.status(&format!("The token is {}.", found.source));
            let client = target.client(scope, &access, found.credential);
            return match Self::opened(client, None).await {
                Ok(account) => Ok(Some(account)),
                Err(stop) => {
                    scope.told(PRODUCTION, stop);
                    Ok(None)
                }
            };
        }
        Self::typed(&target, &access, scope).await
    }

    /// Asks for an API key until one opens the account, or none is typed.
    async fn typed(
        target: &TargetHandle,
        access: &Access,
        scope: &Scope<'_>,
    ) -> Result<Option<Self>, Stop> {
        let host = &access.host;
        let prompt = format!("API key for {host} (it is not shown; empty: log in later)");
        loop {
            let key = scope.ui.secret_or_none(&prompt)?;
            if key.expose_secret().is_empty() {
                return Ok(None);
            }
            let credential = Credential::fixed(&key, None::<Scheme>);
            let client = target.client(scope, access, credential);
            match Self::opened(client, Some(key)).await {
                Ok(account) => return Ok(Some(account)),
                Err(stop) if !scope.ui.can_ask() => return Err(stop),
                Err(stop) => {
                    scope.told(PRODUCTION, stop);
                }
            }
        }
    }

    async fn opened(client: Client, typed: Option<SecretString>) -> Result<Self, Stop> {
        Ok(Self {
            organizations: client.organizations().await?,
            client,
            typed,
        })
    }

    /// The teams of an organization.
    pub(super) async fn teams(&self, organization: u64) -> Result<Vec<Named>, Stop> {
        Ok(self.client.teams(organization).await?)
    }
}

/// The one that is meant by an id or a name.
pub(super) fn meant<'a>(typed: &str, there: &'a [Named]) -> Option<&'a Named> {
    let typed = typed.trim();
    let by_id = there.iter().find(|(id, _)| id.to_string() == typed);
    let mut by_name = there.iter().filter(|(_, name)| name == typed);
    by_id.or_else(|| by_name.next().filter(|_| by_name.next().is_none()))
}

/// What means just this one of several: its name, or its id where that means another or none.
pub(super) fn named(one: &Named, there: &[Named]) -> String {
    let (id, name) = one;
    match meant(name, there) == Some(one) {
        true => name.clone(),
        false => id.to_string(),
    }
}

/// One of several, which are shown; the only one without a question.
pub(super) fn choose<'a>(
    what: &str,
    there: &'a [Named],
    scope: &Scope<'_>,
) -> Result<Option<&'a Named>, Stop> {
    let ui = scope.ui;
    let (first, _) = match there {
        [] => return Ok(None),
        [only] => {
            ui.status(&format!("{what}: {} ({})", only.1, only.0));
            return Ok(Some(only));
        }
        [_, ..] if !ui.can_ask() => return Ok(None),
        [first, ..] => first,
    };
    for (id, name) in there {
        ui.status(&format!("  {id:>8}  {name}"));
    }
    let prompt = format!("{what}, its id or name");
    let answer = ui.answer(&prompt, &first.to_string(), |answer| {
        match meant(answer, there) {
            Some(_) => Ok(()),
            None => Err(format!(
                "`{answer}` is none of these, or several: type the id"
            )),
        }
    })?;
    Ok(meant(&answer, there))
}

#[cfg(test)]
mod tests {
    use super::{meant, named};

    #[test]
    fn a_name_that_several_have_means_none_of_them() {
        let there = [
            (1, "Sales".to_owned()),
            (2, "2024".to_owned()),
            (3, "Sales".to_owned()),
        ];
        assert_eq!(meant("3", &there), Some(&there[2]));
        assert_eq!(meant(" 2024 ", &there), Some(&there[1]));
        assert_eq!(meant("Sales", &there), None);
        assert_eq!(meant("9", &there), None);
    }

    #[test]
    fn a_name_that_means_another_one_is_not_written() {
        let there = [
            (1, "Sales".to_owned()),
            (3, "Ops".to_owned()),
            (7, "3".to_owned()),
            (8, "Twice".to_owned()),
            (9, "Twice".to_owned()),
        ];
        let written = there.iter().map(|team| named(team, &there));
        assert_eq!(written.collect::<Vec<_>>(), ["Sales", "Ops", "7", "8", "9"]);
        assert!(
            there
                .iter()
                .all(|team| meant(&named(team, &there), &there) == Some(team))
        );
    }
}
