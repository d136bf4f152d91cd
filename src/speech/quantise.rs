//! q8_0, ggml's 8-bit quantisation: blocks of 32 values with one 16-bit scale.
//!
//! Not for: choosing which tensors are quantised (`ggml`).
//!
//! Invariant: the bytes equal those of ggml's reference, `quantize_row_q8_0_ref`.

use half::f16;

/// Values in a block (`QK8_0` in ggml).
pub const BLOCK: usize = 32;
/// Bytes of a block: the scale and one byte a value.
pub const BLOCK_BYTES: usize = 2 + BLOCK;

/// Quantises rows whose total length is a multiple of `BLOCK`.
///
/// # Panics
/// When it is not; the caller checks the row length of the tensor.
pub fn q8_0(values: &[f32]) -> Vec<u8> {
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    assert!(rest.is_empty(), "a tensor to be quantised is a whole number of blocks");
    let mut bytes = Vec::with_capacity(blocks.len() * BLOCK_BYTES);
    for block in blocks {
        let largest = block.iter().fold(0.0_f32, |max, value| max.max(value.abs()));
        let scale = largest / 127.0;
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        bytes.extend(f16::from_f32(scale).to_le_bytes());
        for value in block {
            // At most 127 by construction; `as` keeps a NaN from being anything but 0.
            bytes.push(((value * inverse).round() as i8).cast_unsigned());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_keeps_each_value_within_half_a_step() {
        let values: Vec<f32> = (0..64).map(|i| (i as f32 - 20.0) * 0.01).collect();
        let bytes = q8_0(&values);
        assert_eq!(bytes.len(), 2 * BLOCK_BYTES);
        for (i, value) in values.iter().enumerate() {
            let block = &bytes[i / BLOCK * BLOCK_BYTES..][..BLOCK_BYTES];
            let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
            let read = scale * f32::from(block[2 + i % BLOCK].cast_signed());
            assert!((read - value).abs() <= scale * 0.51, "{value} became {read}");
        }
    }

    #[test]
    fn a_block_of_zeros_stays_zero() {
        assert!(q8_0(&[0.0; BLOCK]).iter().all(|&byte| byte == 0));
    }
}
