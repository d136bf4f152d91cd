//! One's own account over HTTP: password, second factor, sessions, delegate.
//!
//! Not for: signing in and out (`api_session.rs`).
//!
//! Invariant: secrets go out once, when they are made.

use super::error::ApiError;
use super::extract::Body;
use super::session::SignedIn;
use super::state::AppState;
use super::wire::SessionPerson;
use super::wire_trust::{
    AccountView, ChangePasswordRequest, CodeRequest, DelegateRequest, DelegationView,
    DelegationsView, EndDelegationRequest, EnrolmentView, PasswordRequest, RecoveryView,
    ResetRequest,
};
use crate::domain::time::Timestamp;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Acting;
use crate::workflow::{credentials, second_factor, sign_in, standing};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use qrcode::QrCode;
use qrcode::render::svg;
use secrecy::ExposeSecret;
use std::net::SocketAddr;

const TAG: &str = "Account";

/// One side of the QR code on a page, in pixels.
const PICTURE_PIXELS: u32 = 240;

/// Who is signed in, and with what.
#[utoipa::path(get, path = "/api/account", tag = TAG,
    responses((status = OK, body = AccountView)))]
pub async fn account(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<AccountView>, ApiError> {
    let person = who.person.ok_or(WorkflowError::NotSignedIn)?;
    let view = SessionPerson::from(&person);
    let second_factor = state.db(move |site| second_factor::is_enrolled(site, &person)).await?;
    Ok(Json(AccountView { person: view, second_factor }))
}

/// Changes one's password; every session ends.
#[utoipa::path(post, path = "/api/account/password", tag = TAG,
    request_body = ChangePasswordRequest, responses((status = NO_CONTENT)))]
pub async fn change_password(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(ChangePasswordRequest { present, new }): Body<ChangePasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let (present, new) = (present.into_secret(), new.into_secret());
    state.db(move |site| credentials::change_password(site, &who, &present, &new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password with the code that an administrator handed over.
#[utoipa::path(post, path = "/api/account/reset", tag = TAG, request_body = ResetRequest,
    responses((status = NO_CONTENT)))]
pub async fn finish_reset(
    State(state): State<AppState>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Body(ResetRequest { username, code, new }): Body<ResetRequest>,
) -> Result<StatusCode, ApiError> {
    let (code, new) = (code.into_secret(), new.into_secret());
    let from = address.ip().to_string();
    state.db(move |site| credentials::finish_reset(site, &username, &code, &new, &from)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a second factor; it counts once its first code is confirmed.
#[utoipa::path(post, path = "/api/account/second-factor", tag = TAG,
    responses((status = OK, body = EnrolmentView)))]
pub async fn begin_second_factor(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<EnrolmentView>, ApiError> {
    let enrolment = state.db(move |site| second_factor::begin(site, &who)).await?;
    let url = enrolment.url.expose_secret().to_string();
    let code = QrCode::new(&url).expect("an otpauth address fits a QR code");
    let picture = code
        .render::<svg::Color>()
        .min_dimensions(PICTURE_PIXELS, PICTURE_PIXELS)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    Ok(Json(EnrolmentView { url, picture }))
}

/// Confirms the second factor; answers the recovery codes, once.
#[utoipa::path(post, path = "/api/account/second-factor/confirm", tag = TAG,
    request_body = CodeRequest, responses((status = OK, body = RecoveryView)))]
pub async fn confirm_second_factor(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(CodeRequest { code }): Body<CodeRequest>,
) -> Result<Json<RecoveryView>, ApiError> {
    let codes = state.db(move |site| second_factor::confirm(site, &who, &code)).await?;
    let recovery_codes = codes.iter().map(|code| code.expose_secret().to_string()).collect();
    Ok(Json(RecoveryView { recovery_codes }))
}

/// Removes one's second factor.
#[utoipa::path(post, path = "/api/account/second-factor/remove", tag = TAG,
    request_body = PasswordRequest, responses((status = NO_CONTENT)))]
pub async fn remove_second_factor(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(PasswordRequest { password }): Body<PasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let password = password.into_secret();
    state.db(move |site| second_factor::remove(site, &who, &password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of one's own.
#[utoipa::path(delete, path = "/api/account/sessions", tag = TAG,
    responses((status = NO_CONTENT)))]
pub async fn sign_out_everywhere(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<StatusCode, ApiError> {
    state.db(move |site| sign_in::sign_out_everywhere(site, &who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Names who stands in for an author; a delegate reads, answers and corrects, and never signs.
#[utoipa::path(post, path = "/api/delegates", tag = TAG, request_body = DelegateRequest,
    responses((status = NO_CONTENT)))]
pub async fn name_delegate(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(request): Body<DelegateRequest>,
) -> Result<StatusCode, ApiError> {
    let DelegateRequest { author, delegate, from, until } = request;
    let author = author_or_self(author, &who)?;
    let (from, until) = (instant("from", &from)?, instant("until", &until)?);
    state
        .db(move |site| standing::name_delegate(site, &who, &author, &delegate, from, until))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who stands in for whom, now or to come: one's own, all for records staff and administrator.
#[utoipa::path(get, path = "/api/delegates", tag = TAG,
    responses((status = OK, body = DelegationsView)))]
pub async fn delegations(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<DelegationsView>, ApiError> {
    let found = state.db(move |site| standing::delegations(site, &who)).await?;
    Ok(Json(DelegationsView { delegations: found.iter().map(DelegationView::from).collect() }))
}

/// Ends a delegation before its time.
#[utoipa::path(post, path = "/api/delegates/end", tag = TAG,
    request_body = EndDelegationRequest, responses((status = NO_CONTENT)))]
pub async fn end_delegation(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(EndDelegationRequest { author, delegate }): Body<EndDelegationRequest>,
) -> Result<StatusCode, ApiError> {
    let author = author_or_self(author, &who)?;
    state.db(move |site| standing::end_delegation(site, &who, &author, &delegate)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn author_or_self(author: Option<String>, who: &Acting) -> Result<String, ApiError> {
    let own = who.person.as_ref().map(|person| person.username.to_string());
    Ok(author.or(own).ok_or(WorkflowError::NotSignedIn)?)
}

fn instant(field: &'static str, text: &str) -> Result<Timestamp, ApiError> {
    let parsed: Result<jiff::Timestamp, _> = text.trim().parse();
    let instant = parsed.map_err(|_| ApiError::malformed(field, "a time is RFC 3339"))?;
    Ok(Timestamp(instant.as_millisecond()))
}
