//! What looks like a secret in a blueprint, judged by the field it stands in.
//!
//! A field is secret as a whole, never a part of it. The rule hides rather too much: a wrongly
//! hidden value costs a look into the file, a shown one a new key. It is no promise that
//! nothing else is secret.

mod address;
mod literal;
mod name;
mod search;
mod text;
mod vendor;

#[cfg(test)]
mod tests;

pub use search::sensitive_paths;
