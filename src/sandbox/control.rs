//! `/_sandbox/..`: the sandbox looked at and set over HTTP while it serves.
//!
//! It needs no token and is not counted; whoever calls from another machine is refused. What is
//! set holds for the process that serves. Tests in process use the methods of [`World`].

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::any;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::clock_control;
use super::fault::{Fault, FaultState, Latency};
use super::line::Caller;
use super::routes::{Answer, Body, Refusal, reply, wrong};
use super::server;
use super::token::{self, EVERYTHING, NewToken, TokenKind};
use super::world::World;

/// What a request to one of the paths asks.
struct Asked {
    method: Method,
    /// The part of the path after the name, if it has one.
    rest: Option<String>,
    body: Bytes,
}

impl Asked {
    fn body(&self) -> Result<Body, Refusal> {
        Body::parse(&self.body)
    }
}

/// All paths below `/_sandbox`.
pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/clock", any(clock_control::serve))
        .route("/_sandbox/{name}", any(serve))
        .route("/_sandbox/{name}/{rest}", any(serve))
        .route_layer(middleware::from_fn(refuse_strangers))
}

/// Refuses callers of other machines: there is no token here to know them by.
async fn refuse_strangers(
    ConnectInfo(caller): ConnectInfo<Caller>,
    request: Request,
    next: Next,
) -> Response {
    match is_near(caller.address) {
        true => next.run(request).await,
        false => server::answer(|| Err(Refusal::forbidden("Only this machine may."))).await,
    }
}

