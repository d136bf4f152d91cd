//! HTTP: the pages, the JSON API and the live channel of one site.
//!
//! Not for: any decision about reports or people; every handler calls one function of `workflow`
//! and puts its answer into words.
//!
//! Invariant: the only HTTP server in the program. Nothing that blocks runs on the runtime's own
//! threads; every task is joined before [`serve`] returns; an answer is sent after the commit.

mod api_account;
mod api_audit;
mod api_checks;
mod api_dictations;
mod api_editor;
mod api_joins;
mod api_lists;
mod api_patients;
mod api_people;
mod api_quality;
mod api_recordings;
mod api_reports;
mod api_session;
mod api_style;
mod api_trust;
mod api_work;
mod assets;
mod audio;
pub mod audit_csv;
mod error;
mod events;
mod extract;
mod headers;
pub mod health;
mod metrics;
mod pages;
mod recording_stream;
pub mod router;
mod session;
pub mod state;
pub mod tls;
mod traffic;
mod upload;
mod wire;
mod wire_audit;
mod wire_editor;
mod wire_joins;
mod wire_life;
mod wire_lists;
mod wire_pages;
mod wire_people;
mod wire_quality;
mod wire_recordings;
mod wire_report;
mod wire_style;
mod wire_trust;
mod wire_work;

use crate::config::Settings;
use crate::jobs::live::Ears;
use crate::workflow::site::Site;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use health::Machine;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use state::{AppState, Wake};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tls::Identity;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long open requests may go on once the server has been asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// How long a client may take for the head of a request; slower ones only hold a connection.
const HEAD_MAX: Duration = Duration::from_secs(20);

#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error(
        "{address} can be reached from other machines: leave TLS on, or give --behind-proxy when \
         a reverse proxy on this machine ends TLS"
    )]
    Exposed { address: SocketAddr },
    #[error("cannot listen on {address}; another program may be using it")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("the server ended")]
    Serve { source: std::io::Error },
}

/// What a server is made of besides its socket.
pub struct Service {
    pub site: Arc<Site>,
    pub wake: Wake,
    pub stop: watch::Receiver<bool>,
    /// How the machine's part is doing.
    pub machine: Machine,
    /// Who hears recordings while they go on.
    pub ears: Arc<Ears>,
    /// TLS, where it is this server's to do.
    pub identity: Option<Identity>,
}

/// Opens the socket that the settings name. Port 0 takes any free port.
///
/// # Errors
/// [`WebError::Exposed`] for an address that other machines reach without TLS,
/// [`WebError::Listen`] when it is taken.
pub async fn bind(settings: &Settings) -> Result<TcpListener, WebError> {
    let address = settings.listen;
    if !address.ip().is_loopback() && !settings.is_https() {
        return Err(WebError::Exposed { address });
    }
    TcpListener::bind(address).await.map_err(|source| WebError::Listen { address, source })
}

/// Serves until `stop` turns true, then lets open requests end within [`STOP_GRACE`].
///
/// # Errors
/// [`WebError::Serve`] when the socket fails.
pub async fn serve(listener: TcpListener, service: Service) -> Result<(), WebError> {
    let Service { site, wake, stop, machine, ears, identity } = service;
    let failed = |source| WebError::Serve { source };
    let state = AppState::new(site, wake, stop.clone(), machine, ears);
    let poller = tokio::spawn(events::poll(state.clone()));
    let (app, _) = router::app(state);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.into_std().map_err(failed)?;
    let handle = Handle::new();
    let stopper = tokio::spawn(stop_at(stop, handle.clone()));
    let ended = match identity {
        Some(identity) => {
            let config = RustlsConfig::from_config(identity.config);
            let server = axum_server::from_tcp_rustls(listener, config).map_err(failed)?;
            let mut server = server.handle(handle);
            patience(server.http_builder());
            server.serve(service).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener).map_err(failed)?.handle(handle);
            patience(server.http_builder());
            server.serve(service).await
        }
    };
    for task in [poller, stopper] {
        task.abort();
        // An aborted task ends with an error that says only that.
        drop(task.await);
    }
    ended.map_err(failed)
}

/// A client that sends its head slowly is let go.
fn patience(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_MAX);
}

async fn stop_at(mut stop: watch::Receiver<bool>, handle: Handle<SocketAddr>) {
    // An error means that the sender is gone, and with it the program's main task.
    drop(stop.wait_for(|stop| *stop).await);
    handle.graceful_shutdown(Some(STOP_GRACE));
}
