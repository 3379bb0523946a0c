//! makeform keeps Make (make.com) accounts in step with YAML in git.

pub mod apply;
pub mod cli;
pub mod diagnostic;
pub mod export;
pub mod live;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod render;
pub mod sandbox;
pub mod state;
