//! The unified dialect over the same world.
//!
//! Nearly all of it is translation: a call becomes the calls of the zone dialect that say the
//! same, made within the same transaction, and their refusals become its own. What the zone
//! dialect has no place for (a blueprint as it was written, a cron expression, the security of a
//! webhook) is kept beside the object under [`KEPT`], with a note of what it belonged to, so that
//! a change made through the zone dialect puts it out of force.

mod cron;
mod executions;
mod inner;
mod members;
mod modules;
mod page;
mod routes;
mod scenario_view;
mod scenarios;
#[cfg(test)]
mod tests;
mod webhooks;

pub(super) use routes::ROUTES;

/// The member of a stored object that holds what only this dialect knows.
const KEPT: &str = "unified";
