//! JSON -> values: strict JSON, so that a key that stands twice or half a surrogate is refused where
//! it stands instead of being lost.
//!
//! Blueprints are most of the bytes of a project, and nearly all of them are sound. So
//! [`read`] makes a value and keeps no places; [`span_of`] finds one when there is something to say
//! of it, by passing over what stands before it.

mod reader;
mod span;

pub(super) use reader::read;
pub(super) use span::{key_of, span_of};
