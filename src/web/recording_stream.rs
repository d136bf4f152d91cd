//! The channel of a recording under way (RFC 6455): blocks come up, acknowledgements and text go
//! down.
//!
//! Not for: what is kept (`workflow/takes.rs`) or heard (`jobs/live.rs`).
//!
//! Invariant: a block is acknowledged when it is on disk; text never delays an acknowledgement.
//! The channel ends with its session, and when the server stops. Who speaks uses the session.

use super::error::ApiError;
use super::extract::On;
use super::session::Ticket;
use super::state::AppState;
use super::wire_recordings::{LiveView, Said};
use crate::domain::ids::TakeId;
use crate::domain::take::BLOCK_BYTES_MAX;
use crate::jobs::live::LiveText;
use crate::workflow::sign_in::Use;
use crate::workflow::site::Acting;
use crate::workflow::takes;
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Before the samples of a block stands its number, little-endian.
const NUMBER_BYTES: usize = 8;
/// Blocks that are written down together where several have come.
const TOGETHER_MAX: usize = 50;
/// How often it is looked whether the session is still live.
const SESSION_EVERY: Duration = Duration::from_secs(20);
/// A channel on which nothing came for so long is dead; the page opens another.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The channel of a recording: binary messages are a block's number (8 bytes, little-endian) and
/// its samples; answers are JSON messages.
#[utoipa::path(get, path = "/api/recordings/{id}/stream", tag = "Recordings under way",
    params(("id" = String, Path)),
    responses((status = SWITCHING_PROTOCOLS, description = "The channel is open")))]
pub async fn stream(
    on: On<TakeId>,
    ticket: Ticket,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let take = on.run(takes::status).await?;
    if !is_own_page(&headers) {
        return Err(ApiError::CrossSite);
    }
    let message = "this address is a WebSocket; open it as one";
    let upgrade = upgrade.map_err(|_| ApiError::malformed("upgrade", message))?;
    let channel = Channel { state: on.state, ticket, who: on.who, id: take.id, text: None };
    Ok(upgrade
        .max_message_size(BLOCK_BYTES_MAX + NUMBER_BYTES)
        .on_upgrade(move |socket| channel.serve(socket, take.next, take.samples)))
}

/// A browser says which site opened the channel; programs say nothing.
fn is_own_page(headers: &HeaderMap) -> bool {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = value(header::ORIGIN) else { return true };
    origin.split_once("://").map(|(_, host)| host) == value(header::HOST)
}

struct Channel {
    state: AppState,
    ticket: Ticket,
    who: Acting,
    id: TakeId,
    text: Option<watch::Receiver<LiveText>>,
}

/// The other side is gone, or was told why not.
struct Closed;

impl Channel {
    async fn serve(mut self, mut socket: WebSocket, next: u64, samples: u64) {
        self.text = self.state.ears.attend(self.id);
        self.state.ears.grown(self.id, samples);
        let begun = async {
            say(&mut socket, &Said::Live { on: self.text.is_some() }).await?;
            say(&mut socket, &Said::Kept { next, samples }).await
        };
        if begun.await.is_ok() {
            // How it ended is of no more interest: what was acknowledged is on disk.
            let _ = self.talk(&mut socket).await;
        }
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> Result<(), Closed> {
        let mut stop = self.state.stop.clone();
        let mut looks = interval(SESSION_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.tick().await;
        let (mut spoke, mut came) = (false, Instant::now());
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return Ok(()),
                message = socket.recv() => {
                    came = Instant::now();
                    let Some(Ok(message)) = message else { return Ok(()) };
                    spoke |= self.take_in(socket, message).await?;
                }
                () = changed(&mut self.text) => self.tell(socket).await?,
                _ = looks.tick() => {
                    if came.elapsed() > SILENCE_MAX {
                        return Ok(());
                    }
                    self.look(socket, std::mem::take(&mut spoke)).await?;
                }
            }
        }
    }

