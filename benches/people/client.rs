//! One person at a browser: a connection that stays, a worklist, one report of it, and pauses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Worklist,
    Search,
    Open,
}

/// What is looked for, one after the other: words that every report has, a phrase, words of few
/// reports, a patient by the beginning of the name, and together; the last has to go through the
/// most and finds one.
const SEARCHES: [&str; 5] = [
    r#"{"text": "hypertension controlled"}"#,
    r#"{"text": "\"shortness of breath\" metformin", "among": "done"}"#,
    r#"{"text": "report 123456 version"}"#,
    r#"{"patient": "Family12, Given"}"#,
    r#"{"text": "hypertension 199123", "work_type": "PN", "from": "2000-01-01T00:00:00Z"}"#,
];

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
            if !self.pauses(think, until) {
                return;
            }
            let search = SEARCHES[self.number(SEARCHES.len() as u64) as usize];
            let found = self.ask(Asked::Search, "POST", "/api/worklist/search", search);
            assert!(found.starts_with("{\"rows\":["), "what was found");
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

    fn get(&mut self, asked: Asked, path: &str) -> String {
        self.ask(asked, "GET", path, "")
    }

    /// The body of an answer that must be 200.
    fn ask(&mut self, asked: Asked, method: &str, path: &str, body: &str) -> String {
        let began = Instant::now();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\
             content-type: application/json\r\ncontent-length: {}\r\ncookie: {}\r\n\r\n{body}",
            body.len(),
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
