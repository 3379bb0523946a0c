//! A server in front of a served sandbox that repeats what it hears: it lets requests through, or
//! answers them with everything that was sent, in all the ways in which servers do that.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, Response, header},
};
use makeform::sandbox::TOKEN;
use serde_json::{Value, json};

/// What it does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Refuses in Make's form: each of its texts is what was sent.
    Refuse(u16),
    /// Refuses in plain text.
    RefusePlainly(u16),
    /// Says 200, and shows a page that is no JSON.
    Page,
    /// Says 200, and answers with JSON that has what was sent for keys and values.
    OtherJson,
    /// Lets it through, and answers with the beginning of the answer.
    Truncated,
    /// Lets it through, and answers with each text and number inside something else.
    Wrapped,
    /// Sends the client elsewhere.
    Redirect,
    /// Refuses one for the limit, and lets all others through.
    LimitOnce { seconds: u64 },
}

/// Which requests it does that to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    All,
    Writes,
    /// Those whose path ends so.
    Path(&'static str),
}

impl To {
    fn is(self, method: &Method, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Writes => method != Method::GET,
            Self::Path(end) => path.ends_with(end),
        }
    }
}

#[derive(Default)]
struct Told {
    answer: Option<(To, Answer)>,
    /// What is said beside what was sent.
    more: Vec<String>,
    /// API keys of the story, which the sandbox does not know.
    keys: BTreeSet<String>,
    /// Each value of the `authorization` header, with the times that it came.
    heard: BTreeMap<String, usize>,
    repeated: usize,
    /// When requests came.
    times: Vec<Instant>,
}

/// The server.
pub(crate) struct Parrot {
    pub(crate) url: String,
    told: Arc<Mutex<Told>>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Place {
    behind: String,
    told: Arc<Mutex<Told>>,
    client: reqwest::Client,
}

impl Parrot {
    /// Stands in front of a server.
    pub(crate) fn before(behind: &str) -> Self {
        makeform::live::install_tls();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let told = Arc::new(Mutex::new(Told::default()));
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        let place = Place {
            behind: behind.to_owned(),
            told: Arc::clone(&told),
            client: client.build().unwrap(),
        };
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(hear).with_state(place);
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            told,
            _runtime: runtime,
        }
    }

    /// Takes a text for the sandbox's own token.
    pub(crate) fn knows(&self, key: &str) {
        self.told.lock().unwrap().keys.insert(key.to_owned());
    }

    /// From now on answers these requests so.
    pub(crate) fn answer(&self, to: To, answer: Answer) {
        let mut told = self.told.lock().unwrap();
        told.answer = Some((to, answer));
        told.repeated = 0;
    }

    /// Says this too, whatever was sent.
    pub(crate) fn says_too(&self, more: &[&str]) {
        self.told.lock().unwrap().more = more.iter().map(|&more| more.to_owned()).collect();
    }

    /// Lets all through again; how many requests it had answered.
    pub(crate) fn hush(&self) -> usize {
        let mut told = self.told.lock().unwrap();
        told.answer = None;
        told.repeated
    }

    /// When requests came.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.told.lock().unwrap().times.clone()
    }

    /// Whether a token came.
    pub(crate) fn heard(&self, token: &str) -> bool {
        let told = self.told.lock().unwrap();
        told.heard.keys().any(|header| header.ends_with(token))
    }
}

