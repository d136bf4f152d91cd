//! Signing in and out: sessions, pauses after failures, API tokens.

use crate::support::{PASSWORD, TestSite, operator};
use chartscribe::domain::scope::Scope;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::sign_in::{self, Use};
use chartscribe::workflow::{credentials, people};
use secrecy::{ExposeSecret, SecretString};

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

#[test]
fn sessions_end_by_sign_out_idleness_age_and_exclusion() {
    let test = TestSite::new();
    let minute = 60_000;
    let alive = |token: &str| sign_in::by_session(&test.site, token, Use::Person).is_ok();
    let (token, acting) = test.sign_in("tess");
    sign_in::sign_out(&test.site, &acting).expect("signed out");
    assert!(!alive(&token), "after signing out");

    let (token, _) = test.sign_in("tess");
    test.pass_ms(9 * minute);
    assert!(alive(&token), "used within the idle limit");
    test.pass_ms(9 * minute);
    assert!(alive(&token), "its use was noted");
    test.pass_ms(11 * minute);
    assert!(!alive(&token), "idle");

    let (token, _) = test.sign_in("tess");
    for _ in 0..90 {
        test.pass_ms(8 * minute);
        assert!(alive(&token), "in use");
    }
    test.pass_ms(minute);
    assert!(!alive(&token), "too old, used or not");

    let (token, _) = test.sign_in("tess");
    people::set_active(&test.site, &operator(), "tess", false).expect("disabled");
    assert!(!alive(&token), "disabled");
}

#[test]
fn a_signer_is_idle_sooner_and_a_page_asking_by_itself_keeps_nobody_signed_in() {
    let test = TestSite::new();
    let minute = 60_000;
    let (token, _) = test.sign_in("ada");
    test.pass_ms(6 * minute);
    assert!(sign_in::by_session(&test.site, &token, Use::Person).is_err(), "a signer, 6 minutes");
    let (token, _) = test.sign_in("tess");
    for _ in 0..10 {
        test.pass_ms(minute);
        assert!(sign_in::by_session(&test.site, &token, Use::Page).is_ok());
    }
    test.pass_ms(minute);
    assert!(sign_in::by_session(&test.site, &token, Use::Page).is_err(), "nobody was there");
}

#[test]
fn signing_out_everywhere_ends_every_session() {
    let test = TestSite::new();
    let (first, _) = test.sign_in("ada");
    let (second, acting) = test.sign_in("ada");
    sign_in::sign_out_everywhere(&test.site, &acting).expect("signed out");
    for token in [first, second] {
        assert!(sign_in::by_session(&test.site, &token, Use::Person).is_err());
    }
}

#[test]
fn a_changed_password_ends_sessions_and_the_old_one_no_longer_works() {
    let test = TestSite::new();
    let (token, acting) = test.sign_in("ada");
    let new = SecretString::from("a new password, also long");
    let wrong = SecretString::from("not the present password");
    let refused = credentials::change_password(&test.site, &acting, &wrong, &new);
    assert!(matches!(refused, Err(WorkflowError::SignInFailed)));
    credentials::change_password(&test.site, &acting, &password(), &new).expect("changed");
    assert!(sign_in::by_session(&test.site, &token, Use::Person).is_err());
    assert!(sign_in::sign_in(&test.site, "ada", &password(), None, "x").is_err());
    sign_in::sign_in(&test.site, "ada", &new, None, "x").map(|_| ()).expect("the new one works");
}

#[test]
fn a_reset_code_sets_a_password_once_and_within_the_hour() {
    let test = TestSite::new();
    let admin = test.who("admin");
    let new = SecretString::from("chosen by ada herself");
    let finish = |code: &SecretString, name: &str| {
        credentials::finish_reset(&test.site, name, code, &new, "desk")
    };
    let code = credentials::begin_reset(&test.site, &admin, "ada").expect("a code");
    assert!(finish(&code, "ben").is_err(), "it is ada's code");
    finish(&code, "ada").expect("set");
    assert!(finish(&code, "ada").is_err(), "it works once");
    sign_in::sign_in(&test.site, "ada", &new, None, "x").map(|_| ()).expect("signed in");
    let late = credentials::begin_reset(&test.site, &admin, "ada").expect("another");
    test.pass_ms(61 * 60_000);
    assert!(finish(&late, "ada").is_err(), "an hour later");
    assert!(credentials::begin_reset(&test.site, &test.who("tess"), "ada").is_err());
}

#[test]
fn too_many_failures_demand_a_pause_from_that_address_only() {
    let test = TestSite::new();
    let wrong = SecretString::from("wrong wrong wrong wrong");
    let attempt = |name: &str, password: &SecretString, address: &str| {
        sign_in::sign_in(&test.site, name, password, None, address)
    };
    for _ in 0..5 {
        let failed = attempt("ada", &wrong, "10.0.0.1");
        assert!(matches!(failed, Err(WorkflowError::SignInFailed)));
    }
    let paused = attempt("ada", &password(), "10.0.0.1");
    assert!(matches!(paused, Err(WorkflowError::TryLater { seconds: 5 })));
    attempt("ada", &password(), "10.0.0.2").map(|_| ()).expect("a colleague is not locked out");
    test.pass_ms(5_000);
    attempt("ada", &password(), "10.0.0.1").map(|_| ()).expect("after the pause");
}

#[test]
fn an_api_token_acts_for_its_person_until_they_are_disabled() {
    let test = TestSite::new();
    let token = people::issue_token(&test.site, &operator(), "ada", "recorder", &[Scope::Dictate]);
    let token = token.expect("issued");
    let acting = sign_in::by_token(&test.site, token.expose_secret()).expect("known");
    assert_eq!(acting.person_id(), test.who("ada").person_id());
    assert!(sign_in::by_token(&test.site, "0000").is_err());
    people::set_active(&test.site, &operator(), "ada", false).expect("disabled");
    assert!(sign_in::by_token(&test.site, token.expose_secret()).is_err());
}
