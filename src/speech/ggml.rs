//! Model files in the ggml form that whisper.cpp loads: written, checked, quantised.
//!
//! Not for: loading a model to use it (`whisper`), or where its values come from (`convert`).
//!
//! Invariant: `check` has read the file's structure to its last byte; whisper.cpp itself does
//! not notice a file whose last tensor is cut off.
//!
//! Layout (`whisper_model_load` in whisper.cpp 1.8.3), little-endian 32-bit numbers: magic, 11
//! hyper-parameters, the mel filters (`bands, bins, f32[bands x bins]`), the vocabulary (`count`,
//! then `length, bytes`), then tensors to the end of the file: `rank, name length, type,
//! dimensions fastest first, name, data`.

use super::quantise;
use half::f16;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

const MAGIC: u32 = 0x6767_6d6c;
/// Version 2 of the quantised layout, times ggml's `GGML_QNT_VERSION_FACTOR`, plus
/// `GGML_FTYPE_MOSTLY_Q8_0`.
const FTYPE_Q8_0: u32 = 2 * 1000 + 7;
const FTYPE_F32: u32 = 0;
const FTYPE_F16: u32 = 1;
const VERSION_FACTOR: u32 = 1000;

const BANDS_MAX: u32 = 256;
const BINS_MAX: u32 = 4096;
const PIECES_MAX: u32 = 200_000;
const PIECE_BYTES_MAX: u32 = 4096;
const NAME_MAX: u32 = 256;
const RANK_MAX: u32 = 4;
/// The largest tensor of Whisper large holds 66 million values.
const VALUES_MAX: u64 = 1 << 28;
/// Whisper large-v3 has 1,259 tensors.
const TENSORS_MAX: usize = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum GgmlError {
    #[error("cannot read the model file")]
    Read { source: io::Error },
    #[error("cannot write the model file")]
    Write { source: io::Error },
    #[error("this is not a Whisper model in ggml form: {reason}")]
    Foreign { reason: String },
    #[error("the model file is cut off")]
    CutOff,
    #[error("the model is quantised as type {ftype}; f16, f32 and q8_0 files can be used")]
    Quantisation { ftype: u32 },
}

/// The 11 numbers at the head of a model, in the file's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hyper {
    pub vocabulary: u32,
    pub audio_context: u32,
    pub audio_state: u32,
    pub audio_heads: u32,
    pub audio_layers: u32,
    pub text_context: u32,
    pub text_state: u32,
    pub text_heads: u32,
    pub text_layers: u32,
    pub bands: u32,
    pub precision: Precision,
}

/// What the large tensors are stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    F32,
    F16,
    Q8_0,
}

/// How a tensor's values are stored. The discriminants are ggml's `ggml_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    F32 = 0,
    F16 = 1,
    Q8_0 = 8,
}

#[derive(Debug)]
struct TensorHead {
    name: String,
    /// Fastest first, as in the file.
    dimensions: Vec<u32>,
    kind: Kind,
}

