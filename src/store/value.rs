//! Values on their way into a statement.
//!
//! Not for: reading rows (`db::Row`) or naming the SQLite binding.
//!
//! Invariant: a typed value has one stored form: ids are UUID text, instants integer milliseconds,
//! digests hexadecimal text, truths 0 or 1.

use crate::domain::digest::Digest;
use crate::domain::ids;
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// One parameter of a statement. `Debug` tells kind and length, never the content.
#[derive(Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Int(_) => f.write_str("Int"),
            Value::Real(_) => f.write_str("Real"),
            Value::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Value::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
        }
    }
}

macro_rules! from_integers {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Value {
            fn from(number: $kind) -> Self {
                Value::Int(i64::from(number))
            }
        }
    )*};
}
from_integers! { i64 i32 u32 i16 u16 u8 bool }

macro_rules! from_counts {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Value {
            /// # Panics
            /// Above 2^63 - 1, which no count of bytes or rows reaches.
            fn from(count: $kind) -> Self {
                Value::Int(i64::try_from(count).expect("counts stay below 2^63"))
            }
        }
    )*};
}
from_counts! { u64 usize }

macro_rules! from_ids {
    ($($kind:ident)*) => {$(
        impl From<ids::$kind> for Value {
            fn from(id: ids::$kind) -> Self {
                Value::from(id.0)
            }
        }
    )*};
}
from_ids! {
    PersonId PatientId EncounterId DictationId ReportId FlagId SignatureId JobId SessionId TokenId
    GlassId NormalId ReviewId TakeId
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Value::Text(id.to_string())
    }
}

impl From<f64> for Value {
    /// SQLite stores a NaN as null, which a `not null` column refuses.
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Value::Real(f64::from(number))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Value::Blob(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Value::Blob(bytes.to_vec())
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Value::Int(at.0)
    }
}

impl From<Digest> for Value {
    fn from(digest: Digest) -> Self {
        Value::Text(digest.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::super::db::params;

    #[test]
    fn debug_of_a_value_never_shows_its_content() {
        let shown = format!("{:?}", params!("Quimby", 41i64, None::<String>, vec![1u8, 2]));
        assert_eq!(shown, "[Text(6 bytes), Int, Null, Blob(2 bytes)]");
    }
}
