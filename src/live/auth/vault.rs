//! Where logins are kept: in one file of the user's, or in the keyring of the system.
//!
//! The file is for its user alone, written aside, synced and renamed, and sealed where there is
//! a key. Whoever changes it holds the lock beside it, so that two processes that refresh the
//! same login do it one after the other.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    error::AuthError,
    login::{Login, LoginKey},
    record::Record,
    seal::{self, SealError, Sealed},
};

const FORMAT: &str = "makeform/logins/v1";

/// How long to wait for another process. A refresh takes a second or two, and has a time limit
/// of its own.
const PATIENCE: Duration = Duration::from_secs(90);

/// The pause between two looks at a lock that somebody holds.
const PAUSE: Duration = Duration::from_millis(50);

/// Where logins are kept.
#[derive(Clone, Debug)]
pub struct Vault {
    folder: PathBuf,
    key: Option<SecretString>,
    #[cfg(feature = "keyring")]
    keyring: bool,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Page {
    format: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logins: Option<Vec<Record>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Sealed>,
}

impl Vault {
    /// The logins in a folder of the user's, sealed with `key` where there is one.
    #[must_use]
    pub fn new(folder: PathBuf, key: Option<SecretString>) -> Self {
        Self {
            folder,
            key,
            #[cfg(feature = "keyring")]
            keyring: false,
        }
    }

    /// The same, with the keyring of the system before the file. Where the system has none, or
    /// it is locked, the file is used.
    #[cfg(feature = "keyring")]
    #[must_use]
    pub fn with_keyring(mut self) -> Self {
        self.keyring = true;
        self
    }

    /// The file that logins are kept in.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join("logins.json")
    }

    /// The login of a target, if there is one.
    ///
    /// # Errors
    /// When the file can't be read or opened, or others may read it.
    pub fn find(&self, key: &LoginKey) -> Result<Option<Login>, AuthError> {
        #[cfg(feature = "keyring")]
        if self.keyring
            && let Some(login) = super::keyring::find(key)
        {
            return Ok(Some(login));
        }
        let mut records = self.read()?;
        records.retain(|record| record.is_of(key));
        Ok(records.pop().map(Login::from))
    }

    /// Whether the file can be read and opened, if there is one.
    ///
    /// # Errors
    /// When it can't.
    pub fn check(&self) -> Result<(), AuthError> {
        self.read().map(drop)
    }

