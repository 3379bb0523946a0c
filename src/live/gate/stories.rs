//! Runs against a server that counts, on a clock that nobody waits for.
#![expect(
    clippy::disallowed_methods,
    reason = "a test damages files, and has a clock of its own"
)]

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{Gate, GateOptions, Gates, MINUTE};
use crate::live::transport::{Response, TransportError};

/// How the server counts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Counts {
    Sliding,
    Fixed,
    Bucket { burst: f64 },
}

/// A server with a limit and a latency of 40 to 240 ms.
struct Server {
    counts: Counts,
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    admitted: VecDeque<Instant>,
    level: Option<(f64, Instant)>,
    epoch: Option<Instant>,
    rng: fastrand::Rng,
    log: Vec<(Instant, &'static str, u16)>,
}

impl Server {
    fn new(counts: Counts, limit: usize) -> Arc<Self> {
        Arc::new(Self {
            counts,
            limit,
            state: Mutex::new(State {
                rng: fastrand::Rng::with_seed(7),
                ..State::default()
            }),
        })
    }

    async fn ask(&self, who: &'static str) -> Result<Response, TransportError> {
        let (there, back) = {
            let rng = &mut self.state.lock().unwrap().rng;
            (rng.u64(20..120), rng.u64(20..120))
        };
        sleep(Duration::from_millis(there)).await;
        let response = self.count(who);
        sleep(Duration::from_millis(back)).await;
        Ok(response)
    }

    fn count(&self, who: &'static str) -> Response {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        let mut headers = Vec::new();
        let room = match self.counts {
            Counts::Sliding | Counts::Fixed => {
                let epoch = *state.epoch.get_or_insert(now);
                // A fixed window that began before anybody came.
                let window = |at: Instant| (at - epoch + MINUTE.mul_f64(0.4)).as_secs() / 60;
                let gone = |at: Instant| match self.counts {
                    Counts::Fixed => window(at) < window(now),
                    Counts::Sliding | Counts::Bucket { .. } => now - at >= MINUTE,
                };
                while state.admitted.front().is_some_and(|&at| gone(at)) {
                    state.admitted.pop_front();
                }
                state.admitted.len() < self.limit
            }
            Counts::Bucket { burst } => {
                let (level, at) = state.level.unwrap_or((burst, now));
                let brought = (now - at).as_secs_f64() * self.limit as f64 / 60.0;
                let level = (level + brought).min(burst);
                let room = level >= 1.0;
                let level = if room { level - 1.0 } else { level };
                state.level = Some((level, now));
                for (name, value) in [
                    ("x-ratelimit-limit", self.limit as f64),
                    ("x-ratelimit-remaining", level.floor()),
                    (
                        "x-ratelimit-reset",
                        ((burst - level) * 60.0 / self.limit as f64).ceil(),
                    ),
                ] {
                    headers.push((name.to_owned(), format!("{value}")));
                }
                room
            }
        };
        if room {
            state.admitted.push_back(now);
        }
        let status = if room { 200 } else { 429 };
        state.log.push((now, who, status));
        Response {
            status,
            headers,
            body: Bytes::new(),
        }
    }

