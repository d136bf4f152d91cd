//! QA over HTTP: sampling, scores and answers; signatures given together, notices, counts, and
//! the life of a report.
//!
//! Not for: who may (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`, or one for each report of many.

use super::audit_csv::field;
use super::error::ApiError;
use super::extract::{Body, On, Values, code};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_lists::{BulkResult, BulkView};
use super::wire_quality::{
    AnswerRequest, LifeView, LinesView, NoticesView, PeriodQuery, RuleRequest, RuleView,
    SamplingView, ScoreRequest, ScoreView, ScoredView, ScoresQuery, ScoresView, SigningRequest,
    WorkView,
};
use crate::domain::ids::{ReportId, ReviewId};
use crate::store::quality::RuleKind;
use crate::workflow::notices::Notices;
use crate::workflow::signing::Seen;
use crate::workflow::{life, lines, notices, quality, sampling, signing};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

const TAG: &str = "Quality";

/// The sampling rules.
#[utoipa::path(get, path = "/api/qa/sampling", tag = TAG,
    responses((status = OK, body = SamplingView)))]
pub async fn rules(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<SamplingView>, ApiError> {
    let rules = state.db(move |site| sampling::rules(site, &who)).await?;
    Ok(Json(SamplingView { rules: rules.iter().map(RuleView::from).collect() }))
}

/// Sets or removes a sampling rule. Of the rules that apply to a submission the highest counts.
#[utoipa::path(post, path = "/api/qa/sampling", tag = TAG, request_body = RuleRequest,
    responses((status = NO_CONTENT)))]
pub async fn set_rule(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(RuleRequest { kind, of, value }): Body<RuleRequest>,
) -> Result<StatusCode, ApiError> {
    let kind = code("kind", &kind, RuleKind::from_code)?;
    state.db(move |site| sampling::set(site, &who, kind, &of, value)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Scores the submission that is in QA: 100, less 3 for a critical and 1 for a non-critical error.
#[utoipa::path(post, path = "/api/reports/{id}/score", tag = TAG, params(("id" = String, Path)),
    request_body = ScoreRequest, responses((status = CREATED, body = ScoreView)))]
pub async fn score(
    on: On<ReportId>,
    Body(ScoreRequest { errors, note }): Body<ScoreRequest>,
) -> Result<(StatusCode, Json<ScoreView>), ApiError> {
    let errors: Result<Vec<_>, ApiError> = errors.into_iter().map(|one| one.read()).collect();
    let errors = errors?;
    let score = on
        .run(move |site, who, report| quality::score_report(site, who, report, errors, &note))
        .await?;
    Ok((StatusCode::CREATED, Json(ScoreView::from(score))))
}

/// Scores of a time: one's own, or for a reviewer everybody's.
#[utoipa::path(get, path = "/api/qa/scores", tag = TAG, params(ScoresQuery),
    responses((status = OK, body = ScoresView)))]
pub async fn scores(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(ScoresQuery { from, until, editor }): Values<ScoresQuery>,
) -> Result<Json<ScoresView>, ApiError> {
    let period = PeriodQuery { from, until }.read()?;
    let found =
        state.db(move |site| quality::scores(site, &who, editor.as_deref(), &period)).await?;
    Ok(Json(ScoresView { scores: found.iter().map(ScoredView::from).collect() }))
}

/// Says something to a score of one's own work, once.
#[utoipa::path(post, path = "/api/qa/scores/{id}/answer", tag = TAG,
    params(("id" = String, Path)), request_body = AnswerRequest,
    responses((status = NO_CONTENT)))]
pub async fn answer(
    on: On<ReviewId>,
    Body(AnswerRequest { answer }): Body<AnswerRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, review| quality::answer(site, who, review, &answer)).await
}

/// How much waits for the asker.
#[utoipa::path(get, path = "/api/notices", tag = TAG,
    responses((status = OK, body = NoticesView)))]
pub async fn notices(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<NoticesView>, ApiError> {
    let Notices { desks, findings } = state.db(move |site| notices::notices(site, &who)).await?;
    let counts = desks.into_iter().map(|(desk, count)| (desk.code(), count)).collect();
    Ok(Json(NoticesView { counts, findings }))
}

/// Signs, or cosigns, each of several texts that were read in this session.
#[utoipa::path(post, path = "/api/signing", tag = TAG, request_body = SigningRequest,
    responses((status = OK, body = BulkView)))]
pub async fn sign_each(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(SigningRequest { reports, password }): Body<SigningRequest>,
) -> Result<Json<BulkView>, ApiError> {
    let seen: Result<Vec<Seen>, ApiError> = reports.iter().map(|one| one.read()).collect();
    let seen = seen?;
    let password = password.into_secret();
    let results = state.db(move |site| signing::sign_each(site, &who, &seen, &password)).await?;
    let results = results.into_iter().map(|(id, result)| BulkResult::new(id, result)).collect();
    Ok(Json(BulkView { results }))
}

/// Lines and minutes by person.
#[utoipa::path(get, path = "/api/lines", tag = TAG, params(PeriodQuery),
    responses((status = OK, body = LinesView)))]
pub async fn count(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(query): Values<PeriodQuery>,
) -> Result<Json<LinesView>, ApiError> {
    let period = query.read()?;
    let work = state.db(move |site| lines::lines(site, &who, &period)).await?;
    Ok(Json(LinesView { people: work.iter().map(WorkView::from).collect() }))
}

/// The first line of the file.
const HEADER: &str =
    "name,reports,lines_65,characters,visible_characters,template_characters,audio_minutes\r\n";

/// The same as a file of comma-separated values (RFC 4180).
#[utoipa::path(get, path = "/api/lines/export", tag = TAG, params(PeriodQuery),
    responses((status = OK, content_type = "text/csv", body = String)))]
pub async fn export(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(query): Values<PeriodQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let period = query.read()?;
    let work = state.db(move |site| lines::lines(site, &who, &period)).await?;
    let mut file = HEADER.to_owned();
    for one in work.iter().map(WorkView::from) {
        let WorkView { name, reports, lines, characters, visible, template, audio_minutes } = one;
        file += &format!(
            "{},{reports},{lines:.2},{characters},{visible},{template},{audio_minutes:.2}\r\n",
            field(&name)
        );
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"lines.csv\""),
    ];
    Ok((headers, file))
}

/// What was done to a report, when and by whom; for whoever reads the audit, also who looked.
#[utoipa::path(get, path = "/api/reports/{id}/life", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = LifeView)))]
pub async fn life(on: On<ReportId>) -> Result<Json<LifeView>, ApiError> {
    let life = on.run(life::life).await?;
    Ok(Json(LifeView::from(&life)))
}
