//! Sealing the file of logins with a key of the user's.
//!
//! XChaCha20-Poly1305, with a key that Argon2id (19 MiB, two passes) makes from
//! `MAKEFORM_STATE_KEY`. So a passphrase does as well as 32 random bytes, and there is one way,
//! not two. Salt and nonce are random and stand beside the sealed text; the nonce is new each
//! time, and long enough for that.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// What the sealed text is bound to, so that it can't be passed off as anything else.
const CONTEXT: &[u8] = b"makeform/logins/v1";

const SALT: usize = 16;
const NONCE: usize = 24;

/// A sealed text; all fields in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    kdf: String,
    salt: String,
    nonce: String,
    text: String,
}

/// Why something can't be sealed or opened.
#[derive(Debug)]
pub(super) enum SealError {
    /// Another key, or another text.
    Wrong,
    /// It does not look like something sealed.
    Malformed,
    /// The library, or the system below it.
    Failed(String),
}

/// Seals a text.
pub(super) fn seal(key: &SecretString, text: &[u8]) -> Result<Sealed, SealError> {
    let mut salt = [0; SALT];
    let mut nonce = [0; NONCE];
    for bytes in [&mut salt[..], &mut nonce[..]] {
        getrandom::fill(bytes).map_err(|error| SealError::Failed(error.to_string()))?;
    }
    let payload = Payload {
        msg: text,
        aad: CONTEXT,
    };
    let sealed = cipher(key, &salt)?
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Failed("the text is too long".to_owned()))?;
    let hex = |bytes: &[u8]| base16ct::lower::encode_string(bytes);
    Ok(Sealed {
        kdf: "argon2id".to_owned(),
        salt: hex(&salt),
        nonce: hex(&nonce),
        text: hex(&sealed),
    })
}

/// Opens a sealed text.
pub(super) fn open(key: &SecretString, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
    let bytes = |hex: &str| base16ct::lower::decode_vec(hex).map_err(|_| SealError::Malformed);
    if sealed.kdf != "argon2id" {
        return Err(SealError::Malformed);
    }
    let salt = bytes(&sealed.salt)?;
    let nonce: [u8; NONCE] = bytes(&sealed.nonce)?
        .try_into()
        .map_err(|_| SealError::Malformed)?;
    let text = bytes(&sealed.text)?;
    let payload = Payload {
        msg: &text,
        aad: CONTEXT,
    };
    cipher(key, &salt)?
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Wrong)
}

fn cipher(key: &SecretString, salt: &[u8]) -> Result<XChaCha20Poly1305, SealError> {
    let mut derived = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
        .hash_password_into(key.expose_secret().as_bytes(), salt, &mut derived)
        .map_err(|error| SealError::Failed(error.to_string()))?;
    Ok(XChaCha20Poly1305::new(&Key::from(derived)))
}

#[cfg(test)]
mod tests {
    use super::{SealError, open, seal};

    #[test]
    fn what_was_sealed_is_opened_by_the_same_key_alone_and_only_as_it_was() {
        let key = "a passphrase".into();
        let sealed = seal(&key, b"canary").unwrap();
        assert_eq!(open(&key, &sealed).unwrap(), b"canary");
        let again = seal(&key, b"canary").unwrap();
        assert!(again.salt != sealed.salt && again.nonce != sealed.nonce);
        assert!(matches!(
            open(&"A passphrase".into(), &sealed),
            Err(SealError::Wrong)
        ));
        let mut changed = sealed;
        let flipped = match changed.text.starts_with('0') {
            true => "1",
            false => "0",
        };
        changed.text.replace_range(..1, flipped);
        assert!(matches!(open(&key, &changed), Err(SealError::Wrong)));
        changed.nonce = "00".to_owned();
        assert!(matches!(open(&key, &changed), Err(SealError::Malformed)));
    }
}
