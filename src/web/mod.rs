//! HTTP: the pages, the JSON API and the live channel of one site.
//!
//! Not for: any decision about reports or people; every handler calls one function of `workflow`
//! and puts its answer into words. TLS is a reverse proxy's.
//!
//! Invariant: the only HTTP server in the program. Nothing that blocks runs on the runtime's own
//! threads; every task is joined before [`serve`] returns; an answer is sent after the commit.

mod api_account;
mod api_dictations;
mod api_lists;
mod api_patients;
mod api_reports;
mod api_session;
mod api_trust;
mod assets;
mod audio;
mod error;
mod events;
mod extract;
mod headers;
mod pages;
pub mod router;
mod session;
pub mod state;
mod upload;
mod wire;
mod wire_pages;
mod wire_report;
mod wire_trust;

use crate::config::Settings;
use crate::workflow::site::Site;
use state::{AppState, Wake};
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long open requests may go on once the server has been asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error(
        "{address} can be reached from other machines and TLS is not built in yet: listen on a \
         loopback address, or give --behind-proxy when a reverse proxy on this machine ends TLS"
    )]
    Exposed { address: SocketAddr },
    #[error("cannot listen on {address}; another program may be using it")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("the server ended")]
    Serve { source: std::io::Error },
}

/// Opens the socket that the settings name. Port 0 takes any free port.
///
/// # Errors
/// [`WebError::Exposed`] for an address that other machines reach without a proxy's TLS,
/// [`WebError::Listen`] when the address is taken.
pub async fn bind(settings: &Settings) -> Result<TcpListener, WebError> {
    let address = settings.listen;
    if !address.ip().is_loopback() && !settings.behind_proxy {
        return Err(WebError::Exposed { address });
    }
    TcpListener::bind(address).await.map_err(|source| WebError::Listen { address, source })
}

/// Serves until `stop` turns true, then lets open requests end within [`STOP_GRACE`].
///
/// # Errors
/// [`WebError::Serve`] when the socket fails.
pub async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    wake: Wake,
    stop: watch::Receiver<bool>,
) -> Result<(), WebError> {
    let state = AppState::new(site, wake, stop.clone());
    let poller = tokio::spawn(events::poll(state.clone()));
    let (app, _) = router::app(state);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stopped(stop.clone());
    let server = axum::serve(listener, service).with_graceful_shutdown(stopping);
    let ended = tokio::select! {
        ended = server.into_future() => ended,
        () = overdue(stop) => Ok(()),
    };
    poller.abort();
    // An aborted task ends with an error that says only that.
    drop(poller.await);
    ended.map_err(|source| WebError::Serve { source })
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the program's main task.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn overdue(stop: watch::Receiver<bool>) {
    stopped(stop).await;
    tokio::time::sleep(STOP_GRACE).await;
}
