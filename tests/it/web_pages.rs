//! The pages: each one renders strictly, keeps the headers, and shows foreign words as text.

use crate::support::{START, operator};
use crate::web_support::{Answer, App};
use axum::http::{Method, StatusCode};
use chartscribe::domain::patient::Sex;
use chartscribe::domain::time::Timestamp;
use chartscribe::workflow::intake::{self, NewPatient};
use chartscribe::workflow::{chart, reading, review, signing};
use secrecy::SecretString;

const HOSTILE: &str = "\"><script>alert(1)</script>{{ 7919 * 7919 }}";

fn assert_guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}");
    assert!(!policy.contains("unsafe"), "{what}");
    assert!(policy.contains("frame-ancestors 'none'"), "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
}

/// Neither a script nor a style is written in the page itself.
fn assert_no_inline(page: &str, what: &str) {
    assert!(!page.contains("<style") && !page.contains(" style="), "{what}");
    assert!(!page.contains("onclick=") && !page.contains("onload="), "{what}");
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script type=\"module\" src=\"/assets/").count(), "{what}");
}

/// A signed report of a patient whose name and text are hostile: report and patient ids.
fn hostile_record(app: &App) -> (String, String) {
    let site = &app.test.site;
    let patient = NewPatient {
        mrn: "MRN-9".into(),
        family_name: HOSTILE.into(),
        given_name: "Ann".into(),
        birth_date: "1960-05-04".into(),
        sex: Sex::Female,
    };
    intake::add_patient(site, &operator(), patient).expect("a new patient");
    let report = app.test.drafted(HOSTILE);
    let (tess, ada) = (app.test.who("tess"), app.test.who("ada"));
    review::claim(site, &tess, report).expect("taken");
    review::assign_patient(site, &tess, report, "MRN-9", None).expect("assigned");
    review::submit(site, &tess, report, 1, false).expect("submitted");
    let digest = reading::open(site, &ada, report).expect("opened").digest;
    let password = SecretString::from(crate::support::PASSWORD);
    signing::sign(site, &ada, report, 1, digest, &password).expect("signed");
    let found = chart::search_patients(site, &ada, "MRN-9").expect("found");
    (report.to_string(), found[0].patient.id.to_string())
}

