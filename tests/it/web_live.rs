//! The service on a real socket: the live channel, stopping, and where it may listen.

use crate::support::{TestSite, reception, settings, wav};
use crate::web_support::well;
use chartscribe::jobs::live::Ears;
use chartscribe::web::{self, Service, WebError};
use chartscribe::workflow::sign_in;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Longer than anything here takes, so that a fault ends the test.
const PATIENCE: Duration = Duration::from_secs(20);

struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

fn serve(test: &TestSite) -> Served {
    let (stop, stopped) = watch::channel(false);
    let (tell, told) = std::sync::mpsc::channel();
    let site = Arc::clone(&test.site);
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut settings = site.settings.clone();
            settings.listen = ([127, 0, 0, 1], 0).into();
            let listener = web::bind(&settings).await.expect("a free port");
            tell.send(listener.local_addr().expect("an address")).expect("the test waits");
            let ears = Arc::new(Ears::new(Arc::clone(&site), vec![]));
            let (wake, stop, machine) = (Arc::new(|| {}), stopped, well());
            let service = Service { site, wake, stop, machine, ears, identity: None };
            web::serve(listener, service).await.expect("served");
        });
    });
    let address = told.recv_timeout(PATIENCE).expect("a listening server");
    Served { address, stop, thread }
}

fn events(served: &Served, token: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(served.address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let request = format!(
        "GET /api/events HTTP/1.1\r\nHost: {}\r\nCookie: chartscribe-session={token}\r\n\r\n",
        served.address
    );
    stream.write_all(request.as_bytes()).expect("asked");
    BufReader::new(stream)
}

fn line_with(events: &mut impl BufRead, wanted: &str) -> String {
    loop {
        let mut line = String::new();
        let read = events.read_line(&mut line).expect("an open stream");
        assert!(read > 0, "the stream ended before {wanted}");
        if line.contains(wanted) {
            return line;
        }
    }
}

#[test]
fn a_page_hears_of_what_happens_and_is_let_go_when_the_server_stops() {
    let test = TestSite::new();
    let served = serve(&test);
    let (token, _) = test.sign_in("tess");
    let mut events = events(&served, &token);
    line_with(&mut events, "200 OK");
    line_with(&mut events, "text/event-stream");
    let received = test.receive(&test.who("tess"), reception(), &wav(1.0)).expect("received");
    line_with(&mut events, "event: changed");
    let data = line_with(&mut events, "data:");
    assert!(data.contains("receive-dictation"), "{data}");
    assert!(data.contains(&received.report.to_string()), "{data}");
    assert!(!data.contains("MRN-1") && !data.contains("Testcase"), "{data}");
    served.stop.send_replace(true);
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).expect("the stream ends");
    served.thread.join().expect("the server ends by itself");
}

#[test]
fn the_live_channel_ends_with_its_session() {
    let test = TestSite::new();
    let served = serve(&test);
    let (token, tess) = test.sign_in("tess");
    let mut ending = events(&served, &token);
    line_with(&mut ending, "200 OK");
    let (other, _) = test.sign_in("ada");
    let mut going_on = events(&served, &other);
    line_with(&mut going_on, "200 OK");
    sign_in::sign_out_everywhere(&test.site, &tess).expect("signed out");
    // The chunk of length 0 that ends a body; the connection itself may serve on.
    while line_with(&mut ending, "\r\n") != "0\r\n" {}
    test.receive(&test.who("tess"), reception(), &wav(1.0)).expect("received");
    line_with(&mut going_on, "receive-dictation");
    drop(going_on);
    served.stop.send_replace(true);
    served.thread.join().expect("the server ends by itself");
}

#[test]
fn the_live_channel_is_for_those_who_are_signed_in() {
    let test = TestSite::new();
    let served = serve(&test);
    let mut events = events(&served, "nobody");
    line_with(&mut events, "401 Unauthorized");
    drop(events);
    served.stop.send_replace(true);
    served.thread.join().expect("the server ends by itself");
}

#[test]
fn an_address_that_other_machines_reach_needs_tls_or_a_proxy_in_front() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings = settings(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    settings.listen = ([0, 0, 0, 0], 0).into();
    let refused = runtime.block_on(web::bind(&settings)).err();
    assert!(matches!(refused, Some(WebError::Exposed { .. })), "{refused:?}");
    settings.behind_proxy = true;
    assert!(runtime.block_on(web::bind(&settings)).is_ok());
}
