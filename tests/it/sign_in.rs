//! Signing in and out: sessions, pauses after failures, API tokens.

use crate::support::{PASSWORD, TestSite, operator};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::{people, sign_in};
use secrecy::{ExposeSecret, SecretString};

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

#[test]
fn sessions_end_by_sign_out_idleness_age_and_exclusion() {
    let test = TestSite::new();
    let minute = 60_000;
    let alive = |token: &str| sign_in::by_session(&test.site, token).is_ok();
    let (token, acting) = test.sign_in("ada");
    sign_in::sign_out(&test.site, &acting).expect("signed out");
    assert!(!alive(&token), "after signing out");

    let (token, _) = test.sign_in("ada");
    test.pass_ms(14 * minute);
    assert!(alive(&token), "used within the idle limit");
    test.pass_ms(14 * minute);
    assert!(alive(&token), "its use was noted");
    test.pass_ms(16 * minute);
    assert!(!alive(&token), "idle");

    let (token, _) = test.sign_in("ada");
    for _ in 0..72 {
        test.pass_ms(10 * minute);
        assert!(alive(&token), "in use");
    }
    test.pass_ms(minute);
    assert!(!alive(&token), "too old, used or not");

    let (token, _) = test.sign_in("ada");
    people::set_active(&test.site, &operator(), "ada", false).expect("disabled");
    assert!(!alive(&token), "disabled");
}

#[test]
fn too_many_failures_demand_a_pause_from_that_address_only() {
    let test = TestSite::new();
    let wrong = SecretString::from("wrong wrong wrong wrong");
    let attempt = |name: &str, password: &SecretString, address: &str| {
        sign_in::sign_in(&test.site, name, password, address)
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
    let token = people::issue_token(&test.site, &operator(), "ada", "recorder").expect("issued");
    let acting = sign_in::by_token(&test.site, token.expose_secret()).expect("known");
    assert_eq!(acting.person_id(), test.who("ada").person_id());
    assert!(sign_in::by_token(&test.site, "0000").is_err());
    people::set_active(&test.site, &operator(), "ada", false).expect("disabled");
    assert!(sign_in::by_token(&test.site, token.expose_secret()).is_err());
}
