//! Two sequences of texts: what goes, what comes, what stays.

use similar::{
    DiffOp,
    algorithms::{Capture, Compact, Replace, myers},
};

/// The steps from one sequence to the other, in order; what is put in the place of something is one
/// step.
///
/// Everything is compared here, as the same type: the library is made anew for each type and each
/// algorithm that it is called with, and was a fortieth of the program.
pub(super) fn steps(before: &[&str], after: &[&str]) -> Vec<DiffOp> {
    let mut steps = Compact::new(Replace::new(Capture::new()), before, after);
    let Ok(()) = myers::diff(&mut steps, before, 0..before.len(), after, 0..after.len());
    steps.into_inner().into_inner().into_ops()
}
