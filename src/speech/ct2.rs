//! Reads the container of CTranslate2 models: named variables, found without loading the weights.
//!
//! Not for: what the variables mean in Whisper (`convert`).
//!
//! Invariant: every length read from the file is checked against the file before it is used.
//!
//! Layout (CTranslate2 4, `python/ctranslate2/specs/model_spec.py`, `_serialize`), little-endian:
//! `u32 version, str spec, u32 revision, u32 variables`, then per variable
//! `str name, u8 rank, u32 dimensions[rank], u8 type, u32 bytes, data`, then `u32 aliases` of
//! `str, str`. A `str` is a `u16` length that counts the closing NUL, and the bytes.

use half::f16;
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

/// The version of the container that we read.
const VERSION: u32 = 6;
const SPEC: &str = "WhisperSpec";
/// Whisper large has about 1,300 variables.
const VARIABLES_MAX: u32 = 10_000;
const NAME_MAX: u16 = 512;
const RANK_MAX: u8 = 4;

#[derive(Debug, thiserror::Error)]
pub enum Ct2Error {
    #[error("cannot read the CTranslate2 model")]
    Read { source: io::Error },
    #[error("this is not a CTranslate2 Whisper model: {reason}")]
    Foreign { reason: String },
    #[error("the CTranslate2 model is cut off: {name} ends after the end of the file")]
    CutOff { name: String },
    #[error("the CTranslate2 model has no variable {name}")]
    Missing { name: String },
    #[error("the variable {name} has type {found}, which is not read here (f32, f16 and i16 are)")]
    Type { name: String, found: u8 },
    #[error("the variable {name} has the shape {found:?}")]
    Shape { name: String, found: Vec<u32> },
}

#[derive(Clone, Debug)]
struct Variable {
    shape: Vec<u32>,
    kind: u8,
    at: u64,
    bytes: u64,
}

/// A variable's values as numbers, rows last dimension first as in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<u32>,
    pub values: Vec<f32>,
}

/// An open model: the table of its variables and the file to read them from.
pub struct Ct2<R> {
    file: R,
    variables: HashMap<String, Variable>,
}

impl<R: Read + Seek> Ct2<R> {
    /// Reads the table of variables; the weights stay in the file.
    ///
    /// # Errors
    /// `Foreign` when it is not a Whisper model of version 6, `CutOff` when it ends early.
    pub fn open(mut file: R) -> Result<Self, Ct2Error> {
        let length = file.seek(SeekFrom::End(0)).map_err(read_error)?;
        file.seek(SeekFrom::Start(0)).map_err(read_error)?;
        let version = read_u32(&mut file)?;
        if version != VERSION {
            return Err(foreign(format!("its version is {version}, not {VERSION}")));
        }
        let spec = read_text(&mut file)?;
        if spec != SPEC {
            return Err(foreign(format!("it does not say {SPEC}")));
        }
        let _revision = read_u32(&mut file)?;
        let count = read_u32(&mut file)?;
        if count > VARIABLES_MAX {
            return Err(foreign(format!("{count} variables are too many")));
        }
        let mut variables = HashMap::new();
        for _ in 0..count {
            let (name, variable) = read_variable(&mut file)?;
            let end = variable.at + variable.bytes;
            if end > length {
                return Err(Ct2Error::CutOff { name });
            }
            file.seek(SeekFrom::Start(end)).map_err(read_error)?;
            variables.insert(name, variable);
        }
        Ok(Self { file, variables })
    }

    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// The shape of a variable.
    ///
    /// # Errors
    /// `Missing`.
    pub fn shape(&self, name: &str) -> Result<&[u32], Ct2Error> {
        Ok(&self.variable(name)?.shape)
    }

    /// Reads a variable's values.
    ///
    /// # Errors
    /// `Missing`, `Type`, `Shape` when shape and size disagree, `Read`.
    pub fn array(&mut self, name: &str) -> Result<Array, Ct2Error> {
        let variable = self.variable(name)?.clone();
        let width = match variable.kind {
            0 => 4,
            2 | 4 => 2,
            found => return Err(Ct2Error::Type { name: name.into(), found }),
        };
        let count: u64 = variable.shape.iter().map(|&n| u64::from(n)).product();
        if count * width != variable.bytes {
            return Err(Ct2Error::Shape { name: name.into(), found: variable.shape });
        }
        let size = usize::try_from(variable.bytes)
            .map_err(|_| Ct2Error::Shape { name: name.into(), found: variable.shape.clone() })?;
        let mut bytes = vec![0; size];
        self.file.seek(SeekFrom::Start(variable.at)).map_err(read_error)?;
        self.file.read_exact(&mut bytes).map_err(read_error)?;
        Ok(Array { shape: variable.shape, values: to_numbers(&bytes, variable.kind) })
    }