/// Writes a model, tensor by tensor.
pub struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// Writes everything before the tensors.
    ///
    /// # Errors
    /// `Write`.
    pub fn begin(
        out: W,
        hyper: &Hyper,
        filters: &[f32],
        vocabulary: &[Vec<u8>],
    ) -> Result<Self, GgmlError> {
        assert_eq!(filters.len(), hyper.bands as usize * super::mel::BINS);
        let mut writer = Self { out };
        writer.head(hyper)?;
        writer.number(hyper.bands)?;
        writer.number(super::mel::BINS as u32)?;
        for value in filters {
            writer.bytes(&value.to_le_bytes())?;
        }
        writer.number(vocabulary.len() as u32)?;
        for piece in vocabulary {
            writer.number(piece.len() as u32)?;
            writer.bytes(piece)?;
        }
        Ok(writer)
    }

    /// Writes one tensor; `shape` is slowest first, as programs in Python write it.
    ///
    /// # Errors
    /// `Write`, and `Foreign` when a row cannot be quantised.
    pub fn tensor(&mut self, name: &str, shape: &[u32], values: &[f32]) -> Result<(), GgmlError> {
        let count: u64 = shape.iter().map(|&n| u64::from(n)).product();
        assert_eq!(count, values.len() as u64, "the shape of {name} covers its values");
        let dimensions: Vec<u32> = shape.iter().rev().copied().collect();
        let kind = stored_as(name, &dimensions);
        if kind == Kind::Q8_0 && !dimensions[0].is_multiple_of(quantise::BLOCK as u32) {
            return Err(foreign(format!("rows of {name} are no whole number of blocks")));
        }
        self.tensor_head(&TensorHead { name: name.into(), dimensions, kind })?;
        match kind {
            Kind::F32 => {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                self.bytes(&bytes)
            }
            Kind::F16 => {
                let narrow = |value: &f32| f16::from_f32(*value).to_le_bytes();
                let bytes: Vec<u8> = values.iter().flat_map(narrow).collect();
                self.bytes(&bytes)
            }
            Kind::Q8_0 => self.bytes(&quantise::q8_0(values)),
        }
    }

    /// Gives the output back, so that it can be flushed to the disk.
    pub fn finish(self) -> W {
        self.out
    }

    fn head(&mut self, hyper: &Hyper) -> Result<(), GgmlError> {
        self.number(MAGIC)?;
        let Hyper { vocabulary, audio_context, audio_state, audio_heads, audio_layers, .. } =
            *hyper;
        let Hyper { text_context, text_state, text_heads, text_layers, bands, .. } = *hyper;
        let audio = [vocabulary, audio_context, audio_state, audio_heads, audio_layers];
        let text = [text_context, text_state, text_heads, text_layers, bands];
        for number in audio.into_iter().chain(text) {
            self.number(number)?;
        }
        self.number(hyper.precision.ftype())
    }

    fn tensor_head(&mut self, head: &TensorHead) -> Result<(), GgmlError> {
        self.number(head.dimensions.len() as u32)?;
        self.number(head.name.len() as u32)?;
        self.number(head.kind as u32)?;
        for &dimension in &head.dimensions {
            self.number(dimension)?;
        }
        self.bytes(head.name.as_bytes())
    }

    fn number(&mut self, value: u32) -> Result<(), GgmlError> {
        self.bytes(&value.to_le_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), GgmlError> {
        self.out.write_all(bytes).map_err(|source| GgmlError::Write { source })
    }
}

impl Precision {
    fn ftype(self) -> u32 {
        match self {
            Precision::F32 => FTYPE_F32,
            Precision::F16 => FTYPE_F16,
            Precision::Q8_0 => FTYPE_Q8_0,
        }
    }
}

/// Matrices are quantised, the convolutions are f16, and what whisper.cpp adds or takes as f32
/// (one-dimensional tensors, positions, convolution biases) stays f32.
fn stored_as(name: &str, dimensions: &[u32]) -> Kind {
    let added = name.ends_with("positional_embedding") || name.ends_with("bias");
    match dimensions.len() {
        2 if !added => Kind::Q8_0,
        3 => Kind::F16,
        _ => Kind::F32,
    }
}

/// Reads the structure of a model file from its first byte to its last.
///
/// # Errors
/// `Foreign`, `CutOff`, `Quantisation` say why it cannot be used.
pub fn check(file: &mut (impl Read + Seek)) -> Result<Hyper, GgmlError> {
    let length = file.seek(SeekFrom::End(0)).map_err(read_error)?;
    file.seek(SeekFrom::Start(0)).map_err(read_error)?;
    let mut file = io::BufReader::new(file);
    let hyper = read_hyper(&mut file)?;
    skip_filters_and_vocabulary(&mut file, &mut io::sink())?;
    let mut tensors = 0;
    while let Some(head) = read_tensor_head(&mut file)? {
        tensors += 1;
        if tensors > TENSORS_MAX {
            return Err(foreign(format!("more than {TENSORS_MAX} tensors")));
        }
        let bytes = data_bytes(&head)?;
        let here = file.stream_position().map_err(read_error)?;
        if bytes > length - here {
            return Err(GgmlError::CutOff);
        }
        file.seek_relative(i64::try_from(bytes).map_err(|_| GgmlError::CutOff)?)
            .map_err(read_error)?;
    }
    if tensors == 0 {
        return Err(GgmlError::CutOff);
    }
    Ok(hyper)
}

