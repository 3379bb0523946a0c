//! Sealing the sensitive values of what a journal keeps.
//!
//! With a key, XChaCha20-Poly1305: whoever has the key goes back to the very value. Without one, a
//! salted Argon2id hash: it shows whether a value is still the same, and nothing else. The key that
//! seals is what Argon2id makes of the user's; that takes tens of milliseconds, so it is made once
//! in a run, with one salt, and a value that many scenarios hold is hashed once.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::model::{Address, Cover, Hidden, Path, canonical};

/// What a sealed text is, so that it can't be passed off as anything else.
const CONTEXT: &str = "makeform/journal/v1";

const SALT: usize = 16;
const NONCE: usize = 24;
const HASH: usize = 32;

/// Seals the sensitive values of one run, and opens those of earlier ones.
pub struct Sealer {
    key: Option<SecretString>,
    /// What was derived, by the salt in hexadecimal.
    derived: Mutex<Derived>,
}

#[derive(Default)]
struct Derived {
    /// The salt of what this run seals.
    salt: Option<String>,
    ciphers: BTreeMap<String, XChaCha20Poly1305>,
    /// Hashes by salt and text.
    hashes: BTreeMap<(String, String), String>,
}

impl Sealer {
    /// Seals with a key of the user's where there is one, and hashes otherwise.
    #[must_use]
    pub fn new(key: Option<SecretString>) -> Self {
        Self {
            key,
            derived: Mutex::default(),
        }
    }

    /// Whether it has a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// What is kept in the place of a value of a thing; none if the system has no random numbers.
    #[must_use]
    pub fn cover(&self, address: &Address, path: &Path, value: &Value) -> Option<Cover> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let salt = derived.salt()?;
        let Some(key) = &self.key else {
            let hash = derived.hash(&salt, &canonical(value))?;
            return Some(Cover::Hashed { salt, hash });
        };
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let (text, context) = (value.to_string(), context(address, path));
        let payload = Payload {
            msg: text.as_bytes(),
            aad: &context,
        };
        let sealed = derived
            .cipher(key, &salt)?
            .encrypt(&XNonce::from(nonce), payload)
            .ok()?;
        Some(Cover::Sealed {
            salt,
            nonce: hex(&nonce),
            text: hex(&sealed),
        })
    }

    /// The value that was sealed; none if it was only hashed, the key is another or lacks, or the
    /// text is not as it was, where it was.
    #[must_use]
    pub fn open(&self, address: &Address, hidden: &Hidden) -> Option<Value> {
        let Cover::Sealed { salt, nonce, text } = &hidden.cover else {
            return None;
        };
        let nonce: [u8; NONCE] = bytes(nonce)?.try_into().ok()?;
        let sealed = bytes(text)?;
        let payload = Payload {
            msg: &sealed,
            aad: &context(address, &hidden.path),
        };
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let text = derived
            .cipher(self.key.as_ref()?, salt)?
            .decrypt(&XNonce::from(nonce), payload)
            .ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Whether a value is the one that was hashed or sealed.
    #[must_use]
    pub fn is(&self, address: &Address, hidden: &Hidden, value: &Value) -> bool {
        match &hidden.cover {
            Cover::Sealed { .. } => {
                let opened = self.open(address, hidden);
                opened.is_some_and(|opened| canonical(&opened) == canonical(value))
            }
            Cover::Hashed { salt, hash } => {
                let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
                derived.hash(salt, &canonical(value)).as_ref() == Some(hash)
            }
        }
    }
}

impl Derived {
    /// The salt of this run, in hexadecimal.
    fn salt(&mut self) -> Option<String> {
        if self.salt.is_none() {
            let mut salt = [0; SALT];
            getrandom::fill(&mut salt).ok()?;
            self.salt = Some(hex(&salt));
        }
        self.salt.clone()
    }

    fn cipher(&mut self, key: &SecretString, salt: &str) -> Option<&XChaCha20Poly1305> {
        if !self.ciphers.contains_key(salt) {
            let key = argon2id(key.expose_secret(), &bytes(salt)?)?;
            let cipher = XChaCha20Poly1305::new(&Key::from(key));
            self.ciphers.insert(salt.to_owned(), cipher);
        }
        self.ciphers.get(salt)
    }

