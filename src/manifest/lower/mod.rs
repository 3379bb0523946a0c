//! Specs as written -> specs of the model, kind by kind, with all that is wrong with them.

mod blueprint;
mod data;
mod lifecycle;
mod moments;
mod people;
mod scenario;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod thing;
mod variable;
mod webhook;

pub(super) use thing::lower;
