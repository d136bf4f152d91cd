//! The log: one event a line on standard error, as text or as JSON.
//!
//! Not for: who looked at what, which is the audit's, or files and their rotation, which are the
//! service manager's.
//!
//! Invariant: what is logged are events of ours, with ids and codes. Events of libraries are not
//! let through below a warning, whatever is asked for: theirs may quote requests.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Narrows or widens what of ours is logged.
const VARIABLE: &str = "CHARTSCRIBE_LOG";
const OURS: &str = "chartscribe";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    /// One object a line, with the time in UTC.
    Json,
}

/// Starts the log of this process; one that was started before goes on.
pub fn start(format: LogFormat) {
    let asked = EnvFilter::try_from_env(VARIABLE);
    let asked = asked.unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(asked).with(others());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Fails only when a log was started before.
    drop(match format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    });
}

/// Tells the person who started the program something, in a form that the log's readers take.
pub fn say(format: LogFormat, words: &str) {
    match format {
        LogFormat::Text => eprintln!("{words}"),
        LogFormat::Json => tracing::info!("{words}"),
    }
}

/// Everything of ours, and warnings of others.
fn others() -> tracing_subscriber::filter::Targets {
    tracing_subscriber::filter::Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target(OURS, LevelFilter::TRACE)
}
