//! The mel filter bank that whisper.cpp expects inside a model file.
//!
//! Not for: computing spectrograms; whisper.cpp does that.
//!
//! Invariant: the filters depend on nothing but the number of bands, so that a conversion gives
//! the same bytes on every machine.
//!
//! Slaney's scale and normalisation (Malcolm Slaney, Auditory Toolbox, 1998: linear to 1000 Hz
//! with 200/3 Hz a mel, then logarithmic with 27 steps to a factor of 6.4), as in OpenAI
//! Whisper's `mel_filters.npz`.

/// Bins of a 400-point transform of real samples.
pub const BINS: usize = 201;
/// Half the sample rate of 16 kHz: the frequency of the last bin.
const NYQUIST_HZ: f64 = 8000.0;
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const LINEAR_TO_HZ: f64 = 1000.0;
const LINEAR_TO_MEL: f64 = LINEAR_TO_HZ / HZ_PER_MEL;
/// ln(6.4) / 27, as a number: the logarithm of a library may differ in its last bit.
const LOG_STEP: f64 = 0.068_751_777_420_949_12;

/// The filters, `bands` rows of `BINS` values. Whisper has 80 bands, large-v3 has 128.
pub fn filters(bands: usize) -> Vec<f32> {
    let top = hz_to_mel(NYQUIST_HZ);
    let edge = |i: usize| mel_to_hz(top * i as f64 / (bands + 1) as f64);
    let mut filters = Vec::with_capacity(bands * BINS);
    for band in 0..bands {
        let (low, centre, high) = (edge(band), edge(band + 1), edge(band + 2));
        let area = 2.0 / (high - low);
        for bin in 0..BINS {
            let hz = NYQUIST_HZ * bin as f64 / (BINS - 1) as f64;
            let rise = (hz - low) / (centre - low);
            let fall = (high - hz) / (high - centre);
            filters.push((rise.min(fall).max(0.0) * area) as f32);
        }
    }
    filters
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < LINEAR_TO_HZ {
        hz / HZ_PER_MEL
    } else {
        LINEAR_TO_MEL + (hz / LINEAR_TO_HZ).ln() / LOG_STEP
    }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < LINEAR_TO_MEL {
        mel * HZ_PER_MEL
    } else {
        LINEAR_TO_HZ * ((mel - LINEAR_TO_MEL) * LOG_STEP).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_those_of_whisper() {
        let filters = filters(80);
        assert_eq!(filters.len(), 80 * BINS);
        // Values of OpenAI Whisper's mel_filters.npz: bin 1 in the first two bands.
        assert!((filters[1] - 0.024_862_59).abs() < 1e-6, "{}", filters[1]);
        assert!((filters[BINS + 1] - 0.001_990_82).abs() < 1e-6, "{}", filters[BINS + 1]);
        assert_eq!((filters[0], filters[2]), (0.0, 0.0));
        assert!(filters.iter().all(|&value| value >= 0.0));
    }

    #[test]
    fn the_scale_has_an_inverse() {
        for hz in [0.0, 500.0, 999.0, 1000.0, 4000.0, 8000.0] {
            assert!((mel_to_hz(hz_to_mel(hz)) - hz).abs() < 1e-6);
        }
    }

    #[test]
    fn the_step_is_slaneys() {
        assert!((LOG_STEP - 6.4_f64.ln() / 27.0).abs() < 1e-15);
    }
}
