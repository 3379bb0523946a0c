//! What can go wrong with a world itself, as opposed to answers that refuse a request.

use std::path::{Path, PathBuf};

/// Why a world could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The world's folder cannot be made.
    #[error("failed to create the folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The world's file cannot be opened, read or written.
    #[error("failed to access the world {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What the store said.
        source: Box<redb::Error>,
    },
    /// An object in the world's file is not JSON.
    #[error("failed to read object {id} of {collection} in {}", path.display())]
    Object {
        /// The file.
        path: PathBuf,
        /// The object's table.
        collection: &'static str,
        /// The object's id.
        id: u64,
        /// Where the JSON breaks off.
        source: serde_json::Error,
    },
    /// The world's certificate authority cannot be kept or read.
    #[error("failed to keep the certificate authority {}", path.display())]
    Authority {
        /// The file of its key or of its certificate.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A certificate cannot be made: the kept key is none, or a name is none.
    #[error("failed to make a certificate with the key {}", key.display())]
    Certificate {
        /// The file of the authority's key.
        key: PathBuf,
        /// What is wrong with it or with a name.
        source: rcgen::Error,
    },
    /// The certificate that was made cannot be served.
    #[error("failed to serve the sandbox's certificate")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// An object is of a team in which the caller may change nothing.
    #[error("your role does not allow to change this: {collection} {id}")]
    OutOfReach {
        /// The object's table.
        collection: &'static str,
        /// The object's id.
        id: u64,
    },
    /// The world was made by another version of makeform.
    #[error("failed to open the world {}: its format is {found}, this program knows {known}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it states.
        found: u64,
        /// The format of this program.
        known: u64,
    },
}

impl WorldError {
    /// For `map_err`: what the store said, with the file it said it about.
    pub(crate) fn store<E: Into<redb::Error>>(path: &Path) -> impl Fn(E) -> Self + '_ {
        move |source| Self::Store {
            path: path.to_path_buf(),
            source: Box::new(source.into()),
        }
    }
}

/// The name of a plan that Make does not sell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown plan {0:?}: free, core, pro, teams, enterprise or unlimited")]
pub struct UnknownPlan(pub String);
