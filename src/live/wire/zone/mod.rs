//! The API of Make's zones (`eu1.make.com` and its sisters), as documented.

pub(in crate::live) mod blueprint;
mod created;
pub(in crate::live) mod data_store;
pub(in crate::live) mod data_structure;
pub(in crate::live) mod execution;
pub(in crate::live) mod folder;
pub(in crate::live) mod incomplete;
pub(in crate::live) mod looked;
pub(in crate::live) mod organization;
pub(in crate::live) mod organization_role;
pub(in crate::live) mod role;
pub(in crate::live) mod scenario;
pub(in crate::live) mod team;
pub(in crate::live) mod team_role;
pub(in crate::live) mod usage;
pub(in crate::live) mod variable;
pub(in crate::live) mod webhook;

pub(in crate::live) use created::{created, envelope};
