//! A low-rank adapter: what training added to some matrices of a model, added to its weights.
//!
//! Not for: training (`training/`), or the containers of the weights (`ct2`, `ggml`).
//!
//! Invariant: an adapter is applied wholly or not at all; the same adapter and weights give the
//! same numbers on every machine, since each sum is made in one fixed order.
//!
//! The file is safetensors. For each changed variable of the CTranslate2 model it has `NAME.down`
//! (rank by columns) and `NAME.up` (rows by rank) in 16 bits; `up` times `down` is added.

use super::ct2::Array;
use half::f16;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use std::collections::HashMap;

const DOWN: &str = ".down";
const UP: &str = ".up";
/// Adapters of Whisper large with rank 64 have 27 million numbers.
pub const ADAPTER_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    #[error("the adapter is not a safetensors file")]
    Container { source: SafeTensorError },
    #[error("{name} in the adapter is not a matrix of 16-bit numbers")]
    Matrix { name: String },
    #[error("the adapter's {name} has no counterpart")]
    Single { name: String },
    #[error("the adapter's part for {name} does not fit that variable")]
    Shape { name: String },
    #[error("the adapter is for another model: there is no variable {name}")]
    Foreign { name: String },
}

#[derive(Clone)]
struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

#[derive(Clone)]
struct Pair {
    down: Matrix,
    up: Matrix,
}

/// The parts of an adapter that wait to be added.
#[derive(Clone, Default)]
pub struct Adapter {
    pairs: HashMap<String, Pair>,
}

/// The adapter that comes with the program for this model, as a file.
pub fn own(model: &str) -> Option<&'static [u8]> {
    match model {
        "base-medical" => Some(include_bytes!("../../models/adapters/base-medical.safetensors")),
        _ => None,
    }
}

impl Adapter {
    /// Reads a file.
    ///
    /// # Errors
    /// Says what is foreign in it.
    pub fn read(bytes: &[u8]) -> Result<Self, AdapterError> {
        let file =
            SafeTensors::deserialize(bytes).map_err(|source| AdapterError::Container { source })?;
        let mut parts: HashMap<String, Matrix> = HashMap::new();
        for (name, view) in file.tensors() {
            let matrix =
                matrix(&view).ok_or_else(|| AdapterError::Matrix { name: name.clone() })?;
            parts.insert(name, matrix);
        }
        let mut pairs = HashMap::new();
        let names: Vec<String> =
            parts.keys().filter_map(|name| name.strip_suffix(DOWN)).map(str::to_owned).collect();
        for name in names {
            let (down, up) = (format!("{name}{DOWN}"), format!("{name}{UP}"));
            let (Some(down), Some(up)) = (parts.remove(&down), parts.remove(&up)) else {
                return Err(AdapterError::Single { name });
            };
            if down.rows != up.columns {
                return Err(AdapterError::Shape { name });
            }
            pairs.insert(name, Pair { down, up });
        }
        match parts.into_keys().next() {
            Some(name) => Err(AdapterError::Single { name }),
            None => Ok(Self { pairs }),
        }
    }

    /// Adds its part for a variable, if it has one.
    ///
    /// # Errors
    /// `Shape` when that part is for a matrix of another size.
    pub fn add_to(&mut self, name: &str, array: &mut Array) -> Result<(), AdapterError> {
        let Some(Pair { down, up }) = self.pairs.remove(name) else { return Ok(()) };
        if array.shape.as_slice() != [up.rows as u32, down.columns as u32] {
            return Err(AdapterError::Shape { name: name.into() });
        }
        let mut sums = vec![0.0_f32; down.columns];
        for (row, weights) in array.values.chunks_exact_mut(down.columns).enumerate() {
            sums.fill(0.0);
            let shares = &up.values[row * up.columns..][..up.columns];
            for (share, part) in shares.iter().zip(down.values.chunks_exact(down.columns)) {
                for (sum, value) in sums.iter_mut().zip(part) {
                    *sum += share * value;
                }
            }
            for (weight, sum) in weights.iter_mut().zip(&sums) {
                *weight += sum;
            }
        }
        Ok(())
    }

    /// Whether every part has found its variable.
    ///
    /// # Errors
    /// `Foreign` with the name of one that has not.
    pub fn finish(self) -> Result<(), AdapterError> {
        match self.pairs.into_keys().min() {
            Some(name) => Err(AdapterError::Foreign { name }),
            None => Ok(()),
        }
    }
}

fn matrix(view: &TensorView<'_>) -> Option<Matrix> {
    let &[rows, columns] = view.shape() else { return None };
    if view.dtype() != Dtype::F16 || rows == 0 || columns == 0 {
        return None;
    }
    let values = view.data().as_chunks::<2>().0.iter().map(|&b| f16::from_le_bytes(b).to_f32());
    Some(Matrix { rows, columns, values: values.collect() })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An adapter file of these matrices.
    pub fn file(matrices: &[(&str, [usize; 2], &[f32])]) -> Vec<u8> {
        let bytes: Vec<Vec<u8>> = matrices
            .iter()
            .map(|(_, _, values)| {
                values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect()
            })
            .collect();
        let views = matrices.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
            let view = TensorView::new(Dtype::F16, shape.to_vec(), bytes).expect("it fits");
            ((*name).to_owned(), view)
        });
        safetensors::serialize(views, None).expect("the file is well-formed")
    }

    #[test]
    fn the_program_s_own_adapter_is_whole_and_changes_the_decoder_alone() {
        let own = Adapter::read(own("base-medical").expect("it is there")).expect("whole");
        // Six layers of six matrices.
        assert_eq!(own.pairs.len(), 36);
        assert!(own.pairs.keys().all(|name| name.starts_with("decoder/layer_")));
        assert!(super::own("base").is_none());
    }

    #[test]
    fn up_times_down_is_added_to_the_variable_of_that_name_alone() {
        let file = file(&[
            ("a/weight.down", [1, 3], &[1.0, 2.0, 0.5]),
            ("a/weight.up", [2, 1], &[10.0, -1.0]),
        ]);
        let mut adapter = Adapter::read(&file).expect("whole");
        let mut array = Array { shape: vec![2, 3], values: vec![0.25; 6] };
        adapter.add_to("b/weight", &mut array).expect("nothing for it");
        assert_eq!(array.values, [0.25; 6]);
        adapter.add_to("a/weight", &mut array).expect("it fits");
        assert_eq!(array.values, [10.25, 20.25, 5.25, -0.75, -1.75, -0.25]);
        adapter.finish().expect("all was used");
    }

    #[test]
    fn an_adapter_that_does_not_fit_is_refused() {
        let down: (&str, [usize; 2], &[f32]) = ("a.down", [1, 2], &[1.0, 1.0]);
        let alone = Adapter::read(&file(&[down]));
        assert!(matches!(alone, Err(AdapterError::Single { .. })));
        let other_rank = Adapter::read(&file(&[down, ("a.up", [1, 2], &[1.0, 1.0])]));
        assert!(matches!(other_rank, Err(AdapterError::Shape { .. })));
        let whole = file(&[down, ("a.up", [2, 1], &[1.0, 1.0])]);
        let mut adapter = Adapter::read(&whole).expect("whole");
        let mut array = Array { shape: vec![2, 3], values: vec![0.0; 6] };
        assert!(matches!(adapter.add_to("a", &mut array), Err(AdapterError::Shape { .. })));
        let unused = Adapter::read(&whole).expect("whole").finish();
        assert!(matches!(unused, Err(AdapterError::Foreign { .. })));
        assert!(matches!(Adapter::read(b"GGUF"), Err(AdapterError::Container { .. })));
    }
}
