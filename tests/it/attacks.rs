//! Attacks on the web service: guessed ids in every role, foreign cookies, hostile text in every
//! field, paths out of the tree, bodies without end.

use crate::support::{TestSite, wav};
use crate::web_support::App;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chartscribe::workflow::{reading, review};
use serde_json::{Value, json};

/// Operations of the OpenAPI document: method and path with its placeholders.
fn operations(app: &App) -> Vec<(Method, String)> {
    let document: Value =
        serde_json::from_str(&app.document.to_json().expect("a document")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        for method in item.as_object().expect("an item").keys() {
            let method = method.to_uppercase().parse().expect("a method");
            operations.push((method, path.clone()));
        }
    }
    assert!(operations.len() > 40, "the whole API: {}", operations.len());
    operations
}

/// A body that the operation understands, so that a refusal is about who asks.
fn body_of(method: &Method, path: &str) -> Option<Value> {
    if *method != Method::POST && *method != Method::PUT {
        return None;
    }
    let digest = "0".repeat(64);
    let password = "a password for tests only";
    let body = match path {
        "/api/reports/{id}/versions" => json!({"base": 1, "text": "Overwritten."}),
        "/api/reports/{id}/flags" => json!({"kind": "NUMBER", "note": "hm"}),
        "/api/reports/{id}/flags/{flag}/settle" => json!({"state": "resolved", "note": "yes"}),
        "/api/reports/{id}/patient" => json!({"mrn": "MRN-2"}),
        "/api/reports/{id}/submit" | "/api/reports/{id}/qa" => json!({"version": 1}),
        "/api/reports/{id}/return" => json!({"note": "again"}),
        "/api/reports/{id}/sign" | "/api/reports/{id}/cosign" => {
            json!({"version": 1, "digest": digest, "password": password})
        }
        "/api/reports/{id}/labels" | "/api/patients/{id}/labels" => json!({"label": "VIP"}),
        "/api/reports/{id}/labels/lower" | "/api/patients/{id}/labels/lower" => {
            json!({"label": "VIP", "reason": "set-in-error"})
        }
        "/api/reports/{id}/glass" | "/api/patients/{id}/glass" => {
            json!({"reason": "other", "note": "I would like to know"})
        }
        "/api/worklist/search" => json!({"text": "Secret", "patient": "Testcase"}),
        "/api/worklist/next" => json!({"stage": "drafted"}),
        "/api/worklist/bulk" => {
            json!({"act": "claim", "reports": ["018f0000-0000-7000-8000-000000000000"]})
        }
        "/api/views" => json!({"name": "mine", "filter": {"author": "ada"}}),
        "/api/views/remove" => json!({"name": "mine"}),
        "/api/reports" => json!({"author": "ada", "mrn": "MRN-1"}),
        "/api/reports/{id}/move" => json!({"author": "ben"}),
        "/api/reports/{id}/split" => json!({"version": 1, "at": 0}),
        "/api/reports/{id}/copies" => json!({"copies": [{"recipient": "Me"}]}),
        "/api/pools" => {
            json!({"username": "toby", "kind": "work-type", "value": "HP", "there": true})
        }
        "/api/people/department" => json!({"username": "toby", "department": "Surgery"}),
        "/api/qa/sampling" => json!({"kind": "site", "value": 10}),
        "/api/qa/scores/{id}/answer" => json!({"answer": "no"}),
        "/api/reports/{id}/score" => json!({"note": "hm"}),
        "/api/signing" => json!({"password": password, "reports": [
            {"report": "018f0000-0000-7000-8000-000000000000", "version": 1, "digest": digest}]}),
        "/api/reports/{id}/join" => json!({"version": 1, "report_version": 1,
            "report": "018f0000-0000-7000-8000-000000000000"}),
        "/api/dictations/{id}/played" => json!({"spans": [[0, 500]]}),
        "/api/reports/{id}/answers/{answer}" => json!({"words": "Secret", "version": 1}),
        "/api/audit/search" => json!({}),
        "/api/audit/access-report" => json!({"mrn": "MRN-1"}),
        "/api/glass/{id}/review" => json!({"finding": "nothing unusual found"}),
        "/api/recordings" | "/api/recordings/patient" => json!({"mrn": "MRN-1"}),
        "/api/recordings/{id}/edits" => json!({"edits": [[0, null]]}),
        "/api/recordings/{id}/text" => json!({"shown": "a", "corrected": "b"}),
        "/api/recordings/{id}/about" => json!({"priority": "stat"}),
        "/api/recordings/{id}/finish" => json!({"blocks": 0}),
        "/api/patients/search" => json!({"query": "Testcase"}),
        "/api/session" => json!({"username": "ada", "password": "wrong wrong wrong wrong"}),
        "/api/account/password" => json!({"present": "wrong wrong wrong", "new": password}),
        "/api/account/reset" => json!({"username": "ada", "code": "0000", "new": password}),
        "/api/account/second-factor/confirm" => json!({"code": "000000"}),
        "/api/account/second-factor/remove" => json!({"password": "wrong wrong wrong"}),
        "/api/delegates/end" => json!({"author": "ada", "delegate": "ben"}),
        "/api/reports/{id}/instructions" => json!({"about": "author", "text": "Type fast."}),
        "/api/reports/{id}/terms" => json!({"letters": "metop", "section": "PLAN"}),
        "/api/reports/{id}/spelling" => json!({"words": ["Secret"]}),
        "/api/reports/{id}/takeover/answer" => json!({"give": true}),
        "/api/me/settings/{name}" => json!({"F8": "play"}),
        "/api/delegates" => json!({"author": "ada", "delegate": "ben",
            "from": "2026-03-02T09:00:00Z", "until": "2026-03-03T09:00:00Z"}),
        _ => return None,
    };
    Some(body)
}

