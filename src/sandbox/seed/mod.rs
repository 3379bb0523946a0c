//! Fills a world: with an invented account, or with what a folder of blueprint files stands on.
//!
//! In go a world and a seed, or a world and a folder; out come rows in the world and a
//! [`SeedReport`] that says what was made. Everything invented here follows from its seed alone:
//! no clock and no chance, so that two machines make the same account byte for byte. Nothing
//! here answers requests, and nothing is checked against Make's rules for writes: seeding is
//! how a world comes to hold what Make would refuse today but has kept from former years.

mod account;
mod blueprint;
mod blueprint_files;
mod dice;
mod form;
mod furniture;
mod loading;
mod login;
mod module;
mod place;
mod reference;
mod report;
mod rows;
#[cfg(test)]
mod sample;
mod schedule;
mod stand_in;
mod strict_json;
mod team;
mod trap;
mod tree;
mod variables;
mod walk;
mod words;

pub use account::{SeedOptions, seed_account};
pub use blueprint::{Generator, Size, Start};
pub use blueprint_files::seed_blueprints;
pub(super) use login::logins;
pub use reference::{Named, Pool, Sort};
pub use report::{SeedError, SeedReport};
