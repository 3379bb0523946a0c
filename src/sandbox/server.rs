//! The sandbox on a port, for clients that are not this program.
//!
//! HTTP in, HTTP out: everything about Make is behind [`World`]. Beside the API are
//! `/_sandbox/..`, to look at the sandbox and to set it, and below `/oauth/` the authorization
//! server.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{self, HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use axum::routing::any;
use axum::serve::Listener;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::watch;
use url::form_urlencoded;

use crate::live::transport::{Method, Request, Response};

use super::control;
use super::dialect::Dialect;
use super::fault::Outcome;
use super::hook_door;
use super::line::{Breakable, Caller};
use super::oauth;
use super::quirk::Quirks;
use super::routes::{Answer, Refusal};
use super::world::World;

/// Where the API begins.
const BASE: &str = "/api/v2";

/// The largest body that is taken off the wire at all. What Make would refuse is less, and is
/// refused by the world.
const LARGEST_READ: usize = 32 * 1024 * 1024;

/// How old the counts of requests in the world's file may get while the server is idle.
const COUNTS_EVERY: Duration = Duration::from_secs(1);

/// How often a served world looks for what is due.
const SCHEDULES_EVERY: Duration = Duration::from_secs(1);

/// Serves the API of `world` until `shutdown` is over and the last answer is given. The listener
/// is one of TCP, or a [`TlsListener`](super::TlsListener). Hooks take requests too, at
/// `/wh/<udid>`; what their rows say is where [`World::take_hooks_at`] says.
pub async fn serve<L>(
    world: Arc<World>,
    listener: L,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
{
    let clock = tokio::spawn(keep_counts(Arc::clone(&world)));
    let schedules = tokio::spawn(keep_schedules(Arc::clone(&world)));
    let (close, closing) = watch::channel(false);
    let router = control::routes()
        .route("/wh/{udid}", any(hook_door::serve))
        .fallback(exchange)
        .layer(Extension(Closing(closing)))
        .with_state(Arc::clone(&world))
        .into_make_service_with_connect_info::<Caller>();
    let shutdown = async move {
        shutdown.await;
        close.send_replace(true);
    };
    let served = axum::serve(Breakable(listener), router)
        .with_graceful_shutdown(shutdown)
        .await;
    clock.abort();
    schedules.abort();
    let written = tokio::task::spawn_blocking(move || world.write_counts()).await?;
    served.and(written.map_err(std::io::Error::other))
}

/// Writes the counts down now and then, for other processes to see.
async fn keep_counts(world: Arc<World>) {
    let mut clock = tokio::time::interval(COUNTS_EVERY);
    loop {
        clock.tick().await;
        let world = Arc::clone(&world);
        // What could not be written stays pending, and is tried again.
        let _ = tokio::task::spawn_blocking(move || world.write_counts()).await;
    }
}

/// Runs what schedules are due for, as time passes. What was due while nobody served the world is
/// not made up for.
async fn keep_schedules(world: Arc<World>) {
    let missed = Arc::clone(&world);
    // What fails here fails for requests too, which have somebody to tell.
    let _ = tokio::task::spawn_blocking(move || missed.skip_missed()).await;
    let mut clock = tokio::time::interval(SCHEDULES_EVERY);
    loop {
        clock.tick().await;
        let world = Arc::clone(&world);
        let _ = tokio::task::spawn_blocking(move || world.run_due()).await;
    }
}

/// Whether the server is to end: an answer that never comes is then waited for no longer.
#[derive(Clone)]
struct Closing(watch::Receiver<bool>);

async fn exchange(
    State(world): State<Arc<World>>,
    Extension(Closing(mut closing)): Extension<Closing>,
    ConnectInfo(caller): ConnectInfo<Caller>,
    incoming: HttpRequest,
) -> HttpResponse {
    let dialect = world.dialect();
    let answer = match read(incoming).await {
        Ok(Asked::Api(request)) => match world.exchange(&request).await {
            Outcome::Answer(answer) => Ok(answer),
            Outcome::CutShort(answer) => return write_half(answer),
            Outcome::Silence => {
                // An error means that the server is gone already.
                let _ = closing.wait_for(|closing| *closing).await;
                return hang_up(&caller);
            }
            Outcome::Broken | Outcome::NotReached => return hang_up(&caller),
        },
        Ok(Asked::Oauth(request)) => {
            let world = Arc::clone(&world);
            tokio::task::spawn_blocking(move || world.answer_oauth(&request))
                .await
                .map_err(|error| Refusal::broken(error.to_string()))
        }
        Err(refusal) => Err(refusal),
    };
    write(answer.unwrap_or_else(|refusal| refusal.into_response(dialect, &world.quirks())))
}

/// Breaks the connection. What is returned reaches nobody.
fn hang_up(caller: &Caller) -> HttpResponse {
    caller.cut_off();
    HttpResponse::new(Body::empty())
}

/// Writes an answer whose body breaks off in the middle, and the connection with it.
fn write_half(mut answer: Response) -> HttpResponse {
    let length = answer.body.len();
    let half = answer.body.split_to(length / 2);
    let mut response = write(answer);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let parts = stream::unfold(half, async |part| {
        if part.is_empty() {
            // What was written before is sent off first.
            tokio::task::yield_now().await;
            return Some((Err(io::Error::from(ErrorKind::ConnectionReset)), part));
        }
        Some((Ok(part), Bytes::new()))
    });
    *response.body_mut() = Body::from_stream(parts);
    response
}

/// What a request is about.
enum Asked {
    Api(Request),
    Oauth(Request),
}

async fn read(incoming: HttpRequest) -> Result<Asked, Refusal> {
    let (head, body) = incoming.into_parts();
    let path = head.uri.path();
    let is_oauth = path.starts_with(oauth::BASE);
    let path = match path.strip_prefix(BASE) {
        Some(path) => path,
        None if is_oauth => path,
        None => return Err(Refusal::missing("The path does not exist.")),
    };
    let method = match head.method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::PUT => Method::Put,
        http::Method::PATCH => Method::Patch,
        http::Method::DELETE => Method::Delete,
        _ => return Err(Refusal::wrong_method()),
    };
    let body = to_bytes(body, LARGEST_READ)
        .await
        .map_err(|_| Refusal::too_large())?;
    let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    let text = |name| {
        head.headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let mut headers = Vec::new();
    if let Some(authorization) = text(header::AUTHORIZATION) {
        headers.push(("authorization", authorization.to_owned()));
    }
    if !body.is_empty() {
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        headers.push(("content-type", kind.to_owned()));
    }
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.into_owned().collect(),
        headers,
        body: (!body.is_empty()).then_some(body),
    };
    Ok(match is_oauth {
        true => Asked::Oauth(request),
        false => Asked::Api(request),
    })
}

