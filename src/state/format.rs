//! The bytes of `ledger.json` and `journal.jsonl`.
//!
//! Both state their format. A newer one is refused, never guessed at. Both carry a generation:
//! a journal is replayed onto the ledger of its own generation only, so that a crash between
//! the replacing of the one and of the other repeats nothing and loses nothing.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Applied, Ledger, Owner, Standing, StateError};
use crate::model::{Address, ApplyId, Binding, Bindings, Identity, Intent, Record};

/// Of a ledger that counts no more, or not yet. What is older than these formats refuses them.
const MOVED_FORMAT: &str = "makeform/moved-ledger/v1";
const ARRIVING_FORMAT: &str = "makeform/arriving-ledger/v1";
const LEDGER_FORMAT: &str = "makeform/ledger/v1";
pub(super) const LOCK_FORMAT: &str = "makeform/lock/v1";
/// Since v2 a journal says how addresses were bound, and what was looked at. What it was before is
/// read, and never added to.
const JOURNAL_FORMAT: &str = "makeform/journal/v2";

/// The documents of a fixed name, in every place.
pub(super) const LEDGER: &str = "ledger.json";
/// The one document that is never encrypted: who holds the lock has to be told to everybody.
pub(super) const LOCK: &str = "lock.json";

/// `ledger.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LedgerFile<'a> {
    format: Cow<'a, str>,
    /// Where the ledger is that counts, or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Cow<'a, str>>,
    generation: u64,
    /// How many records followed it that are part of it here; none in what is stored.
    #[serde(default, skip_serializing_if = "is_zero")]
    records: u64,
    identity: Cow<'a, Option<Identity>>,
    last_sequence: u64,
    bindings: Cow<'a, BTreeMap<Address, Binding>>,
    pending: Cow<'a, [Intent]>,
    applies: Cow<'a, [Applied]>,
}

/// The first line of `journal.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JournalHead<'a> {
    format: Cow<'a, str>,
    generation: u64,
    /// Which segment it is, of a journal that is in several documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<u64>,
    /// A number of its writer alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    writer: Option<Cow<'a, str>>,
    /// Whose lock was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken_from: Option<Cow<'a, Owner>>,
}

/// The document that the journal of an apply is in, once it is part of the ledger.
pub(super) fn history(apply: ApplyId) -> String {
    format!("history/{}.jsonl", apply.0)
}

/// What stands in a journal.
pub(super) struct Journal {
    /// The generation of the ledger that its records follow.
    pub(super) generation: u64,
    /// Whether it was written to keep another writer out.
    pub(super) is_fence: bool,
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// Whether it is of an older format.
    pub(super) is_older: bool,
}

