//! How the server is reached and watched: TLS and what goes with it, liveness, readiness,
//! metrics, the log's forms, and the end.
//!
//! Not for: what the API does (`road.rs`).

use crate::program::{Installation, PASSWORD, Server};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const PATIENCE: Duration = Duration::from_secs(10);

fn agent(certificate: Option<&[u8]>) -> Agent {
    let mut config = Agent::config_builder().http_status_as_error(false);
    if let Some(pem) = certificate {
        let certificate = Certificate::from_pem(pem).expect("a certificate");
        let roots = RootCerts::new_with_certs(&[certificate]);
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Agent::new_with_config(config.build())
}

fn text(response: Response<ureq::Body>) -> String {
    response.into_body().read_to_string().expect("text")
}

fn port(server: &Server) -> u16 {
    server.address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[test]
fn beyond_loopback_only_tls_is_spoken_under_the_printed_certificate() {
    let site = Installation::new();
    let options = ["--listen", "0.0.0.0:0", "--tls-name", "chartscribe.ward.test"];
    let server = site.serve_as(&options, &[]);
    assert!(server.address.starts_with("https://0.0.0.0:"), "{}", server.address);
    let url = format!("https://127.0.0.1:{}", port(&server));
    let pem = fs::read(site.path().join("data.tls/certificate.pem")).expect("it was made");
    let der = Certificate::from_pem(&pem).expect("a certificate");
    let digest = chartscribe::domain::digest::Digest::of(der.der()).to_string().to_uppercase();
    let said = server.log().replace(':', "");
    assert!(said.contains(&format!("fingerprint {digest}")), "{}", server.log());

    let trusting = agent(Some(&pem));
    let answer = trusting.get(format!("{url}/health")).call().expect("a TLS answer");
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    assert_eq!(text(answer), "ok\n");
    assert!(agent(None).get(format!("{url}/health")).call().is_err(), "nobody else vouches for it");
    let plain = agent(None).get(format!("http://127.0.0.1:{}/health", port(&server))).call();
    assert!(plain.is_err(), "plain HTTP is not spoken");

    let sign_in = json!({"username": "ada", "password": PASSWORD}).to_string();
    let request = trusting.post(format!("{url}/api/session"));
    let answer = request.header("Content-Type", "application/json").send(&sign_in);
    let answer = answer.expect("an answer");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("__Host-chartscribe-session="), "{}", &cookie[..30]);
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}");
    }
}