    /// Keeps a block and those that have come behind it; says whether there was one.
    async fn take_in(&mut self, socket: &mut WebSocket, first: Message) -> Result<bool, Closed> {
        let mut blocks: Vec<(u64, Bytes)> = Vec::new();
        let mut message = Some(first);
        while let Some(one) = message.take() {
            match one {
                Message::Binary(bytes) => {
                    let block = numbered(bytes);
                    let follows = |next: u64| blocks.last().is_none_or(|(n, _)| n + 1 == next);
                    let Some(block) = block.filter(|(number, _)| follows(*number)) else {
                        return refuse(socket, "invalid", "blocks follow one another").await;
                    };
                    blocks.push(block);
                }
                Message::Close(_) => return Err(Closed),
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) => {}
            }
            if blocks.len() < TOGETHER_MAX
                && let Ok(Some(Ok(more))) = timeout(Duration::ZERO, socket.recv()).await
            {
                message = Some(more);
            }
        }
        let Some((first, _)) = blocks.first() else { return Ok(false) };
        let (first, who, id) = (*first, self.who.clone(), self.id);
        let blocks: Vec<Bytes> = blocks.into_iter().map(|(_, block)| block).collect();
        let kept = self.state.db(move |site| takes::append(site, &who, id, first, &blocks)).await;
        match kept {
            Ok(kept) => {
                self.state.ears.grown(id, kept.samples);
                let said = Said::Kept { next: kept.next, samples: kept.samples };
                say(socket, &said).await?;
                self.join(socket).await?;
                Ok(true)
            }
            Err(error) => {
                error.log();
                let body = error.body();
                refuse(socket, body.error.code, &body.error.message).await
            }
        }
    }

    /// Takes a place among those whose text is shown, if one has become free.
    async fn join(&mut self, socket: &mut WebSocket) -> Result<(), Closed> {
        if self.text.is_none() {
            self.text = self.state.ears.attend(self.id);
            if self.text.is_some() {
                say(socket, &Said::Live { on: true }).await?;
            }
        }
        Ok(())
    }

    async fn tell(&mut self, socket: &mut WebSocket) -> Result<(), Closed> {
        let live = match &mut self.text {
            Some(text) if text.has_changed().is_ok() => LiveView::from(&*text.borrow_and_update()),
            // The ear has gone to somebody else; it is asked for again at the next block.
            _ => {
                self.text = None;
                return say(socket, &Said::Live { on: false }).await;
            }
        };
        say(socket, &Said::Text(live)).await
    }

    async fn look(&mut self, socket: &mut WebSocket, spoke: bool) -> Result<(), Closed> {
        let use_of_it = if spoke { Use::Person } else { Use::Page };
        match self.ticket.acting(&self.state, use_of_it).await {
            Ok(who) => {
                self.who = who;
                Ok(())
            }
            Err(error) => {
                let body = error.body();
                refuse(socket, body.error.code, &body.error.message).await
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Waits for the next change of the text; for ever where there is none, and not at all where
/// whoever wrote it has gone.
async fn changed(text: &mut Option<watch::Receiver<LiveText>>) {
    match text {
        Some(text) => drop(text.changed().await),
        None => std::future::pending().await,
    }
}

/// The number and the samples of a block.
fn numbered(message: Bytes) -> Option<(u64, Bytes)> {
    let number = message.get(..NUMBER_BYTES)?;
    let number = u64::from_le_bytes(number.try_into().ok()?);
    Some((number, message.slice(NUMBER_BYTES..)))
}

async fn say(socket: &mut WebSocket, said: &Said<'_>) -> Result<(), Closed> {
    let text = serde_json::to_string(said).expect("plain fields are always JSON");
    socket.send(Message::Text(text.into())).await.map_err(|_| Closed)
}

async fn refuse<T>(socket: &mut WebSocket, code: &str, message: &str) -> Result<T, Closed> {
    say(socket, &Said::Refused { code, message }).await?;
    Err(Closed)
}
