//! The JSON API: one meaning for each status, sessions, uploads, recordings, versions.

use crate::support::{PASSWORD, operator, wav};
use crate::web_support::{Answer, App};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chartscribe::workflow::people;
use secrecy::ExposeSecret;
use serde_json::json;

const NO_ONE: &str = "018f0000-0000-7000-8000-000000000000";

/// Name, file name and content of a part of a form.
type Part<'a> = (&'a str, &'a str, &'a [u8]);

fn particulars() -> [Part<'static>; 4] {
    [
        ("author", "", b"ada"),
        ("mrn", "", b"MRN-1"),
        ("work_type", "", b"HP"),
        ("priority", "", b"stat"),
    ]
}

fn rows(app: &App, cookie: &str) -> usize {
    let answer = app.get(cookie, "/api/worklist");
    answer.json()["rows"].as_array().expect("rows").len()
}

/// A drafted report in the hands of `tess`, as its address.
fn taken(app: &App, tess: &str) -> String {
    let report = app.test.drafted("Heard.");
    let path = format!("/api/reports/{report}");
    let answer = app.call(tess, Method::POST, &format!("{path}/claim"), None);
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    path
}

#[test]
fn the_openapi_document_is_as_agreed() {
    let app = App::new();
    let document = app.document.to_pretty_json().expect("a document");
    insta::assert_snapshot!(document);
}

/// The document knows a type by its bare name, so that of two the later would hide the other.
#[test]
fn no_two_types_of_the_api_share_a_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let mut derived = false;
        for line in text.lines() {
            derived |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let item = line.strip_prefix("pub ").unwrap_or(line);
            let item = item.strip_prefix("struct ").or_else(|| item.strip_prefix("enum "));
            if let (true, Some(item)) = (derived, item) {
                names.extend(item.split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned));
                derived = false;
            }
        }
    }
    assert!(names.len() > 80, "all of them: {}", names.len());
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn every_refusal_has_the_status_of_its_meaning() {
    let app = App::new();
    let tess = app.cookie("tess");
    let toby = app.cookie("toby");
    let path = taken(&app, &tess);
    let mut table = String::new();
    let mut note = |what: &str, answer: Answer| {
        let (status, code) = answer.refusal();
        table += &format!("{status} {code}: {what}\n");
    };
    note("no session", app.get("", "/api/worklist"));
    let wrong = json!({ "username": "tess", "password": "not the password" });
    note("wrong password", app.post("", "/api/session", wrong.clone()));
    note("the administrator's worklist", app.get(&app.cookie("admin"), "/api/worklist"));
    note("no such report", app.get(&tess, &format!("/api/reports/{NO_ONE}")));
    note("not an id", app.get(&tess, "/api/reports/1%20or%201=1"));
    note("no such address", app.get(&tess, "/api/nothing"));
    note("no such method", app.call(&tess, Method::PATCH, "/api/worklist", None));
    note("another's report", app.call(&toby, Method::POST, &format!("{path}/claim"), None));
    let save = json!({ "base": 0, "text": "Old." });
    note("a stale save", app.post(&tess, &format!("{path}/versions"), save));
    let extra = json!({ "base": 1, "text": "", "force": true });
    note("an unknown field", app.post(&tess, &format!("{path}/versions"), extra));
    note("a recording that is no form", app.post(&tess, "/api/dictations", json!({})));
    note("an unknown stage", app.get(&tess, "/api/worklist?stage=lost"));
    note("an unknown value", app.get(&tess, "/api/worklist?by=me"));
    for _ in 0..4 {
        app.post("", "/api/session", wrong.clone());
    }
    note("the sixth wrong password", app.post("", "/api/session", wrong));
    insta::assert_snapshot!(table, @r"
    401 not-signed-in: no session
    401 sign-in-failed: wrong password
    403 forbidden: the administrator's worklist
    404 not-found: no such report
    404 not-found: not an id
    404 not-found: no such address
    405 method: no such method
    403 forbidden: another's report
    409 stale: a stale save
    422 invalid: an unknown field
    422 invalid: a recording that is no form
    422 invalid: an unknown stage
    422 invalid: an unknown value
    429 try-later: the sixth wrong password
    ");
}

#[test]
fn a_body_that_is_not_understood_is_refused_without_repeating_it() {
    let app = App::new();
    let tess = app.cookie("tess");
    for (kind, body) in [("application/json", "{\"base\": Quimby"), ("text/plain", "Quimby")] {
        let request = Request::post(format!("/api/reports/{NO_ONE}/versions"))
            .header(header::COOKIE, &tess)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        let answer = app.send(request.expect("a request"));
        assert_eq!(answer.refusal(), (422, "invalid".into()));
        assert!(!answer.text().contains("Quimby"));
    }
}

#[test]
fn a_session_is_a_strict_cookie_and_ends_with_signing_out() {
    let app = App::new();
    let body = json!({ "username": "ADA", "password": PASSWORD });
    let answer = app.post("", "/api/session", body);
    let cookie = answer.header("set-cookie").to_string();
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(wanted), "{wanted}");
    }
    assert_eq!(answer.json()["person"]["roles"], json!(["author"]));
    let cookie = cookie.split(';').next().expect("a cookie");
    assert_eq!(app.get(cookie, "/api/session").status, StatusCode::OK);
    let out = app.call(cookie, Method::DELETE, "/api/session", None);
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(app.get(cookie, "/api/session").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_program_signs_in_with_a_bearer_token() {
    let app = App::new();
    let token = people::issue_token(
        &app.test.site,
        &operator(),
        "tess",
        "test",
        chartscribe::domain::scope::Scope::ALL,
    )
    .expect("a token");
    let ask = |token: &str| {
        let request = Request::get("/api/session").header("authorization", token);
        app.send(request.body(Body::empty()).expect("a request")).status
    };
    assert_eq!(ask(&format!("Bearer {}", token.expose_secret())), StatusCode::OK);
    assert_eq!(ask("Bearer nobody"), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&format!("Basic {}", token.expose_secret())), StatusCode::UNAUTHORIZED);
}

