//! Faults of the sandbox: the same in this process and over HTTP, where connections really break.

use std::{sync::Arc, time::Duration};

use makeform::{
    live::{
        HttpTransport,
        transport::{Method, Request, Response, Transport, TransportError},
    },
    sandbox::{TOKEN, World, WorldOptions, serve},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// One world with two ways to it.
struct Both {
    world: World,
    http: HttpTransport,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

impl Both {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path(), WorldOptions::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(Arc::new(world.clone()), listener, async {
            stopped.await.unwrap_or_default();
        }));
        Self {
            world,
            http: HttpTransport::new(&url, &[]).unwrap(),
            stop,
            server,
            _folder: folder,
        }
    }

    /// How a request ends under a rule, by each of the two ways.
    async fn under(&self, rule: &str, request: &Request) -> [Result<Response, TransportError>; 2] {
        let ways: [&dyn Transport; 2] = [&self.world, &self.http];
        let mut ends = Vec::new();
        for way in ways {
            self.world.add_fault(rule.parse().unwrap());
            ends.push(way.send(request).await);
            self.world.clear_faults();
        }
        ends.try_into().unwrap()
    }

    fn folders(&self) -> usize {
        let mut folders = 0;
        let counted = self
            .world
            .batch(|batch| batch.each(makeform::sandbox::Collection::Folders, |_, _| folders += 1));
        counted.unwrap();
        folders
    }
}

fn request(method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Request {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut headers = vec![("authorization", format!("Token {TOKEN}"))];
    if body.is_some() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    Request {
        method,
        path: path.to_owned(),
        query: query.iter().map(owned).collect(),
        headers,
        body: body.map(|body| body.to_string().into()),
    }
}

fn new_folder() -> Request {
    let body = json!({ "name": "CRM", "teamId": 1 });
    request(Method::Post, "/scenarios-folders", &[], Some(body))
}

fn is_lost(end: &Result<Response, TransportError>) -> bool {
    matches!(end, Err(TransportError::NoAnswer { .. }))
}

#[tokio::test]
async fn connections_break_before_in_the_middle_of_and_after_the_work() {
    let both = Both::new().await;
    for (rule, made) in [
        ("POST /scenarios-folders: drop", 0),
        ("POST /scenarios-folders: drop after", 2),
        ("write: reset mid-body", 2),
    ] {
        let before = both.folders();
        for end in both.under(rule, &new_folder()).await {
            assert!(is_lost(&end), "{rule}: {end:?}");
        }
        assert_eq!(both.folders(), before + made, "{rule}");
    }
    let [here, there] = both.under("any: unreachable", &new_folder()).await;
    assert!(
        matches!(here, Err(TransportError::NotSent { .. })),
        "{here:?}"
    );
    assert!(there.is_err(), "{there:?}");
}

#[tokio::test]
async fn answers_are_other_ones_than_they_should_be() {
    let both = Both::new().await;
    let before = both.folders();
    for answer in both.under("write: 500", &new_folder()).await {
        assert_eq!(answer.unwrap().status, 500);
    }
    assert_eq!(both.folders(), before);
    for answer in both.under("write: 500 after", &new_folder()).await {
        assert_eq!(answer.unwrap().status, 500);
    }
    assert_eq!(both.folders(), before + 2);

    let list = request(Method::Get, "/connections", &[("teamId", "1")], None);
    let whole = both.world.send(&list).await.unwrap().body;
    for answer in both.under("GET /connections: truncated", &list).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, whole.slice(..whole.len() / 2));
    }
    for answer in both.under("read: html", &list).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/html"));
    }
    for answer in both.under("read: 204", &list).await {
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }
    for answer in both.under("any: 429 for 1m retry-after 7s", &list).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("retry-after"), Some("7"));
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["code"], "SC429");
    }
}

#[tokio::test(start_paused = true)]
async fn latency_is_waited_for_and_limits_end() {
    let folder = tempfile::tempdir().unwrap();
    let options = "latency 2s; fault GET /connections: 429 for 20s"
        .parse()
        .unwrap();
    let world = World::open(folder.path(), options).unwrap();
    let list = request(Method::Get, "/connections", &[("teamId", "1")], None);
    let start = tokio::time::Instant::now();
    assert_eq!(world.send(&list).await.unwrap().status, 429);
    assert!(start.elapsed() >= Duration::from_secs(2));
    sleep(Duration::from_secs(20)).await;
    assert_eq!(world.send(&list).await.unwrap().status, 200);
    world.add_fault("any: hang after".parse().unwrap());
    let hung = world.send(&list);
    let soon = timeout(Duration::from_secs(60), hung).await;
    assert!(soon.is_err());
    assert!(is_lost(&world.send(&list).await), "it is given up");
}

#[tokio::test]
async fn a_hanging_answer_does_not_keep_the_server_from_ending() {
    let both = Both::new().await;
    both.world.add_fault("any: hang".parse().unwrap());
    let list = request(Method::Get, "/connections", &[("teamId", "1")], None);
    let stats = || both.world.stats().unwrap().total;
    let asked = async {
        // The server is told to end once the request is in it.
        while stats() == 0 {
            tokio::task::yield_now().await;
        }
        both.stop.send(()).unwrap();
    };
    let (end, ()) = tokio::join!(both.http.send(&list), asked);
    assert!(is_lost(&end), "{end:?}");
    both.server.await.unwrap().unwrap();
}
