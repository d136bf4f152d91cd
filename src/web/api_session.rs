//! Signing in and out over HTTP.
//!
//! Not for: passwords and sessions themselves (`workflow/sign_in.rs`).
//!
//! Invariant: the token of a session goes out once, in its cookie.

use super::error::ApiError;
use super::extract::Body;
use super::session::{SignedIn, cookie, no_cookie};
use super::state::AppState;
use super::wire::{Session, SessionPerson, SignInRequest};
use crate::workflow::error::WorkflowError;
use crate::workflow::sign_in;
use crate::workflow::site::Acting;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use secrecy::ExposeSecret;
use std::net::SocketAddr;

const TAG: &str = "Session";

/// Signs in; the session comes as a cookie.
#[utoipa::path(post, path = "/api/session", tag = TAG, request_body = SignInRequest,
    responses((status = OK, body = Session)))]
pub async fn sign_in(
    State(state): State<AppState>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Body(request): Body<SignInRequest>,
) -> Result<(CookieJar, Json<Session>), ApiError> {
    let SignInRequest { username, password, code } = request;
    let password = password.into_secret();
    let from = address.ip().to_string();
    let signed_in =
        state.db(move |site| sign_in::sign_in(site, &username, &password, code.as_deref(), &from));
    let signed_in = signed_in.await?;
    let token = signed_in.token.expose_secret().to_string();
    let person = SessionPerson::from(&signed_in.person);
    Ok((jar.add(cookie(&state, token)), Json(Session { person })))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = TAG, responses((status = NO_CONTENT)))]
pub async fn sign_out(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), ApiError> {
    state.db(move |site| sign_in::sign_out(site, &who)).await?;
    Ok((jar.add(no_cookie(&state)), StatusCode::NO_CONTENT))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = TAG, responses((status = OK, body = Session)))]
pub async fn who(SignedIn(who): SignedIn) -> Result<Json<Session>, ApiError> {
    Ok(Json(Session { person: SessionPerson::from(person(&who)?) }))
}

fn person(who: &Acting) -> Result<&crate::domain::person::Person, ApiError> {
    Ok(who.person.as_ref().ok_or(WorkflowError::NotSignedIn)?)
}