/// A ledger as `ledger.json`.
pub(super) fn ledger_to_bytes(ledger: &Ledger) -> serde_json::Result<Vec<u8>> {
    let Ledger {
        bindings: Bindings {
            identity,
            by_address,
        },
        pending,
        applies,
        last_sequence,
        generation,
        records,
        standing,
    } = ledger;
    let (format, place) = match standing {
        Standing::Living => (LEDGER_FORMAT, None),
        Standing::Moved { to } => (MOVED_FORMAT, Some(to)),
        Standing::Arriving { from } => (ARRIVING_FORMAT, Some(from)),
    };
    let file = LedgerFile {
        format: format.into(),
        place: place.map(|place| place.as_str().into()),
        generation: *generation,
        records: *records,
        identity: Cow::Borrowed(identity),
        last_sequence: *last_sequence,
        bindings: Cow::Borrowed(by_address),
        pending: pending.into(),
        applies: applies.into(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads `ledger.json`.
pub(super) fn ledger_from_bytes(path: &Path, bytes: &[u8]) -> Result<Ledger, StateError> {
    let format = match stated(path, bytes)?.as_str() {
        MOVED_FORMAT => MOVED_FORMAT,
        ARRIVING_FORMAT => ARRIVING_FORMAT,
        _ => LEDGER_FORMAT,
    };
    check_format(path, bytes, format)?;
    let file: LedgerFile<'_> =
        serde_json::from_slice(bytes).map_err(|error| damaged(path, error.line(), &error))?;
    let place = file.place.unwrap_or_default().into_owned();
    let standing = match format {
        MOVED_FORMAT => Standing::Moved { to: place },
        ARRIVING_FORMAT => Standing::Arriving { from: place },
        _ => Standing::Living,
    };
    Ok(Ledger {
        bindings: Bindings {
            identity: file.identity.into_owned(),
            by_address: file.bindings.into_owned(),
        },
        pending: file.pending.into_owned(),
        applies: file.applies.into_owned(),
        last_sequence: file.last_sequence,
        generation: file.generation,
        records: file.records,
        standing,
    })
}

/// The first line of a journal that follows the ledger of a generation.
pub(super) fn journal_head(generation: u64) -> serde_json::Result<Vec<u8>> {
    line(&JournalHead {
        format: JOURNAL_FORMAT.into(),
        generation,
        segment: None,
        writer: None,
        taken_from: None,
    })
}

/// The first line of a segment of such a journal, in a document of its own.
pub(super) fn segment_head(
    generation: u64,
    segment: u64,
    writer: &str,
    taken_from: Option<&Owner>,
) -> serde_json::Result<Vec<u8>> {
    line(&JournalHead {
        format: JOURNAL_FORMAT.into(),
        generation,
        segment: Some(segment),
        writer: Some(writer.into()),
        taken_from: taken_from.map(Cow::Borrowed),
    })
}

/// The document that a segment is in.
pub(super) fn segment(generation: u64, number: u64) -> String {
    format!("journal/{generation}-{number}.jsonl")
}

/// The generation and the number of the segment in a document.
pub(super) fn segment_number(name: &str) -> Option<(u64, u64)> {
    let name = name.strip_prefix("journal/")?.strip_suffix(".jsonl")?;
    let (generation, number) = name.split_once('-')?;
    Some((generation.parse().ok()?, number.parse().ok()?))
}

/// Reads a `lock.json`.
pub(super) fn lock_from_bytes<T: DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<T, StateError> {
    check_format(path, bytes, LOCK_FORMAT)?;
    serde_json::from_slice(bytes).map_err(|error| damaged(path, error.line(), &error))
}

/// A record as a line.
pub(super) fn record_line(record: &Record) -> serde_json::Result<Vec<u8>> {
    line(record)
}

/// Reads `journal.jsonl`; none if not even its first line was written to its end.
///
/// A last line without its end is left out: it was being written. A broken line that has its end
/// was written whole, and is an error wherever it stands: skipping it could lose a binding, and
/// with it make a duplicate.
pub(super) fn journal_from_bytes(path: &Path, bytes: &[u8]) -> Result<Option<Journal>, StateError> {
    let mut journal: Option<Journal> = None;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !line.ends_with(b"\n") {
            break;
        }
        let damaged = |error: serde_json::Error| damaged(path, index + 1, &error);
        if let Some(journal) = &mut journal {
            let record = serde_json::from_slice(line).map_err(damaged)?;
            journal.records.push(record);
        } else {
            let is_older = check_format(path, line, JOURNAL_FORMAT)? == Format::Older;
            let head: JournalHead<'_> = serde_json::from_slice(line).map_err(damaged)?;
            journal = Some(Journal {
                generation: head.generation,
                is_fence: head.taken_from.is_some(),
                is_older,
                records: Vec::new(),
            });
        }
    }
    Ok(journal)
}

/// One JSON value and a line break.
fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The one that we write.
    Ours,
    /// An older one.
    Older,
}

/// Whether a document states the format that we write, or an older one of its kind. Judged before
/// anything else of it is read: a newer format may have other fields.
pub(super) fn check_format(path: &Path, document: &[u8], ours: &str) -> Result<Format, StateError> {
    let format = stated(path, document)?;
    if format == ours {
        return Ok(Format::Ours);
    }
    let family = ours.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = |format: &str| format.strip_prefix(family)?.parse::<u32>().ok();
    match (number(&format), number(ours)) {
        (Some(theirs), Some(ours)) if theirs > ours => Err(StateError::Newer {
            path: path.to_owned(),
            format,
        }),
        (Some(1..), Some(_)) => Ok(Format::Older),
        _ => Err(StateError::Damaged {
            path: path.to_owned(),
            line: None,
            reason: format!("expected the format `{ours}`"),
        }),
    }
}

/// The format that a document states.
fn stated(path: &Path, document: &[u8]) -> Result<String, StateError> {
    #[derive(Deserialize)]
    struct Stated {
        #[serde(default)]
        format: String,
    }
    let stated: Stated =
        serde_json::from_slice(document).map_err(|error| damaged(path, error.line(), &error))?;
    Ok(stated.format)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is wrong with a line, from 1, of a file.
fn damaged(path: &Path, line: usize, error: &serde_json::Error) -> StateError {
    StateError::Damaged {
        path: path.to_owned(),
        line: Some(line),
        reason: without_content(error),
    }
}

/// What a parser says, without the values that it quotes: they are the user's.
pub(super) fn without_content(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Io => "it could not be read".to_owned(),
        serde_json::error::Category::Syntax => "it is not JSON".to_owned(),
        serde_json::error::Category::Data => "a field is missing or of another type".to_owned(),
        serde_json::error::Category::Eof => "it ends too early".to_owned(),
    }
}