/// A report by ada in tess's hands: everybody else is a stranger to it.
struct Target {
    report: String,
    dictation: String,
    patient: String,
}

fn target(test: &TestSite) -> Target {
    let received = test.received();
    test.transcribe("Secret words.", vec![]);
    review::claim(&test.site, &test.who("tess"), received.report).expect("taken");
    let open = reading::open(&test.site, &test.who("ada"), received.report).expect("open");
    Target {
        report: received.report.to_string(),
        dictation: received.dictation.to_string(),
        patient: open.report.patient.expect("known").to_string(),
    }
}

impl Target {
    fn path(&self, template: &str) -> String {
        let id = if template.starts_with("/api/reports") {
            &self.report
        } else if template.starts_with("/api/dictations") {
            &self.dictation
        } else {
            &self.patient
        };
        let query = if template.ends_with("/blocks") { "?from=0" } else { "" };
        format!("{template}{query}")
            .replace("{id}", id)
            .replace("{joined}", "018f0000-0000-7000-8000-000000000000")
            .replace("{answer}", "018f0000-0000-7000-8000-000000000000")
            .replace("{flag}", "018f0000-0000-7000-8000-000000000000")
            .replace("{number}", "1")
            .replace("{name}", "keys")
    }
}

#[test]
fn without_a_session_nothing_is_answered_but_the_sign_in() {
    let app = App::new();
    let target = target(&app.test);
    for (method, template) in operations(&app) {
        let body = body_of(&method, &template);
        let answer = app.call("", method.clone(), &target.path(&template), body);
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {template}");
        assert!(!answer.text().contains("Secret"), "{method} {template}");
    }
}

#[test]
fn a_guessed_id_shows_a_stranger_nothing_and_changes_nothing_on_any_route() {
    let app = App::new();
    let target = target(&app.test);
    // Acts on what is one's own, or on nothing in particular; they have tests of their own.
    let own = [
        "/api/signing",
        "/api/pools",
        "/api/copies",
        "/api/notices",
        "/api/lines",
        "/api/qa/sampling",
        "/api/qa/scores",
        "/api/session",
        "/api/account",
        "/api/me",
        "/api/house-style",
        "/api/normals",
        "/api/delegates",
        "/api/events",
        "/api/glass",
        "/api/audit",
        "/api/checks",
    ];
    let lists =
        ["/api/worklist", "/api/views", "/api/work-types", "/api/authors", "/api/patients/search"];
    for stranger in ["ben", "toby", "quinn", "paul", "alma", "admin"] {
        let cookie = app.cookie(stranger);
        for (method, template) in operations(&app) {
            if own.iter().chain(&lists).any(|prefix| template.starts_with(prefix)) {
                continue;
            }
            // Another author sees a patient's chart, the privacy officer labels, the
            // administrator keeps the accounts; all by right.
            let by_right = (stranger == "admin" && template.starts_with("/api/people"))
                || (stranger == "ben" && template == "/api/patients/{id}/chart")
                || (stranger == "paul" && template.contains("/labels"))
                || (["paul", "alma"].contains(&stranger) && template == "/api/reports/{id}/life")
                || (template == "/api/patients/{id}/labels")
                || (template == "/api/dictations")
                || (template == "/api/reports")
                // Asking is open to whoever could do the work, and shows nothing.
                || (stranger == "toby" && template == "/api/reports/{id}/takeover")
                || (template == "/api/recordings" || template == "/api/recordings/patient");
            if by_right {
                continue;
            }
            let body = body_of(&method, &template);
            let answer = app.call(&cookie, method.clone(), &target.path(&template), body);
            let said = answer.text();
            assert!(!said.contains("Secret"), "{stranger} {method} {template}: {said}");
            let refused = [403, 404, 409].contains(&answer.status.as_u16());
            assert!(refused, "{stranger} {method} {template}: {} {said}", answer.status);
        }
    }
    let ada = app.cookie("ada");
    let after = app.get(&ada, &format!("/api/reports/{}", target.report)).json();
    assert_eq!((&after["version"], &after["stage"]), (&json!(1), &json!("editing")));
    assert_eq!(after["flags"], json!([]));
}