/// What `work` says, which may block on the disk.
pub(super) async fn answer(work: impl FnOnce() -> Answer + Send + 'static) -> HttpResponse {
    let answer = match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Refusal::broken(error.to_string())),
    };
    write(answer.unwrap_or_else(|refusal| refusal.into_response(Dialect::Zone, &Quirks::default())))
}

fn write(answer: Response) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        let name = http::HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::serve;
    use crate::sandbox::token::TOKEN;
    use crate::sandbox::{World, WorldOptions};

    #[tokio::test]
    async fn the_api_is_served_over_http_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let world = Arc::new(World::open(folder.path(), WorldOptions::default()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(serve(world, listener, async {
            stopped.await.unwrap();
        }));
        let ask = async |head: &str, body: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let length = body.len();
            let head = format!(
                "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                 authorization: Token {TOKEN}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            (
                head.to_owned(),
                serde_json::from_str(body).unwrap_or_else(|_| json!(body)),
            )
        };

        let (head, pong) = ask("GET /api/v2/ping", "").await;
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert!(head.contains("content-type: text/plain"), "{head}");
        assert_eq!(pong, "pong");
        let folder_body = json!({ "name": "Straße & Co", "teamId": 1 }).to_string();
        let (head, made) = ask("POST /api/v2/scenarios-folders", &folder_body).await;
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(made["scenarioFolder"]["name"], "Straße & Co");
        let (_, list) = ask("GET /api/v2/connections?teamId=1&type%5B%5D=slack", "").await;
        assert_eq!(list["connections"].as_array().map(Vec::len), Some(1));
        let (head, refused): (_, Value) = ask("GET /api/v3/ping", "").await;
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
        assert_eq!(refused["code"], "SC404");
        let (_, stats) = ask("GET /_sandbox/stats", "").await;
        assert_eq!(stats["total"], 3);
        assert_eq!(stats["requests"]["GET /connections"], 1);

        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
        let after = World::open(folder.path(), WorldOptions::default()).unwrap();
        assert_eq!(after.stats().unwrap().total, 3);
    }
}
