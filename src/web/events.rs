//! The live channel (server-sent events): tells pages that something changed.
//!
//! Not for: what changed. A page asks for it, and `workflow` decides what it may see.
//!
//! Invariant: one task looks into the store for all pages, and only while a page listens; events
//! carry ids, codes and fractions. Every stream ends when the server stops, and soon after its
//! session has ended.

use super::error::ApiError;
use super::session::{SignedIn, Ticket};
use super::state::AppState;
use crate::domain::audit::Act;
use crate::workflow::changes::{self, Look, Progress};
use crate::workflow::error::WorkflowError;
use crate::workflow::sign_in::Use;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Serialize;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_stream::Stream;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use utoipa::ToSchema;

/// Time between two looks: a change shows within a second.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// How long one stream lasts; the page then connects again, and must still be signed in.
const STREAM_MAX: Duration = Duration::from_secs(10 * 60);

/// How often a stream looks whether its session is still live.
const SESSION_EVERY: Duration = Duration::from_secs(20);

/// Acts that end sessions: after one of them a stream looks at once.
const ENDING: &[Act] =
    &[Act::SignOutEverywhere, Act::ChangePassword, Act::ResetPassword, Act::ChangePerson];

/// Events a slow page may be behind before it is told to ask for everything.
const BEHIND_MAX: usize = 256;

/// A comment that keeps proxies from closing a quiet stream.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// One thing that happened.
#[derive(Clone, Debug)]
enum Happened {
    Changed(ChangedEvent),
    Job(JobEvent),
}

/// An act was done; `everything` stands for more than could be told one by one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangedEvent {
    /// Code of the act.
    pub act: String,
    pub report: Option<String>,
    pub dictation: Option<String>,
}

/// How far a transcription is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobEvent {
    pub dictation: String,
    pub state: String,
    /// 0 to 1.
    pub progress: f64,
}

/// Where pages listen.
#[derive(Clone)]
pub struct Changes(broadcast::Sender<Happened>);

impl Changes {
    pub fn new() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }

    fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// A page that went away in the meantime needs no telling.
    fn tell(&self, happened: Happened) {
        drop(self.0.send(happened));
    }
}

/// Changes as they happen: events `changed` ([`ChangedEvent`]) and `job` ([`JobEvent`]).
#[utoipa::path(get, path = "/api/events", tag = "Worklist",
    responses((status = OK, content_type = "text/event-stream", body = ChangedEvent)))]
pub async fn events(
    State(state): State<AppState>,
    _who: SignedIn,
    ticket: Ticket,
) -> Result<impl IntoResponse, ApiError> {
    let alive = KeepAlive::new().interval(ALIVE_EVERY);
    Ok(Sse::new(stream(&state, ticket)).keep_alive(alive))
}

fn stream(state: &AppState, ticket: Ticket) -> Until {
    let happened = BroadcastStream::new(state.changes.0.subscribe());
    let mut stop = state.stop.clone();
    let state = state.clone();
    let end = async move {
        tokio::select! {
            // An error means that the sender is gone, which is a stop too.
            _ = stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(STREAM_MAX) => {}
            () = signed_out(&state, &ticket) => {}
        }
    };
    Until { happened, end: Box::pin(end) }
}

/// Waits until the session has ended. A store that cannot be asked now is asked again.
async fn signed_out(state: &AppState, ticket: &Ticket) {
    let mut told = state.changes.0.subscribe();
    loop {
        tokio::select! {
            () = tokio::time::sleep(SESSION_EVERY) => {}
            () = may_end_a_session(&mut told) => {}
        }
        let acting = ticket.acting(state, Use::Page).await;
        if matches!(acting, Err(ApiError::Workflow(WorkflowError::NotSignedIn))) {
            return;
        }
    }
}

async fn may_end_a_session(told: &mut broadcast::Receiver<Happened>) {
    loop {
        match told.recv().await {
            Ok(Happened::Changed(event)) if ENDING.iter().any(|act| act.code() == event.act) => {
                return;
            }
            Ok(_) => {}
            // Behind: such an act may be among what was missed.
            Err(_) => return,
        }
    }
}

/// The events up to an end.
struct Until {
    happened: BroadcastStream<Happened>,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Stream for Until {
    type Item = Result<Event, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        let next = Pin::new(&mut self.happened).poll_next(context);
        next.map(|item| item.map(written))
    }
}

fn written(item: Result<Happened, BroadcastStreamRecvError>) -> Result<Event, axum::Error> {
    match item {
        Ok(Happened::Changed(event)) => Event::default().event("changed").json_data(event),
        Ok(Happened::Job(event)) => Event::default().event("job").json_data(event),
        // The page fell behind: whatever it missed, it fetches.
        Err(BroadcastStreamRecvError::Lagged(_)) => Event::default()
            .event("changed")
            .json_data(ChangedEvent { act: "everything".into(), report: None, dictation: None }),
    }
}

/// Looks into the store for as long as the server runs.
pub async fn poll(state: AppState) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut place = None;
    let mut running = Vec::new();
    loop {
        ticks.tick().await;
        // Without a listener only the place is kept up to date, so that the first page that
        // listens misses nothing.
        let from = place.filter(|_| state.changes.has_listeners());
        match look(&state, from).await {
            Ok(look) => {
                place = Some(look.next);
                tell(&state.changes, &mut running, look);
            }
            Err(error) => error.log(),
        }
    }
}

async fn look(state: &AppState, place: Option<u64>) -> Result<Look, ApiError> {
    state
        .db(move |site| match place {
            Some(place) => changes::look(site, place),
            None => Ok(Look { next: changes::now(site)?, ..Look::default() }),
        })
        .await
}

fn tell(changes: &Changes, running: &mut Vec<Progress>, look: Look) {
    for change in look.changes {
        changes.tell(Happened::Changed(ChangedEvent {
            act: change.act.code().to_string(),
            report: change.report,
            dictation: change.dictation,
        }));
    }
    for job in &look.running {
        if !running.contains(job) {
            changes.tell(Happened::Job(JobEvent {
                dictation: job.dictation.clone(),
                state: job.state.to_string(),
                progress: job.fraction,
            }));
        }
    }
    *running = look.running;
}
