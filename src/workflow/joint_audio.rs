//! The sound of two recordings as one, for reports that are joined.
//!
//! Not for: which reports are joined (`joining.rs`).
//!
//! Invariant: the second begins exactly where the first ends by its own length in milliseconds,
//! so that times of either are found in both; the two recordings themselves stay as they are.

use super::error::WorkflowError;
use super::receive::not_written;
use super::site::Site;
use crate::audio::header::wav_header;
use crate::audio::{self, AudioError};
use crate::domain::dictation::{Audio, AudioFormat};
use crate::domain::take::TAKE_RATE;
use crate::fault;
use std::io::Write;

const SAMPLES_PER_MS: u64 = TAKE_RATE as u64 / 1000;

/// Writes both recordings, one behind the other, as one that is kept.
///
/// # Errors
/// [`WorkflowError::Conflict`] when they are longer together than the site allows.
pub(super) fn pour_both(
    site: &Site,
    first: &Audio,
    second: &Audio,
) -> Result<Audio, WorkflowError> {
    let duration_ms = first.duration_ms.saturating_add(second.duration_ms);
    if duration_ms > site.settings.limits.max_audio_ms {
        return Err(WorkflowError::conflict(
            "together the two recordings are longer than one may be here",
        ));
    }
    let mut blob = site.store.blobs().begin()?;
    let samples = u64::from(duration_ms) * SAMPLES_PER_MS;
    let header = wav_header(u32::try_from(samples).unwrap_or(u32::MAX));
    blob.write_all(&header).map_err(|source| not_written(site, source))?;
    pour(site, first, &mut blob)?;
    pour(site, second, &mut blob)?;
    let staged = blob.finish()?;
    let audio =
        Audio { digest: staged.digest, format: AudioFormat::Wav, bytes: staged.bytes, duration_ms };
    staged.keep()?;
    fault::point("join-audio-kept");
    Ok(audio)
}

/// Writes a recording as 16 kHz samples of exactly its length in milliseconds.
fn pour(site: &Site, recording: &Audio, into: &mut impl Write) -> Result<(), WorkflowError> {
    let unusable = |source: AudioError| WorkflowError::Unusable { source };
    let failed = |source| not_written(site, source);
    let limits = audio::Limits { max_duration_ms: site.settings.limits.max_audio_ms };
    let mut source = site.store.blobs().open(&recording.digest)?;
    let inspection = audio::inspect(&mut source, &limits).map_err(unusable)?;
    let source = site.store.blobs().open(&recording.digest)?;
    let mut left = u64::from(recording.duration_ms) * SAMPLES_PER_MS;
    for block in audio::decode(Box::new(source), inspection.mix).map_err(unusable)? {
        let block = block.map_err(unusable)?;
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let bytes: Vec<u8> = block[..count].iter().flat_map(|s| sample(*s).to_le_bytes()).collect();
        into.write_all(&bytes).map_err(failed)?;
        left -= count as u64;
    }
    // A length is rounded up to a millisecond.
    while left > 0 {
        into.write_all(&0_i16.to_le_bytes()).map_err(failed)?;
        left -= 1;
    }
    Ok(())
}

fn sample(value: f32) -> i16 {
    (value * 32_768.0).round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}
