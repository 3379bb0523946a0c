//! Files -> Desired, and back.

pub mod emit;
