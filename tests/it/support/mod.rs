//! What stories stand on.

pub(crate) mod faulty_wire;
