//! The account: reads it whole into a snapshot, and carries out single writes.

pub mod transport;
