//! Which hosts may get a token.

use url::{Host, Url};

use super::LiveError;

/// The zones of Make: every host below these.
const ZONES: [&str; 2] = [".make.com", ".make.celonis.com"];

/// Checks that a token may be sent to a URL: to Make's own zones, to this machine, and to the
/// hosts that the environment names (`extra`). Over TLS, except to this machine.
///
/// # Errors
/// When it may not. Nothing has been sent then.
pub fn allowed_host(url: &Url, extra: &[String]) -> Result<(), LiveError> {
    let refuse = |reason| {
        Err(LiveError::HostRefused {
            host: url.host_str().unwrap_or_default().to_owned(),
            reason,
        })
    };
    let Some(host) = url.host() else {
        return refuse("the URL names no host");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the URL holds a user name or password");
    }
    let local = is_loopback(&host);
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        _ => return refuse("only https is spoken, except to this machine"),
    }
    let known = match &host {
        Host::Domain(name) => ZONES.iter().any(|zone| {
            name.strip_suffix(zone)
                .is_some_and(|label| !label.is_empty())
        }),
        Host::Ipv4(_) | Host::Ipv6(_) => false,
    };
    let named = extra
        .iter()
        .any(|name| name.trim().eq_ignore_ascii_case(&host.to_string()));
    if known || local || named {
        Ok(())
    } else {
        refuse("it is no zone of Make, and MAKEFORM_ALLOWED_HOSTS does not name it")
    }
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
    use super::allowed_host;

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
        ] {
            let url = url.parse().unwrap();
            assert_eq!(allowed_host(&url, &extra).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_refused_url_never_shows_its_password() {
        let url = "https://user:secret@eu1.make.com".parse().unwrap();
        let error = allowed_host(&url, &[]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
