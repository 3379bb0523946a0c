//! What a write is for, in a line: git keeps it as its log.

use crate::{
    model::{ApplyId, Record},
    state::{Owner, shelf::Note},
};

/// What records say.
pub(super) fn of(records: &[Record], journal_of: Option<ApplyId>, owner: &Owner) -> Note {
    let mut trailers = Vec::new();
    // How things stood before tells nothing of what is done.
    let telling = |record: &&Record| !matches!(record, Record::Stood { .. });
    let records: Vec<&Record> = records.iter().filter(telling).collect();
    let subject = match records.as_slice() {
        [
            Record::Started {
                apply,
                digest,
                commit,
                command,
                ..
            },
        ] => {
            trailers.push(("Plan-digest", digest.clone()));
            trailers.extend(commit.clone().map(|commit| ("Project-commit", commit)));
            let command = command.as_deref().unwrap_or("apply");
            format!("{command} {apply} begins")
        }
        [
            Record::Finished {
                apply, conclusion, ..
            },
        ] => {
            let how = conclusion.map_or("", |conclusion| conclusion.word());
            format!("{} {apply} ended: {how}", owner.command)
        }
        _ => {
            let whose = match journal_of {
                Some(apply) => format!("{} {apply}", owner.command),
                None => owner.command.clone(),
            };
            let words: Vec<String> = records.iter().map(|record| words(record)).collect();
            match words.as_slice() {
                [one] => format!("{whose}: {one}"),
                several => {
                    let each = several.iter().map(|word| ("Record", word.clone()));
                    trailers.extend(each);
                    format!("{whose}: {} records", several.len())
                }
            }
        }
    };
    Note {
        subject,
        who: owner.who.clone(),
        trailers,
    }
}

/// A record in a few words, without anything that it holds.
fn words(record: &Record) -> String {
    match record {
        Record::Started { apply, .. } => format!("{apply} begins"),
        Record::Intent(intent) => {
            let sequence = intent.sequence.0;
            format!("request {sequence}: {} {}", intent.what, intent.address)
        }
        Record::Ended { sequence, .. } => format!("request {} ended", sequence.0),
        Record::Stood { address, .. } => format!("{address} as it was"),
        Record::Bound { address, binding } => format!("bind {address} to {}", binding.id),
        Record::Checked { address } => format!("{address} was looked at"),
        Record::Unbound { address } => format!("forget {address}"),
        Record::Finished { apply, .. } => format!("{apply} ended"),
    }
}
