//! The one list of routes, and what every request passes through.
//!
//! Not for: what a route does.
//!
//! Invariant: a route of the API that is not in this list does not exist, and one that is, is in
//! the OpenAPI document. State changes only by POST, PUT and DELETE, and never from another site.

use super::error::{ApiError, OUR_FAULT};
use super::state::AppState;
use super::wire::ErrorBody;
use super::wire_recordings;
use super::{
    api_account, api_audit, api_checks, api_dictations, api_editor, api_joins, api_lists,
    api_patients, api_people, api_quality, api_recordings, api_reports, api_session, api_style,
    api_trust, api_work, assets, events, headers, health, metrics, pages, recording_stream,
    traffic,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::{Span, info_span};
use utoipa::OpenApi;
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The largest JSON body: a report of the greatest length, every character of it escaped.
const JSON_MAX: usize = 6 * crate::domain::report::REPORT_TEXT_MAX + 10_000;

/// What a multipart form adds to its recording.
const FORM_EXTRA: u64 = 1_000_000;

/// How long the parts of a body may be apart; a slower client only holds a connection.
const PAUSE_MAX: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chartscribe",
        description = "Dictations in, signed reports out. Sign in with a session cookie, or send \
            `Authorization: Bearer TOKEN`. Every refusal is an `ErrorBody`.",
    ),
    components(schemas(ErrorBody, events::JobEvent, wire_recordings::Said))
)]
struct Document;

/// The service and its OpenAPI document.
pub fn app(state: AppState) -> (Router, utoipa::openapi::OpenApi) {
    let (api, document) = api(&state).split_for_parts();
    let document = with_errors(document);
    let served = document.clone();
    let site = Router::new()
        .route("/", get(pages::first))
        .route("/account", get(pages::account))
        .route("/audit", get(pages::audit))
        .route("/checks", get(pages::checks))
        .route("/people", get(pages::people))
        .route("/licences", get(pages::licences))
        .route("/privacy", get(pages::privacy))
        .route("/sign-in", get(pages::sign_in))
        .route("/dictate", get(pages::dictate))
        .route("/reports/{id}", get(pages::report))
        .route("/reports/{id}/print", get(pages::print))
        .route("/reports/{id}/life", get(pages::life))
        .route("/sign", get(pages::sign))
        .route("/quality", get(pages::quality))
        .route("/copies", get(pages::copies))
        .route("/patients", get(pages::patients))
        .route("/patients/{id}", get(pages::chart))
        .route("/assets/{digest}/{name}", get(assets::asset))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/api/openapi.json", get(async || axum::Json(served)));
    let counted = axum::middleware::from_fn_with_state(state.clone(), metrics::count);
    let app = api
        .merge(site)
        .fallback(pages::nowhere)
        .method_not_allowed_fallback(async || ApiError::Method)
        .layer(counted)
        .with_state(state.clone());
    (passage(app, &state), document)
}

fn api(state: &AppState) -> OpenApiRouter<AppState> {
    let largest = state.site.settings.limits.max_upload_bytes.saturating_add(FORM_EXTRA);
    let largest = usize::try_from(largest).unwrap_or(usize::MAX);
    let receive = OpenApiRouter::new()
        .routes(routes!(api_dictations::receive))
        .layer(DefaultBodyLimit::max(largest));
    let rest = OpenApiRouter::new()
        .routes(routes!(api_session::sign_in, api_session::sign_out, api_session::who))
        .routes(routes!(api_dictations::status))
        .routes(routes!(api_dictations::stop))
        .routes(routes!(api_dictations::retry))
        .routes(routes!(api_dictations::recording))
        .routes(routes!(api_dictations::transcript))
        .routes(routes!(api_reports::open))
        .routes(routes!(api_reports::claim))
        .routes(routes!(api_reports::release))
        .routes(routes!(api_reports::versions, api_reports::save))
        .routes(routes!(api_reports::version))
        .routes(routes!(api_reports::raise_flag))
        .routes(routes!(api_reports::settle_flag))
        .routes(routes!(api_reports::assign_patient))
        .routes(routes!(api_reports::submit))
        .routes(routes!(api_reports::pass_qa))
        .routes(routes!(api_reports::return_report))
        .routes(routes!(api_reports::sign))
        .routes(routes!(api_reports::cosign))
        .routes(routes!(api_reports::begin_addendum))
        .routes(routes!(api_patients::search))
        .routes(routes!(api_patients::chart))
        .routes(routes!(api_audit::search))
        .routes(routes!(api_audit::access_report))
        .routes(routes!(api_audit::verify))
        .routes(routes!(api_audit::export))
        .routes(routes!(api_checks::state))
        .routes(routes!(api_checks::again))
        .merge(lists())
        .merge(quality())
        .merge(work())
        .merge(editor())
        .merge(trust())
        .routes(routes!(api_people::people))
        .routes(routes!(api_people::set_department))
        .routes(routes!(api_style::style, api_style::settle))
        .routes(routes!(api_style::normals, api_style::keep_normal))
        .routes(routes!(api_style::remove_normal))
        .merge(recordings())
        .routes(routes!(events::events))
        .layer(DefaultBodyLimit::max(JSON_MAX));
    OpenApiRouter::with_openapi(Document::openapi()).merge(receive).merge(rest)
}

