//! What only the account can tell: zone, clock, token, scopes, organization, team, plan.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    cli::{
        access::{Access, Found, TokenSource},
        command::auth::status::{organization_words, plan_words},
        error::Stop,
        network::network,
        session::{Connected, Scope, TargetHandle, now},
    },
    live::{
        Client,
        auth::{Credential, Subscription, lacking},
    },
    model::Dialect,
};

use super::Check;

/// A clock that is further off than this confuses whoever compares times.
const SLIGHT: Duration = Duration::from_secs(60);

/// A clock that is further off than this takes good tokens for expired ones.
const GRAVE: Duration = Duration::from_secs(600);

/// Without these no target can be planned.
const ALWAYS: [&str; 4] = ["organizations:read", "teams:read", "scenarios:read", "read"];

/// The checks, up to the first that makes the rest pointless.
pub(super) async fn checks(target: &TargetHandle, scope: &Scope<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    if network(scope.settings).is_err() {
        // What is wrong with it was found before.
        return checks;
    }
    let access = match target.access(scope) {
        Ok(access) => access,
        Err(stop) => {
            let help = "correct the target's `url` in makeform.yaml";
            checks.push(Check::stopped("url", &stop, help));
            return checks;
        }
    };
    checks.push(match &access.url {
        Some(url) => Check::ok("url", format!("{url} ({} dialect)", access.dialect)),
        None => Check::ok(
            "url",
            format!(
                "{}, the emulator in this process ({} dialect)",
                access.host, access.dialect
            ),
        ),
    });
    // A token is not needed to knock; this client shows none.
    let knocking = target.client(scope, &access, Credential::fixed(&"none".into(), None));
    match knocking.ping().await {
        Ok(date) => {
            checks.push(Check::ok("zone", format!("{} answers", access.host)));
            checks.extend(date.map(|date| clock(date, now())));
        }
        Err(error) => {
            let help = "check the target's `url`, the network, the proxy, and MAKEFORM_CA_FILE \
                if the proxy or an instance of your own has a private authority";
            checks.push(Check::stopped("zone", &error.into(), help));
            return checks;
        }
    }
    let found = match target.token(scope, &access) {
        Ok(Some(found)) => found,
        Ok(None) => {
            checks.push(Check::stopped(
                "token",
                &Stop::finding(target.no_token()),
                "",
            ));
            return checks;
        }
        Err(stop) => {
            checks.push(Check::stopped("token", &stop, "run `makeform auth login`"));
            return checks;
        }
    };
    with_token(target, scope, &access, found, &mut checks).await;
    checks
}

async fn with_token(
    target: &TargetHandle,
    scope: &Scope<'_>,
    access: &Access,
    found: Found,
    checks: &mut Vec<Check>,
) {
    let source = found.source;
    let client = target.client(scope, access, found.credential);
    match client.user().await {
        Ok(user) => {
            let whose = match user {
                Some(user) => format!("{} ({}), by {source}", user.name, user.email),
                None => source.to_string(),
            };
            checks.push(token(scope, access, &source, whose));
        }
        Err(error) => {
            let help = "make a new API key in Make, or run `makeform auth login`";
            checks.push(Check::stopped("token", &error.into(), help));
            return;
        }
    }
    checks.push(scopes(&client).await);
    let host = access.host.clone();
    match target.locate(scope, client).await {
        Ok(connected) => located(&connected, &host, access.url.is_none(), checks).await,
        Err(stop) => checks.push(unlocated(&stop, &host)),
    }
}

fn clock(theirs: Timestamp, ours: Timestamp) -> Check {
    let off = ours.duration_since(theirs);
    let seconds = off.unsigned_abs().as_secs();
    let side = if off.is_negative() { "behind" } else { "ahead" };
    let found = format!("{seconds} s {side}");
    let help = "set this machine's clock, by NTP for one";
    match off.unsigned_abs() {
        off if off > GRAVE => Check::fail("clock", found, help),
        off if off > SLIGHT => Check::warn("clock", found, help),
        _ => Check::ok("clock", format!("{found} (HTTP counts whole seconds)")),
    }
}

fn token(scope: &Scope<'_>, access: &Access, source: &TokenSource, whose: String) -> Check {
    let zone = scope.settings.variable("MAKE_ZONE");
    if let (TokenSource::Variable(name), Some(zone)) = (source, zone)
        && !zone.eq_ignore_ascii_case(&access.host)
    {
        return Check::warn(
            "token",
            whose,
            format!(
                "MAKE_ZONE says {zone}, the target {}: is {name} a token of this zone?",
                access.host
            ),
        );
    }
    if let TokenSource::Oauth {
        refreshes: false, ..
    } = source
    {
        let help = "it can't be renewed: log in again when it has ended";
        return Check::warn("token", whose, help);
    }
    Check::ok("token", whose)
}

