//! The keyring of the operating system: one entry for each target.
//!
//! A machine without one (a server, a container), or with one that is locked, is no error: the
//! file is used then. Each call has a thread of its own, since the library waits for the
//! system's bus in its own way, and must not do so inside our runtime.

use std::thread;

use keyring::v1::{Entry, Result};
use secrecy::SecretString;

use super::{
    login::{Login, LoginKey},
    record::Record,
};

/// The name under which keyrings show our entries.
const SERVICE: &str = "makeform";

/// The login of a target, if the keyring has it.
pub(super) fn find(key: &LoginKey) -> Option<Login> {
    let text = aside(key, |entry| entry.get_password())?;
    let record: Record = serde_json::from_str(&text).ok()?;
    record.is_of(key).then(|| record.into())
}

/// Keeps a login; says whether it could.
pub(super) fn put(login: &Login) -> bool {
    let Ok(text) = serde_json::to_string(&Record::from(login)) else {
        return false;
    };
    aside(&login.key, move |entry| entry.set_password(&text)).is_some()
}

/// Forgets a login; returns it, if it was there.
pub(super) fn remove(key: &LoginKey) -> Option<Login> {
    let login = find(key)?;
    aside(key, |entry| entry.delete_credential())?;
    Some(login)
}

/// The entry of the key that journals are sealed with.
const SEALING: &str = "state key";

/// The key that the journals of this user are sealed with, made when it is first asked for; none
/// where there is no keyring.
#[must_use]
pub fn sealing_key() -> Option<SecretString> {
    let kept = entry(SEALING, |entry| entry.get_password());
    let made = || {
        let mut key = [0; 32];
        getrandom::fill(&mut key).ok()?;
        let key = base16ct::lower::encode_string(&key);
        entry(SEALING, |entry| entry.set_password(&key))?;
        Some(key)
    };
    kept.or_else(made).map(SecretString::from)
}

fn aside<T: Send>(key: &LoginKey, work: impl FnOnce(&Entry) -> Result<T> + Send) -> Option<T> {
    entry(&key.to_string(), work)
}

fn entry<T: Send>(name: &str, work: impl FnOnce(&Entry) -> Result<T> + Send) -> Option<T> {
    thread::scope(|scope| {
        let done = scope.spawn(move || work(&Entry::new(SERVICE, name)?));
        done.join().ok()?.ok()
    })
}
