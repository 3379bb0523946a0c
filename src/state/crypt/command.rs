//! A command line as a filter: bytes in, bytes out.

use std::{io, process::Stdio, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    time::timeout,
};

/// The most that a command may write: many times the largest ledger.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// What a command did instead of its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandFault {
    /// There is no shell, or the system refuses.
    #[error("could not be started")]
    NotStarted(#[source] io::Error),
    /// It failed.
    #[error("ended with exit status {0}")]
    Failed(i32),
    /// A signal ended it.
    #[error("was ended by a signal")]
    Killed,
    /// It went on for too long, and was ended.
    #[error("did not end within {} s", .0.as_secs_f64())]
    Late(Duration),
    /// It ended well without its input.
    #[error("ended without reading all of its input")]
    Unread,
    /// It writes without end.
    #[error("wrote more than {MOST_BYTES} bytes")]
    TooMuch,
    /// Its output could not be read.
    #[error("could not be read from")]
    Unreadable(#[source] io::Error),
}

/// Runs a command line with an input, and gives back its output, which is whole.
///
/// What it says on stderr is nobody's: keys and passphrases are its business.
pub(super) async fn filter(
    line: &SecretString,
    input: &[u8],
    patience: Duration,
) -> Result<Vec<u8>, CommandFault> {
    let mut child = shell(line.expose_secret())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(CommandFault::NotStarted)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async {
        match stdin {
            // It ends with this block, and so does the command's input.
            Some(mut stdin) => match stdin.write_all(input).await {
                Ok(()) => stdin.shutdown().await,
                refused => refused,
            },
            None => Ok(()),
        }
    };
    let read = async {
        let mut output = Vec::new();
        if let Some(stdout) = stdout {
            stdout.take(MOST_BYTES + 1).read_to_end(&mut output).await?;
        }
        Ok(output)
    };
    let whole = async {
        let (written, read) = tokio::join!(write, read);
        (written, read, child.wait().await)
    };
    let ended = timeout(patience, whole).await;
    let Ok((written, read, status)) = ended else {
        // It may be gone by itself in between.
        let _ = child.start_kill();
        let _ = timeout(Duration::from_secs(1), child.wait()).await;
        return Err(CommandFault::Late(patience));
    };
    let status = status.map_err(CommandFault::Unreadable)?;
    let output = read.map_err(CommandFault::Unreadable)?;
    if u64::try_from(output.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(CommandFault::TooMuch);
    }
    match status.code() {
        Some(0) => match written {
            Ok(()) => Ok(output),
            Err(_) => Err(CommandFault::Unread),
        },
        Some(code) => Err(CommandFault::Failed(code)),
        None => Err(CommandFault::Killed),
    }
}

/// The system's shell with a line to run.
fn shell(line: &str) -> Command {
    let (shell, flag) = match cfg!(windows) {
        true => ("cmd", "/C"),
        false => ("sh", "-c"),
    };
    let mut command = Command::new(shell);
    command.arg(flag).arg(line);
    command
}

/// The name of the program in a command line: all of it that is ever shown. None is shown unless the
/// line begins with it: where another word begins is the shell's to say, and it may be in the middle
/// of a passphrase.
pub(super) fn program(line: &SecretString) -> String {
    let word = line.expose_secret().split_whitespace().next();
    let is_plain = |word: &&str| {
        let mut letters = word.chars();
        letters.all(|it| it.is_ascii_alphanumeric() || "-_./\\:".contains(it))
    };
    let word = word.filter(is_plain).unwrap_or_default();
    match word.rsplit(['/', '\\']).next() {
        Some(name) if !name.is_empty() => name.to_owned(),
        Some(_) | None => "a command".to_owned(),
    }
}
