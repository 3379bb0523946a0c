//! What the fuzz targets hold, on the files that they begin with. Running them takes a nightly
//! toolchain (CONTRIBUTING.md): what they find becomes a file here.

use std::{fs, ops::Range, path::Path};

use proptest::{prelude::*, sample::Index};

#[path = "../../fuzz/properties/blueprint.rs"]
mod blueprint;
#[path = "../../fuzz/properties/manifests.rs"]
mod manifests;
#[path = "../../fuzz/properties/references.rs"]
mod references;

/// The files that a target begins with.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let files = fs::read_dir(folder.join(target)).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seeds of {target}");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Calls a property for each seed of a target, and for what is left when it is cut off anywhere.
fn replay(target: &str, check: fn(&[u8])) {
    for bytes in seeds(target) {
        check(&bytes);
        let step = bytes.len().div_ceil(50).max(1);
        for end in (0..bytes.len()).step_by(step) {
            check(&bytes[..end]);
        }
    }
}

#[test]
fn blueprints_are_taken_apart_and_join_again() {
    replay("blueprint", blueprint::check);
}

#[test]
fn manifests_are_read_or_refused_with_places() {
    replay("manifests", manifests::check);
}

#[test]
fn references_print_as_what_reads_back_the_same() {
    replay("references", references::check);
}

/// A seed with a few pieces of seeds copied over it.
fn edited(target: &'static str, most: usize) -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        0..24_usize,
        0..24_usize,
    );
    let edits = prop::collection::vec(edit, 0..most);
    let seeds = seeds(target);
    (any::<Index>(), edits).prop_map(move |(seed, edits)| {
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        for (at, other, from, length, gone) in edits {
            let piece = &seeds[other.index(seeds.len())];
            let range = |from: usize, length: usize, end: usize| -> Range<usize> {
                from..(from + length).min(end)
            };
            let piece = &piece[range(from.index(piece.len() + 1), length, piece.len())];
            let gone = range(at.index(bytes.len() + 1), gone, bytes.len());
            bytes.splice(gone, piece.iter().copied());
        }
        bytes
    })
}

proptest! {
    #[test]
    fn edited_blueprints_too(bytes in edited("blueprint", 3)) {
        blueprint::check(&bytes);
    }

    #[test]
    fn edited_manifests_too(bytes in edited("manifests", 4)) {
        manifests::check(&bytes);
    }

    #[test]
    fn edited_references_too(bytes in edited("references", 8)) {
        references::check(&bytes);
    }
}
