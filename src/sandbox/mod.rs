//! Make, emulated: the documented behaviour of its API over a durable world.

pub mod collection;
pub mod seed;