/// Lists, and what is chosen from in forms.
fn lists() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_lists::worklist))
        .routes(routes!(api_lists::search))
        .routes(routes!(api_lists::next))
        .routes(routes!(api_lists::bulk))
        .routes(routes!(api_lists::colleagues))
        .routes(routes!(api_lists::views, api_lists::save_view))
        .routes(routes!(api_lists::remove_view))
        .routes(routes!(api_lists::work_types))
        .routes(routes!(api_lists::authors))
}

/// QA, signatures given together, notices, counts and lives.
fn quality() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_quality::rules, api_quality::set_rule))
        .routes(routes!(api_quality::score))
        .routes(routes!(api_quality::scores))
        .routes(routes!(api_quality::answer))
        .routes(routes!(api_quality::notices))
        .routes(routes!(api_quality::sign_each))
        .routes(routes!(api_quality::count))
        .routes(routes!(api_quality::export))
        .routes(routes!(api_quality::life))
}

/// Reports that are moved, typed, split or joined, answers, copies and pools.
fn work() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_work::move_report))
        .routes(routes!(api_work::begin))
        .routes(routes!(api_work::split))
        .routes(routes!(api_joins::candidates))
        .routes(routes!(api_joins::join))
        .routes(routes!(api_joins::undo))
        .routes(routes!(api_joins::played))
        .routes(routes!(api_joins::answers))
        .routes(routes!(api_joins::settle_answer))
        .routes(routes!(api_work::copies_of, api_work::set_copies))
        .routes(routes!(api_work::copy_sent))
        .routes(routes!(api_work::copies_to_send))
        .routes(routes!(api_work::pools, api_work::set_pool))
}

/// What the editor asks for beside the report.
fn editor() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_editor::evidence))
        .routes(routes!(api_editor::waveform))
        .routes(routes!(api_editor::setting, api_editor::keep_setting))
        .routes(routes!(api_editor::guide))
        .routes(routes!(api_editor::instruct))
        .routes(routes!(api_editor::complete))
        .routes(routes!(api_editor::spelling))
        .routes(routes!(api_editor::ask_takeover))
        .routes(routes!(api_editor::answer_takeover))
}

/// Recordings under way.
fn recordings() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_recordings::identify))
        .routes(routes!(api_recordings::begin, api_recordings::mine))
        .routes(routes!(api_recordings::status))
        .routes(routes!(api_recordings::append))
        .routes(routes!(api_recordings::append_several))
        .routes(routes!(api_recordings::change))
        .routes(routes!(api_recordings::arrange))
        .routes(routes!(api_recordings::correct))
        .routes(routes!(api_recordings::piece))
        .routes(routes!(api_recordings::finish))
        .routes(routes!(api_recordings::discard))
        .routes(routes!(recording_stream::stream))
}

/// Accounts, labels and broken glass.
fn trust() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_account::account))
        .routes(routes!(api_account::change_password))
        .routes(routes!(api_account::finish_reset))
        .routes(routes!(api_account::begin_second_factor))
        .routes(routes!(api_account::confirm_second_factor))
        .routes(routes!(api_account::remove_second_factor))
        .routes(routes!(api_account::sign_out_everywhere))
        .routes(routes!(api_account::delegations, api_account::name_delegate))
        .routes(routes!(api_account::end_delegation))
        .routes(routes!(api_trust::break_glass))
        .routes(routes!(api_trust::break_glass_of_report))
        .routes(routes!(api_trust::waiting))
        .routes(routes!(api_trust::reviewed))
        .routes(routes!(api_trust::review))
        .routes(routes!(api_trust::label_report))
        .routes(routes!(api_trust::lower_report))
        .routes(routes!(api_trust::label_patient))
        .routes(routes!(api_trust::lower_patient))
}

/// Gives every operation the answer that any refusal is.
fn with_errors(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let body = RefOr::Ref(Ref::from_schema_name("ErrorBody"));
    let content = utoipa::openapi::ContentBuilder::new().schema(Some(body)).build();
    let refused = ResponseBuilder::new()
        .description("Refused or failed; the code says why")
        .content("application/json", content)
        .build();
    let mut components =
        document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.responses.insert("Refused".into(), RefOr::T(refused));
    document.components = Some(components);
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let refused = RefOr::Ref(Ref::from_response_name("Refused"));
            operation.responses.responses.insert("default".into(), refused);
        }
    }
    document
}

/// What every request passes; the last layer is the first to see it.
fn passage(app: Router, state: &AppState) -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(span).on_request(());
    let trace = trace.on_response(finished).on_failure(());
    let https = state.site.settings.is_https();
    app.layer(CsrfLayer::new().with_rejection_response(|_| ApiError::CrossSite.into_response()))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyTimeoutLayer::new(PAUSE_MAX))
        .layer(axum::middleware::from_fn_with_state(state.traffic.clone(), traffic::limit))
        .layer(axum::middleware::from_fn_with_state(https, headers::add))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(trace)
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

/// The span of a request: its method and path, which hold ids at most, and never a query.
fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    info_span!("request", %id, method = %request.method(), path = request.uri().path())
}

fn finished<B>(response: &Response<B>, took: Duration, _span: &Span) {
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::debug!(status, took_ms, "answered");
}

/// A panic fails its request; its message is for the log only.
fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::response::Response {
    tracing::error!("a request panicked");
    let body = ErrorBody::new("failed", OUR_FAULT);
    (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response()
}
