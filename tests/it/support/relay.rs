//! A way to a server that can be cut and mended.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What all of its threads know.
#[derive(Default)]
struct Shared {
    streams: Mutex<Vec<TcpStream>>,
    is_cut: AtomicBool,
    /// How many answers to writes there were.
    writes: AtomicUsize,
    /// After how many of them it is cut by itself; never where that is none.
    cut_after: Mutex<Option<usize>>,
    /// How much later the next write arrives.
    held: Mutex<Duration>,
}

pub(crate) struct Relay {
    /// Its address, `http://HOST:PORT`.
    pub url: String,
    port: u16,
    server: u16,
    shared: Arc<Shared>,
}

impl Relay {
    /// A way to the server of a URL, which is cut after so many answers to writes: between two
    /// requests.
    pub(crate) fn to(server: &str, cut_after: usize) -> Self {
        let relay = Self::with(server, Duration::ZERO);
        *relay.shared.cut_after.lock().unwrap() = Some(cut_after);
        relay
    }

    /// A way on which the first write takes so long, and arrives also when who sent it is gone.
    pub(crate) fn holding(server: &str, held: Duration) -> Self {
        Self::with(server, held)
    }

    fn with(server: &str, held: Duration) -> Self {
        let (_, server) = server.rsplit_once(':').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let relay = Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            server: server.parse().unwrap(),
            shared: Arc::new(Shared {
                held: Mutex::new(held),
                ..Shared::default()
            }),
        };
        relay.take(listener);
        relay
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.shared.is_cut.load(Ordering::SeqCst)
    }

    /// Cuts it after so many more answers to writes.
    pub(crate) fn cut_after(&self, more: usize) {
        let writes = self.shared.writes.load(Ordering::SeqCst);
        *self.shared.cut_after.lock().unwrap() = Some(writes + more);
    }

    /// Makes it whole again.
    pub(crate) fn mend(&self) {
        *self.shared.cut_after.lock().unwrap() = None;
        self.shared.is_cut.store(false, Ordering::SeqCst);
        // The one before is closed as soon as it sees that it is cut.
        let listener = (0..200).find_map(|_| {
            thread::sleep(Duration::from_millis(20));
            TcpListener::bind(("127.0.0.1", self.port)).ok()
        });
        self.take(listener.unwrap());
    }

    /// Takes connections until it is cut.
    fn take(&self, listener: TcpListener) {
        let (server, shared) = (self.server, Arc::clone(&self.shared));
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            while !shared.is_cut.load(Ordering::SeqCst) {
                let Ok((client, _)) = listener.accept() else {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                };
                client.set_nonblocking(false).unwrap();
                let upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
                lead(client, upstream, &shared);
            }
        });
    }
}

/// Leads what comes on one side to the other, both ways.
fn lead(client: TcpStream, server: TcpStream, shared: &Arc<Shared>) {
    let mut streams = shared.streams.lock().unwrap();
    streams.push(client.try_clone().unwrap());
    streams.push(server.try_clone().unwrap());
    drop(streams);
    let is_write = Arc::new(AtomicBool::new(false));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let asked = Arc::clone(&is_write);
    let to_hold = Arc::clone(shared);
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        let mut held = Duration::ZERO;
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let writes = [&b"POST "[..], b"PATCH ", b"DELETE ", b"PUT "];
            if writes.iter().any(|verb| buffer.starts_with(verb)) {
                asked.store(true, Ordering::SeqCst);
                held = std::mem::take(&mut *to_hold.held.lock().unwrap());
                thread::sleep(held);
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        // The server has its time for what came last.
        thread::sleep(held);
        let _ = to.shutdown(Shutdown::Both);
    });
    let shared = Arc::clone(shared);
    let (mut from, mut to) = (server, client);
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        let mut answer = Vec::new();
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
            answer.extend_from_slice(&buffer[..length]);
            if is_whole(&answer) {
                answer.clear();
                if is_write.swap(false, Ordering::SeqCst) {
                    shared.answered();
                }
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// Whether all of an answer is there.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lines = head.lines();
    let length = lines
        .filter_map(|line| line.strip_prefix("content-length: "))
        .next()
        .map_or(0, |length| length.trim().parse().unwrap());
    answer.len() >= head.len() + 4 + length
}

impl Shared {
    /// An answer to a write has passed: perhaps it was the last one.
    fn answered(&self) {
        let writes = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if *self.cut_after.lock().unwrap() == Some(writes) {
            self.is_cut.store(true, Ordering::SeqCst);
            // What was handed on has to arrive before the end does.
            thread::sleep(Duration::from_millis(50));
            for stream in self.streams.lock().unwrap().drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
