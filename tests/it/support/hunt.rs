//! Looking for values that must be nowhere: in every spelling, and inside of what is packed.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use flate2::bufread::DeflateDecoder;

/// The values that are looked for, each in all its spellings.
#[derive(Default)]
pub(crate) struct Hunt {
    /// Names and spellings.
    canaries: Vec<(String, String)>,
    /// Finds them all at once.
    machine: OnceCell<AhoCorasick>,
}

impl Hunt {
    /// Looks for a value from now on.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() >= 12, "{name} is too short to be unmistakable");
        let spelled = spellings(value).into_iter();
        self.canaries
            .extend(spelled.map(|spelling| (name.to_owned(), spelling)));
        self.machine = OnceCell::new();
    }

    /// The names of the values that bytes hold, as they are or packed.
    pub(crate) fn within(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let machine = self.machine.get_or_init(|| {
            let spellings = self.canaries.iter().map(|(_, spelling)| spelling);
            let builder = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(spellings);
            builder.unwrap()
        });
        let mut found = BTreeSet::new();
        for layer in layers(bytes) {
            for hit in machine.find_overlapping_iter(&layer) {
                found.insert(self.canaries[hit.pattern()].0.as_str());
            }
        }
        found
    }

    /// The files below a folder that hold values, with their names.
    pub(crate) fn below(&self, folder: &Path) -> BTreeMap<PathBuf, BTreeSet<&str>> {
        let mut found = BTreeMap::new();
        for path in files(folder) {
            // One that another process removed meanwhile holds nothing.
            let Ok(bytes) = fs::read(&path) else {
                continue;
            };
            let mut names = self.within(&bytes);
            names.extend(self.within(path.to_string_lossy().as_bytes()));
            if !names.is_empty() {
                found.insert(path, names);
            }
        }
        found
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// How a value may be spelled, capitals aside.
fn spellings(value: &str) -> BTreeSet<String> {
    let json = serde_json::Value::from(value).to_string();
    let debug = format!("{value:?}");
    let mut found = BTreeSet::from([
        value.to_owned(),
        json.trim_matches('"').to_owned(),
        // JSON inside of JSON.
        serde_json::Value::from(json.as_str())
            .to_string()
            .trim_matches(['"', '\\'])
            .to_owned(),
        debug.trim_matches('"').to_owned(),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    ]);
    let ascii: String = value.chars().map(ascii_only).collect();
    found.insert(ascii.replace('"', "\\\""));
    for (encode, plain) in [
        (percent as fn(u8, &str) -> String, ""),
        (percent, "-_.~"),
        (percent, "-_.~!$&'()*+,;=:@/?"),
    ] {
        let encoded: String = value.bytes().map(|byte| encode(byte, plain)).collect();
        found.insert(encoded);
    }
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    found.insert(hex);
    if value.len() == 36 && value.matches('-').count() == 4 {
        found.insert(value.replace('-', ""));
    }
    // Wherever it begins in what was encoded: the letters that hold nothing but it.
    for before in 0..3 {
        let bytes: Vec<u8> = std::iter::repeat_n(b'\0', before)
            .chain(value.bytes())
            .collect();
        let from = (before * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            found.insert(engine.encode(&bytes)[from..to].to_owned());
        }
    }
    found.retain(|spelling| spelling.len() >= 12);
    found
}

/// As JSON is written that has no other letters than ASCII.
fn ascii_only(letter: char) -> String {
    match letter.is_ascii() {
        true => letter.to_string(),
        false => format!("\\u{:04x}", u32::from(letter)),
    }
}

fn percent(byte: u8, plain: &str) -> String {
    let is_plain = byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte);
    match is_plain {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    }
}

/// Bytes, and what is packed in them: the whole of them, and each long word of base64.
fn layers(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = vec![bytes.to_vec()];
    found.extend(unpacked(bytes));
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    for word in bytes
        .split(|byte| !is_word(byte))
        .filter(|word| word.len() >= 32)
    {
        let word = String::from_utf8_lossy(word);
        let decoded = STANDARD
            .decode(&*word)
            .or_else(|_| URL_SAFE_NO_PAD.decode(&*word));
        found.extend(decoded.iter().flat_map(|decoded| unpacked(decoded)));
    }
    found
}

/// What is packed in bytes as makeform packs documents, one after the other: each after a byte that
/// says how, by deflate, or as an LZ4 block after its length. Bytes that are none give nothing.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((how, packed)) = rest.split_first() {
        let first = match how {
            0 => inflate_first(packed),
            1 => unpack_first(packed),
            _ => None,
        };
        let Some((inner, after)) = first else { break };
        found.push(inner);
        rest = after;
    }
    found
}

fn inflate_first(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut inner = Vec::new();
    let mut reader = DeflateDecoder::new(bytes);
    reader.read_to_end(&mut inner).ok()?;
    let taken = usize::try_from(reader.total_in()).ok()?;
    (taken > 0).then(|| (inner, &bytes[taken..]))
}

/// The largest document that is unpacked, in bytes: text that is no block claims any length.
const LARGEST: usize = 64 * 1024 * 1024;

/// The first block, and what follows it. The library only reads blocks whose ends are known.
fn unpack_first(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (length, mut rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > LARGEST {
        return None;
    }
    let mut inner = Vec::new();
    while inner.len() < length {
        let token = take_byte(&mut rest)?;
        let literals = take_length(token >> 4, &mut rest)?;
        inner.extend_from_slice(rest.split_off(..literals)?);
        if inner.len() >= length {
            break;
        }
        let distance = u16::from_le_bytes([take_byte(&mut rest)?, take_byte(&mut rest)?]);
        let from = inner.len().checked_sub(usize::from(distance))?;
        let copied = take_length(token & 15, &mut rest)? + 4;
        if distance == 0 || inner.len() + copied > length {
            return None;
        }
        for index in from..from + copied {
            inner.push(inner[index]);
        }
    }
    (length >= 12 && inner.len() == length).then_some((inner, rest))
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    rest.split_off_first().copied()
}

fn take_length(nibble: u8, rest: &mut &[u8]) -> Option<usize> {
    let mut length = usize::from(nibble);
    if nibble == 15 {
        loop {
            let more = take_byte(rest)?;
            length += usize::from(more);
            if more != 255 {
                break;
            }
        }
    }
    Some(length)
}

#[test]
fn a_hunt_finds_every_spelling_and_what_is_packed() {
    let value = "canary\"7/f+é=%value";
    let mut hunt = Hunt::default();
    hunt.add("it", value);
    let json = serde_json::json!({ "a": value }).to_string();
    let nested = serde_json::json!({ "b": json }).to_string();
    let packed = |text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        makeform::model::PackedJson::new(&document).bytes().to_vec()
    };
    let several = [packed(r#"{"nothing": "of any interest"}"#), packed(&json)].concat();
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    for text in [
        json,
        nested,
        format!("{value:?}"),
        encoded,
        "?x=canary%227/f+%C3%A9=%25value".to_owned(),
        STANDARD.encode(format!("ann:{value}")),
        STANDARD.encode(format!("x{value}y")),
        STANDARD.encode(format!("xx{value}yy")),
        base16ct::lower::encode_string(value.as_bytes()),
        STANDARD.encode(&several),
        "canary\\\"7/f+\\u00e9=%value".to_owned(),
    ] {
        assert_eq!(hunt.within(text.as_bytes()).len(), 1, "{text}");
    }
    assert_eq!(hunt.within(&several).len(), 1);
    assert_eq!(hunt.within(b"canary of another kind, quite long").len(), 0);
}
