//! `chartscribe audit`: checks the audit's chain, and writes its rows out.
//!
//! Not for: searching it by patient or person; the privacy officer's page does that.
//!
//! Invariant: rows go to standard output as they are stored, with their seals.

use super::out;
use super::place::{PlaceArgs, operator};
use crate::domain::time::Timestamp;
use crate::store::audit::AuditRow;
use crate::web::audit_csv::{self, instant};
use crate::workflow::audit::{self, Verified};
use crate::workflow::site::Site;
use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check every seal, and every head that was written down; then write down a new head.
    Verify,
    /// Write rows to standard output.
    Export {
        /// From this day or instant on: 2026-03-02, or RFC 3339.
        #[arg(long, value_name = "TIME", value_parser = beginning)]
        from: Option<Timestamp>,
        /// Up to the end of this day, or before this instant.
        #[arg(long, value_name = "TIME", value_parser = ending)]
        to: Option<Timestamp>,
        #[arg(long, default_value = "csv")]
        format: Format,
    },
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// RFC 4180, with a header.
    Csv,
    /// One array of objects.
    Json,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let site = args.place.open()?;
    match args.what {
        What::Verify => {
            let verified = audit::verify(&site, &operator())?;
            say(&site, &verified)
        }
        What::Export { from, to, format } => {
            export(&site, from, to, format)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn say(site: &Site, verified: &Verified) -> anyhow::Result<ExitCode> {
    let checked = &verified.checked;
    if let Some(seq) = checked.broken {
        eprintln!("row {seq} was changed, put in, or the one before it taken out");
    }
    for head in &checked.lost {
        let at = instant(head.at);
        eprintln!("row {} as it was on {at} is gone or another: cut off or put back", head.seq);
    }
    let heads = site.settings.audit_heads.display();
    eprintln!("{} rows hold; {} heads in {heads}", checked.rows, verified.heads);
    let Some(head) = &verified.head else { return Ok(ExitCode::FAILURE) };
    out::line(format_args!("{} {}", head.seq, hex::encode(&head.seal)))?;
    Ok(ExitCode::SUCCESS)
}

fn export(
    site: &Site,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    format: Format,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match format {
        Format::Csv => write!(out, "{}", audit_csv::HEADER)?,
        Format::Json => write!(out, "[")?,
    }
    let mut first = true;
    let export = audit::begin_export(site, &operator(), from, to)?;
    let count = export.pour(site, |row| -> anyhow::Result<()> {
        match format {
            Format::Csv => write!(out, "{}", audit_csv::line(row))?,
            Format::Json => write!(out, "{}\n{}", if first { "" } else { "," }, object(row))?,
        }
        first = false;
        Ok(())
    })?;
    if format == Format::Json {
        writeln!(out, "\n]")?;
    }
    out.flush().context("cannot write the rows")?;
    eprintln!("{count} rows");
    Ok(())
}

fn object(row: &AuditRow) -> serde_json::Value {
    let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
    let subjects: Vec<&str> = row.subjects.split(' ').filter(|word| !word.is_empty()).collect();
    json!({
        "seq": row.seq, "at": instant(row.at), "actor": row.actor, "act": row.act,
        "outcome": row.outcome, "subjects": subjects, "detail": detail,
        "seal": hex::encode(&row.seal),
    })
}

fn beginning(text: &str) -> Result<Timestamp, String> {
    day_or_instant(text, 0)
}

fn ending(text: &str) -> Result<Timestamp, String> {
    day_or_instant(text, 1)
}

/// An instant, or a day's midnight UTC so many days on.
fn day_or_instant(text: &str, days: i64) -> Result<Timestamp, String> {
    const DAY_MS: i64 = 24 * 3_600_000;
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_millisecond()));
    }
    let day: jiff::civil::Date =
        text.parse().map_err(|_| "a day such as 2026-03-02, or RFC 3339".to_owned())?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(Timestamp(midnight.timestamp().as_millisecond()).plus_ms(days * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_as_the_end_is_the_whole_day() {
        assert_eq!(beginning("2026-03-02"), Ok(Timestamp(1_772_409_600_000)));
        assert_eq!(ending("2026-03-02"), Ok(Timestamp(1_772_496_000_000)));
        assert_eq!(ending("2026-03-02T00:00:00Z"), Ok(Timestamp(1_772_409_600_000)));
        assert!(beginning("2 March").is_err());
    }
}