#[test]
fn nothing_is_changed_from_another_site() {
    let app = App::new();
    let tess = app.cookie("tess");
    let report = app.test.drafted("Heard.");
    let claim = |name: &str, value: &str| {
        let request = Request::post(format!("/api/reports/{report}/claim"))
            .header(header::COOKIE, &tess)
            .header(header::HOST, "127.0.0.1:8490")
            .header(name, value);
        app.send(request.body(Body::empty()).expect("a request"))
    };
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.test")] {
        assert_eq!(claim(name, value).refusal(), (403, "cross-site".into()), "{value}");
    }
    assert_eq!(claim("sec-fetch-site", "same-origin").status, StatusCode::NO_CONTENT);
}

#[test]
fn an_upload_takes_its_fields_in_any_order_and_once_for_each_key() {
    let app = App::new();
    let tess = app.cookie("tess");
    let audio = wav(2.0);
    let mut parts = vec![("audio", "note.wav", audio.as_slice())];
    parts.extend(particulars());
    let first = app.upload(&tess, "key-1", &parts);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(first.json()["duration_ms"], 2000);
    parts.rotate_left(1);
    let again = app.upload(&tess, "key-1", &parts);
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json()["dictation"], first.json()["dictation"]);
    assert_eq!(again.json()["repeated"], true);
    assert_eq!(rows(&app, &tess), 1);
}

