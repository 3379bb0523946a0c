//! The login that Make's official command line saved, as a last resort.
//!
//! `make-cli` 1.4 keeps one API key and the zone that it is for, in
//! `$XDG_CONFIG_HOME/make-cli/config.json` (`~/.config` by default, `%APPDATA%` on Windows):
//! `{"apiKey": "..", "zone": "eu1.make.com"}`. It is read and never written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::Deserialize;

/// A login of the official command line.
#[derive(Debug)]
pub struct OfficialLogin {
    /// The file that it is in.
    pub file: PathBuf,
    /// The API key.
    pub token: SecretString,
    /// The host that it is for.
    pub zone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    api_key: String,
    zone: String,
}

impl OfficialLogin {
    /// Reads the saved login, if it is for this host. As its owner does, it takes whatever is no
    /// login for none.
    #[must_use]
    pub fn for_host(config_home: &Path, host: &str) -> Option<Self> {
        let file = config_home.join("make-cli").join("config.json");
        let config: Config = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        let zone = config.zone.trim().to_ascii_lowercase();
        let is_there = !config.api_key.trim().is_empty();
        (is_there && zone == host.to_ascii_lowercase()).then(|| Self {
            file,
            token: config.api_key.trim().into(),
            zone,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a crash in a test loses nothing")]

    use std::fs;

    use super::OfficialLogin;

    #[test]
    fn the_saved_login_is_for_its_own_zone_alone() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("make-cli/config.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let ask = |host| OfficialLogin::for_host(home.path(), host).is_some();
        assert!(!ask("eu1.make.com"));
        fs::write(&file, r#"{"apiKey":"canary","zone":"eu1.make.com"}"#).unwrap();
        assert!(ask("eu1.make.com"));
        for host in [
            "eu2.make.com",
            "eu1.make.com:8443",
            "make.com",
            "1.make.com",
            "",
        ] {
            assert!(!ask(host), "{host}");
        }
        for text in ["", "{}", r#"{"apiKey":1,"zone":"eu1.make.com"}"#, "[]"] {
            fs::write(&file, text).unwrap();
            assert!(!ask("eu1.make.com"), "{text}");
        }
    }
}
