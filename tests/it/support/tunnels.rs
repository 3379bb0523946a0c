//! An HTTP proxy that leads everywhere to this machine, and remembers what it was asked for.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

pub(crate) struct Tunnels {
    /// Its address, `HOST:PORT`.
    pub address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    /// A proxy: a `CONNECT` to any host leads to the same port of this machine.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || lead(stream.unwrap(), &kept));
            }
        });
        Self { address, heard }
    }

    /// The heads of all that it was asked for so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn lead(mut client: TcpStream, heard: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if client.read_exact(&mut byte).is_err() {
            return;
        }
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let port = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|host| host.rsplit_once(':'))
        .map(|(_, port)| port.parse::<u16>().unwrap());
    heard.lock().unwrap().push(head);
    let Some(port) = port else {
        let _ = client.write_all(b"HTTP/1.1 405 Only tunnels\r\ncontent-length: 0\r\n\r\n");
        return;
    };
    let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .unwrap();
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || pour(from_client, to_server));
    pour(server, client);
}

/// Hands on all that comes, and that no more will come. Either side may hang up.
fn pour(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