fn is_near(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

async fn serve(
    State(world): State<Arc<World>>,
    Path(path): Path<Vec<(String, String)>>,
    method: Method,
    body: Bytes,
) -> Response {
    let mut segments = path.into_iter().map(|(_, segment)| segment);
    let name = segments.next().unwrap_or_default();
    let asked = Asked {
        method,
        rest: segments.next(),
        body,
    };
    server::answer(move || control(&world, &name, &asked)).await
}

/// Answers one request; blocks on the disk.
fn control(world: &World, name: &str, asked: &Asked) -> Answer {
    match (name, &asked.rest) {
        ("stats", None) => stats(world, asked),
        ("faults", _) => faults(world, asked),
        ("quirks", None) => quirks(world, asked),
        ("latency", None) => latency(world, asked),
        ("tokens", None) => tokens(world, asked),
        ("reset", None) => reset(world, asked),
        _ => Err(Refusal::missing("The path does not exist.")),
    }
}

/// `GET /_sandbox/stats`: the requests that were answered, by route.
fn stats(world: &World, asked: &Asked) -> Answer {
    match asked.method {
        Method::GET => reply(&json!(world.stats()?)),
        _ => Err(Refusal::wrong_method()),
    }
}

/// `/_sandbox/faults`: `GET` lists the rules, `POST {"rule": ".."}` adds one, `DELETE` removes
/// all, `DELETE /_sandbox/faults/{id}` one.
fn faults(world: &World, asked: &Asked) -> Answer {
    match (&asked.method, &asked.rest) {
        (&Method::GET, None) => {}
        (&Method::POST, None) => {
            let body = asked.body()?.only(&["rule"])?;
            let rule = body.required_text("rule", 1_000)?.parse::<Fault>();
            world.add_fault(rule.map_err(invalid)?);
        }
        (&Method::DELETE, None) => world.clear_faults(),
        (&Method::DELETE, Some(id)) => {
            if !id.parse().is_ok_and(|id| world.remove_fault(id)) {
                return Err(Refusal::missing(format!("Fault not found '{id}'.")));
            }
        }
        _ => return Err(Refusal::wrong_method()),
    }
    let shown = |state: FaultState| {
        json!({
            "id": state.id, "rule": state.fault.to_string(), "seen": state.seen,
            "struck": state.struck,
        })
    };
    let rules: Vec<Value> = world.faults().into_iter().map(shown).collect();
    reply(&json!({ "faults": rules }))
}

/// `/_sandbox/quirks`: `GET` shows all settings, `PATCH {"last-edit": "save"}` changes some,
/// `DELETE` makes them all the default again.
fn quirks(world: &World, asked: &Asked) -> Answer {
    let mut quirks = world.quirks();
    match asked.method {
        Method::GET => {}
        Method::PATCH => {
            for (name, setting) in asked.body()?.fields() {
                let setting = setting.as_str().ok_or_else(|| wrong(name, "string"))?;
                quirks.set(name, setting).map_err(invalid)?;
            }
        }
        Method::DELETE => quirks = super::Quirks::default(),
        _ => return Err(Refusal::wrong_method()),
    }
    world.set_quirks(quirks);
    reply(&json!({ "quirks": quirks.to_json() }))
}

/// `/_sandbox/latency`: `GET` shows it, `PUT {"latency": "80ms..120ms"}` sets it.
fn latency(world: &World, asked: &Asked) -> Answer {
    match asked.method {
        Method::GET => {}
        Method::PUT => {
            let body = asked.body()?.only(&["latency"])?;
            let latency = body.required_text("latency", 100)?.parse::<Latency>();
            world.set_latency(latency.map_err(Refusal::invalid)?);
        }
        _ => return Err(Refusal::wrong_method()),
    }
    reply(&json!({ "latency": world.latency().to_string() }))
}

/// `POST /_sandbox/tokens`: makes a token, of the owner and for everything unless `userId` and
/// `scope` say otherwise; good for `expiresIn` seconds of the world's clock, if it is given.
fn tokens(world: &World, asked: &Asked) -> Answer {
    if asked.method != Method::POST {
        return Err(Refusal::wrong_method());
    }
    let body = asked.body()?;
    let body = body.only(&["userId", "scope", "label", "kind", "expiresIn"])?;
    let scope = match body.get("scope") {
        None => vec![EVERYTHING.to_owned()],
        Some(Value::Array(names)) => {
            let known = |name: &Value| name.as_str().and_then(token::scope_named);
            let named = names.iter().map(|name| {
                let unknown = || Refusal::invalid(format!("unknown scope {name}"));
                known(name).map(str::to_owned).ok_or_else(unknown)
            });
            named.collect::<Result<_, _>>()?
        }
        Some(_) => return Err(wrong("scope", "array")),
    };
    let kind = match body.text("kind", 10)? {
        None | Some("api") => TokenKind::Api,
        Some("oauth") => TokenKind::Oauth,
        Some(_) => return Err(wrong("kind", "api or oauth")),
    };
    let created = world.now()?;
    let new = NewToken {
        value: token::invent(),
        kind,
        scope,
        user: body
            .nullable_id("userId")?
            .flatten()
            .unwrap_or(super::beginning::OWNER),
        label: body.text("label", 255)?.unwrap_or("issued").to_owned(),
        created,
        expires: expiry(&body, created)?,
    };
    world.batch(|batch| token::issue(batch, &new))?;
    reply(&json!({ "token": new.value, "scope": new.scope, "userId": new.user }))
}

fn expiry(body: &Body, created: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let Some(seconds) = body.get("expiresIn") else {
        return Ok(None);
    };
    let seconds = seconds
        .as_i64()
        .ok_or_else(|| wrong("expiresIn", "seconds"))?;
    let end = created.checked_add(SignedDuration::from_secs(seconds));
    end.map(Some).map_err(invalid)
}

/// `POST /_sandbox/reset`: the world as new. Faults, quirks and latency stay.
fn reset(world: &World, asked: &Asked) -> Answer {
    match asked.method {
        Method::POST => {
            world.reset()?;
            reply(&json!({ "ok": true }))
        }
        _ => Err(Refusal::wrong_method()),
    }
}

fn invalid(error: impl std::error::Error) -> Refusal {
    Refusal::invalid(error.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::{Value, json};

    use super::{Asked, control, is_near};
    use crate::live::transport::Method::Get;
    use crate::sandbox::quirk::LastEdit;
    use crate::sandbox::trial::Trial;
    use crate::sandbox::{Quirks, World};

    /// The answer, or nothing where it is refused.
    fn ask(world: &World, method: Method, path: &str, body: &Value) -> Option<Value> {
        let (name, rest) = match path.split_once('/') {
            Some((name, rest)) => (name, Some(rest.to_owned())),
            None => (path, None),
        };
        let body = body.to_string().into();
        let asked = Asked { method, rest, body };
        let answer = control(world, name, &asked).ok()?;
        serde_json::from_slice(&answer.body).ok()
    }

    #[test]
    fn faults_are_added_counted_and_removed() {
        let trial = Trial::new();
        let world = &trial.world;
        let rule = |rule: &str| json!({ "rule": rule });
        ask(
            world,
            Method::POST,
            "faults",
            &rule("2nd GET /users/me: 503"),
        )
        .unwrap();
        let added = ask(world, Method::POST, "faults", &rule("any: latency 1ms")).unwrap();
        assert_eq!(added["faults"][1]["rule"], "any: latency 1ms");
        let statuses = [(); 3].map(|()| trial.ask(Get, "/users/me", None).0);
        assert_eq!(statuses, [200, 503, 200]);
        let listed = ask(world, Method::GET, "faults", &json!(null)).unwrap();
        let first = json!({ "id": 1, "rule": "2nd GET /users/me: 503", "seen": 3, "struck": 1 });
        assert_eq!(listed["faults"][0], first);
        assert_eq!(
            ask(world, Method::POST, "faults", &rule("GET: never")),
            None
        );
        assert_eq!(ask(world, Method::DELETE, "faults/9", &json!(null)), None);
        let left = ask(world, Method::DELETE, "faults/1", &json!(null)).unwrap();
        assert_eq!(left["faults"][0]["id"], 2);
        let left = ask(world, Method::DELETE, "faults", &json!(null)).unwrap();
        assert_eq!(left, json!({ "faults": [] }));
    }

    #[test]
    fn quirks_and_latency_are_changed_whole_or_not_at_all() {
        let trial = Trial::new();
        let world = &trial.world;
        let changed = ask(
            world,
            Method::PATCH,
            "quirks",
            &json!({ "last-edit": "save" }),
        )
        .unwrap();
        assert_eq!(changed["quirks"]["last-edit"], "save");
        assert_eq!(changed["quirks"]["page-cap"], "none");
        assert_eq!(world.quirks().last_edit, LastEdit::Save);
        let half = json!({ "page-cap": "3", "last-edit": "never" });
        assert_eq!(ask(world, Method::PATCH, "quirks", &half), None);
        assert_eq!(world.quirks().changed(), ["last-edit=save"]);
        ask(world, Method::DELETE, "quirks", &json!(null)).unwrap();
        assert_eq!(world.quirks(), Quirks::default());

        let set = ask(
            world,
            Method::PUT,
            "latency",
            &json!({ "latency": "1ms..2ms" }),
        )
        .unwrap();
        assert_eq!(set, json!({ "latency": "1ms..2ms" }));
        assert_eq!(
            ask(world, Method::PUT, "latency", &json!({ "latency": "long" })),
            None
        );
        let kept = ask(world, Method::GET, "latency", &json!(null)).unwrap();
        assert_eq!(kept, set);
    }

    #[test]
    fn a_token_is_made_for_scopes_and_a_time() {
        let trial = Trial::new();
        let body = json!({ "scope": ["teams:read"], "userId": 1, "expiresIn": 60 });
        let made = ask(&trial.world, Method::POST, "tokens", &body).unwrap();
        let shown = format!("Token {}", made["token"].as_str().unwrap());
        let status = |path: &str| trial.ask_as(&shown, Get, path, None).0;
        assert_eq!(status("/teams?organizationId=1"), 200);
        assert_eq!(status("/hooks?teamId=1"), 403);
        trial
            .world
            .advance(jiff::SignedDuration::from_secs(60))
            .unwrap();
        assert_eq!(status("/teams?organizationId=1"), 401);
        let unknown = json!({ "scope": ["team:read"] });
        assert_eq!(ask(&trial.world, Method::POST, "tokens", &unknown), None);
    }

    #[test]
    fn a_reset_leaves_what_was_set_for_the_process() {
        let trial = Trial::new();
        trial.hook("x");
        trial.world.add_fault("GET /keys: 500".parse().unwrap());
        ask(&trial.world, Method::POST, "reset", &json!(null)).unwrap();
        assert_eq!(trial.get("/hooks?teamId=1"), json!({ "hooks": [] }));
        assert_eq!(trial.world.faults().len(), 1);
        assert_eq!(
            ask(&trial.world, Method::GET, "nothing", &json!(null)),
            None
        );
    }

    #[test]
    fn this_machine_has_several_addresses() {
        for (address, near) in [
            ("127.0.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("192.0.2.7:1", false),
        ] {
            assert_eq!(is_near(address.parse().unwrap()), near, "{address}");
        }
    }
}
