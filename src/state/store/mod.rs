//! Where ledgers are kept. Today that is a folder of this machine.

mod folder;
mod locked;
mod open;
#[cfg(test)]
mod tests;

pub use locked::{Locked, Pending};
pub use open::Store;
