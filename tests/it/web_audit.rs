//! The audit over HTTP: what its readers are answered, and that others are not.

use crate::web_support::App;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const ROUTES: [&str; 3] = ["/api/audit/search", "/api/audit/access-report", "/api/audit/verify"];

fn body(route: &str) -> Option<Value> {
    match route {
        "/api/audit/search" => Some(json!({})),
        "/api/audit/access-report" => Some(json!({"mrn": "MRN-1"})),
        _ => None,
    }
}

#[test]
fn the_privacy_officer_sees_who_saw_a_patient() {
    let app = App::new();
    let report = app.test.drafted("Heard.");
    let tess = app.cookie("tess");
    assert_eq!(app.get(&tess, &format!("/api/reports/{report}")).status, StatusCode::OK);
    let paul = app.cookie("paul");
    let asked = Some(json!({"mrn": "MRN-1", "act": "view-report"}));
    let found = app.call(&paul, Method::POST, "/api/audit/search", asked).json();
    assert_eq!(found["rows"][0]["person"]["username"], "tess", "{found}");
    assert_eq!(found["rows"][0]["outcome"], "done", "{found}");
    let asked = Some(json!({"mrn": "MRN-1"}));
    let told = app.call(&paul, Method::POST, "/api/audit/access-report", asked).json();
    assert_eq!(told["patient"]["mrn"], "MRN-1", "{told}");
    assert_eq!(told["cut"], false);
    assert!(told["rows"].as_array().is_some_and(|rows| rows.len() >= 3), "{told}");
    let chain = app.call(&paul, Method::POST, "/api/audit/verify", None).json();
    assert_eq!((&chain["holds"], &chain["lost"]), (&json!(true), &json!([])), "{chain}");
    for wrong in [json!({"act": "peek"}), json!({"from": "yesterday"}), json!({"mnr": "x"})] {
        let refused = app.call(&paul, Method::POST, "/api/audit/search", Some(wrong));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let nobody = Some(json!({"mrn": "MRN-9"}));
    let refused = app.call(&paul, Method::POST, "/api/audit/search", nobody);
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[test]
fn an_export_is_a_file_of_every_row_and_is_in_the_audit_itself() {
    let app = App::new();
    app.test.drafted("Heard.");
    let paul = app.cookie("paul");
    let file = app.get(&paul, "/api/audit/export");
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let text = file.text();
    let mut lines = text.split_terminator("\r\n");
    assert_eq!(lines.next(), Some("seq,at,actor,act,outcome,subjects,detail,seal"));
    assert_eq!(lines.clone().count(), app.test.audit().len());
    let last = lines.last().expect("rows");
    assert!(last.contains("\"export-audit\",\"done\""), "{last}");
    app.test.pass_ms(1000);
    let later = "/api/audit/export?from=2026-03-02T09:00:01Z&until=2026-03-02T09:00:02Z";
    let rows = app.get(&paul, later).text();
    assert_eq!(rows.lines().count(), 2, "the header and the export's own row: {rows}");
    let wrong = app.get(&paul, "/api/audit/export?from=yesterday");
    assert_eq!(wrong.refusal(), (422, "invalid".into()));
    for name in ["ada", "tess", "quinn", "rosa", "admin"] {
        let refused = app.get(&app.cookie(name), "/api/audit/export");
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[test]
fn nobody_else_is_answered_anything_of_the_audit() {
    let app = App::new();
    for name in ["ada", "tess", "quinn", "rosa", "admin"] {
        let cookie = app.cookie(name);
        for route in ROUTES {
            let refused = app.call(&cookie, Method::POST, route, body(route));
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}: {route}");
        }
    }
    for route in ROUTES {
        let refused = app.call("nobody", Method::POST, route, body(route));
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{route}");
    }
}
