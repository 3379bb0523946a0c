//! Encryption at rest by commands of the user's choice: `age`, `sops`, `gpg`, or any other that
//! turns what it reads into what it writes.
//!
//! An encrypted piece is one line of JSON that states its format, so that the same form serves a
//! whole document and a line of a journal:
//!
//! ```text
//! {"format":"makeform/encrypted/v1","data":"<base64 of what the command wrote>"}
//! ```
//!
//! Lines in the clear and encrypted ones may stand in one document: that is how a ledger in the clear
//! becomes an encrypted one, with the next write. The way back is refused: who forgets to set the
//! command must not undo what somebody wanted. What is encrypted is decrypted again before it is
//! written, since what nobody can read is lost.

mod command;
#[cfg(all(test, unix))]
mod tests;

use std::{fmt, path::Path, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use self::command::{filter, program};
use super::StateError;
use crate::diagnostic::{
    Code,
    codes::{apply, encryption},
};

pub use self::command::CommandFault;

/// What an encrypted line says of itself.
const FORMAT: &str = "makeform/encrypted/v1";

/// How every encrypted line begins, in this format or a later one.
const BEGINNING: &[u8] = br#"{"format":"makeform/encrypted/"#;

/// How long a command may take, where nothing else is said: somebody may have to type a passphrase.
const PATIENCE: Duration = Duration::from_secs(60);

/// The commands that encrypt and decrypt ledgers. The default is none of them.
#[derive(Clone)]
pub struct Cipher {
    encrypt: Option<SecretString>,
    decrypt: Option<SecretString>,
    patience: Duration,
}

impl Default for Cipher {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl fmt::Debug for Cipher {
    /// Leaves the commands out: a passphrase may stand in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cipher")
            .field("encrypts", &self.encrypt.is_some())
            .field("decrypts", &self.decrypt.is_some())
            .finish_non_exhaustive()
    }
}

/// One of the two commands, by the variable that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the ledger to the backend.
    Encrypt,
    /// From the backend to the ledger.
    Decrypt,
}

impl Direction {
    /// The variable of the environment that names the command.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Encrypt => "MAKEFORM_STATE_ENCRYPT",
            Self::Decrypt => "MAKEFORM_STATE_DECRYPT",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable())
    }
}

/// Why something was not encrypted or decrypted. Nothing that a command wrote is in it, and of its
/// line only the program's name.
#[derive(Debug, thiserror::Error)]
pub enum CryptError {
    /// The command that is needed is not set.
    #[error("the ledger is encrypted, and {0} is not set")]
    NotSet(Direction),
    /// Nobody could read what would be written.
    #[error("{} is set without {}", Direction::Encrypt, Direction::Decrypt)]
    OneWay,
    /// A command did not do its work.
    #[error("{direction} (`{program}`) {fault}")]
    Command {
        /// Which.
        direction: Direction,
        /// Its program.
        program: String,
        /// What it did instead.
        #[source]
        fault: CommandFault,
    },
    /// The two commands do not belong together, or one of them loses something.
    #[error(
        "what {} makes is not what it was when {} turns it back",
        Direction::Encrypt,
        Direction::Decrypt
    )]
    NoWayBack,
    /// A newer makeform wrote it.
    #[error("it has the format `{0}`, which a newer makeform writes")]
    Newer(String),
    /// An encrypted line is not what makeform writes.
    #[error("it is damaged: line {0} is no encrypted line, though it begins like one")]
    Damaged(usize),
}

impl CryptError {
    /// The error, with the document that it was about.
    pub(super) fn of(self, document: impl AsRef<Path>) -> StateError {
        StateError::Crypt {
            place: document.as_ref().display().to_string(),
            source: self,
        }
    }

    /// The code of its finding.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::NotSet(_) | Self::OneWay => &encryption::LEDGER_ENCRYPTED,
            Self::Command { .. } | Self::NoWayBack => &encryption::ENCRYPTION_FAILED,
            Self::Newer(_) => &apply::LEDGER_NEWER,
            Self::Damaged(_) => &apply::LEDGER_DAMAGED,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        let by_hand = |direction: &Direction| {
            format!(
                "try it by hand: it gets its input on stdin, and `echo $?` says how it ended; \
                     {direction} holds its line"
            )
        };
        match self {
            Self::NotSet(Direction::Decrypt) => format!(
                "set {} to the command that decrypts it, such as `age --decrypt -i key.txt`",
                Direction::Decrypt
            ),
            Self::NotSet(Direction::Encrypt) => format!(
                "set {} too: what is written would stand in the clear",
                Direction::Encrypt
            ),
            Self::OneWay => format!(
                "set both: a ledger that can't be read again is lost; {} is the command that \
                 turns the other's output back",
                Direction::Decrypt
            ),
            Self::Command { direction, .. } => by_hand(direction),
            Self::NoWayBack => "nothing was written: check that both name the same key, and that \
                                they read stdin and write stdout to the end"
                .to_owned(),
            Self::Newer(_) => {
                "use the version of makeform that wrote it, or a later one".to_owned()
            }
            Self::Damaged(_) => "restore it from a backup".to_owned(),
        }
    }
}

