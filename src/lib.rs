//! makeform keeps Make (make.com, formerly Integromat) accounts in step with YAML in git.
//!
//! ```text
//!  manifests/*.yaml --manifest--> Desired --+
//!                                           +--plan--> Plan --+--render--> text | json
//!  account (HTTP) ----live------> Snapshot -+      ^          +--apply---> Outcome
//!                                 Bindings --------+                         |
//!                                     ^                                      v
//!                                     +------------state <---- journal ------+
//!  account --live--> Snapshot --export--> Desired --manifest::emit--> manifests/*.yaml
//! ```
//!
//! Planning is a pure function: no file, socket, clock or random number. Apply makes no choices.
//! Rendering computes no differences and reads nothing. `tests/it/layers.rs` says which module
//! may name which.
//!
//! What is on disk, and which module owns it:
//!
//! | path | owner |
//! |---|---|
//! | `makeform.yaml`, `makeform.ids.yaml`, `manifests/**` | [`manifest`] |
//! | `.makeform/<target>/{ledger.json,journal.jsonl,lock,history/}` | [`state`] |
//! | `logins.json`, `logins.lock` in the user's folder of settings | [`live`] |
//! | `.makeform/sandbox/` (or the world that a URL names) | [`sandbox`] |
//! | the file of `plan --out` | [`cli`] writes it, [`plan`] reads it |

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
