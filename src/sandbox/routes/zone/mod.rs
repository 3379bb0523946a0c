//! The API of Make's zones, kind by kind.

mod routes;

pub(super) use routes::ROUTES;
