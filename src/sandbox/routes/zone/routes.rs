//! Every route of the zone API that the sandbox answers.

use crate::sandbox::routes::table::Route;

pub(crate) const ROUTES: &[Route] = &[];
