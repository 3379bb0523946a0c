//! Requests to answers: which handler a path has, what it is given, what it may say.

mod body;
mod call;
mod chosen;
mod list;
mod refusal;
mod table;
mod unified;
pub(super) mod zone;

pub(super) use body::{Body, wrong};
pub(super) use call::{Call, stamp};
pub(super) use refusal::{Answer, Refusal, reply};
pub(super) use table::{Handler, Route, find};