#[test]
fn a_refused_upload_says_why_and_leaves_nothing() {
    let app = App::new();
    let tess = app.cookie("tess");
    let good = wav(1.0);
    let large = wav(70.0);
    let text = b"This is a letter, not a recording.".as_slice();
    let cases: [(&str, &[u8], &[Part]); 7] = [
        ("422 unusable-audio", text, &[]),
        ("422 unusable-audio", b"", &[]),
        ("422 unusable-audio", &good[..44], &[]),
        ("413 too-large", &large, &[]),
        ("422 invalid", &good, &[("author", "", b"nobody")]),
        ("422 invalid", &good, &[("work_type", "", b"ZZ")]),
        ("422 invalid", &good, &[("sex", "", b"F")]),
    ];
    for (expected, audio, extra) in cases {
        let mut parts = particulars().to_vec();
        parts.retain(|(name, ..)| !extra.iter().any(|(other, ..)| name == other));
        parts.extend(extra);
        parts.push(("audio", "note.wav", audio));
        let (status, code) = app.upload(&tess, "", &parts).refusal();
        assert_eq!(format!("{status} {code}"), expected, "{extra:?}");
    }
    assert_eq!(app.upload(&tess, "", &particulars()).refusal(), (422, "invalid".into()));
    let quinn = app.cookie("quinn");
    let forbidden = app.upload(&quinn, "", &[("audio", "note.wav", &good)]);
    assert_eq!(forbidden.refusal(), (403, "forbidden".into()));
    assert_eq!(rows(&app, &tess), 0);
    let incoming = app.test.site.settings.data.join("audio/incoming");
    let left = std::fs::read_dir(incoming).map_or(0, |files| files.count());
    assert_eq!(left, 0, "no left-over of a refused upload");
}

#[test]
fn a_recording_is_played_from_any_place() {
    let app = App::new();
    let ada = app.cookie("ada");
    let audio = wav(3.0);
    let mut parts = particulars().to_vec();
    parts.push(("audio", "note.wav", &audio));
    let dictation = app.upload(&ada, "", &parts).json()["dictation"].clone();
    let path = format!("/api/dictations/{}/audio", dictation.as_str().expect("an id"));
    let ask = |range: &str| {
        let mut request = Request::get(&path).header(header::COOKIE, &ada);
        if !range.is_empty() {
            request = request.header(header::RANGE, range);
        }
        app.send(request.body(Body::empty()).expect("a request"))
    };
    let whole = ask("");
    assert_eq!((whole.status, whole.header("content-type")), (StatusCode::OK, "audio/wav"));
    assert!(whole.body == audio, "the bytes that were received");
    let size = audio.len();
    for (range, first, end) in [
        ("bytes=0-99", 0, 100),
        ("bytes=70000-70001", 70_000, 70_002),
        ("bytes=90000-", 90_000, size),
        ("bytes=-44", size - 44, size),
    ] {
        let part = ask(range);
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert!(part.body == audio[first..end], "{range}");
        let wanted = format!("bytes {first}-{}/{size}", end - 1);
        assert_eq!(part.header("content-range"), wanted);
    }
    let beyond = ask("bytes=9000000-");
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    assert_eq!(app.get(&app.cookie("ben"), &path).refusal(), (403, "forbidden".into()));
}

#[test]
fn a_report_goes_over_http_from_draft_to_chart() {
    let app = App::new();
    let (tess, ada) = (app.cookie("tess"), app.cookie("ada"));
    let path = taken(&app, &tess);
    let saved = app.post(&tess, &format!("{path}/versions"), json!({"base": 1, "text": "Well."}));
    assert_eq!(saved.json(), json!({ "version": 2, "linked": false }));
    let submit = app.post(&tess, &format!("{path}/submit"), json!({ "version": 2 }));
    assert_eq!(submit.status, StatusCode::NO_CONTENT, "{}", submit.text());
    let open = app.get(&ada, &path).json();
    assert!(open["may"].as_array().expect("acts").contains(&json!("sign-report")));
    let sign = |version: u32, password: &str| {
        let body = json!({ "version": version, "digest": open["digest"], "password": password });
        app.post(&ada, &format!("{path}/sign"), body)
    };
    assert_eq!(sign(1, PASSWORD).refusal(), (409, "stale".into()));
    assert_eq!(sign(2, "not the password").refusal(), (401, "sign-in-failed".into()));
    assert_eq!(sign(2, PASSWORD).status, StatusCode::NO_CONTENT);
    assert_eq!(sign(2, PASSWORD).status, StatusCode::CONFLICT);
    let patient = open["patient"]["id"].as_str().expect("a patient");
    let chart = app.get(&ada, &format!("/api/patients/{patient}/chart")).json();
    assert_eq!(chart["documents"][0]["version"], 2);
    let first = app.get(&ada, &format!("{path}/versions/1")).json();
    assert_eq!(first["text"], "Heard.");
}
