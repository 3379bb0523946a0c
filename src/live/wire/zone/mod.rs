//! The API of Make's zones (`eu1.make.com` and its sisters), as documented.

pub(in crate::live) mod connection;
mod created;
pub(in crate::live) mod folder;
pub(in crate::live) mod organization;
pub(in crate::live) mod scenario;
pub(in crate::live) mod team_role;
pub(in crate::live) mod webhook;

pub(in crate::live) use created::{created, envelope};