    fn hash(&mut self, salt: &str, text: &str) -> Option<String> {
        let known = (salt.to_owned(), text.to_owned());
        if let Some(hash) = self.hashes.get(&known) {
            return Some(hash.clone());
        }
        let hash = hex(&argon2id(text, &bytes(salt)?)?);
        self.hashes.insert(known, hash.clone());
        Some(hash)
    }
}

impl fmt::Debug for Sealer {
    /// Neither the key nor what it was used for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("has_key", &self.has_key())
            .finish_non_exhaustive()
    }
}

/// The place of a value: a sealed text that was moved elsewhere is none.
fn context(address: &Address, path: &Path) -> Vec<u8> {
    let place = json!([CONTEXT, address.to_string(), path]);
    place.to_string().into_bytes()
}

/// 19 MiB, two passes.
fn argon2id(secret: &str, salt: &[u8]) -> Option<[u8; HASH]> {
    let mut derived = [0; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
        .hash_password_into(secret.as_bytes(), salt, &mut derived)
        .ok()?;
    Some(derived)
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    base16ct::lower::decode_vec(hex).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Sealer;
    use crate::model::{Cover, Hidden, Path};

    fn path(text: &str) -> Path {
        text.split('.').map(str::to_owned).collect()
    }

    fn hidden(cover: Cover) -> Hidden {
        Hidden {
            path: path("a.b"),
            cover,
        }
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_same_key_alone_and_only_where_it_was() {
        let address = "scenario.a".parse().unwrap();
        let value = json!({"token": "canary", "n": 1.0});
        let seal = || Sealer::new(Some("a passphrase".into()));
        let sealer = seal();
        let sealed = hidden(sealer.cover(&address, &path("a.b"), &value).unwrap());
        assert!(!format!("{sealed:?} {sealer:?}").contains("canary"));
        let text = serde_json::to_string(&sealed).unwrap();
        assert!(!text.contains("canary"), "{text}");
        let sealed: Hidden = serde_json::from_str(&text).unwrap();

        // Another run, with the same key.
        assert_eq!(seal().open(&address, &sealed), Some(value.clone()));
        assert!(seal().is(&address, &sealed, &value));
        assert!(!seal().is(&address, &sealed, &json!("other")));
        for other in [Sealer::new(None), Sealer::new(Some("another".into()))] {
            assert_eq!(other.open(&address, &sealed), None);
            assert!(!other.is(&address, &sealed, &value));
        }
        let elsewhere = "scenario.b".parse().unwrap();
        assert_eq!(seal().open(&elsewhere, &sealed), None);
        let moved = Hidden {
            path: path("a.c"),
            ..sealed.clone()
        };
        assert_eq!(seal().open(&address, &moved), None);
        let Cover::Sealed { salt, nonce, .. } = sealed.cover else {
            panic!("a value was hashed");
        };
        let broken = hidden(Cover::Sealed {
            salt,
            nonce,
            text: "00".into(),
        });
        assert_eq!(seal().open(&address, &broken), None);
    }

    #[test]
    fn one_run_derives_one_key_and_no_value_is_sealed_alike_twice() {
        let address = "scenario.a".parse().unwrap();
        let sealer = Sealer::new(Some("a passphrase".into()));
        let cover = || {
            sealer
                .cover(&address, &path("a.b"), &json!("canary"))
                .unwrap()
        };
        let (
            Cover::Sealed { salt, text, .. },
            Cover::Sealed {
                salt: again,
                text: other,
                ..
            },
        ) = (cover(), cover())
        else {
            panic!("a value was hashed");
        };
        assert_eq!(salt, again);
        assert_ne!(text, other);
    }

    #[test]
    fn without_a_key_a_hash_shows_whether_a_value_is_the_same_and_no_more() {
        let address = "scenario.a".parse().unwrap();
        let sealer = Sealer::new(None);
        let hashed = hidden(
            sealer
                .cover(&address, &path("a.b"), &json!("canary"))
                .unwrap(),
        );
        assert!(!serde_json::to_string(&hashed).unwrap().contains("canary"));
        let later = Sealer::new(Some("a key of today".into()));
        assert_eq!(later.open(&address, &hashed), None);
        assert!(later.is(&address, &hashed, &json!("canary")));
        assert!(!later.is(&address, &hashed, &json!("Canary")));
        let other = Sealer::new(None).cover(&address, &path("a.b"), &json!("canary"));
        assert_ne!(other.unwrap(), hashed.cover, "each run has its salt");
    }
}
