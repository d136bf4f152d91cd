//! How alike the letters of two hearings are.
//!
//! Not for: how alike terms sound (`vocab::candidates`).
//!
//! Invariant: symmetric, 0 to 1, 1 for equal letters.

/// The small letters and digits of a text.
pub fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Jaro-Winkler: hearings of one sound share their beginning more often than their end.
pub fn alike(one: &str, other: &str) -> f32 {
    strsim::jaro_winkler(one, other) as f32
}
