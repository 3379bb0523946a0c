//! All integration tests, in one binary: linking many would cost minutes.
//!
//! Stories of users run the real program in a sealed world (`support::world`). Add a line here
//! for each new file: `house` fails when one is forgotten.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that can't go on has failed"
)]

mod apply;
mod auth;
mod browser;
mod cache;
mod calls;
mod canaries;
mod carried;
mod catalogue;
mod ci;
mod crash;
mod doctor;
mod drawn;
mod drift;
mod encryption;
mod environments;
mod estimates;
mod examples;
mod exports;
mod far;
mod faults;
mod faulty_applies;
mod foreseen;
mod fuzz;
mod graph;
mod grouped;
mod guards;
mod health;
mod hostile;
mod house;
mod init;
mod init_jobs;
mod interrupted;
mod kept;
mod kinds;
mod layers;
mod limits;
mod lints;
mod live;
mod locks;
mod logging;
mod machine;
mod main_road;
mod mistakes;
mod moved;
mod network;
#[cfg(feature = "external-tests")]
mod object_stores;
mod onward;
mod owed;
mod page;
#[cfg(feature = "external-tests")]
mod page_room;
mod pages;
#[cfg(unix)]
mod pictures;
mod placeholders;
mod planted;
mod promotion;
mod pulls;
mod reference;
mod references;
mod review;
mod rollback;
mod round_trip;
mod running;
mod runs;
mod sandbox;
mod schedules;
mod schema;
mod secrets;
mod seed;
mod served;
mod settle;
mod shells;
mod support;
mod sweep;
#[cfg(unix)]
mod terminal;
mod ties;
mod two_files;
#[cfg(unix)]
mod unattended;
mod unified;
mod update;