    /// Takes the lock, waiting for other processes.
    ///
    /// # Errors
    /// When the folder can't be written, or somebody holds the lock for too long.
    pub fn lock(&self) -> Result<LockedVault, AuthError> {
        let path = self.folder.join("logins.lock");
        private_folder(&self.folder).map_err(failed("create", &self.folder))?;
        let file = private_file().open(&path).map_err(failed("open", &path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(AuthError::Held {
                        path,
                        seconds: PATIENCE.as_secs(),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(failed("lock", &path)(source)),
            }
        }
        Ok(LockedVault {
            vault: self.clone(),
            _lock: file,
        })
    }

    fn read(&self) -> Result<Vec<Record>, AuthError> {
        let path = self.file();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        check_private(&path)?;
        let unreadable = |problem: &str| AuthError::Unreadable {
            path: path.clone(),
            problem: problem.to_owned(),
        };
        // What serde would say quotes the text, and tokens are in it.
        let page: Page = serde_json::from_slice(&bytes)
            .map_err(|error| unreadable(&format!("line {} is not as written", error.line())))?;
        if page.format != FORMAT {
            return Err(unreadable("it is of another version of makeform"));
        }
        match (page.logins, page.sealed, &self.key) {
            (Some(logins), None, _) => Ok(logins),
            (None, Some(_), None) => Err(AuthError::Sealed { path }),
            (None, Some(sealed), Some(key)) => {
                let text = seal::open(key, &sealed).map_err(|error| match error {
                    SealError::Wrong => AuthError::WrongKey { path: path.clone() },
                    SealError::Malformed => unreadable("what is sealed in it is not as written"),
                    SealError::Failed(reason) => AuthError::Sealing { reason },
                })?;
                serde_json::from_slice(&text)
                    .map_err(|_| unreadable("what is sealed in it is not as written"))
            }
            (Some(_), Some(_), _) | (None, None, _) => Err(unreadable("it holds no logins")),
        }
    }

    fn write(&self, records: Vec<Record>) -> Result<(), AuthError> {
        let path = self.file();
        let sealing = |reason: String| AuthError::Sealing { reason };
        let mut page = Page {
            format: FORMAT.to_owned(),
            logins: None,
            sealed: None,
        };
        match &self.key {
            None => page.logins = Some(records),
            Some(key) => {
                let text =
                    serde_json::to_vec(&records).map_err(|error| sealing(error.to_string()))?;
                page.sealed = Some(seal::seal(key, &text).map_err(|error| match error {
                    SealError::Failed(reason) => sealing(reason),
                    SealError::Wrong | SealError::Malformed => sealing("no key".to_owned()),
                })?);
            }
        }
        let text = serde_json::to_vec_pretty(&page).map_err(|error| sealing(error.to_string()))?;
        let write = || -> io::Result<()> {
            // A temporary file is 0600 from the start.
            let mut aside = tempfile::NamedTempFile::new_in(&self.folder)?;
            aside.write_all(&text)?;
            aside.as_file().sync_all()?;
            aside.persist(&path).map_err(|error| error.error)?;
            #[cfg(unix)]
            File::open(&self.folder)?.sync_all()?;
            Ok(())
        };
        write().map_err(failed("write", &path))
    }
}

/// The logins, while nobody else changes them.
#[derive(Debug)]
pub struct LockedVault {
    vault: Vault,
    _lock: File,
}

impl LockedVault {
    /// The login of a target, if there is one.
    ///
    /// # Errors
    /// As [`Vault::find`].
    pub fn find(&self, key: &LoginKey) -> Result<Option<Login>, AuthError> {
        self.vault.find(key)
    }

    /// Keeps a login in place of the one that the target had. Says where: a path, or the
    /// keyring.
    ///
    /// # Errors
    /// When it can't be written. The one before is still there then.
    pub fn put(&self, login: &Login) -> Result<String, AuthError> {
        #[cfg(feature = "keyring")]
        if self.vault.keyring && super::keyring::put(login) {
            self.take_from_file(&login.key)?;
            return Ok("the keyring of the system".to_owned());
        }
        let mut records = self.vault.read()?;
        records.retain(|record| !record.is_of(&login.key));
        records.push(login.into());
        self.vault.write(records)?;
        Ok(self.vault.file().display().to_string())
    }

    /// Forgets the login of a target; returns it, if there was one.
    ///
    /// # Errors
    /// When the file can't be read or written.
    pub fn remove(&self, key: &LoginKey) -> Result<Option<Login>, AuthError> {
        #[cfg(feature = "keyring")]
        if self.vault.keyring
            && let Some(login) = super::keyring::remove(key)
        {
            self.take_from_file(key)?;
            return Ok(Some(login));
        }
        self.take_from_file(key)
    }

    fn take_from_file(&self, key: &LoginKey) -> Result<Option<Login>, AuthError> {
        let (mut taken, kept): (Vec<Record>, Vec<Record>) = self
            .vault
            .read()?
            .into_iter()
            .partition(|record| record.is_of(key));
        let Some(login) = taken.pop() else {
            return Ok(None);
        };
        self.vault.write(kept)?;
        Ok(Some(login.into()))
    }
}

/// Refuses a file of tokens that others may read.
fn check_private(path: &Path) -> Result<(), AuthError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = fs::metadata(path).map_err(failed("read", path))?;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.to_owned();
            return Err(AuthError::Exposed { path, mode });
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AuthError {
    move |source| AuthError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a crash in a test loses nothing")]

    use std::fs;

    use jiff::Timestamp;
    use secrecy::ExposeSecret as _;

    use super::{AuthError, Vault};
    use crate::live::auth::{Kept, Login, LoginKey};

    fn key(target: &str, host: &str) -> LoginKey {
        LoginKey {
            project: "acme".into(),
            target: target.into(),
            host: host.into(),
        }
    }

    fn login(target: &str, token: &str) -> Login {
        Login {
            key: key(target, "eu1.make.com"),
            who: None,
            saved: Timestamp::UNIX_EPOCH,
            kept: Kept::ApiKey(token.into()),
        }
    }

    fn token(vault: &Vault, key: &LoginKey) -> Option<String> {
        vault.find(key).unwrap().map(|login| match login.kept {
            Kept::ApiKey(token) => token.expose_secret().to_owned(),
            Kept::Oauth(_) => panic!("an API key was kept"),
        })
    }

    #[test]
    fn each_target_has_its_own_login_for_its_own_host() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(folder.path().join("new"), None);
        let locked = vault.lock().unwrap();
        let place = locked.put(&login("a", "canary-a")).unwrap();
        locked.put(&login("b", "canary-b")).unwrap();
        locked.put(&login("a", "canary-a2")).unwrap();
        assert_eq!(place, vault.file().display().to_string());
        let eu1 = |target| key(target, "eu1.make.com");
        assert_eq!(token(&vault, &eu1("a")).unwrap(), "canary-a2");
        assert_eq!(token(&vault, &eu1("b")).unwrap(), "canary-b");
        assert_eq!(token(&vault, &key("a", "eu2.make.com")), None);
        assert!(locked.remove(&eu1("a")).unwrap().is_some());
        assert!(locked.remove(&eu1("a")).unwrap().is_none());
        assert_eq!(token(&vault, &eu1("b")).unwrap(), "canary-b");
    }

    #[test]
    fn a_sealed_file_shows_nothing_and_wants_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let open = Vault::new(folder.path().into(), None);
        open.lock().unwrap().put(&login("a", "canary-a")).unwrap();
        // What was in the clear is sealed with the next change.
        let sealed = Vault::new(folder.path().into(), Some("s3cret".into()));
        sealed.lock().unwrap().put(&login("b", "canary-b")).unwrap();
        let text = fs::read_to_string(sealed.file()).unwrap();
        assert!(!text.contains("canary") && !text.contains("eu1"), "{text}");
        let eu1 = key("a", "eu1.make.com");
        assert_eq!(token(&sealed, &eu1).unwrap(), "canary-a");
        assert!(matches!(open.find(&eu1), Err(AuthError::Sealed { .. })));
        let other = Vault::new(folder.path().into(), Some("other".into()));
        assert!(matches!(other.find(&eu1), Err(AuthError::WrongKey { .. })));
        let unchanged = fs::read_to_string(sealed.file()).unwrap();
        assert!(other.lock().unwrap().put(&login("a", "x")).is_err());
        assert_eq!(fs::read_to_string(sealed.file()).unwrap(), unchanged);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_user_alone_and_refused_otherwise() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(folder.path().into(), None);
        vault.lock().unwrap().put(&login("a", "canary-a")).unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(vault.file()), 0o600);
        assert_eq!(mode(folder.path().join("logins.lock")), 0o600);
        fs::set_permissions(vault.file(), fs::Permissions::from_mode(0o644)).unwrap();
        let error = vault.find(&key("a", "eu1.make.com")).unwrap_err();
        assert!(matches!(error, AuthError::Exposed { mode: 0o644, .. }));
    }

    #[test]
    fn a_broken_file_is_an_error_that_quotes_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(folder.path().into(), None);
        vault.lock().unwrap().put(&login("a", "canary-a")).unwrap();
        let text = fs::read_to_string(vault.file()).unwrap();
        for broken in [
            "",
            "[]",
            &text.replace("\"canary-a\"", "[\"canary-a\"]"),
            &text.replace("logins/v1", "logins/v9"),
            &text.replace("\"logins\"", "\"sealed\""),
        ] {
            fs::write(vault.file(), broken).unwrap();
            let error = vault.find(&key("a", "eu1.make.com")).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
