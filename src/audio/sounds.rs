//! Eight kinds of sound that a dictation microphone hears and that hold no word, made by rule.
//!
//! Not for: anything outside tests and measurements.
//!
//! Invariant: the same arguments give the same samples; none is beyond full scale.

use super::SAMPLE_RATE;
use std::f32::consts::TAU;

const RATE: f32 = SAMPLE_RATE as f32;

/// Makes so many seconds of a sound; the seed varies it.
pub type Sound = fn(seconds: f32, seed: u32) -> Vec<f32>;

pub const KINDS: [(&str, Sound); 8] = [
    ("digital silence", digital_silence),
    ("room tone", room_tone),
    ("mains hum", mains_hum),
    ("hiss", hiss),
    ("keyboard", keyboard),
    ("breathing", breathing),
    ("music", music),
    ("beeps and bangs", beeps_and_bangs),
];

fn count(seconds: f32) -> usize {
    (seconds * RATE).round() as usize
}

/// A linear congruential generator (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn new(seed: u32) -> Self {
        let mut dice = Self(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        dice.unit();
        dice
    }

    /// 0 to 1.
    fn unit(&mut self) -> f32 {
        let (factor, addend) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(factor).wrapping_add(addend);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// White noise with a root mean square of 1.
    fn white(&mut self) -> f32 {
        (self.unit() * 2.0 - 1.0) * 3_f32.sqrt()
    }
}

/// A resonance of two poles, scaled to about 1 at its frequency.
struct Resonance {
    feedback: f32,
    square: f32,
    gain: f32,
    last: [f32; 2],
}

impl Resonance {
    fn new(hertz: f32, width: f32) -> Self {
        let radius = (-std::f32::consts::PI * width / RATE).exp();
        let feedback = 2.0 * radius * (TAU * hertz / RATE).cos();
        Self { feedback, square: radius * radius, gain: 1.0 - radius, last: [0.0; 2] }
    }

    fn step(&mut self, input: f32) -> f32 {
        let out = self.gain * input + self.feedback * self.last[0] - self.square * self.last[1];
        self.last = [out, self.last[0]];
        out
    }
}

fn add(samples: &mut [f32], at: usize, sound: &[f32]) {
    for (sample, sound) in samples.iter_mut().skip(at).zip(sound) {
        *sample = (*sample + sound).clamp(-1.0, 1.0);
    }
}

fn scaled_to(mut samples: Vec<f32>, rms: f32) -> Vec<f32> {
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>();
    let factor = rms / (power / samples.len().max(1) as f32).sqrt().max(1e-9);
    for sample in &mut samples {
        *sample = (*sample * factor).clamp(-1.0, 1.0);
    }
    samples
}

pub fn digital_silence(seconds: f32, _seed: u32) -> Vec<f32> {
    vec![0.0; count(seconds)]
}

/// Brown and pink noise that slowly comes and goes, at about -52 dB of full scale.
pub fn room_tone(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let (mut brown, mut pink) = (0.0, [0.0_f32; 3]);
    let mut samples = Vec::with_capacity(count(seconds));
    for at in 0..count(seconds) {
        let white = dice.white();
        brown = brown * 0.998 + white * 0.02;
        pink[0] = pink[0] * 0.997 + white * 0.029; // Kellet's economy filter
        pink[1] = pink[1] * 0.963 + white * 0.297;
        pink[2] = pink[2] * 0.57 + white * 1.052;
        let drift = 1.0 + 0.3 * (TAU * at as f32 / RATE / 7.3).sin();
        samples.push((brown * 2.0 + pink.iter().sum::<f32>() * 0.2) * drift);
    }
    scaled_to(samples, 0.0025)
}

/// 50 or 60 Hz with its harmonics, one of them coming and going, over a little hiss.
pub fn mains_hum(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let mains = if seed.is_multiple_of(2) { 50.0 } else { 60.0 };
    let samples = (0..count(seconds)).map(|at| {
        let time = at as f32 / RATE;
        let mut hum = 0.0;
        for harmonic in 1..=14_u8 {
            let swell = 1.0 + 0.5 * (TAU * time * 0.11 * f32::from(harmonic)).sin();
            let strength = swell / f32::from(harmonic).powf(1.2);
            hum += strength * (TAU * ((mains * f32::from(harmonic) * time) % 1.0)).sin();
        }
        hum + dice.white() * 0.02
    });
    scaled_to(samples.collect(), 0.03)
}

