//! What stories stand on.
