//! Objects as bytes in a world's file: JSON, compressed where that is worth it.
//!
//! Blueprints are long and say much twice: packed, a world of thousands takes a fifth of the
//! disk, and writing one takes less time.

use std::borrow::Cow;

use lz4_flex::block::{DecompressError, compress_prepend_size, decompress_size_prepended};

/// What shorter objects would save is not worth the time: rows are read by the thousand.
const SHORTEST: usize = 2_000;

/// The first byte of what is compressed. No JSON begins with it.
const MARK: u8 = 0;

/// The bytes that stand in the file for this JSON.
pub(crate) fn pack(json: String) -> Vec<u8> {
    if json.len() < SHORTEST {
        return json.into_bytes();
    }
    let mut packed = vec![MARK];
    packed.extend(compress_prepend_size(json.as_bytes()));
    packed
}

/// The JSON again.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, DecompressError> {
    match bytes.split_first() {
        Some((&MARK, packed)) => decompress_size_prepended(packed).map(Cow::Owned),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};

    #[test]
    fn what_is_packed_comes_back_and_is_smaller_where_it_is_long() {
        for length in [0, 10, 5_000] {
            let json = format!("{{\"text\":\"{}\"}}", "ab".repeat(length));
            let packed = pack(json.clone());
            assert_eq!(unpack(&packed).unwrap().as_ref(), json.as_bytes());
            assert!(packed.len() <= json.len().min(2_000));
        }
        assert!(unpack(&[0, 9, 9]).is_err());
    }
}
