//! Specs as written -> specs of the model, kind by kind, with all that is wrong with them.

mod blueprint;
mod lifecycle;
mod moments;
mod scenario;
mod schedule;
mod thing;
mod webhook;

pub(super) use thing::lower;
