//! Codes of ledgers that are encrypted.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[&ENCRYPTION_FAILED, &LEDGER_ENCRYPTED];

/// A command that did not encrypt or decrypt.
pub static ENCRYPTION_FAILED: Code = Code {
    name: "encryption-failed",
    severity: Severity::Error,
    summary: "a command that encrypts or decrypts the ledger failed",
    explanation: "MAKEFORM_STATE_ENCRYPT and MAKEFORM_STATE_DECRYPT are command lines that the shell \
runs: each reads stdin and writes stdout to the end. One of them ended with an error, did not end in \
time (MAKEFORM_STATE_COMMAND_TIMEOUT, 60 seconds), or what one makes the other does not turn back. \
Nothing was written. What such a command says is never shown, since keys may be in it: run it by \
hand to see.",
    example: "printf hello | sh -c \"$MAKEFORM_STATE_ENCRYPT\" | sh -c \"$MAKEFORM_STATE_DECRYPT\"",
};

/// An encrypted ledger without the command for it.
pub static LEDGER_ENCRYPTED: Code = Code {
    name: "ledger-encrypted",
    severity: Severity::Error,
    summary: "the ledger is encrypted, and the commands for it are not both set",
    explanation: "Whoever set up this ledger has it encrypted. To read it takes MAKEFORM_STATE_DECRYPT, \
to write it MAKEFORM_STATE_ENCRYPT as well: nothing of it is ever written in the clear again by \
mistake. Both come from the environment only, never from a file of the project. To go back to a \
ledger in the clear, `state pull` it with the first set, and `state push` it to another place.",
    example: "export MAKEFORM_STATE_ENCRYPT='age -r age1qx..'\n\
              export MAKEFORM_STATE_DECRYPT='age --decrypt -i ~/.config/makeform/age.txt'",
};
