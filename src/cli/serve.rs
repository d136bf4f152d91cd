//! `chartscribe serve`: the service of one site, until it is told to stop.
//!
//! Not for: pages and API (`web`), or the machine's work (`jobs`).
//!
//! Invariant: the address is printed once the server answers there; on SIGTERM or SIGINT no new
//! request is taken, the job in hand goes back to the queue, and the program ends.

use super::models_folder::ModelsFolder;
use super::place::{self, PlaceArgs};
use crate::config::{Settings, cores};
use crate::jobs::daily::Daily;
use crate::jobs::left_alone::LeftAlone;
use crate::jobs::live::Ears;
use crate::jobs::recheck::Recheck;
use crate::jobs::sweep::sweep;
use crate::jobs::worker::Workers;
use crate::speech::Recognizer;
use crate::speech::child::{ChildRecognizer, ChildSettings};
use crate::speech::installed::InstalledModel;
use crate::telemetry::{self, LogFormat};
use crate::web::health::Machine;
use crate::web::tls::{self, Identity};
use crate::web::{self, Service};
use crate::workflow::site::Site;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long blocking calls that are still under way may take once everything else has ended.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Threads that wait on sockets; everything slow has threads of its own.
const SOCKET_THREADS: usize = 2;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Address and port; port 0 takes a free one
    #[arg(long, env = "CHARTSCRIBE_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// TLS on a loopback address too; elsewhere it is always on
    #[arg(long)]
    tls: bool,
    /// The site's own certificate, PEM; one is made where none is given
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate, PEM, readable by its owner only
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A name of this server for the certificate that is made; may be given several times
    #[arg(long = "tls-name", value_name = "NAME")]
    tls_names: Vec<String>,
    /// Events as lines of text or of JSON, on standard error
    #[arg(long, default_value = "text", env = "CHARTSCRIBE_LOG_FORMAT")]
    log_format: LogFormat,
    /// A reverse proxy on this machine ends TLS; session cookies are then secure ones
    #[arg(long)]
    behind_proxy: bool,
    /// Speech model
    #[arg(long, env = "CHARTSCRIBE_MODEL", value_name = "NAME")]
    model: Option<String>,
    #[command(flatten)]
    models: ModelsFolder,
    /// Threads of the recogniser, at most the machine's cores
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let log_format = args.log_format;
    telemetry::start(log_format);
    let (settings, folder) = settings(args)?;
    let model = folder.find(Some(&settings.model))?;
    let recognizers = engines(&settings, &model, Duty::Recordings, settings.transcribers)?;
    let live = engines(&settings, &model, Duty::Live, settings.live_texts)?;
    let identity = tls::identity(&settings.tls).context("TLS is not ready")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(SOCKET_THREADS)
        .enable_all()
        .build()
        .context("cannot start the threads that wait on sockets")?;
    // Bound before the data folder is opened: a second server on this address ends here.
    let listener = runtime.block_on(web::bind(&settings))?;
    let site = Arc::new(place::open(settings)?);
    let workers = Workers::start(&site, recognizers);
    let workers = Arc::new(workers.context("cannot start the transcriber threads")?);
    let daily = Daily::start(Arc::clone(&site)).context("cannot start the daily thread")?;
    let recheck = Recheck::start(Arc::clone(&site));
    let recheck = recheck.context("cannot start the thread of the recordings' check")?;
    let left_alone = LeftAlone::start(Arc::clone(&site));
    let left_alone = left_alone.context("cannot start the thread of left recordings")?;
    let ears = Arc::new(Ears::new(Arc::clone(&site), live));
    let machine = machine(&workers, model.path);
    let waker = Arc::downgrade(&workers);
    let wake = Arc::new(move || {
        if let Some(workers) = waker.upgrade() {
            workers.wake();
        }
    });
    let served = runtime.block_on(async {
        let address = listener.local_addr().context("the socket has no address")?;
        let stop = stop_signal()?;
        let swept = Arc::clone(&site);
        let sweeping = tokio::task::spawn_blocking(move || sweep_once(&swept));
        say_where(log_format, address, identity.as_ref());
        let service = Service { site, wake, stop, machine, ears, identity };
        let served = web::serve(listener, service).await;
        drop(sweeping.await);
        served.context("the service ended")
    });
    telemetry::say(log_format, "stopping");
    // Joins the threads; the jobs in hand go back to the queue.
    drop(workers);
    drop(daily);
    drop(recheck);
    drop(left_alone);
    runtime.shutdown_timeout(LAST_CALLS);
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Where to find the server and how to know it, for the person who started it.
fn say_where(format: LogFormat, address: SocketAddr, identity: Option<&Identity>) {
    let Some(identity) = identity else {
        return telemetry::say(format, &format!("listening on http://{address}"));
    };
    telemetry::say(format, &format!("certificate {}", identity.certificate.display()));
    telemetry::say(format, &format!("its SHA-256 fingerprint {}", identity.fingerprint));
    telemetry::say(format, &format!("listening on https://{address}"));
}