#[test]
fn every_page_renders_for_every_role_and_keeps_the_headers() {
    let app = App::new();
    let (report, patient) = hostile_record(&app);
    let pages = [
        "/".to_string(),
        "/sign-in".into(),
        "/patients".into(),
        format!("/patients/{patient}"),
        format!("/reports/{report}"),
        format!("/reports/{report}/print"),
        "/account".into(),
        "/privacy".into(),
        "/audit".into(),
        "/people".into(),
        "/nowhere".into(),
    ];
    let mut table = String::new();
    for role in ["ada", "tess", "quinn", "rosa", "paul", "alma", "admin"] {
        let cookie = app.cookie(role);
        for (number, page) in pages.iter().enumerate() {
            let answer = app.get(&cookie, page);
            assert_guarded(&answer, page);
            let text = answer.text();
            assert!(text.starts_with("<!doctype html>"), "{role} {page}");
            assert_no_inline(&text, page);
            assert!(!text.contains("alert(1)</script>"), "{role} {page}");
            assert!(!text.contains("62710561"), "{role} {page}: a template in a value was run");
            let separator = if number == 0 { role } else { "" };
            table += &format!("{separator} {}", answer.status.as_u16());
        }
        table += "\n";
    }
    insta::assert_snapshot!(table, @r"
    ada 200 200 200 200 200 200 200 200 200 200 404
    tess 200 200 200 403 200 403 200 200 200 200 404
    quinn 200 200 200 403 200 403 200 200 200 200 404
    rosa 200 200 200 200 200 200 200 200 200 200 404
    paul 200 200 200 403 200 403 200 200 200 200 404
    alma 200 200 200 403 200 403 200 200 200 200 404
    admin 200 200 200 403 200 403 200 200 200 200 404
    ");
}

#[test]
fn print_and_chart_show_what_was_written_as_text() {
    let app = App::new();
    let (report, patient) = hostile_record(&app);
    let ada = app.cookie("ada");
    let escaped = "&quot;&gt;&lt;script&gt;alert(1)";
    let print = app.get(&ada, &format!("/reports/{report}/print")).text();
    assert_eq!(print.matches(escaped).count(), 2, "the name and the text");
    assert!(print.contains("Signed by <strong>ada Testperson, MD</strong> as author"), "{print}");
    let chart = app.get(&ada, &format!("/patients/{patient}")).text();
    assert_eq!(chart.matches(escaped).count(), 1);
    assert!(chart.contains(&format!("/reports/{report}#version-1")));
}

#[test]
fn a_page_without_a_session_leads_to_the_sign_in_page() {
    let app = App::new();
    for page in
        ["/", "/patients", "/account", "/privacy", "/audit", "/reports/1", "/reports/1/print"]
    {
        let answer = app.get("", page);
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), format!("/sign-in?next={page}"));
        assert_guarded(&answer, page);
    }
    assert_eq!(app.get("not=mine", "/api/worklist").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn an_idle_session_is_over_for_pages_too() {
    let app = App::new();
    let ada = app.cookie("ada");
    assert_eq!(app.get(&ada, "/").status, StatusCode::OK);
    app.test.pass_ms(16 * 60_000);
    assert!(app.test.site.clock.now() > Timestamp(START));
    assert_eq!(app.get(&ada, "/").status, StatusCode::SEE_OTHER);
}

#[test]
fn script_and_style_are_kept_for_ever_under_the_digest_of_their_content() {
    let app = App::new();
    let page = app.get("", "/sign-in").text();
    let assets: Vec<&str> = page.split('"').filter(|piece| piece.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 2);
    for asset in assets {
        let answer = app.get("", asset);
        assert_eq!(answer.status, StatusCode::OK, "{asset}");
        assert!(answer.header("cache-control").contains("immutable"));
        let name = asset.rsplit('/').next().expect("a name");
        let other = app.get("", &format!("/assets/0000000000000000/{name}"));
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        assert_eq!(other.header("cache-control"), "no-store");
    }
    assert_eq!(app.get("", "/assets/x/..%2f..%2fpackage.json").status, StatusCode::NOT_FOUND);
}

#[test]
fn the_service_says_that_it_is_well_to_anybody() {
    let app = App::new();
    assert_eq!(app.get("", "/health").text(), "ok\n");
    assert_eq!(app.get("", "/api/openapi.json").status, StatusCode::OK);
    assert_eq!(app.call("", Method::HEAD, "/health", None).status, StatusCode::OK);
}

#[test]
fn a_sealed_chart_and_print_show_nothing_until_the_glass_is_broken() {
    let app = App::new();
    let (report, patient) = hostile_record(&app);
    let rosa = app.cookie("rosa");
    let pages = [format!("/patients/{patient}"), format!("/reports/{report}/print")];
    let label = serde_json::json!({ "label": "VIP" });
    let labelled = app.post(&rosa, &format!("/api/patients/{patient}/labels"), label);
    assert_eq!(labelled.status, StatusCode::NO_CONTENT);
    for (page, glass) in pages.iter().zip(["patients", "reports"]) {
        let answer = app.get(&rosa, page);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
        let text = answer.text();
        assert!(text.contains("This record is sealed"), "{page}");
        // The template engine escapes a slash as well.
        let offered = format!("data-glass=\"&#x2f;api&#x2f;{glass}&#x2f;");
        assert!(text.contains(&offered) && text.contains("data-break"), "{page}");
        assert!(!text.contains("alert(1)") && !text.contains("MRN-9"), "{page}");
    }
    let why = serde_json::json!({ "reason": "emergency", "note": "Called to the bedside." });
    let broken = app.post(&rosa, &format!("/api/patients/{patient}/glass"), why);
    assert_eq!(broken.status, StatusCode::OK);
    for page in &pages {
        let answer = app.get(&rosa, page);
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(answer.text().contains("<strong>Glass broken:</strong> open to you until"));
    }
}

#[test]
fn a_page_does_not_act_for_whoever_signed_in_after_it_was_opened() {
    let app = App::new();
    let ada = app.cookie("ada");
    let ask = |whose: &str| {
        let request = axum::http::Request::get("/api/worklist")
            .header("cookie", &ada)
            .header("x-chartscribe-person", whose)
            .body(axum::body::Body::empty());
        app.send(request.expect("a request")).status
    };
    assert_eq!(ask("ada"), StatusCode::OK);
    assert_eq!(ask("tess"), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(""), StatusCode::UNAUTHORIZED);
}