#[test]
fn ids_that_name_nothing_are_refused_alike_in_every_role() {
    let app = App::new();
    let nothing = Target {
        report: "018f0000-0000-7000-8000-000000000001".into(),
        dictation: "018f0000-0000-7000-8000-000000000002".into(),
        patient: "../../etc/passwd".into(),
    };
    for person in ["ada", "tess", "quinn", "rosa", "paul", "alma", "admin"] {
        let cookie = app.cookie(person);
        for (method, template) in operations(&app) {
            if !template.contains("{id}") {
                continue;
            }
            let body = body_of(&method, &template);
            let answer = app.call(&cookie, method.clone(), &nothing.path(&template), body);
            assert!(
                answer.status.is_client_error(),
                "{person} {method} {template}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn a_cookie_set_before_signing_in_is_not_taken_over() {
    let app = App::new();
    let planted = "chartscribe-session=0000000000000000000000000000000000000000";
    let body = json!({"username": "ada", "password": "a password for tests only"});
    let answer = app.call(planted, Method::POST, "/api/session", Some(body));
    assert_eq!(answer.status, StatusCode::OK);
    let given = answer.header("set-cookie").split(';').next().unwrap_or_default().to_string();
    assert_ne!(given, planted);
    assert_eq!(app.get(planted, "/api/session").status, StatusCode::UNAUTHORIZED);
    let again = app.cookie("ada");
    assert_ne!(given, again, "each sign-in has a token of its own");
}

#[test]
fn sql_and_markup_in_every_text_field_are_text() {
    let app = App::new();
    let target = target(&app.test);
    let hostile = "'; drop table report; -- <script>alert(1)</script>\u{0}";
    for person in ["ada", "tess", "rosa", "paul"] {
        let cookie = app.cookie(person);
        for (method, template) in operations(&app) {
            let Some(mut body) = body_of(&method, &template) else { continue };
            if template.starts_with("/api/account/re") || template == "/api/session" {
                continue;
            }
            for value in body.as_object_mut().expect("an object").values_mut() {
                if value.is_string() {
                    *value = json!(hostile);
                }
            }
            let path = target.path(&template);
            let answer = app.call(&cookie, method.clone(), &path, Some(body));
            assert!(
                !answer.status.is_server_error(),
                "{person} {method} {template}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    let fields: [(&str, &str, &[u8]); 3] = [
        ("mrn", "", hostile.as_bytes()),
        ("work_type", "", b"HP' or '1'='1"),
        ("audio", "../../../tmp/x'; drop table dictation; --.wav", b"no audio"),
    ];
    let answer = app.upload(&app.cookie("ada"), hostile.trim_end_matches('\0'), &fields);
    assert!(answer.status.is_client_error(), "{}", answer.text());
    app.test.site.store.check().expect("the database is whole");
    let list = app.get(&app.cookie("ada"), "/api/worklist").json();
    assert_eq!(list["rows"].as_array().expect("rows").len(), 1, "and so are its tables");
}

#[test]
fn a_path_out_of_the_tree_leads_nowhere() {
    let app = App::new();
    let cookie = app.cookie("ada");
    let paths = [
        "/assets/0/../../../../etc/passwd",
        "/assets/0/..%2f..%2fCargo.toml",
        "/assets/..%2f..%2f/app.js",
        "/reports/..%2f..%2fetc%2fpasswd",
        "/patients/%2e%2e/%2e%2e",
        "/api/dictations/..%2f..%2faudio/audio",
    ];
    for path in paths {
        let answer = app.get(&cookie, path);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains("root:") && !answer.text().contains("[package]"), "{path}");
    }
}

#[test]
fn a_body_larger_than_its_limit_is_refused() {
    let app = App::new();
    let cookie = app.cookie("tess");
    let target = target(&app.test);
    let huge = "x".repeat(8_000_000);
    let path = format!("/api/reports/{}/versions", target.report);
    let answer = app.post(&cookie, &path, json!({"base": 1, "text": huge}));
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = wav(59.0);
    let mut padded = long.clone();
    padded.resize(4_000_000, 0);
    let answer = app.upload(&app.cookie("ada"), "", &[("audio", "note.wav", &padded)]);
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "over the site's 2 MB");
    let request = Request::post("/api/session")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"username\": \"ada\", \"password\": "))
        .expect("a request");
    assert!(app.send(request).status.is_client_error(), "half a body");
}
