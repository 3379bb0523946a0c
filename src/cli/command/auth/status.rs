//! `auth status`: who, where, and what that does not allow.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    cli::{
        access::{Access, TokenSource},
        error::Stop,
        exit::Exit,
        session::{Scope, TargetHandle},
    },
    live::auth::{License, Need, User, lacking},
    model::{Account, Dialect},
    render::{Role, Style, printable},
};

use super::{Format, StatusArgs};

/// What there is to tell of one target.
struct Standing {
    target: String,
    host: String,
    source: TokenSource,
    /// None where the dialect does not tell.
    user: Option<User>,
    account: Account,
    license: License,
    /// None where the server does not tell.
    scopes: Option<Vec<String>>,
}

pub(super) async fn run(args: &StatusArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let mut exit = Exit::Done;
    for name in scope.target_names(&project)? {
        let target = scope.target(&project, &name)?;
        match ask(&target, scope).await {
            Ok(standing) => {
                let text = match args.format {
                    Format::Text => standing.text(scope.ui.data_style()),
                    Format::Json => format!("{}\n", standing.json()),
                };
                scope.ui.data(&text)?;
            }
            // The others are still worth asking.
            Err(Stop::Findings(report)) => {
                scope.ui.findings(&report);
                exit = exit.worst(Exit::Error);
            }
            Err(stop) => return Err(stop),
        }
    }
    Ok(exit)
}

async fn ask(target: &TargetHandle, scope: &Scope<'_>) -> Result<Standing, Stop> {
    let access: Access = target.access(scope)?;
    let found = target.token(scope, &access)?;
    let found = found.ok_or_else(|| Stop::finding(target.no_token()))?;
    let source = found.source;
    let client = target.client(scope, &access, found.credential);
    let user = client.user().await?;
    let scopes = client.scopes().await?;
    let connected = target.locate(scope, client).await?;
    let account = connected.account;
    let subscription = connected.client.subscription(account.organization).await?;
    Ok(Standing {
        target: target.name.clone(),
        host: access.host,
        source,
        user,
        account,
        license: subscription.license,
        scopes,
    })
}

impl Standing {
    fn lacking(&self) -> Vec<&'static Need> {
        let scopes = self.scopes.as_deref();
        let lacking = scopes.map(|held| lacking(self.account.dialect, held));
        lacking.unwrap_or_default()
    }

    fn text(&self, style: &Style) -> String {
        let Self {
            target,
            host,
            source,
            user,
            account,
            license,
            scopes,
        } = self;
        let mut out = style.paint(Role::Heading, &format!("{target} ({})", printable(host))) + "\n";
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(out, "  {name:14}{}", printable(value));
        };
        let user = user.as_ref();
        line(
            "user",
            &user.map_or_else(
                || "not told by the server".to_owned(),
                |user| format!("{} ({})", user.name, user.email),
            ),
        );
        line("organization", &organization_words(account));
        if account.dialect == Dialect::Zone {
            line("team", &format!("{} ({})", account.team_name, account.team));
        }
        line("plan", &plan_words(license));
        line("token", &source.to_string());
        line(
            "scopes",
            &scopes
                .as_ref()
                .map_or_else(|| "not told by the server".to_owned(), |all| all.join(" ")),
        );
        let lacking = self.lacking();
        if scopes.is_none() {
            return out;
        }
        if lacking.is_empty() {
            line("allows", "all that makeform does");
            return out;
        }
        line("does not allow", "");
        for need in lacking {
            let (command, what) = (need.command, need.what);
            let words = format!("{command}: {what}");
            let _ = writeln!(out, "    {words:46} needs {}", need.scope);
        }
        out
    }

    fn json(&self) -> Value {
        let lacking = self.lacking();
        let lacking: Vec<Value> = lacking
            .iter()
            .map(|need| json!({"command": need.command, "what": need.what, "scope": need.scope}))
            .collect();
        let expires = match &self.source {
            TokenSource::Oauth { expires, .. } => *expires,
            TokenSource::Sandbox
            | TokenSource::Variable(_)
            | TokenSource::ApiKey
            | TokenSource::Official(_) => None,
        };
        let user = self
            .user
            .as_ref()
            .map(|user| json!({ "id": user.id, "name": user.name, "email": user.email }));
        json!({
            "target": self.target,
            "host": self.host,
            "user": user,
            "organization": {
                "id": self.account.organization, "name": self.account.organization_name,
            },
            "team": match self.account.dialect {
                Dialect::Zone => json!({ "id": self.account.team, "name": self.account.team_name }),
                Dialect::Unified => Value::Null,
            },
            "plan": self.license.plan(),
            "requestsPerMinute": self.license.api_limit,
            "token": { "source": self.source.name(), "expires": expires },
            "scopes": self.scopes,
            "lacking": lacking,
        })
    }
}

/// The organization's name, where it is told, and its id.
pub(crate) fn organization_words(account: &Account) -> String {
    match account.dialect {
        Dialect::Zone => format!("{} ({})", account.organization_name, account.organization),
        Dialect::Unified => account.organization.to_string(),
    }
}

/// The plan, as far as its limit gives it away.
pub(crate) fn plan_words(license: &License) -> String {
    match (license.plan(), license.api_limit) {
        (Some(plan), Some(limit)) => format!("{plan}, by its limit of {limit} requests a minute"),
        (None, Some(limit)) => format!("{limit} requests a minute"),
        (_, None) => "not told by the server".to_owned(),
    }
}
