//! One file a command.

pub(super) mod apply;
pub(super) mod auth;
pub(super) mod completions;
pub(super) mod doctor;
pub(super) mod drift;
pub(super) mod executions;
pub(super) mod explain;
pub(super) mod export;
pub(super) mod fmt;
pub(super) mod graph;
pub(super) mod import;
pub(super) mod incomplete;
pub(super) mod init;
pub(super) mod man;
pub(super) mod plan;
pub(super) mod rollback;
pub(super) mod run;
pub(super) mod sandbox;
pub(super) mod schema;
pub(super) mod state;
pub(super) mod status;
pub(super) mod validate;