/// What an encrypted line holds.
#[derive(Serialize, Deserialize)]
struct Envelope {
    format: String,
    data: String,
}

/// What stood in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Opened {
    /// Its bytes, in the clear.
    pub(super) bytes: Vec<u8>,
    /// Whether any of it was encrypted.
    pub(super) was_encrypted: bool,
}

impl Cipher {
    /// Takes a command line for each direction; each is run by the system's shell.
    #[must_use]
    pub fn new(encrypt: Option<SecretString>, decrypt: Option<SecretString>) -> Self {
        Self {
            encrypt,
            decrypt,
            patience: PATIENCE,
        }
    }

    /// The same, where each command may take so long.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether anything can be written: with both commands, or in the clear.
    ///
    /// # Errors
    /// When what is written could not be read again.
    pub(super) fn check(&self) -> Result<(), CryptError> {
        match (&self.encrypt, &self.decrypt) {
            (Some(_), None) => Err(CryptError::OneWay),
            (Some(_) | None, Some(_)) | (None, None) => Ok(()),
        }
    }

    /// Turns a document, or a journal, into what it says. A last line without its end is left as it
    /// is: it was torn, and whoever reads journals knows of that.
    ///
    /// # Errors
    /// When it is encrypted, and can't be decrypted.
    pub(super) async fn open(&self, bytes: Vec<u8>) -> Result<Opened, CryptError> {
        let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
        if !lines().any(is_encrypted) {
            return Ok(Opened {
                bytes,
                was_encrypted: false,
            });
        }
        let mut clear = Vec::with_capacity(bytes.len());
        for (index, line) in lines().enumerate() {
            match is_encrypted(line) && line.ends_with(b"\n") {
                true => clear.extend(self.open_line(line, index + 1).await?),
                false => clear.extend(line),
            }
        }
        Ok(Opened {
            bytes: clear,
            was_encrypted: true,
        })
    }

    async fn open_line(&self, line: &[u8], number: usize) -> Result<Vec<u8>, CryptError> {
        let damaged = || CryptError::Damaged(number);
        let Envelope { format, data } = serde_json::from_slice(line).map_err(|_| damaged())?;
        if format != FORMAT {
            return Err(CryptError::Newer(format));
        }
        let data = BASE64_STANDARD.decode(data).map_err(|_| damaged())?;
        self.run(Direction::Decrypt, &data).await
    }

    /// Turns what is to be written into what is written: the same, without a command to encrypt it.
    /// `was_encrypted`: whether anything of this ledger was encrypted when it was read.
    ///
    /// # Errors
    /// When it can't be encrypted, or not be turned back: nothing must be written then.
    pub(super) async fn seal(
        &self,
        clear: Vec<u8>,
        was_encrypted: bool,
    ) -> Result<Vec<u8>, CryptError> {
        self.check()?;
        if self.encrypt.is_none() {
            return match was_encrypted {
                true => Err(CryptError::NotSet(Direction::Encrypt)),
                false => Ok(clear),
            };
        }
        let data = self.run(Direction::Encrypt, &clear).await?;
        if self.run(Direction::Decrypt, &data).await? != clear {
            return Err(CryptError::NoWayBack);
        }
        let envelope = Envelope {
            format: FORMAT.to_owned(),
            data: BASE64_STANDARD.encode(data),
        };
        // Two texts always have a form in JSON.
        let mut line = serde_json::to_vec(&envelope).unwrap_or_default();
        line.push(b'\n');
        Ok(line)
    }

    async fn run(&self, direction: Direction, input: &[u8]) -> Result<Vec<u8>, CryptError> {
        let line = match direction {
            Direction::Encrypt => &self.encrypt,
            Direction::Decrypt => &self.decrypt,
        };
        let line = line.as_ref().ok_or(CryptError::NotSet(direction))?;
        let failed = |fault| CryptError::Command {
            direction,
            program: program(line),
            fault,
        };
        match filter(line, input, self.patience).await {
            // Ctrl-C goes to all processes of the terminal. Nothing was written: it may run again.
            Err(CommandFault::Killed) => filter(line, input, self.patience).await,
            other => other,
        }
        .map_err(failed)
    }
}

/// Whether a line is an encrypted one, of any version.
fn is_encrypted(line: &[u8]) -> bool {
    line.starts_with(BEGINNING)
}
