//! What can be seen without the account: folders, proxy, certificate authorities.

use std::{fs, path::Path};

use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    cli::{
        access::vault,
        error::Stop,
        session::{Scope, TargetHandle},
        settings::Settings,
    },
    live::Network,
    manifest::StateLocation,
};

use super::Check;

pub(super) fn checks(target: &TargetHandle, scope: &Scope<'_>) -> Vec<Check> {
    let mut checks = vec![state(target)];
    checks.extend(logins(scope.settings));
    checks.push(proxy(scope.settings));
    checks.extend(timeouts(scope.settings));
    checks.extend(authorities(scope.settings));
    checks
}

/// Whether the ledger's folder can be written.
fn state(target: &TargetHandle) -> Check {
    const NAME: &str = "state";
    let folder = target.state_folder();
    let shown = folder.display();
    // What is not there yet is made where the next folder above it is.
    let existing = folder.ancestors().find(|folder| folder.exists());
    let tried = existing.map(tempfile::tempfile_in);
    match tried {
        Some(Ok(_)) => Check::ok(NAME, format!("{shown} can be written")),
        Some(Err(error)) => Check::fail(
            NAME,
            format!("{shown} can't be written: {error}"),
            "apply keeps its ledger there: give your user the right to write it",
        ),
        None => Check::fail(NAME, format!("{shown} has no folder above it"), "create it"),
    }
}

/// Whether the ledger can be read where it is kept; of a folder of this machine that was told.
pub(super) async fn ledger(target: &TargetHandle, scope: &Scope<'_>) -> Option<Check> {
    const NAME: &str = "ledger";
    let location = target.location(scope);
    if matches!(location, Ok(StateLocation::File)) {
        return None;
    }
    let read = async {
        let _ = target.store(scope)?.read().await?;
        Ok::<_, Stop>(())
    };
    Some(match read.await {
        Ok(()) => Check::ok(NAME, "it can be read where `state` says"),
        Err(stop) => {
            let help = "correct `state` in makeform.yaml: with `git` the project has to be in a repository";
            Check::stopped(NAME, &stop, help)
        }
    })
}

/// Whether stored logins can be read, if there are any.
fn logins(settings: &Settings) -> Option<Check> {
    const NAME: &str = "logins";
    let vault = vault(settings)?;
    let file = vault.file();
    if !file.exists() {
        return None;
    }
    Some(match vault.check() {
        Ok(()) => Check::ok(NAME, format!("{} can be read", file.display())),
        Err(error) => {
            let help = error.help().unwrap_or("run `makeform auth login` again");
            Check::fail(NAME, error.to_string(), help)
        }
    })
}

fn proxy(settings: &Settings) -> Check {
    const NAME: &str = "proxy";
    let Some((name, value)) = settings.proxy() else {
        return Check::ok(NAME, "none");
    };
    if let Err(error) = Network::default().through(&value, None) {
        let found = format!("{name} can't be used: {error}");
        return Check::fail(NAME, found, "write it as http://HOST:PORT");
    }
    let value = value.expose_secret();
    // A proxy may be named without a scheme.
    let url: Option<Url> = value
        .parse()
        .ok()
        .filter(Url::has_host)
        .or_else(|| format!("http://{value}").parse().ok());
    let Some(host) = url.as_ref().and_then(Url::host_str) else {
        return Check::fail(
            NAME,
            format!("{name} is no address"),
            "write it as http://HOST:PORT",
        );
    };
    // Without its user and password.
    let port = url.as_ref().and_then(Url::port);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let except = settings
        .no_proxy()
        .map_or_else(String::new, |hosts| format!(", except for {hosts}"));
    Check::ok(NAME, format!("{host}{port} ({name}){except}"))
}

/// Times that are not the usual ones.
fn timeouts(settings: &Settings) -> Option<Check> {
    const NAME: &str = "timeouts";
    let text = settings.variable("MAKEFORM_TIMEOUTS")?;
    Some(match settings.timeouts() {
        Ok(_) => Check::ok(NAME, format!("{text} (MAKEFORM_TIMEOUTS)")),
        Err(error) => Check::fail(
            NAME,
            format!("{error:#}"),
            "write it as `connect 15s; answer 60s; body 4m`, or unset it",
        ),
    })
}

/// Private certificate authorities, which the TLS library takes from these variables.
fn authorities(settings: &Settings) -> Vec<Check> {
    const NAME: &str = "authorities";
    let mut checks = Vec::new();
    if let Some(file) = settings.authorities() {
        let shown = file.display();
        let found = fs::read(&file).map(|pem| Network::default().trusting(&pem).is_ok());
        checks.push(match found {
            Ok(true) => Check::ok(
                NAME,
                format!("{shown} (MAKEFORM_CA_FILE) beside the system's"),
            ),
            Ok(false) | Err(_) => Check::fail(
                NAME,
                format!("MAKEFORM_CA_FILE names {shown}, which holds no certificate"),
                "name a PEM file with the authorities that are to be trusted too",
            ),
        });
    }
    if let Some(path) = settings.variable("SSL_CERT_FILE") {
        let is_one = fs::read_to_string(settings.directory.join(&path))
            .is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
        checks.push(match is_one {
            true => Check::ok(NAME, format!("{path} (SSL_CERT_FILE)")),
            false => Check::fail(
                NAME,
                format!("SSL_CERT_FILE names {path}, which holds no certificate"),
                "name a PEM file, with the usual authorities too: it stands in their place",
            ),
        });
    }
    if let Some(path) = settings.variable("SSL_CERT_DIR") {
        let is_one = path.split(':').any(|path| Path::new(path).is_dir());
        checks.push(match is_one {
            true => Check::ok(NAME, format!("{path} (SSL_CERT_DIR)")),
            false => Check::fail(
                NAME,
                format!("SSL_CERT_DIR names {path}, which is no folder"),
                "name a folder of PEM files, or unset it",
            ),
        });
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, "those of the system"));
    }
    checks
}