    fn variable(&self, name: &str) -> Result<&Variable, Ct2Error> {
        self.variables.get(name).ok_or_else(|| Ct2Error::Missing { name: name.into() })
    }
}

/// Types of CTranslate2: 0 is f32, 2 is i16, 4 is f16.
fn to_numbers(bytes: &[u8], kind: u8) -> Vec<f32> {
    match kind {
        0 => bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        2 => bytes.as_chunks::<2>().0.iter().map(|&b| f32::from(i16::from_le_bytes(b))).collect(),
        _ => bytes.as_chunks::<2>().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
    }
}

fn read_variable(file: &mut (impl Read + Seek)) -> Result<(String, Variable), Ct2Error> {
    let name = read_text(file)?;
    let rank = read_u8(file)?;
    if rank > RANK_MAX {
        return Err(foreign(format!("a variable of rank {rank}")));
    }
    let mut shape = vec![];
    for _ in 0..rank {
        shape.push(read_u32(file)?);
    }
    let kind = read_u8(file)?;
    let bytes = u64::from(read_u32(file)?);
    let at = file.stream_position().map_err(read_error)?;
    Ok((name, Variable { shape, kind, at, bytes }))
}

fn read_text(file: &mut impl Read) -> Result<String, Ct2Error> {
    let mut length = [0; 2];
    file.read_exact(&mut length).map_err(read_error)?;
    let length = u16::from_le_bytes(length);
    if length == 0 || length > NAME_MAX {
        return Err(foreign(format!("a name of {length} bytes")));
    }
    let mut bytes = vec![0; usize::from(length)];
    file.read_exact(&mut bytes).map_err(read_error)?;
    if bytes.pop() != Some(0) {
        return Err(foreign("a name without its closing NUL".into()));
    }
    String::from_utf8(bytes).map_err(|_| foreign("a name that is not text".into()))
}

fn read_u8(file: &mut impl Read) -> Result<u8, Ct2Error> {
    let mut byte = [0; 1];
    file.read_exact(&mut byte).map_err(read_error)?;
    Ok(byte[0])
}

fn read_u32(file: &mut impl Read) -> Result<u32, Ct2Error> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).map_err(read_error)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_error(source: io::Error) -> Ct2Error {
    Ct2Error::Read { source }
}

fn foreign(reason: String) -> Ct2Error {
    Ct2Error::Foreign { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn text(name: &str) -> Vec<u8> {
        let mut bytes = (name.len() as u16 + 1).to_le_bytes().to_vec();
        bytes.extend(name.as_bytes());
        bytes.push(0);
        bytes
    }

    /// A model with one f16 variable `w` of shape 1 x 2 that holds 1.0 and -2.0.
    fn tiny_model(spec: &str) -> Vec<u8> {
        let mut bytes = VERSION.to_le_bytes().to_vec();
        bytes.extend(text(spec));
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(text("w"));
        bytes.push(2);
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        bytes.push(4);
        bytes.extend(4_u32.to_le_bytes());
        bytes.extend(f16::from_f32(1.0).to_le_bytes());
        bytes.extend(f16::from_f32(-2.0).to_le_bytes());
        bytes
    }

    #[test]
    fn a_variable_reads_back_with_its_shape() {
        let mut model = Ct2::open(Cursor::new(tiny_model(SPEC))).expect("a well-formed model");
        let array = model.array("w").expect("it is there");
        assert_eq!(array, Array { shape: vec![1, 2], values: vec![1.0, -2.0] });
        assert!(matches!(model.array("x"), Err(Ct2Error::Missing { .. })));
    }

    #[test]
    fn foreign_and_cut_off_files_are_refused() {
        let foreign = Ct2::open(Cursor::new(tiny_model("TransformerSpec")));
        assert!(matches!(foreign, Err(Ct2Error::Foreign { .. })));
        let mut cut = tiny_model(SPEC);
        cut.pop();
        assert!(matches!(Ct2::open(Cursor::new(cut)), Err(Ct2Error::CutOff { .. })));
        let text = Ct2::open(Cursor::new(b"Dear colleague, thank you".to_vec()));
        assert!(matches!(text, Err(Ct2Error::Foreign { .. })));
    }
}
