//! One person at a browser: a connection that stays, a worklist, one report of it, and pauses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Worklist,
    Open,
}

/// How long one took.
pub type Timing = (Asked, Duration);

pub struct Client {
    stream: BufReader<TcpStream>,
    cookie: String,
    /// State of the generator that chooses reports and pauses (Lehmer, MINSTD).
    chance: u64,
    pub timings: Vec<Timing>,
}

impl Client {
    pub fn new(server: SocketAddr, token: &str, seed: u64) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let cookie = format!("chartscribe-session={token}");
        Self { stream: BufReader::new(stream), cookie, chance: seed + 1, timings: Vec::new() }
    }

    /// Works until the time is over; pauses between half and one and a half of `think`.
    pub fn work(&mut self, until: Instant, think: Duration) {
        while self.pauses(think, until) {
            let list = self.get(Asked::Worklist, "/api/worklist");
            let ids: Vec<&str> =
                list.split("\"report\":\"").skip(1).map(|rest| &rest[..36]).collect();
            assert!(!ids.is_empty(), "somebody has nothing to do");
            let chosen = ids[self.number(ids.len() as u64) as usize];
            if !self.pauses(think, until) {
                return;
            }
            let report = self.get(Asked::Open, &format!("/api/reports/{chosen}"));
            assert!(report.contains("ASSESSMENT AND PLAN"), "the report's text");
        }
    }

    /// Pauses; false where the time is over meanwhile, so that nobody asks at its very end, all
    /// at the same moment.
    fn pauses(&mut self, think: Duration, until: Instant) -> bool {
        let share = 0.5 + self.number(1000) as f64 / 1000.0;
        let asks_at = Instant::now() + think.mul_f64(share);
        std::thread::sleep(asks_at.min(until).saturating_duration_since(Instant::now()));
        asks_at < until
    }

    fn number(&mut self, below: u64) -> u64 {
        self.chance = self.chance * 48_271 % 2_147_483_647;
        self.chance % below
    }

    /// The body of an answer that must be 200.
    fn get(&mut self, asked: Asked, path: &str) -> String {
        let began = Instant::now();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\ncookie: {}\r\n\r\n",
            self.cookie
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
        let mut length = 0;
        let mut line = String::new();
        let mut first = true;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("the server answers");
            assert!(!first || line.starts_with("HTTP/1.1 200"), "{path}: {line}");
            first = false;
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a number");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a whole body");
        self.timings.push((asked, began.elapsed()));
        String::from_utf8(body).expect("UTF-8")
    }
}
