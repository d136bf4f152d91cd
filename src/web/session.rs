//! Who sends a request: the session cookie of a browser, or the bearer token of a program.
//!
//! Not for: whether they may (`workflow`), or what a session is (`workflow/sign_in.rs`).
//!
//! Invariant: a token is never in an address and never logged; the cookie is out of a script's
//! reach and never sent along from another site.

use super::error::ApiError;
use super::state::AppState;
use crate::workflow::error::WorkflowError;
use crate::workflow::sign_in::{self, Use};
use crate::workflow::site::Acting;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// Name on plain HTTP to a loopback address, where `__Host-` is not accepted.
const PLAIN_NAME: &str = "chartscribe-session";

/// Name under TLS: bound to this host and to secure connections (RFC 6265bis section 4.1.3.2).
const HOST_NAME: &str = "__Host-chartscribe-session";

/// Longer than any token of ours; a longer value is nobody's.
const TOKEN_MAX: usize = 256;

/// The header of a request that a page makes by itself, not for something a person did: it does
/// not keep an idle session alive.
const BY_ITSELF: &str = "x-chartscribe-by-itself";

/// The header in which a page names whose it is. In a browser where somebody else has signed in
/// meanwhile, a page left open must not act, or save, in that person's name.
const PERSON: &str = "x-chartscribe-person";

/// What a request shows of who sends it.
pub struct Ticket {
    token: String,
    bearer: bool,
}

impl Ticket {
    fn of(parts: &Parts, state: &AppState) -> Result<Self, ApiError> {
        let bearer = parts.headers.get(header::AUTHORIZATION).is_some();
        let token = if bearer { bearer_token(parts) } else { cookie_token(parts, state) };
        let token = token.filter(|token| token.len() <= TOKEN_MAX);
        Ok(Self { token: token.ok_or(WorkflowError::NotSignedIn)?, bearer })
    }

    /// Who shows it, if the session or token is live.
    pub async fn acting(&self, state: &AppState, use_of_it: Use) -> Result<Acting, ApiError> {
        let (token, bearer) = (self.token.clone(), self.bearer);
        let acting = state.db(move |site| {
            if bearer {
                sign_in::by_token(site, &token)
            } else {
                sign_in::by_session(site, &token, use_of_it)
            }
        });
        acting.await
    }
}

impl FromRequestParts<AppState> for Ticket {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(parts, state)
    }
}

/// A person or program that is signed in.
pub struct SignedIn(pub Acting);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let acting = Ticket::of(parts, state)?.acting(state, use_of(parts)).await?;
        let meant = parts.headers.get(PERSON).map(|name| name.as_bytes());
        let own = acting.person.as_ref().map(|person| person.username.as_str().as_bytes());
        if meant.is_some() && meant != own {
            return Err(WorkflowError::NotSignedIn.into());
        }
        Ok(Self(acting))
    }
}

/// A page says so when it asks by itself; the live channel is always the page's own.
fn use_of(parts: &Parts) -> Use {
    let by_itself = parts.headers.contains_key(BY_ITSELF) || parts.uri.path() == "/api/events";
    if by_itself { Use::Page } else { Use::Person }
}

fn bearer_token(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_string())
}

fn cookie_token(parts: &Parts, state: &AppState) -> Option<String> {
    let jar = CookieJar::from_headers(&parts.headers);
    jar.get(cookie_name(state)).map(|cookie| cookie.value().to_string())
}

fn cookie_name(state: &AppState) -> &'static str {
    if state.site.settings.is_https() { HOST_NAME } else { PLAIN_NAME }
}

/// The cookie of a new session. It ends with the browser; the server ends it sooner.
pub fn cookie(state: &AppState, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(state), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.site.settings.is_https())
        .build()
}

/// A cookie that takes the session's away.
pub fn no_cookie(state: &AppState) -> Cookie<'static> {
    let mut gone = cookie(state, String::new());
    gone.make_removal();
    gone
}

/// Somebody signed in who opens a page; anybody else is sent to the sign-in page.
pub struct Visitor(pub Acting);

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, state).await {
            Ok(SignedIn(acting)) => Ok(Self(acting)),
            Err(ApiError::Workflow(WorkflowError::NotSignedIn)) => {
                // Only a path: ids and words of ours, nothing that needs escaping.
                Err(Redirect::to(&format!("/sign-in?next={}", parts.uri.path())).into_response())
            }
            Err(error) => Err(super::pages::problem(state, None, &error)),
        }
    }
}