/// White noise whose gain is turned up and down every few seconds, -60 to -25 dB.
pub fn hiss(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let (mut gain, mut wanted, mut until) = (0.003, 0.003, 0);
    let mut samples = Vec::with_capacity(count(seconds));
    for at in 0..count(seconds) {
        if at == until {
            wanted = 10_f32.powf(dice.between(-60.0, -25.0) / 20.0);
            until = at + count(dice.between(1.0, 6.0));
        }
        gain += (wanted - gain) * 0.0005;
        samples.push((dice.white() * gain).clamp(-1.0, 1.0));
    }
    samples
}

/// Typing in bursts: each key clicks going down and coming up.
pub fn keyboard(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let mut samples = room_tone(seconds, seed);
    let mut time = 0.5;
    while time < seconds {
        for _ in 0..(dice.between(3.0, 25.0) as usize) {
            let strength = dice.between(0.05, 0.35);
            let down = click(&mut dice, strength);
            add(&mut samples, count(time), &down);
            let up = click(&mut dice, strength * 0.4);
            add(&mut samples, count(time + dice.between(0.06, 0.11)), &up);
            time += dice.between(0.09, 0.3);
        }
        time += dice.between(0.5, 4.0);
    }
    samples
}

fn click(dice: &mut Dice, strength: f32) -> Vec<f32> {
    let mut body = Resonance::new(dice.between(350.0, 900.0), 250.0);
    let mut top = Resonance::new(dice.between(2200.0, 5200.0), 900.0);
    let decay = dice.between(0.004, 0.014) * RATE;
    let samples = (0..count(0.07)).map(|at| {
        let white = dice.white() * (-(at as f32) / decay).exp();
        strength * (2.5 * body.step(white) + top.step(white) * 1.5 + 0.2 * white)
    });
    samples.collect()
}

/// A breath in and a longer breath out, 12 to 20 a minute, close to the microphone.
pub fn breathing(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let mut samples = room_tone(seconds, seed);
    let mut time = 0.4;
    while time < seconds {
        let length = dice.between(0.9, 1.5);
        let loudness = dice.between(0.006, 0.05);
        let inward = breath(&mut dice, length, loudness, 1500.0);
        add(&mut samples, count(time), &inward);
        time += length + dice.between(0.1, 0.4);
        let length = dice.between(1.0, 2.0);
        let loudness = dice.between(0.01, 0.08);
        let outward = breath(&mut dice, length, loudness, 700.0);
        add(&mut samples, count(time), &outward);
        time += length + dice.between(0.3, 1.2);
    }
    samples
}

/// Noise through a throat that is open: two wide resonances, swelling and falling.
fn breath(dice: &mut Dice, seconds: f32, rms: f32, hertz: f32) -> Vec<f32> {
    let mut low = Resonance::new(hertz * dice.between(0.8, 1.2), 500.0);
    let mut high = Resonance::new(hertz * dice.between(2.0, 2.6), 900.0);
    let total = count(seconds);
    let samples = (0..total).map(|at| {
        let swell = (std::f32::consts::PI * at as f32 / total as f32).sin().powi(2);
        let white = dice.white();
        swell * (low.step(white) + 0.5 * high.step(white) + 0.05 * white)
    });
    scaled_to(samples.collect(), rms)
}

/// Chords, a melody with vibrato, and drums, as from a radio in the room.
pub fn music(seconds: f32, seed: u32) -> Vec<f32> {
    const CHORDS: [[f32; 3]; 4] =
        [[0.0, 4.0, 7.0], [-3.0, 0.0, 4.0], [5.0, 9.0, 12.0], [7.0, 11.0, 14.0]];
    const SCALE: [f32; 7] = [0.0, 2.0, 4.0, 7.0, 9.0, 12.0, 14.0];
    let mut dice = Dice::new(seed);
    let beat = dice.between(0.4, 0.65);
    let mut samples = vec![0.0; count(seconds)];
    for number in 0..(seconds / beat) as usize {
        let at = count(number as f32 * beat);
        if number.is_multiple_of(4) {
            for step in CHORDS[number / 4 % 4] {
                add(&mut samples, at, &note(220.0, step, beat * 4.0, 0.05, 0.0));
            }
            add(&mut samples, at, &drum(&mut dice, 70.0, 0.12));
        }
        if number % 4 == 2 {
            add(&mut samples, at, &drum(&mut dice, 900.0, 0.06));
        }
        if dice.unit() < 0.8 {
            let step = SCALE[(dice.unit() * 6.99) as usize];
            let length = beat * dice.between(0.6, 1.6);
            add(&mut samples, at, &note(440.0, step, length, 0.12, 0.006));
        }
    }
    samples
}