async fn scopes(client: &Client) -> Check {
    const NAME: &str = "scopes";
    let held = match client.scopes().await {
        Ok(Some(held)) => held,
        Ok(None) if client.dialect() == Dialect::Unified => {
            let found = "not told in this dialect: a command that lacks one says which";
            return Check::ok(NAME, found);
        }
        Ok(None) => {
            let help = "nothing to do: a command that lacks one says which";
            return Check::warn(NAME, "not told by the server", help);
        }
        Err(error) => return Check::stopped(NAME, &error.into(), "try again"),
    };
    let lacking = lacking(client.dialect(), &held);
    let Some(first) = lacking.first() else {
        return Check::ok(NAME, "all that makeform can use");
    };
    let mut names: Vec<&str> = lacking.iter().map(|need| need.scope).collect();
    names.dedup();
    let found = format!("without {}", names.join(" "));
    match names.iter().any(|name| ALWAYS.contains(name)) {
        true => Check::fail(
            NAME,
            found,
            match client.dialect() {
                Dialect::Zone => {
                    "make a token with them: nothing can be planned without organizations:read, \
                     teams:read and scenarios:read"
                }
                Dialect::Unified => "log in with it: nothing can be planned without read",
            },
        ),
        false => Check::warn(
            NAME,
            found,
            format!(
                "make a token with them if you need them: {} needs {} for {}; `makeform auth \
                 status` says the same of each",
                first.command, first.scope, first.what
            ),
        ),
    }
}

async fn located(connected: &Connected, host: &str, is_embedded: bool, checks: &mut Vec<Check>) {
    let account = &connected.account;
    let organization = organization_words(account);
    let subscription = match connected.client.subscription(account.organization).await {
        Ok(subscription) => subscription,
        Err(error) => {
            checks.push(Check::stopped("organization", &error.into(), "try again"));
            return;
        }
    };
    checks.push(match (&subscription.zone, subscription.is_paused) {
        (_, true) => Check::fail(
            "organization",
            format!("{organization} is paused"),
            "Make has stopped it: see its subscription in Make",
        ),
        (Some(zone), false) if is_elsewhere(zone, host) => Check::fail(
            "organization",
            format!("{organization} lives in {zone}, the target says {host}"),
            format!("write `url: https://{zone}`, and use a token of that zone"),
        ),
        _ => Check::ok("organization", organization),
    });
    if account.dialect == Dialect::Zone {
        let team = format!("{} ({})", account.team_name, account.team);
        checks.push(Check::ok("team", team));
    }
    checks.push(plan(&subscription, is_embedded));
}

/// Whether an organization's zone is another than the host. Only Make's own zones are compared:
/// an instance may have many names.
fn is_elsewhere(zone: &str, host: &str) -> bool {
    let is_makes = |name: &str| name.ends_with(".make.com") || name.ends_with(".make.celonis.com");
    is_makes(zone) && is_makes(host) && host != "api.make.com" && !zone.eq_ignore_ascii_case(host)
}

/// `is_embedded`: whether it is the emulator of this process, of which nothing is paced.
fn plan(subscription: &Subscription, is_embedded: bool) -> Check {
    const NAME: &str = "plan";
    let license = &subscription.license;
    let interval = license.interval.map_or_else(String::new, |minutes| {
        format!("; intervals of {minutes} min or more")
    });
    let found = plan_words(license) + &interval;
    match license.api_limit {
        Some(0) => Check::fail(
            NAME,
            found,
            "this plan has no access to the API: choose another one in Make",
        ),
        Some(limit) if limit < 60 => Check::warn(
            NAME,
            found,
            format!("reading an account takes a request a scenario: {limit} scenarios a minute"),
        ),
        Some(_) => Check::ok(NAME, found),
        None if is_embedded => Check::ok(NAME, found),
        None => Check::warn(
            NAME,
            found,
            "requests are paced as on the smallest plan; `rateLimit:` of the target sets another",
        ),
    }
}

/// Why organization or team was not found. In a wrong zone a token may still tell whose it is,
/// while all that is about teams is refused.
fn unlocated(stop: &Stop, host: &str) -> Check {
    let zone = format!(
        "a token is good in one zone only: in Make's address bar, is it {host}? If so, give the \
         token organizations:read and teams:read"
    );
    let Stop::Findings(report) = stop else {
        return Check::stopped("organization", stop, &zone);
    };
    let is_denied = report
        .iter()
        .any(|finding| finding.code.name == "access-denied");
    let is_team = report
        .iter()
        .any(|finding| finding.message.contains(" team"));
    let name = if is_team { "team" } else { "organization" };
    let mut check = Check::stopped(name, stop, &zone);
    if is_denied {
        check.help = Some(zone);
    }
    check
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{clock, is_elsewhere};
    use crate::cli::command::doctor::Status;

    #[test]
    fn a_clock_that_is_off_is_told_with_its_side() {
        let ours = Timestamp::UNIX_EPOCH;
        for (seconds, status, found) in [
            (0, Status::Ok, "0 s ahead"),
            (59, Status::Ok, "59 s behind"),
            (-61, Status::Warn, "61 s ahead"),
            (601, Status::Fail, "601 s behind"),
        ] {
            let check = clock(ours + SignedDuration::from_secs(seconds), ours);
            assert_eq!(check.status, status, "{seconds}");
            assert!(check.found.starts_with(found), "{}", check.found);
        }
    }

    #[test]
    fn only_makes_own_zones_are_told_apart() {
        assert!(is_elsewhere("us1.make.com", "eu1.make.com"));
        assert!(!is_elsewhere("EU1.make.com", "eu1.make.com"));
        assert!(!is_elsewhere("us1.make.com", "api.make.com"));
        assert!(!is_elsewhere("sandbox.invalid", "127.0.0.1:80"));
        assert!(!is_elsewhere("eu1.make.com", "make.example.org"));
    }
}
