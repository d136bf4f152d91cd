//! Numbers over time in the text form that Prometheus reads: requests, queue, worklist, readiness.
//!
//! Not for: anything of one person, patient or report.
//!
//! Invariant: every label is a route of ours, a method, a status or a state; nothing a client
//! sent. Answered to the machine itself, and to a token of an administrator.

use super::error::ApiError;
use super::health;
use super::session::SignedIn;
use super::state::AppState;
use crate::domain::person::Role;
use crate::store::figures;
use crate::workflow::error::WorkflowError;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

const REQUESTS: &str = "chartscribe_requests_total";
const SECONDS: &str = "chartscribe_request_seconds";
const JOBS: &str = "chartscribe_jobs";
const REPORTS: &str = "chartscribe_reports";
const READY: &str = "chartscribe_ready";
const FAILED: &str = "chartscribe_failed_recordings";
const AUDIT: &str = "chartscribe_audit_rows";
const MADE: &str = "chartscribe_info";

/// Bounds in seconds; the goal for worklist and opening a report is 0.1.
const BUCKETS: [f64; 8] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
static HERE: Metadata<'static> = Metadata::new("chartscribe", Level::INFO, None);

/// The numbers of one server.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
}

impl Metrics {
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(SECONDS.into()), &BUCKETS)
            .expect("there are bounds");
        let recorder = builder.build_recorder();
        let about = |name: &'static str, words: &'static str| (KeyName::from(name), words.into());
        let (name, words) = about(REQUESTS, "Requests answered.");
        recorder.describe_counter(name, None, words);
        let (name, words) = about(SECONDS, "Seconds until the answer began.");
        recorder.describe_histogram(name, None, words);
        for (name, words) in [
            (JOBS, "Transcriptions by state."),
            (REPORTS, "Reports by stage."),
            (READY, "Whether a part can do its work."),
            (AUDIT, "Rows of the audit."),
            (FAILED, "Recordings that failed their newest check, by finding."),
            (MADE, "The program's version."),
        ] {
            let (name, words) = about(name, words);
            recorder.describe_gauge(name, None, words);
        }
        let new = Self { recorder: Arc::new(recorder) };
        new.set(MADE, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        new
    }

    fn set(&self, name: &'static str, labels: &[(&'static str, &'static str)], value: f64) {
        self.recorder.register_gauge(&key(name, labels), &HERE).set(value);
    }

    fn count(&self, route: &str, method: &str, status: u16, seconds: f64) {
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::new("method", method.to_owned()),
            Label::new("status", status.to_string()),
        ];
        let counter = Key::from_parts(REQUESTS, labels);
        self.recorder.register_counter(&counter, &HERE).increment(1);
        let labels = vec![Label::new("route", route.to_owned())];
        let histogram = Key::from_parts(SECONDS, labels);
        self.recorder.register_histogram(&histogram, &HERE).record(seconds);
    }
}

fn key(name: &'static str, labels: &[(&'static str, &'static str)]) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(name, value)| Label::new(*name, *value)).collect();
    Key::from_parts(name, labels)
}

/// Counts a request by the route that took it; addresses that are none of ours are one.
pub async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "DELETE" | "HEAD") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let began = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    state.metrics.count(route, &method, status, began.elapsed().as_secs_f64());
    response
}

/// The page that Prometheus reads.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let local = peer.is_some_and(|peer| peer.is_loopback());
    // Behind a proxy everybody comes from this machine.
    if !local || state.site.settings.behind_proxy {
        let signed_in = SignedIn::from_request_parts(&mut parts, &state).await;
        match signed_in.map(|SignedIn(acting)| acting.person) {
            Ok(Some(person)) if person.has(Role::Administrator) => {}
            Ok(_) => return ApiError::NotFound { what: "page" }.into_response(),
            Err(error) => return error.into_response(),
        }
    }
    match figures_now(&state).await {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn figures_now(state: &AppState) -> Result<String, ApiError> {
    let ready = health::look(state).await;
    let figures = state.db(|site| site.store.read(figures::now).map_err(WorkflowError::from));
    let figures = figures.await?;
    for (part, holds) in ready.parts() {
        state.metrics.set(READY, &[("part", part)], if holds { 1.0 } else { 0.0 });
    }
    for (job_state, count) in figures.jobs {
        state.metrics.set(JOBS, &[("state", job_state.code())], count as f64);
    }
    for (stage, count) in figures.reports {
        state.metrics.set(REPORTS, &[("stage", stage.code())], count as f64);
    }
    for (finding, count) in figures.failed_recordings {
        state.metrics.set(FAILED, &[("finding", finding.code())], count as f64);
    }
    state.metrics.set(AUDIT, &[], figures.audit_rows as f64);
    let handle = state.metrics.recorder.handle();
    handle.run_upkeep();
    Ok(handle.render())
}