#[test]
fn a_certificate_is_kept_over_restarts_and_the_site_s_own_wins() {
    let site = Installation::new();
    let options = ["--tls", "--listen", "127.0.0.1:0"];
    let fingerprint = |server: &Server| {
        let log = server.log();
        let line = log.lines().find(|line| line.contains("fingerprint")).expect("said");
        line.to_owned()
    };
    let made = fingerprint(&site.serve_as(&options, &[]));
    assert_eq!(made, fingerprint(&site.serve_as(&options, &[])));

    let given = site.path().join("own");
    fs::create_dir(&given).expect("a folder");
    for file in ["certificate.pem", "key.pem"] {
        fs::rename(site.path().join("data.tls").join(file), given.join(file)).expect("moved");
    }
    let (certificate, key) = (given.join("certificate.pem"), given.join("key.pem"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let options = ["--listen", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", &key];
    assert_eq!(made, fingerprint(&site.serve_as(&options, &[])), "the given one is shown");
}

/// A ClientHello (RFC 5246 section 7.4.1.2) that says which TLS 1.x is the highest it speaks, with
/// what an elliptic-curve certificate needs: ECDHE_ECDSA with AES-128-GCM, and the extensions
/// supported_groups (x25519), ec_point_formats and signature_algorithms (ECDSA P-256).
fn client_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend([0, 2, 0xc0, 0x2b, 1, 0]);
    let extensions = [0, 10, 0, 4, 0, 2, 0, 0x1d, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
    hello.extend([0, u8::try_from(extensions.len()).expect("short")]);
    hello.extend(extensions);
    let mut handshake = vec![1, 0, 0, u8::try_from(hello.len()).expect("short")];
    handshake.extend(hello);
    let mut record = vec![22, 3, 1, 0, u8::try_from(handshake.len()).expect("short")];
    record.extend(handshake);
    record
}

#[test]
fn tls_below_1_2_is_refused() {
    let site = Installation::new();
    let server = site.serve_as(&["--tls", "--listen", "127.0.0.1:0"], &[]);
    let answered = |minor: u8| {
        let mut stream = TcpStream::connect(("127.0.0.1", port(&server))).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(&client_hello(minor)).expect("sent");
        let mut record = [0; 7];
        stream.read_exact(&mut record).expect("an answer");
        record
    };
    // RFC 8446 section 6.2: alert (21), fatal (2), protocol_version (70).
    for (minor, name) in [(1, "TLS 1.0"), (2, "TLS 1.1")] {
        let record = answered(minor);
        assert_eq!((record[0], record[5], record[6]), (21, 2, 70), "{name}: {record:?}");
    }
    assert_eq!(answered(3)[0], 22, "the same with TLS 1.2 is a handshake");
}

#[test]
fn plain_http_on_loopback_has_neither_hsts_nor_a_secure_cookie() {
    let site = Installation::new();
    let server = site.serve();
    let answer = agent(None).get(format!("{}/health", server.address)).call().expect("an answer");
    assert!(!answer.headers().contains_key("strict-transport-security"));
    let refused = site.run(&["serve", "--listen", "127.0.0.1:0", "--tls-cert", "x"], "");
    assert_eq!(refused.status.code(), Some(2), "half a certificate is wrong usage");
}

#[test]
fn a_server_says_when_it_is_ready_and_its_numbers_name_nobody() {
    let site = Installation::new();
    let server = site.serve();
    let plain = agent(None);
    let ready = plain.get(format!("{}/ready", server.address)).call().expect("an answer");
    assert_eq!(ready.status().as_u16(), 200);
    let ready: Value = serde_json::from_str(&text(ready)).expect("JSON");
    assert_eq!(ready, json!({"store": true, "worker": true, "model": true, "recordings": true}));

    assert_eq!(server.get("ada", "/api/reports/018f0000-0000-7000-8000-00000000beef").status, 404);
    server.get("ada", "/Quimbelwort/4711");
    let numbers = text(plain.get(format!("{}/metrics", server.address)).call().expect("numbers"));
    for line in [
        "chartscribe_ready{part=\"store\"} 1",
        "chartscribe_jobs{state=\"queued\"} 0",
        "chartscribe_reports{stage=\"drafted\"} 0",
        "chartscribe_requests_total{route=\"/api/reports/{id}\",method=\"GET\",status=\"404\"} 1",
        "chartscribe_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1",
        "# TYPE chartscribe_request_seconds histogram",
    ] {
        assert!(numbers.contains(line), "{line} in\n{numbers}");
    }
    for word in ["ada", "Quimbelwort", "4711", "beef", "Testperson"] {
        assert!(!numbers.contains(word), "{word} in\n{numbers}");
    }
}

#[test]
fn numbers_are_for_this_machine_or_an_administrator_s_token() {
    let site = Installation::new();
    let add = ["user", "add", "root", "--roles", "administrator", "--password-stdin"];
    site.done(&add, PASSWORD);
    let token = site.done(&["user", "token", "root"], "");
    let server = site.serve_as(&["--behind-proxy", "--listen", "127.0.0.1:0"], &[]);
    let url = format!("{}/metrics", server.address);
    let plain = agent(None);
    assert_eq!(plain.get(&url).call().expect("an answer").status().as_u16(), 401);
    assert_eq!(server.get("ada", "/metrics").status, 404, "an author is no administrator");
    let bearer = format!("Bearer {}", token.trim());
    let answer = plain.get(&url).header("Authorization", bearer).call().expect("an answer");
    assert!(text(answer).contains("chartscribe_info"));
}

#[test]
fn a_log_in_json_is_json_in_every_line_and_the_server_ends_when_it_is_asked_to() {
    let site = Installation::new();
    let options = ["--listen", "127.0.0.1:0", "--log-format", "json"];
    let mut server = site.serve_as(&options, &[("CHARTSCRIBE_LOG", "debug")]);
    assert_eq!(server.get("ada", "/api/worklist").status, 200);
    assert_eq!(server.stop(), Some(0), "{}", server.log());
    let log = server.log();
    assert!(log.lines().count() > 2, "{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).expect(line);
        assert!(event["timestamp"].is_string() && event["message"].is_string(), "{line}");
    }
    assert!(log.contains("the audit holds up to row"), "{log}");
    assert!(TcpStream::connect(("127.0.0.1", port(&server))).is_err());
}

#[test]
fn a_client_that_never_ends_its_request_keeps_nobody_else_out() {
    let site = Installation::new();
    let server = site.serve();
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(("127.0.0.1", port(&server))).expect("connected");
        stream.write_all(b"POST /api/session HTTP/1.1\r\nHost: x\r\n").expect("sent");
        slow.push(stream);
    }
    assert_eq!(server.get("ada", "/api/worklist").status, 200);
    let mut last = slow.pop().expect("one of them");
    last.set_read_timeout(Some(PATIENCE * 4)).expect("a timeout");
    let mut answer = Vec::new();
    last.read_to_end(&mut answer).expect("let go within its time");
}