/// A note of eight harmonics; `vibrato` is the share by which its pitch moves.
fn note(base: f32, step: f32, seconds: f32, loudness: f32, vibrato: f32) -> Vec<f32> {
    let hertz = base * 2_f32.powf(step / 12.0);
    let total = count(seconds);
    let mut phase = 0.0_f32;
    let samples = (0..total).map(|at| {
        let time = at as f32 / RATE;
        phase = (phase + hertz / RATE * (1.0 + vibrato * (TAU * 5.5 * time).sin())) % 1.0;
        let fade = (time / 0.03).min(1.0) * (1.0 - at as f32 / total as f32).sqrt();
        let mut sum = 0.0;
        for harmonic in 1..=8_u8 {
            let harmonic = f32::from(harmonic);
            sum += (TAU * phase * harmonic).sin() / harmonic.powf(1.4);
        }
        sum * fade * loudness
    });
    samples.collect()
}

fn drum(dice: &mut Dice, hertz: f32, loudness: f32) -> Vec<f32> {
    let mut skin = Resonance::new(hertz, hertz * 0.4);
    let samples = (0..count(0.25)).map(|at| {
        let fall = (-(at as f32) / (0.06 * RATE)).exp();
        fall * skin.step(dice.white())
    });
    scaled_to(samples.collect(), loudness)
}

/// A telephone that rings, a monitor that beeps, keys of a telephone, and doors that slam.
pub fn beeps_and_bangs(seconds: f32, seed: u32) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let mut samples = room_tone(seconds, seed);
    let (mut time, mut kind) = (1.0, seed % 4);
    while time < seconds {
        match kind {
            0 => {
                for ring in 0..2_u8 {
                    let tones = [(440.0, 0.1), (480.0, 0.1)];
                    let at = count(time + f32::from(ring) * 3.0);
                    add(&mut samples, at, &tone(&tones, 1.6, 20.0));
                }
                time += 6.0;
            }
            1 => {
                for beep in 0..4_u8 {
                    let at = count(time + f32::from(beep) * 0.9);
                    add(&mut samples, at, &tone(&[(988.0, 0.12), (1976.0, 0.03)], 0.18, 0.0));
                }
                time += 4.0;
            }
            2 => {
                for key in 0..7_u8 {
                    let row = [697.0, 770.0, 852.0, 941.0][usize::from(key % 4)];
                    let column = [1209.0, 1336.0, 1477.0][usize::from(key % 3)];
                    let at = count(time + f32::from(key) * 0.25);
                    add(&mut samples, at, &tone(&[(row, 0.1), (column, 0.1)], 0.12, 0.0));
                }
                time += 2.5;
            }
            _ => {
                let slam = slam(&mut dice);
                add(&mut samples, count(time), &slam);
                time += 2.0;
            }
        }
        time += dice.between(0.5, 2.5);
        kind = (kind + 1) % 4;
    }
    samples
}

/// Sines of these frequencies and strengths; `flutter` is how often a second they waver.
fn tone(parts: &[(f32, f32)], seconds: f32, flutter: f32) -> Vec<f32> {
    let total = count(seconds);
    let samples = (0..total).map(|at| {
        let time = at as f32 / RATE;
        let edge = (time.min(seconds - time) / 0.008).clamp(0.0, 1.0);
        let waver = 1.0 - 0.4 * (0.5 - 0.5 * (TAU * flutter * time).cos());
        let sum: f32 = parts.iter().map(|(hertz, gain)| gain * (TAU * hertz * time).sin()).sum();
        sum * edge * waver
    });
    samples.collect()
}

/// A thud of the frame, the latch, and the room after it.
fn slam(dice: &mut Dice) -> Vec<f32> {
    let mut thud = Resonance::new(dice.between(60.0, 110.0), 40.0);
    let mut panel = Resonance::new(dice.between(240.0, 420.0), 120.0);
    let mut latch = Resonance::new(dice.between(1800.0, 3000.0), 500.0);
    let samples = (0..count(0.9)).map(|at| {
        let time = at as f32 / RATE;
        let white = dice.white();
        let knock = white * (-time / 0.05).exp();
        let echo = white * 0.08 * (-time / 0.25).exp();
        let catch = if time > 0.07 { white * (-(time - 0.07) / 0.01).exp() } else { 0.0 };
        4.0 * thud.step(knock) + 2.0 * panel.step(knock + echo) + latch.step(catch) + 0.3 * echo
    });
    scaled_to(samples.collect(), dice.between(0.03, 0.1))
}
