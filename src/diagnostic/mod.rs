//! Findings: what there is to tell the user, with a code, a place and a help.
//!
//! Each domain lists its codes in [`codes`]; `makeform explain CODE` prints what stands there.
//! Wording lives where the finding is made, drawing in `render`.

mod code;
pub mod codes;
mod finding;
mod nearest;
mod report;

pub use code::{Code, Severity};
pub use finding::{Finding, Label};
pub use nearest::{nearest, nearest_address};
pub use report::Report;
