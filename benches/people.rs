//! A hundred signed-in people at once on a store of 200,000 reports: how long a worklist, a
//! search and the opening of a report take over real sockets, each look with its audit row.
//!
//! ```text
//! cargo bench --bench people                           a store in a temporary folder
//! cargo bench --bench people -- FOLDER                 the same, kept there for the next run
//! cargo bench --bench people -- FOLDER --think-ms 0    nobody pauses: the most it can do
//! ```
//!
//! Not for: asserting. The goal is a 99th percentile below 100 ms.

#[path = "people/client.rs"]
mod client;
#[path = "people/store.rs"]
mod store;

use chartscribe::config::{File, Settings};
use chartscribe::jobs::live::Ears;
use chartscribe::store::Place;
use chartscribe::store::db::Store;
use chartscribe::vocab::work_types::WorkTypes;
use chartscribe::web::health::Machine;
use chartscribe::web::{self, Service};
use chartscribe::workflow::site::{Clock, Site};
use client::{Asked, Client, Timing};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A person looks at something for so long on average before asking for the next.
const THINK: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(60);

fn main() {
    let mut folder = None;
    let mut think = THINK;
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        if argument == "--think-ms" {
            let ms = arguments.next().and_then(|text| text.parse().ok());
            think = Duration::from_millis(ms.expect("--think-ms takes a number"));
        } else {
            folder = Some(PathBuf::from(argument));
        }
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.unwrap_or_else(|| scratch.path().to_owned());
    let site = Arc::new(site(&folder));
    let tokens = store::sign_in(&site.store, site.clock.now()).expect("sessions");
    let timings = measure(&site, &tokens, think);
    for asked in [Asked::Worklist, Asked::Search, Asked::Open] {
        print(asked, &timings);
    }
}

/// The store in the folder, made and filled where there is none.
fn site(folder: &Path) -> Site {
    let file = File {
        data: Some(folder.join("data")),
        key_file: Some(folder.join("site.key")),
        models: Some(folder.join("models")),
        listen: Some("127.0.0.1:0".parse().expect("an address")),
        ..File::default()
    };
    let settings = Settings::from_file(file).expect("settings");
    let place = Place { data: settings.data.clone(), key_file: settings.key_file.clone() };
    let clock = Clock::system();
    let store = if place.is_created() {
        Store::open(&place).expect("a store of an earlier run")
    } else {
        let began = Instant::now();
        let store = Store::create(&place).expect("a new store");
        store::fill(&store, clock.now()).expect("filled");
        println!("{} reports written in {:.0?}", store::REPORTS, began.elapsed());
        store
    };
    Site { store, clock, settings, work_types: WorkTypes::built_in() }
}

/// Serves the site and lets everybody work for a while.
fn measure(site: &Arc<Site>, tokens: &[String], think: Duration) -> Vec<Timing> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let listener = runtime.block_on(web::bind(&site.settings)).expect("a socket");
    let address = listener.local_addr().expect("it is bound");
    let (stop, stopped) = watch::channel(false);
    let service = Service {
        site: Arc::clone(site),
        wake: Arc::new(|| {}),
        stop: stopped,
        machine: Machine { worker: Arc::new(|| true), model: Arc::new(|| true) },
        ears: Arc::new(Ears::new(Arc::clone(site), vec![])),
        identity: None,
    };
    let server = runtime.spawn(web::serve(listener, service));
    let rows_before = rows(site);
    let until = Instant::now() + MEASURED;
    let timings = people_at_work(address, tokens, think, until);
    let rows_written = rows(site) - rows_before;
    stop.send_replace(true);
    runtime.block_on(server).expect("no panic").expect("it served");
    let a_second = timings.len() as f64 / MEASURED.as_secs_f64();
    println!(
        "{} people, {:.1} requests a second, {} answers, {rows_written} audit rows",
        tokens.len(),
        a_second,
        timings.len()
    );
    timings
}

fn people_at_work(
    server: SocketAddr,
    tokens: &[String],
    think: Duration,
    until: Instant,
) -> Vec<Timing> {
    std::thread::scope(|scope| {
        let mut at_work = Vec::new();
        for (seed, token) in tokens.iter().enumerate() {
            at_work.push(scope.spawn(move || {
                let mut client = Client::new(server, token, seed as u64);
                client.work(until, think);
                client.timings
            }));
        }
        at_work.into_iter().flat_map(|one| one.join().expect("no panic")).collect()
    })
}

fn rows(site: &Site) -> u64 {
    site.store.read(chartscribe::store::audit::last).expect("readable")
}

fn print(asked: Asked, timings: &[Timing]) {
    let mut times: Vec<Duration> =
        timings.iter().filter(|(what, _)| *what == asked).map(|(_, time)| *time).collect();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{asked:?}: p50 {:.1?}, p99 {:.1?}, worst {:.1?}, of {}",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    );
}
