//! Sealing the sensitive values of what a journal keeps.
//!
//! With a key, XChaCha20-Poly1305: whoever has the key goes back to the very value. Without one, a
//! salted Argon2id hash: it shows whether a value is still the same, and nothing else. The key that
//! seals is what Argon2id makes of the user's; that takes tens of milliseconds, so it is made once
//! in a run, with one salt, and a value that many scenarios hold is hashed once. Hashes of many
//! values are made [ahead](Ahead), on other threads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
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

    fn derived(&self) -> MutexGuard<'_, Derived> {
        self.derived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept in the place of a value of a thing; none if the system has no random numbers.
    #[must_use]
    pub fn cover(&self, address: &Address, path: &Path, value: &Value) -> Option<Cover> {
        let mut derived = self.derived();
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
        let mut derived = self.derived();
        let text = derived
            .cipher(self.key.as_ref()?, salt)?
            .decrypt(&XNonce::from(nonce), payload)
            .ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Nothing yet whose hash is to be made ahead.
    #[must_use]
    pub fn ahead(&self) -> Ahead<'_> {
        Ahead {
            sealer: self,
            wanted: Mutex::default(),
        }
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
                let mut derived = self.derived();
                derived.hash(salt, &canonical(value)).as_ref() == Some(hash)
            }
        }
    }
}

/// Values whose hashes are made before anybody asks for them: at once, and beside the thread that
/// waits for it. That thread renews the lock, whose lease must not end for a few thousand secrets.
pub struct Ahead<'a> {
    sealer: &'a Sealer,
    /// Salts and texts.
    wanted: Mutex<BTreeSet<(String, String)>>,
}

impl Ahead<'_> {
    /// Notes a value that is going to be covered.
    pub fn covers(&self, value: &Value) {
        if self.sealer.has_key() {
            return;
        }
        let salt = self.sealer.derived().salt();
        if let Some(salt) = salt {
            self.wants(salt, value);
        }
    }

    /// Notes that somebody is going to ask whether a value is the one that was hashed.
    pub fn compares(&self, hidden: &Hidden, value: &Value) {
        match &hidden.cover {
            Cover::Hashed { salt, .. } => self.wants(salt.clone(), value),
            Cover::Sealed { .. } => {}
        }
    }

    fn wants(&self, salt: String, value: &Value) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.insert((salt, canonical(value)));
    }

    /// Makes the hashes of all that was noted and is not known yet, on all cores.
    pub async fn make(self) {
        let wanted = self.wanted.into_inner();
        let wanted = wanted.unwrap_or_else(PoisonError::into_inner);
        let sealer = self.sealer;
        let is_known = |one: &(String, String)| sealer.derived().hashes.contains_key(one);
        let wanted: Vec<_> = wanted.into_iter().filter(|one| !is_known(one)).collect();
        if wanted.is_empty() {
            return;
        }
        let work = move || -> Vec<((String, String), String)> {
            let made = wanted.into_par_iter().filter_map(|(salt, text)| {
                let hash = hashed(&salt, &text)?;
                Some(((salt, text), hash))
            });
            made.collect()
        };
        // What can't be made now is made, or missed, when it is asked for.
        let made = tokio::task::spawn_blocking(work).await.unwrap_or_default();
        sealer.derived().hashes.extend(made);
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
        let hash = hashed(salt, text)?;
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

/// The hash of a text, in hexadecimal.
fn hashed(salt: &str, text: &str) -> Option<String> {
    Some(hex(&argon2id(text, &bytes(salt)?)?))
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
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

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
    fn hashes_are_made_beside_the_thread_that_waits_for_them() {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().build().unwrap();
        let address = "scenario.a".parse().unwrap();
        let (earlier, sealer) = (Sealer::new(None), Sealer::new(None));
        let values: Vec<_> = (0..24).map(|n| json!(format!("canary-{n}"))).collect();
        let old: Vec<_> = values
            .iter()
            .take(4)
            .map(|value| hidden(earlier.cover(&address, &path("a.b"), value).unwrap()))
            .collect();
        runtime.block_on(async {
            let ahead = sealer.ahead();
            for value in &values {
                ahead.covers(value);
            }
            for (hidden, value) in old.iter().zip(&values) {
                ahead.compares(hidden, value);
            }
            // What else this thread has to do, such as to renew a lock.
            let turns = AtomicUsize::new(0);
            let others = async {
                loop {
                    turns.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::select! {
                () = ahead.make() => {}
                () = others => {}
            }
            assert!(turns.into_inner() > 2);
        });
        assert_eq!(sealer.derived().hashes.len(), 28);
        for (hidden, value) in old.iter().zip(&values) {
            assert!(sealer.is(&address, hidden, value));
            assert!(!sealer.is(&address, hidden, &json!("other")));
        }
        let cover = sealer.cover(&address, &path("a.b"), &values[9]).unwrap();
        assert!(sealer.is(&address, &hidden(cover), &values[9]));
        let made = sealer.derived().hashes.len();
        assert_eq!(made, 29, "only \"other\" was not made ahead");
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
