//! Make's words: requests out of forms, and specs out of answers. Pure.
//!
//! A folder for each dialect; all kinds of a dialect have the same anatomy: how they are listed,
//! how a row is read, and the requests that create, change and delete one.

mod answer;
pub(super) mod unified;
pub(super) mod zone;

pub(super) use answer::{Node, Wrong};
