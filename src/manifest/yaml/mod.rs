//! YAML -> nodes, by rules of our own for what is a text and what is not.
//!
//! Only `null`, `~`, nothing at all, `true`, `false` and the numbers of JSON are no texts when
//! they stand unquoted; `no`, `1:30`, `007` and dates are texts as they are written. Duplicate
//! keys, tags, runaway aliases and absurd nesting are findings, never panics.
//!
//! `stream` reads the documents of a file, `loader` makes nodes of the parser's events, `mapping`
//! knows what may be a key, and what of it counts.

mod loader;
mod mapping;
mod stream;

pub(super) use stream::{Stream, read};
