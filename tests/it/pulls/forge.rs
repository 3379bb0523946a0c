//! A server that plays the documented APIs of GitHub and GitLab that the steps of `examples/ci` use:
//! comments, requests of a commit, requests.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// The tokens that it knows.
pub(crate) const GITHUB_TOKEN: &str = "ghs_5f3a9c";
pub(crate) const GITLAB_TOKEN: &str = "glpat-81d2e7";

/// How many rows a page has, whatever is asked for.
const PAGE: usize = 2;

/// What there is.
#[derive(Default)]
pub(crate) struct Content {
    /// Comments of the one request, as the API shows them.
    pub(crate) comments: Vec<Value>,
    /// Which requests brought a commit.
    pub(crate) brought: BTreeMap<String, Value>,
    /// Requests that are open.
    pub(crate) requests: Vec<Value>,
    /// What was asked: method and path.
    pub(crate) asked: Vec<String>,
}

/// The server.
pub(crate) struct Forge {
    /// Its address.
    pub(crate) url: String,
    content: Arc<Mutex<Content>>,
}

impl Forge {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let content = Arc::new(Mutex::new(Content::default()));
        let shared = Arc::clone(&content);
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &shared);
            }
        });
        Self { url, content }
    }

    /// Looks at what there is, or changes it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Content) -> T) -> T {
        look(&mut self.content.lock().unwrap())
    }
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    token: Option<String>,
    body: Value,
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut token) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => token = value.strip_prefix("Bearer ").map(str::to_owned),
            "private-token" => token = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: path.to_owned(),
        query: query
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        token,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn answer(mut stream: TcpStream, content: &Mutex<Content>) {
    let Some(request) = read(&stream) else { return };
    let mut content = content.lock().unwrap();
    content
        .asked
        .push(format!("{} {}", request.method, request.path));
    let (status, body) = match request.path.strip_prefix("/api/v4") {
        Some(path) => gitlab(path, &request, &mut content),
        None => github(&request, &mut content),
    };
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok();
}

/// A page of a list, as both have them.
fn page(rows: &[Value], request: &Request) -> Value {
    let number: usize = request
        .query
        .get("page")
        .map_or(1, |page| page.parse().unwrap());
    rows.iter()
        .skip((number - 1) * PAGE)
        .take(PAGE)
        .cloned()
        .collect()
}

fn github(request: &Request, content: &mut Content) -> (u16, Value) {
    const REPOSITORY: &str = "/repos/acme/make";
    if request.token.as_deref() != Some(GITHUB_TOKEN) {
        return (401, json!({ "message": "Bad credentials" }));
    }
    let Some(path) = request.path.strip_prefix(REPOSITORY) else {
        return (404, json!({ "message": "Not Found" }));
    };
    let too_long = |body: &Value| body["body"].as_str().unwrap().chars().count() > 65_536;
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["issues", "7", "comments"]) => (200, page(&content.comments, request)),
        ("POST", ["issues", "7", "comments"]) if !too_long(&request.body) => {
            let id = 100 + content.comments.len();
            let user = json!({ "login": "github-actions[bot]" });
            let comment = json!({ "id": id, "user": user, "body": request.body["body"] });
            content.comments.push(comment.clone());
            (201, comment)
        }
        ("PATCH", ["issues", "comments", id]) if !too_long(&request.body) => {
            let found = content
                .comments
                .iter_mut()
                .find(|comment| comment["id"] == number(id));
            let comment = found.unwrap();
            comment["body"] = request.body["body"].clone();
            (200, comment.clone())
        }
        ("GET", ["commits", commit, "pulls"]) => {
            let brought = content.brought.get(*commit).cloned();
            (200, brought.unwrap_or_else(|| json!([])))
        }
        ("GET", ["pulls"]) => {
            let head = request.query["head"].strip_prefix("acme:").unwrap();
            let open = content.requests.iter().filter(|r| r["head"] == head);
            (200, open.cloned().collect())
        }
        ("POST", ["pulls"]) => {
            let mut opened = request.body.clone();
            opened["number"] = json!(8 + content.requests.len());
            content.requests.push(opened.clone());
            (201, opened)
        }
        _ => (422, json!({ "message": "Unprocessable" })),
    }
}

fn gitlab(path: &str, request: &Request, content: &mut Content) -> (u16, Value) {
    if request.token.as_deref() != Some(GITLAB_TOKEN) {
        return (401, json!({ "message": "401 Unauthorized" }));
    }
    let path = path.strip_prefix("/projects/7").unwrap_or(path);
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["user"]) => (200, json!({ "id": 42, "username": "project_7_bot" })),
        ("GET", ["merge_requests", "3", "notes"]) => (200, page(&content.comments, request)),
        ("POST", ["merge_requests", "3", "notes"]) => {
            let id = 100 + content.comments.len();
            let note = json!({ "id": id, "author": { "id": 42 }, "body": request.body["body"] });
            content.comments.push(note.clone());
            (201, note)
        }
        ("PUT", ["merge_requests", "3", "notes", id]) => {
            let found = content
                .comments
                .iter_mut()
                .find(|note| note["id"] == number(id));
            let note = found.unwrap();
            note["body"] = request.body["body"].clone();
            (200, note.clone())
        }
        ("GET", ["repository", "commits", commit, "merge_requests"]) => {
            let brought = content.brought.get(*commit).cloned();
            (200, brought.unwrap_or_else(|| json!([])))
        }
        _ => (404, json!({ "message": "404 Not Found" })),
    }
}

/// The id that a path names.
fn number(text: &str) -> Value {
    Value::from(text.parse::<u64>().unwrap())
}
