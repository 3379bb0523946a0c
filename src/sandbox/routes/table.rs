//! From a method and a path to the handler that answers it.

use crate::live::transport::Method;
use crate::sandbox::dialect::Dialect;
use crate::sandbox::store::{Batch, View};

use super::call::Call;
use super::refusal::{Answer, Refusal};
use super::{unified, zone};

/// What answers a route, by what it needs of the world.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// Nothing, not even a token.
    Open(fn(&Call<'_>) -> Answer),
    /// A look at it.
    Read(fn(&Call<'_>, &View<'_>) -> Answer),
    /// To change it: a refusal leaves it as it was.
    Write(fn(&Call<'_>, &mut Batch<'_>) -> Answer),
    /// To change it, outside the request limit.
    Run(fn(&Call<'_>, &mut Batch<'_>) -> Answer),
}

/// One line of the table.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path, with `{..}` where an id stands.
    pub(crate) path: &'static str,
    /// The scope that a token needs (`hooks:read`); empty where any token will do.
    pub(crate) scope: &'static str,
    pub(crate) handler: Handler,
}

/// A line of a table.
pub(crate) const fn route(
    method: Method,
    path: &'static str,
    scope: &'static str,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        scope,
        handler,
    }
}

/// The routes of a dialect.
pub(crate) fn routes(dialect: Dialect) -> &'static [Route] {
    match dialect {
        Dialect::Zone => zone::ROUTES,
        Dialect::Unified => unified::ROUTES,
    }
}

impl Route {
    /// The ids in a path, if it is one of this route.
    fn ids<'p>(&self, path: &'p str) -> Option<Vec<&'p str>> {
        let mut ids = Vec::new();
        let mut given = path.split('/');
        for expected in self.path.split('/') {
            let segment = given.next()?;
            if expected.starts_with('{') {
                ids.push(segment);
            } else if expected != segment {
                return None;
            }
        }
        given.next().is_none().then_some(ids)
    }
}

/// Where a request leads.
pub(crate) struct Found<'p> {
    /// The route's name in statistics.
    pub(crate) name: String,
    /// The route and the ids in the path, or why there is none.
    pub(crate) target: Result<(&'static Route, Vec<&'p str>), Refusal>,
}

/// Finds the route of a request. A route without placeholders comes before one with them.
pub(crate) fn find(dialect: Dialect, method: Method, path: &str) -> Found<'_> {
    let prefix = match dialect {
        Dialect::Zone => "",
        Dialect::Unified => "unified ",
    };
    let mut known_path = false;
    for route in routes(dialect) {
        if let Some(ids) = route.ids(path) {
            if route.method == method {
                let name = format!("{prefix}{method} {}", route.path);
                return Found {
                    name,
                    target: Ok((route, ids)),
                };
            }
            known_path = true;
        }
    }
    let refusal = match known_path {
        true => Refusal::wrong_method(),
        false => Refusal::missing("The path does not exist."),
    };
    // One name for all of them: they are a client's mistakes, and must not fill the table.
    Found {
        name: format!("{prefix}{method} (unknown)"),
        target: Err(refusal),
    }
}