async fn hear(State(place): State<Place>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let shown = parts.headers.get(header::AUTHORIZATION);
    let shown = shown.map(|value| value.to_str().unwrap().to_owned());
    let answer = {
        let mut told = place.told.lock().unwrap();
        if let Some(shown) = &shown {
            *told.heard.entry(shown.clone()).or_default() += 1;
        }
        let meant = told
            .answer
            .filter(|(to, _)| to.is(&parts.method, parts.uri.path()));
        told.repeated += usize::from(meant.is_some());
        told.times.push(Instant::now());
        if matches!(meant, Some((_, Answer::LimitOnce { .. }))) {
            told.answer = None;
        }
        meant.map(|(_, answer)| answer)
    };
    let words = words(&parts.headers, &path, &body, &place);
    let through = || pass_on(&place, &parts.method, &path, &parts.headers, body.clone());
    match answer {
        None => through().await,
        Some(Answer::Refuse(status)) => {
            let refusal = json!({
                "message": words, "detail": format!("detail: {words}"), "code": words,
                "error": words, "error_description": words,
                "suberrors": [{ "message": words }, { "message": format!("at {words}") }],
            });
            reply(status, "application/json", refusal.to_string().into())
        }
        Some(Answer::RefusePlainly(status)) => reply(status, "text/plain", words.into()),
        Some(Answer::Page) => {
            let page = format!("<html><body>{words}</body></html>");
            reply(200, "text/html", page.into())
        }
        Some(Answer::OtherJson) => {
            let other = json!({ words.clone(): { words.clone(): words } });
            reply(200, "application/json", other.to_string().into())
        }
        Some(Answer::Redirect) => {
            let to: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
            let to = format!("http://127.0.0.1:1/?{}", to.get(..2_000).unwrap_or(&to));
            let mut answer = reply(302, "text/html", words.into());
            let headers = answer.headers_mut();
            headers.insert(header::LOCATION, to.parse().unwrap());
            answer
        }
        Some(Answer::LimitOnce { seconds }) => {
            let mut answer = reply(429, "application/json", words.into());
            let headers = answer.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
            answer
        }
        Some(Answer::Truncated) => {
            let (status, body) = taken(through().await).await;
            let half = body.slice(..body.len() * 3 / 5);
            reply(status, "application/json", half)
        }
        Some(Answer::Wrapped) => {
            let (status, body) = taken(through().await).await;
            let mut document: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            wrap(&mut document);
            reply(status, "application/json", document.to_string().into())
        }
    }
}

/// Everything that was sent, raw and decoded.
fn words(headers: &HeaderMap, path: &str, body: &Bytes, place: &Place) -> String {
    let mut words = String::new();
    for name in ["authorization", "user-agent", "cookie"] {
        if let Some(value) = headers.get(name) {
            write!(words, "{name}: {} ", value.to_str().unwrap()).unwrap();
        }
    }
    for more in &place.told.lock().unwrap().more {
        write!(words, "{more} ").unwrap();
    }
    // A client shows the beginning: what may be secret comes first.
    if let Ok(body) = serde_json::from_slice::<Value>(body) {
        texts(&body, &mut words);
    }
    for (name, value) in url::form_urlencoded::parse(body) {
        write!(words, "{name}={value} ").unwrap();
    }
    write!(words, "{path} {}", String::from_utf8_lossy(body)).unwrap();
    words
}

/// The texts of a document that have a digit, those of documents in texts too.
fn texts(document: &Value, words: &mut String) {
    match document {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => texts(&inner, words),
            Ok(_) | Err(_) if text.contains(|c: char| c.is_ascii_digit()) => {
                write!(words, "'{text}' ").unwrap();
            }
            Ok(_) | Err(_) => {}
        },
        Value::Array(items) => items.iter().for_each(|item| texts(item, words)),
        Value::Object(members) => members.values().for_each(|item| texts(item, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn wrap(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(wrap),
        Value::Object(members) => members.values_mut().for_each(wrap),
        Value::String(_) | Value::Number(_) => {
            let inner = value.take();
            *value = json!({ "oops": inner });
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn reply(status: u16, kind: &str, body: Bytes) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        // Nobody has to wait before the next try.
        .header(header::RETRY_AFTER, "0")
        .body(body.into())
        .unwrap()
}

async fn taken(answer: Response<Body>) -> (u16, Bytes) {
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, body)
}

async fn pass_on(
    place: &Place,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut request = place
        .client
        .request(method.clone(), format!("{}{path}", place.behind))
        .body(body);
    for (name, value) in headers {
        if matches!(name.as_str(), "host" | "content-length" | "accept-encoding") {
            continue;
        }
        let text = value.to_str().unwrap_or_default();
        let key = text.strip_prefix("Token ").unwrap_or_default();
        if place.told.lock().unwrap().keys.contains(key) {
            request = request.header(name, format!("Token {TOKEN}"));
        } else {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !matches!(
            name.as_str(),
            "content-length" | "transfer-encoding" | "connection" | "date"
        ) {
            response = response.header(name, value);
        }
    }
    // By its clock nothing was edited just now: makeform would not keep that.
    let date = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
    let response = response.header(header::DATE, date.unwrap());
    let body = answer.bytes().await.unwrap();
    response.body(Body::from(body)).unwrap()
}