/// Copies an f16 or f32 model, quantising its matrices to q8_0.
///
/// # Errors
/// As `check`, and `Write`.
pub fn quantise(file: impl Read, out: impl Write) -> Result<(), GgmlError> {
    let mut file = io::BufReader::new(file);
    let mut hyper = read_hyper(&mut file)?;
    hyper.precision = Precision::Q8_0;
    let mut writer = Writer { out };
    writer.head(&hyper)?;
    skip_filters_and_vocabulary(&mut file, &mut writer.out)?;
    while let Some(head) = read_tensor_head(&mut file)? {
        let bytes = usize::try_from(data_bytes(&head)?).map_err(|_| GgmlError::CutOff)?;
        let mut data = vec![0; bytes];
        file.read_exact(&mut data).map_err(read_error)?;
        let values = match head.kind {
            Kind::F32 => widen::<4>(&data, f32::from_le_bytes),
            Kind::F16 => widen::<2>(&data, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Kind::Q8_0 => return Err(foreign("it is quantised in parts".into())),
        };
        let shape: Vec<u32> = head.dimensions.iter().rev().copied().collect();
        writer.tensor(&head.name, &shape, &values)?;
    }
    writer.out.flush().map_err(|source| GgmlError::Write { source })
}

fn widen<const N: usize>(data: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks::<N>().0.iter().map(|&bytes| read(bytes)).collect()
}

fn read_hyper(file: &mut impl Read) -> Result<Hyper, GgmlError> {
    let magic = read_number(file)?;
    if magic != MAGIC {
        return Err(foreign("it does not begin with ggml's magic number".into()));
    }
    let mut numbers = [0; 11];
    for number in &mut numbers {
        *number = read_number(file)?;
    }
    let [vocabulary, audio_context, audio_state, audio_heads, audio_layers, rest @ ..] = numbers;
    let [text_context, text_state, text_heads, text_layers, bands, ftype] = rest;
    let precision = match ftype % VERSION_FACTOR {
        0 => Precision::F32,
        1 => Precision::F16,
        7 => Precision::Q8_0,
        _ => return Err(GgmlError::Quantisation { ftype }),
    };
    Ok(Hyper {
        vocabulary,
        audio_context,
        audio_state,
        audio_heads,
        audio_layers,
        text_context,
        text_state,
        text_heads,
        text_layers,
        bands,
        precision,
    })
}

/// Copies the filters and the vocabulary to `out`, within their limits.
fn skip_filters_and_vocabulary(
    file: &mut impl Read,
    out: &mut impl Write,
) -> Result<(), GgmlError> {
    let bands = copy_number(file, out, BANDS_MAX, "mel bands")?;
    let bins = copy_number(file, out, BINS_MAX, "bins")?;
    copy(file, out, u64::from(bands) * u64::from(bins) * 4)?;
    let pieces = copy_number(file, out, PIECES_MAX, "pieces in the vocabulary")?;
    for _ in 0..pieces {
        let length = copy_number(file, out, PIECE_BYTES_MAX, "bytes in a piece")?;
        copy(file, out, u64::from(length))?;
    }
    Ok(())
}

fn copy_number(
    file: &mut impl Read,
    out: &mut impl Write,
    max: u32,
    what: &str,
) -> Result<u32, GgmlError> {
    let number = read_number(file)?;
    if number > max {
        return Err(foreign(format!("{number} {what}")));
    }
    out.write_all(&number.to_le_bytes()).map_err(|source| GgmlError::Write { source })?;
    Ok(number)
}

fn copy(file: &mut impl Read, out: &mut impl Write, bytes: u64) -> Result<(), GgmlError> {
    let copied = io::copy(&mut file.take(bytes), out).map_err(read_error)?;
    if copied < bytes { Err(GgmlError::CutOff) } else { Ok(()) }
}

/// The next tensor's head, or `None` at the end of the file.
fn read_tensor_head(file: &mut impl Read) -> Result<Option<TensorHead>, GgmlError> {
    let mut first = [0; 4];
    let read = file.read(&mut first).map_err(read_error)?;
    if read == 0 {
        return Ok(None);
    }
    file.read_exact(&mut first[read..]).map_err(read_error)?;
    let rank = u32::from_le_bytes(first);
    let length = read_number(file)?;
    let kind = match read_number(file)? {
        0 => Kind::F32,
        1 => Kind::F16,
        8 => Kind::Q8_0,
        other => return Err(foreign(format!("a tensor of type {other}"))),
    };
    if rank == 0 || rank > RANK_MAX || length > NAME_MAX {
        return Err(foreign(format!("a tensor of rank {rank} with a name of {length} bytes")));
    }
    let mut dimensions = vec![];
    for _ in 0..rank {
        dimensions.push(read_number(file)?);
    }
    let mut name = vec![0; length as usize];
    file.read_exact(&mut name).map_err(read_error)?;
    let name =
        String::from_utf8(name).map_err(|_| foreign("a tensor whose name is not text".into()))?;
    Ok(Some(TensorHead { name, dimensions, kind }))
}

fn data_bytes(head: &TensorHead) -> Result<u64, GgmlError> {
    let count = head
        .dimensions
        .iter()
        .try_fold(1_u64, |product, &n| product.checked_mul(u64::from(n)))
        .filter(|&count| count <= VALUES_MAX)
        .ok_or_else(|| foreign(format!("the tensor {} is too large", head.name)))?;
    Ok(match head.kind {
        Kind::F32 => count * 4,
        Kind::F16 => count * 2,
        Kind::Q8_0 => count / quantise::BLOCK as u64 * quantise::BLOCK_BYTES as u64,
    })
}

fn read_number(file: &mut impl Read) -> Result<u32, GgmlError> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).map_err(read_error)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_error(source: io::Error) -> GgmlError {
    if source.kind() == ErrorKind::UnexpectedEof {
        return GgmlError::CutOff;
    }
    GgmlError::Read { source }
}

