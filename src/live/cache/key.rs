//! What seals a cache.
//!
//! Live blueprints hold the values of `${env.*}`, the URLs of webhooks and whatever tokens people
//! wrote into modules, and the folder of a project is copied, packed and shared more readily than
//! a user's settings. So nothing of a cache is written in the clear: AES-256-GCM, with a random
//! nonce for each text, of which one key may have four thousand million. The key is random and
//! stands beside the logins, or Argon2id makes it of `MAKEFORM_STATE_KEY`.

use std::{fmt, fs, io::Write as _, path::Path, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::NamedTempFile;

use super::blobs::private_folder;
use crate::model::{Account, digest_of};

/// The file of a random key, in the folder of the user's settings.
const FILE: &str = "cache.key";

const KEY: usize = 32;

/// A key that caches are sealed with.
#[derive(Clone)]
pub struct CacheKey(Arc<LessSafeKey>);

/// What a sealed text is, so that it can't be passed off as anything else.
#[derive(Clone, Copy)]
pub(super) enum Text {
    Index,
    Blob,
}

impl CacheKey {
    /// The random key in a folder of the user's, which is made if there is none, or if others may
    /// have read it. None if it can be neither read nor written: then nothing can be kept.
    #[must_use]
    pub fn kept_in(folder: &Path) -> Option<Self> {
        let path = folder.join(FILE);
        if let Some(key) = read(&path) {
            return Self::of(key);
        }
        private_folder(folder).ok()?;
        let mut key = [0; KEY];
        getrandom::fill(&mut key).ok()?;
        // A temporary file is 0600 from the start.
        let mut aside = NamedTempFile::new_in(folder).ok()?;
        aside.write_all(&key).ok()?;
        let written = match path.exists() {
            // What is no key is replaced.
            true => aside.persist(&path),
            // Of two processes that begin at once, one has the say.
            false => aside.persist_noclobber(&path),
        };
        match written {
            Ok(_) => Self::of(key),
            Err(_) => read(&path).and_then(Self::of),
        }
    }

    /// The key that a passphrase gives for an account.
    #[must_use]
    pub fn of_passphrase(passphrase: &SecretString, account: &Account) -> Option<Self> {
        // The same key has to come of it in the next run, and nothing of this account but the
        // cache is sealed with it.
        let salt = digest_of(&serde_json::json!([
            "makeform/cache",
            account.host,
            account.organization,
            account.team
        ]));
        let mut key = [0; KEY];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
            .hash_password_into(
                passphrase.expose_secret().as_bytes(),
                salt.as_bytes(),
                &mut key,
            )
            .ok()?;
        Self::of(key)
    }

    fn of(key: [u8; KEY]) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &key).ok()?;
        Some(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Seals a text: the nonce, then what is sealed.
    pub(super) fn seal(&self, what: Text, text: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + text.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(text);
        let text = sealed.get_mut(NONCE_LEN..)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, what.aad(), text);
        sealed.extend_from_slice(tag.ok()?.as_ref());
        Some(sealed)
    }

    /// Opens what was sealed; none if it is not as it was, or of another key.
    pub(super) fn open(&self, what: Text, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut text = sealed.to_vec();
        let length = self
            .0
            .open_in_place(nonce, what.aad(), &mut text)
            .ok()?
            .len();
        text.truncate(length);
        Some(text)
    }
}

impl Text {
    fn aad(self) -> Aad<&'static [u8]> {
        Aad::from(match self {
            Self::Index => b"makeform/cache/index".as_slice(),
            Self::Blob => b"makeform/cache/blob",
        })
    }
}

/// The key in a file, if it is one, and its user's alone.
fn read(path: &Path) -> Option<[u8; KEY]> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).ok()?.permissions().mode();
        if mode & 0o077 != 0 {
            return None;
        }
    }
    fs::read(path).ok()?.try_into().ok()
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey")
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::{CacheKey, FILE, Text};
    use crate::live::cache::tests::account;

    #[test]
    fn a_text_is_opened_by_the_same_key_alone_and_only_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("settings/makeform");
        let key = CacheKey::kept_in(&config).unwrap();
        let sealed = key.seal(Text::Blob, b"canary").unwrap();
        assert_ne!(sealed, key.seal(Text::Blob, b"canary").unwrap());
        let again = CacheKey::kept_in(&config).unwrap();
        assert_eq!(again.open(Text::Blob, &sealed).unwrap(), b"canary");
        assert_eq!(again.open(Text::Index, &sealed), None);
        let mut changed = sealed;
        changed[30] ^= 1;
        assert_eq!(again.open(Text::Blob, &changed), None);
        assert_eq!(again.open(Text::Blob, b"short"), None);
        let phrase = |text: &str, team| {
            CacheKey::of_passphrase(&text.to_owned().into(), &account(team)).unwrap()
        };
        let sealed = phrase("a passphrase", 4)
            .seal(Text::Blob, b"canary")
            .unwrap();
        let open = |key: CacheKey| key.open(Text::Blob, &sealed);
        assert_eq!(open(phrase("a passphrase", 4)).unwrap(), b"canary");
        assert_eq!(open(phrase("another", 4)), None);
        assert_eq!(open(phrase("a passphrase", 5)), None);
        assert_eq!(open(again), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_or_that_is_none_is_made_anew() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let _ = CacheKey::kept_in(folder.path()).unwrap();
        let first = fs::read(&path).unwrap();
        assert_eq!((first.len(), mode()), (32, 0o600));
        let _ = CacheKey::kept_in(folder.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), first);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let _ = CacheKey::kept_in(folder.path()).unwrap();
        let second = fs::read(&path).unwrap();
        assert!(second != first && mode() == 0o600);
        fs::File::create(&path).unwrap().write_all(b"cut").unwrap();
        let _ = CacheKey::kept_in(folder.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), 32);
    }

    #[test]
    fn where_no_key_can_be_kept_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::File::create(&file).unwrap();
        assert!(CacheKey::kept_in(&file).is_none());
    }
}
