//! What the fuzz targets hold, on the files that they begin with. Running them takes a nightly
//! toolchain (CONTRIBUTING.md): what they find becomes a file here.

use std::{fs, path::Path};

#[path = "../../fuzz/properties/blueprint.rs"]
mod blueprint;
#[path = "../../fuzz/properties/manifests.rs"]
mod manifests;
#[path = "../../fuzz/properties/references.rs"]
mod references;

/// Calls a property for each seed of a target, and for what is left when it is cut off anywhere.
fn replay(target: &str, check: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut read = 0;
    for seed in fs::read_dir(seeds.join(target)).unwrap() {
        let bytes = fs::read(seed.unwrap().path()).unwrap();
        check(&bytes);
        let step = bytes.len().div_ceil(50).max(1);
        for end in (0..bytes.len()).step_by(step) {
            check(&bytes[..end]);
        }
        read += 1;
    }
    assert!(read > 0, "no seeds of {target}");
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
