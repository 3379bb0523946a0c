//! Which hosts may get a token.

use url::{Host, Url};

use super::LiveError;

/// The domains below which Make has its zones.
const DOMAINS: [&str; 2] = [".make.com", ".make.celonis.com"];

/// The zones that Make's documentation lists. There may be more by now: a token goes to what is called
/// like one ([`allowed_host`]).
pub const ZONES: [&str; 6] = [
    "eu1.make.com",
    "eu2.make.com",
    "us1.make.com",
    "us2.make.com",
    "eu1.make.celonis.com",
    "us1.make.celonis.com",
];

/// Why a URL gets no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// It can't be read.
    #[error("the target's `url` is no URL")]
    NoUrl,
    /// A user name or password is in it.
    #[error("the URL holds a user name or password")]
    Credentials,
    /// The token would go in the clear, or nowhere.
    #[error("only https is spoken, except to this machine")]
    Insecure,
    /// Below other paths may be what is not Make's.
    #[error("the URL may have no path but `/api/v2`, no query and no fragment")]
    Path,
    /// A hook or a page: what arrives there may be read by others.
    #[error("it is no API of Make, whose zones are called like eu1.make.com")]
    NoZone,
    /// Somebody else's.
    #[error("it is no zone of Make, and MAKEFORM_ALLOWED_HOSTS does not name it")]
    Foreign,
}

/// Checks that a token may be sent to a URL: to Make's own zones, to this machine, and to the
/// hosts that the environment names (`extra`). Over TLS, except to this machine.
///
/// # Errors
/// When it may not. Nothing has been sent then.
pub fn allowed_host(url: &Url, extra: &[String]) -> Result<(), LiveError> {
    let root = matches!(url.path(), "/" | "/api/v2" | "/api/v2/");
    let bare = root && url.query().is_none() && url.fragment().is_none();
    check_place(url, extra, is_zone)
        .and(if bare { Ok(()) } else { Err(Barred::Path) })
        .map_err(|reason| LiveError::HostRefused {
            host: url.host_str().unwrap_or_default().to_owned(),
            reason,
        })
}

/// Checks that the codes and tokens of a login may be sent to a URL: to Make's authorization
/// server, and wherever else a token may go. Its path is its own.
pub(super) fn allowed_endpoint(url: &Url, extra: &[String]) -> Result<(), Barred> {
    check_place(url, extra, |name| {
        is_zone(name) || matches!(name, "www.make.com" | "www.make.celonis.com")
    })
}

fn check_place(url: &Url, extra: &[String], is_own: fn(&str) -> bool) -> Result<(), Barred> {
    let Some(host) = url.host() else {
        return Err(Barred::NoUrl);
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Barred::Credentials);
    }
    let local = is_loopback(&host);
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        _ => return Err(Barred::Insecure),
    }
    let name = host.to_string();
    let named = extra
        .iter()
        .any(|extra| extra.trim().eq_ignore_ascii_case(&name));
    if local || named || is_own(&name) {
        return Ok(());
    }
    let of_make = DOMAINS.iter().any(|domain| name.ends_with(domain));
    Err(if of_make {
        Barred::NoZone
    } else {
        Barred::Foreign
    })
}

/// Whether a host is one of Make's for its API: `eu1.make.com` and its sisters. Others below
/// the same domains carry what users put there: `hook.eu1.make.com`.
fn is_zone(host: &str) -> bool {
    host == "api.make.com"
        || DOMAINS
            .iter()
            .filter_map(|domain| host.strip_suffix(domain))
            .any(|zone| {
                let letters = zone.trim_end_matches(|c: char| c.is_ascii_digit());
                !letters.is_empty()
                    && letters.len() < zone.len()
                    && letters.bytes().all(|b| b.is_ascii_lowercase())
            })
}

/// Whether a host is called like a zone, and is none that is known: a slip, or a new one.
#[must_use]
pub fn is_unlisted(host: &str) -> bool {
    is_zone(host) && host != "api.make.com" && !ZONES.contains(&host)
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ZONES, allowed_host, is_unlisted, is_zone};

    #[test]
    fn the_zones_that_are_listed_are_zones() {
        for zone in ZONES {
            assert!(is_zone(zone) && !is_unlisted(zone), "{zone}");
        }
        for (host, is) in [
            ("eu3.make.com", true),
            ("eu2.make.celonis.com", true),
            ("api.make.com", false),
            ("hook.eu1.make.com", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_unlisted(host), is, "{host}");
        }
    }

    #[test]
    fn a_token_goes_to_make_to_this_machine_and_to_hosts_that_the_environment_names() {
        let extra = ["make.example.org".to_owned()];
        for (url, allowed) in [
            ("https://eu1.make.com", true),
            ("https://us1.make.celonis.com/api/v2", true),
            ("https://api.make.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:8080", true),
            ("http://[::1]:8080", true),
            ("https://MAKE.example.org", true),
            ("http://eu1.make.com", false),
            ("http://make.example.org", false),
            ("https://make.com", false),
            ("https://evilmake.com", false),
            ("https://eu1.make.com.evil.org", false),
            ("https://eu1.make.com@evil.org", false),
            ("https://user:secret@eu1.make.com", false),
            ("https://localhost.evil.org", false),
            ("https://10.0.0.1", false),
            ("ftp://eu1.make.com", false),
            ("https://us2.make.com/", true),
            ("https://make.example.org/api/v2/", true),
            ("https://www.make.com", false),
            ("https://hook.eu1.make.com/abc", false),
            ("https://hook.eu1.make.com", false),
            ("https://eu.make.com", false),
            ("https://1.make.com", false),
            ("https://hook1x.make.com", false),
            ("https://eu1.make.com/abc", false),
            ("https://eu1.make.com/abc/api/v2", false),
            ("https://make.example.org/abc", false),
            ("http://127.0.0.1:8080/abc", false),
            ("https://eu1.make.com/?q=", false),
            ("https://eu1.make.com/api/v2#x", false),
        ] {
            let url = url.parse().unwrap();
            assert_eq!(allowed_host(&url, &extra).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_offers_the_environment_only_where_that_helps() {
        for (url, reason, helps) in [
            ("https://hook.eu1.make.com", "no API of Make", true),
            ("https://eu1.make.com/abc", "no path but", false),
            ("https://evil.example", "ALLOWED_HOSTS", true),
            ("https://eu1.mkae.com", "ALLOWED_HOSTS", true),
            ("https://a:b@eu1.make.com", "password", false),
        ] {
            let error = allowed_host(&url.parse().unwrap(), &[]).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert_eq!(error.usually().is_some(), helps, "{error}");
            let meant = error
                .usually()
                .is_some_and(|help| help.contains("did you mean `eu1.make.com`?"));
            assert_eq!(
                meant,
                url.contains("mkae") || url.contains("hook."),
                "{error}"
            );
        }
    }

    #[test]
    fn a_refused_url_never_shows_its_password() {
        let url = "https://user:secret@eu1.make.com".parse().unwrap();
        let error = allowed_host(&url, &[]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