/// Does not keep the workers alive.
fn machine(workers: &Arc<Workers>, model: PathBuf) -> Machine {
    let workers = Arc::downgrade(workers);
    Machine {
        worker: Arc::new(move || workers.upgrade().is_some_and(|workers| workers.are_alive())),
        model: Arc::new(move || model.is_file()),
    }
}

/// Options win over the settings file.
fn settings(args: Args) -> anyhow::Result<(Settings, ModelsFolder)> {
    let Args {
        place,
        listen,
        tls,
        tls_cert,
        tls_key,
        tls_names,
        log_format: _,
        behind_proxy,
        model,
        models,
        threads,
    } = args;
    let mut file = place.file()?;
    file.listen = listen.or(file.listen);
    file.behind_proxy = Some(behind_proxy || file.behind_proxy.unwrap_or(false));
    file.tls = if tls { Some(true) } else { file.tls };
    file.tls_cert = tls_cert.or(file.tls_cert);
    file.tls_key = tls_key.or(file.tls_key);
    file.tls_names = if tls_names.is_empty() { file.tls_names } else { Some(tls_names) };
    file.model = model.or(file.model);
    file.threads = threads.or(file.threads);
    let models = models.or(file.models.clone());
    Ok((Settings::from_file(file)?, models))
}

/// What an engine is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// Recordings that are complete; nobody waits for a phrase.
    Recordings,
    /// One speaker at a time.
    Live,
}

/// So many engines of one duty.
fn engines(
    settings: &Settings,
    model: &InstalledModel,
    duty: Duty,
    count: u32,
) -> anyhow::Result<Vec<Arc<dyn Recognizer>>> {
    let one = || engine(settings, model.clone(), duty);
    (0..count).map(|_| Ok(Arc::new(one()?) as Arc<dyn Recognizer>)).collect()
}

/// An engine; it loads nothing before it is needed. One that hears somebody speak has a core of its
/// own and its share of those that are idle, and the system gives way to it.
fn engine(
    settings: &Settings,
    model: InstalledModel,
    duty: Duty,
) -> anyhow::Result<ChildRecognizer> {
    let share = (settings.threads / settings.transcribers).max(1);
    let (threads, spare) = match duty {
        Duty::Live => (1, (cores() / settings.live_texts.max(1)).saturating_sub(1)),
        Duty::Recordings => (share, 0),
    };
    Ok(ChildRecognizer::new(ChildSettings {
        program: std::env::current_exe().context("cannot find this program's file")?,
        model,
        threads: usize::try_from(threads).unwrap_or(1),
        spare_threads: usize::try_from(spare).unwrap_or(0),
        idle_release: Duration::from_secs(60) * settings.engine_idle_minutes,
        gives_way: duty == Duty::Recordings && settings.live_texts > 0,
    }))
}

/// Left-overs of a crash are nobody's business but the log's.
fn sweep_once(site: &Site) {
    match sweep(site) {
        Ok(swept) => tracing::info!(?swept, "swept left-overs of earlier crashes"),
        Err(error) => tracing::warn!("left-overs were not swept: {}", crate::causes::chain(&error)),
    }
}

fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        sender.send_replace(true);
    });
    Ok(receiver)
}
