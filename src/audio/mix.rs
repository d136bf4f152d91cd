//! Decides how channels become one, and does it.
//!
//! Not for: beam forming or noise reduction.
//!
//! Invariant: speech that is in any channel is in the mix.

use super::Mix;
use super::quality::ChannelQuality;

/// A channel this far below the loudest adds noise and no speech (intake rule for stereo: over
/// 20 dB down or silent).
const FAR_DOWN_DB: f64 = 20.0;

/// Below this correlation the mean of two equal channels is at least 6 dB down: one of them is
/// wired the wrong way round, and averaging would cancel the speech.
const OPPOSITE_PHASE: f64 = -0.5;

/// The rule for stereo: the louder channel if the other is far down, silent or of opposite
/// phase, else the mean. More than two channels are averaged.
///
/// `correlation` is that of the first two channels, -1 to 1.
pub fn choose(channels: &[ChannelQuality], correlation: f64) -> Mix {
    match channels {
        [_] => Mix::Channel(0),
        [left, right] => {
            let (left_db, right_db) = (left.level_db(), right.level_db());
            let louder = Mix::Channel(u16::from(right_db > left_db));
            if (left_db - right_db).abs() > FAR_DOWN_DB || correlation < OPPOSITE_PHASE {
                louder
            } else {
                Mix::Average
            }
        }
        _ => Mix::Average,
    }
}

/// Appends the mix of the interleaved frames to `mono`.
pub fn apply(mix: Mix, interleaved: &[f32], channels: u16, mono: &mut Vec<f32>) {
    let width = usize::from(channels);
    let frames = interleaved.chunks_exact(width);
    match mix {
        _ if width == 1 => mono.extend_from_slice(interleaved),
        Mix::Channel(channel) => {
            let index = usize::from(channel.min(channels - 1));
            mono.extend(frames.map(|frame| frame[index]));
        }
        Mix::Average => {
            mono.extend(frames.map(|frame| frame.iter().sum::<f32>() / f32::from(channels)));
        }
    }
}