    /// Requests with this status within some minutes from `start`.
    fn logged(&self, who: &str, status: u16, start: Instant, minutes: u32) -> usize {
        let log = &self.state.lock().unwrap().log;
        let of_it = log.iter().filter(|(at, name, answer)| {
            (who.is_empty() || *name == who)
                && *answer == status
                && *at >= start
                && *at < start + MINUTE * minutes
        });
        of_it.count()
    }
}

/// The gates of a process that starts now, by a time of day that all processes share.
fn gates(folder: Option<&Path>, start: Instant) -> Gates {
    let wall = Timestamp::from_second(1_800_000_000).unwrap();
    let since = SignedDuration::try_from(start.elapsed()).unwrap();
    Gates::new(GateOptions {
        folder: folder.map(Path::to_path_buf),
        window: MINUTE,
        now: wall + since,
    })
}

/// The gate of an organization with this limit.
async fn gate(folder: Option<&Path>, start: Instant, limit: usize) -> Arc<Gate> {
    let gate = gates(folder, start).of("script", 1);
    gate.learn(u32::try_from(limit).unwrap()).await;
    gate
}

/// Sends through a gate until `end`, so many at once, and tries again what was refused.
async fn run(gate: Arc<Gate>, server: Arc<Server>, at_once: usize, end: Instant) {
    let mut tasks = JoinSet::new();
    for _ in 0..at_once {
        let (gate, server) = (Arc::clone(&gate), Arc::clone(&server));
        tasks.spawn(async move {
            loop {
                let pass = tokio::select! {
                    pass = gate.pass() => pass,
                    () = sleep_until(end) => return,
                };
                let last = server.ask("makeform").await;
                let refused = last.as_ref().is_ok_and(|answer| answer.status == 429);
                pass.settle(&last, refused).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Another client, which sends evenly and does not care.
async fn other(server: Arc<Server>, a_minute: u32, end: Instant) {
    let mut tasks = JoinSet::new();
    let mut next = Instant::now();
    while next < end {
        let server = Arc::clone(&server);
        tasks.spawn(async move { server.ask("other").await });
        next += MINUTE / a_minute;
        sleep_until(next).await;
    }
    tasks.join_all().await;
}

/// What a server allows in so many minutes.
fn allowed(server: &Server, minutes: usize) -> usize {
    let burst = match server.counts {
        Counts::Bucket { burst } => burst as usize,
        Counts::Sliding | Counts::Fixed => 0,
    };
    burst + minutes * server.limit
}

const MINUTES: u32 = 6;

/// The part of it that was used.
fn share(used: usize, server: &Server, minutes: u32) -> f64 {
    used as f64 / allowed(server, minutes as usize) as f64
}

fn servers() -> Vec<Arc<Server>> {
    let mut servers = Vec::new();
    for limit in [30, 60, 240, 1_000] {
        servers.push(Server::new(Counts::Sliding, limit));
    }
    servers.push(Server::new(Counts::Fixed, 120));
    servers.push(Server::new(Counts::Bucket { burst: 200.0 }, 120));
    servers
}

#[tokio::test(start_paused = true)]
async fn alone_it_uses_the_whole_limit_and_is_never_refused() {
    for server in servers() {
        let start = Instant::now();
        let gate = gate(None, start, server.limit).await;
        run(gate, Arc::clone(&server), 32, start + MINUTE * MINUTES).await;
        let used = server.logged("makeform", 200, start, MINUTES);
        let what = format!("{:?} {}: {used}", server.counts, server.limit);
        assert_eq!(server.logged("", 429, start, MINUTES + 1), 0, "{what}");
        assert!(share(used, &server, MINUTES) >= 0.97, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn beside_another_client_it_is_refused_once_a_minute_at_most() {
    for server in servers() {
        let third = u32::try_from(server.limit).unwrap() / 3;
        let start = Instant::now() + MINUTE;
        let end = start + MINUTE * MINUTES;
        let busy = tokio::spawn(other(Arc::clone(&server), third, end));
        sleep_until(start).await;
        let gate = gate(None, start, server.limit).await;
        run(gate, Arc::clone(&server), 32, end).await;
        busy.await.unwrap();
        let used = server.logged("", 200, start, MINUTES);
        let what = format!("{:?} {}: {used} used", server.counts, server.limit);
        assert!(share(used, &server, MINUTES) >= 0.97, "{what}");
        // Beyond half of a very large limit, two are tried at a time.
        let most = server.limit.div_ceil(600);
        for minute in 0..MINUTES {
            let refused = server.logged("makeform", 429, start + MINUTE * minute, 1);
            assert!(refused <= most, "{what}: {refused} in minute {minute}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_other_client_leaves_its_part_is_taken_over() {
    let server = Server::new(Counts::Sliding, 240);
    let start = Instant::now() + MINUTE;
    let busy = tokio::spawn(other(Arc::clone(&server), 80, start + MINUTE * 2));
    sleep_until(start).await;
    let gate = gate(None, start, 240).await;
    run(gate, Arc::clone(&server), 8, start + MINUTE * 9).await;
    busy.await.unwrap();
    let used = server.logged("makeform", 200, start + MINUTE * 7, 2);
    assert!(used >= 466, "{used} of 480");
}

#[tokio::test(start_paused = true)]
async fn two_commands_share_one_limit_at_once_and_in_succession() {
    // Few requests: these are real files.
    for server in [
        Server::new(Counts::Sliding, 60),
        Server::new(Counts::Fixed, 60),
        Server::new(Counts::Bucket { burst: 100.0 }, 60),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let half = start + MINUTE * 3;
        let one = gate(Some(folder.path()), start, server.limit).await;
        let two = gate(Some(folder.path()), start, server.limit).await;
        tokio::join!(
            run(one, Arc::clone(&server), 8, half),
            run(two, Arc::clone(&server), 8, half),
        );
        // Another command, which nobody tells the limit.
        let next = gates(Some(folder.path()), start).of("script", 1);
        run(next, Arc::clone(&server), 8, start + MINUTE * 6).await;
        let used = server.logged("makeform", 200, start, 6);
        let what = format!("{:?} {}: {used}", server.counts, server.limit);
        assert_eq!(server.logged("", 429, start, 7), 0, "{what}");
        assert!(share(used, &server, 6) >= 0.97, "{what}");
    }
}

/// How many requests go at once, with answers that come at once.
async fn burst(gate: &Gate, most: usize) -> usize {
    let start = Instant::now();
    for sent in 0..most {
        let pass = gate.pass().await;
        if start.elapsed() > Duration::from_secs(1) {
            return sent;
        }
        pass.settle(&answer(200, &[]), false).await;
    }
    most
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Result<Response, TransportError> {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    Ok(Response {
        status,
        headers: headers.iter().map(owned).collect(),
        body: Bytes::new(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_file_that_nobody_can_read_means_that_all_may_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let written = Timestamp::now();
    let path = folder.path().join("gate/script-1.v1.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    for damage in ["", "{", "[1,2]", r#"{"learned":-1}"#] {
        std::fs::write(&path, damage).unwrap();
        let gates = Gates::new(GateOptions {
            folder: Some(folder.path().to_path_buf()),
            window: MINUTE,
            now: written,
        });
        let start = Instant::now();
        drop(gates.of("script", 1).pass().await);
        let waited = start.elapsed();
        assert!(waited > MINUTE / 2 && waited < MINUTE * 2, "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_holds_nothing_up_for_longer_than_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let first = gate(Some(folder.path()), start, 30).await;
    assert_eq!(burst(&first, 30).await, 30);
    // The next process believes that it is a day earlier.
    let then = Timestamp::from_second(1_800_000_000 - 86_400).unwrap();
    let gates = Gates::new(GateOptions {
        folder: Some(folder.path().to_path_buf()),
        window: MINUTE,
        now: then,
    });
    let start = Instant::now();
    drop(gates.of("script", 1).pass().await);
    let waited = start.elapsed();
    assert!(waited > MINUTE / 2 && waited < MINUTE * 2, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_holds_nonsense_holds_nothing_up_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate/script-1.v1.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let most = u64::MAX;
    let overlap = format!(r#"{{"sent":{most},"answered":{most}}}"#);
    for bucket in [
        "null".to_owned(),
        format!(r#"{{"rate":0,"most":9,"level":-1e300,"at":{most},"resets":{most}}}"#),
        format!(r#"{{"rate":9,"most":0,"level":-1e300,"at":{most},"resets":{most}}}"#),
    ] {
        let budget = format!(
            r#"{{"learned":4294967295,"counted":[{most},0],"tally":{overlap},
                "open":[{{"serial":1,"at":{most},"probe":true,"overlap":{overlap}}}],
                "bucket":{bucket},"closed_until":{most},
                "trust":{{"admitted":0,"ceiling":0,"step":0,"since":{most},"seen":{most}}}}}"#
        );
        std::fs::write(&path, budget).unwrap();
        let gate = gates(Some(folder.path()), Instant::now()).of("script", 1);
        gate.cap(60);
        let start = Instant::now();
        let pass = gate.pass().await;
        let waited = start.elapsed();
        assert!(waited < MINUTE * 11, "{bucket}: {waited:?}");
        pass.settle(&answer(429, &[]), true).await;
        gate.estimate(7).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_none_and_a_lock_that_is_kept_stop_nothing() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let start = Instant::now();
    let blocked = gate(Some(file.path()), start, 30).await;
    assert_eq!(burst(&blocked, 31).await, 30);

    let folder = tempfile::tempdir().unwrap();
    let kept = gate(Some(folder.path()), start, 30).await;
    let lock = std::fs::File::open(folder.path().join("gate/script-1.v1.lock")).unwrap();
    lock.lock().unwrap();
    let start = Instant::now();
    drop(kept.pass().await);
    assert!(start.elapsed() < Duration::from_secs(3));
    // It does not wait for it again, and forgets nothing that it has sent.
    lock.unlock().unwrap();
    assert_eq!(burst(&kept, 30).await, 29);
    assert!(folder.path().join("gate/script-1.v1.json").is_file());
}

#[tokio::test(start_paused = true)]
async fn the_server_may_close_the_gate_for_all() {
    let gate = gate(None, Instant::now(), 240).await;
    let pass = gate.pass().await;
    let start = Instant::now();
    pass.settle(&answer(429, &[("retry-after", "100")]), true)
        .await;
    drop(gate.pass().await);
    let waited = start.elapsed().as_secs();
    assert!((100..102).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn the_lower_of_make_s_limit_and_the_user_s_holds() {
    for (cap, learned, most) in [
        (None, None, 30),
        (Some(50), None, 50),
        (Some(50), Some(240), 50),
        (Some(500), Some(60), 60),
        (None, Some(0), 30),
    ] {
        let gate = gates(None, Instant::now()).of("script", 1);
        if let Some(cap) = cap {
            gate.cap(cap);
        }
        if let Some(learned) = learned {
            gate.learn(learned).await;
        }
        assert_eq!(burst(&gate, 600).await, most, "{cap:?} {learned:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_left_takes_no_place_and_what_was_given_up_does() {
    let gate = gate(None, Instant::now(), 30).await;
    for _ in 0..100 {
        let pass = gate.pass().await;
        let unsent = Err(TransportError::NotSent {
            host: "script".into(),
            reason: "as scripted".into(),
        });
        pass.settle(&unsent, false).await;
    }
    for _ in 0..10 {
        drop(gate.pass().await);
    }
    assert_eq!(burst(&gate, 30).await, 20);
}

#[tokio::test(start_paused = true)]
async fn an_estimate_says_how_long_so_many_requests_will_wait() {
    let gate = gate(None, Instant::now(), 60).await;
    let minutes = |wait: Duration| (wait.as_secs_f64() / 60.0).round() as u64;
    assert_eq!(gate.estimate(60).await, Duration::ZERO);
    assert_eq!(minutes(gate.estimate(61).await), 1);
    assert_eq!(minutes(gate.estimate(600).await), 9);
    assert_eq!(burst(&gate, 60).await, 60);
    assert_eq!(minutes(gate.estimate(1).await), 1);
    assert_eq!(minutes(gate.estimate(600).await), 10);

    let told = [
        ("x-ratelimit-limit", "60"),
        ("x-ratelimit-remaining", "99"),
        ("x-ratelimit-reset", "1"),
    ];
    let gate = gates(None, Instant::now()).of("script", 1);
    gate.pass().await.settle(&answer(200, &told), false).await;
    assert_eq!(gate.estimate(90).await, Duration::ZERO);
    assert_eq!(minutes(gate.estimate(99 + 120).await), 2);
}

#[tokio::test(start_paused = true)]
async fn headers_of_a_plain_window_hold_until_it_begins_again() {
    let gate = gates(None, Instant::now()).of("script", 1);
    let told = [
        ("x-ratelimit-limit", "60"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "25"),
    ];
    gate.pass().await.settle(&answer(200, &told), false).await;
    let start = Instant::now();
    drop(gate.pass().await);
    assert_eq!(start.elapsed().as_secs(), 25);
}
