//! A network between recorder and server that can be cut: what is cut says nothing, as a pulled
//! cable does.
//!
//! Not for: connections that are refused; a server that is not there does that.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How often a connection looks whether it was cut.
const LOOK: Duration = Duration::from_millis(50);

pub struct Proxy {
    pub address: String,
    /// Odd while the network is cut.
    cuts: Arc<AtomicU64>,
}

impl Proxy {
    /// A way to the server at `http://host:port`.
    pub fn to(server: &str) -> Self {
        let target = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let cuts = Arc::new(AtomicU64::new(0));
        let shared = cuts.clone();
        // The thread ends with the tests.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let from = from.try_clone().expect("one more handle");
                    let to = to.try_clone().expect("one more handle");
                    let cuts = shared.clone();
                    thread::spawn(move || pass(from, to, &cuts));
                }
            }
        });
        Self { address, cuts }
    }

    /// From now on nothing passes, also on what was connected before.
    pub fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }

    /// New connections pass again; those of before stay dead.
    pub fn mend(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, cuts: &AtomicU64) {
    let of = cuts.load(Ordering::SeqCst);
    from.set_read_timeout(Some(LOOK)).expect("a timeout");
    let mut bytes = [0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes);
        if cuts.load(Ordering::SeqCst) != of || of % 2 == 1 {
            // Held open without a word until its owner gives up.
            thread::sleep(LOOK);
            if matches!(read, Ok(0)) {
                return;
            }
            continue;
        }
        match read {
            Ok(0) => break,
            Ok(count) if to.write_all(&bytes[..count]).is_ok() => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => break,
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
