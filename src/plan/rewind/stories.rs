//! Stories of going back.