fn foreign(reason: String) -> GgmlError {
    GgmlError::Foreign { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn hyper() -> Hyper {
        Hyper {
            vocabulary: 51865,
            audio_context: 1500,
            audio_state: 32,
            audio_heads: 1,
            audio_layers: 6,
            text_context: 448,
            text_state: 32,
            text_heads: 1,
            text_layers: 6,
            bands: 80,
            precision: Precision::Q8_0,
        }
    }

    fn small_model() -> Vec<u8> {
        let filters = super::super::mel::filters(80);
        let vocabulary = vec![b"a".to_vec(), vec![]];
        let mut writer =
            Writer::begin(vec![], &hyper(), &filters, &vocabulary).expect("memory takes all");
        writer.tensor("x.weight", &[2, 32], &[0.5; 64]).expect("a whole number of blocks");
        writer.tensor("x.bias", &[32], &[0.25; 32]).expect("memory takes all");
        writer.tensor("encoder.conv1.bias", &[32, 1], &[0.25; 32]).expect("memory takes all");
        writer.finish()
    }

    #[test]
    fn a_written_model_passes_the_check() {
        assert_eq!(check(&mut Cursor::new(small_model())).expect("well-formed"), hyper());
    }

    #[test]
    fn a_model_cut_anywhere_in_its_tensors_is_refused() {
        let whole = small_model();
        for missing in [1, 3, 100, 140, 200, 250] {
            let cut = whole[..whole.len() - missing].to_vec();
            let result = check(&mut Cursor::new(cut));
            assert!(matches!(result, Err(GgmlError::CutOff)), "{missing}: {result:?}");
        }
    }

    #[test]
    fn foreign_files_and_other_quantisations_are_refused() {
        let text = check(&mut Cursor::new(b"RIFF....WAVEfmt and so on".to_vec()));
        assert!(matches!(text, Err(GgmlError::Foreign { .. })));
        let mut q5 = small_model();
        q5[44..48].copy_from_slice(&2008_u32.to_le_bytes());
        let result = check(&mut Cursor::new(q5));
        assert!(matches!(result, Err(GgmlError::Quantisation { ftype: 2008 })));
    }

    #[test]
    fn positions_and_biases_are_never_quantised() {
        assert_eq!(stored_as("encoder.positional_embedding", &[32, 1500]), Kind::F32);
        assert_eq!(stored_as("encoder.conv1.bias", &[1, 32]), Kind::F32);
        assert_eq!(stored_as("encoder.conv1.weight", &[3, 80, 32]), Kind::F16);
        assert_eq!(stored_as("decoder.token_embedding.weight", &[32, 51865]), Kind::Q8_0);
    }
}
