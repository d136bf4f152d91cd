//! A Whisper model in CTranslate2 form becomes a q8_0 ggml file.
//!
//! Not for: fetching either (`install`), the two containers (`ct2`, `ggml`), or what an adapter
//! adds (`adapter`).
//!
//! Invariant: the same input gives the same bytes, so that the result has a known digest.
//!
//! In CTranslate2 the self-attention's `linear_0` is query, key and value stacked by rows and
//! `linear_1` the output; the attention to the audio has the query in `linear_0`, key and value
//! stacked in `linear_1`, the output in `linear_2`. The key has no bias in Whisper: CTranslate2
//! writes zeros for it, ggml has none.

use super::adapter::{Adapter, AdapterError};
use super::ct2::{Array, Ct2, Ct2Error};
use super::ggml::{GgmlError, Hyper, Precision, Writer};
use super::mel;
use super::vocabulary::{self, VocabularyError};
use std::io::{Read, Seek, Write};

/// Whisper large has 32.
const LAYERS_MAX: u32 = 64;
/// Every Whisper model has heads of 64 values (openai/whisper, `model.py` and its dimensions).
const HEAD_SIZE: u32 = 64;

#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    #[error("cannot convert the model")]
    Weights { source: Ct2Error },
    #[error("cannot convert the model's vocabulary")]
    Vocabulary { source: VocabularyError },
    #[error("cannot write the converted model")]
    Write { source: GgmlError },
    #[error("cannot merge the adapter")]
    Adapter { source: AdapterError },
    #[error("the model has an unexpected shape: {reason}")]
    Shape { reason: String },
}

/// Converts `weights` (`model.bin`) with `tokenizer` (`tokenizer.json`), merges the adapter, which
/// may be empty, and returns the output.
///
/// # Errors
/// Says what is missing or foreign in the input, or that the output cannot be written.
pub fn to_ggml<W: Write>(
    weights: impl Read + Seek,
    tokenizer: &[u8],
    adapter: Adapter,
    out: W,
) -> Result<W, ConvertError> {
    let vocabulary =
        vocabulary::read(tokenizer).map_err(|source| ConvertError::Vocabulary { source })?;
    let mut model = Ct2::open(weights).map_err(weights_error)?;
    let hyper = hyper(&model)?;
    if vocabulary.len() >= hyper.vocabulary as usize {
        return Err(ConvertError::Shape { reason: "more pieces than embeddings".into() });
    }
    let filters = mel::filters(hyper.bands as usize);
    let writer = Writer::begin(out, &hyper, &filters, &vocabulary).map_err(write_error)?;
    let mut conversion = Conversion { model: &mut model, adapter, writer };
    conversion.encoder(hyper.audio_layers)?;
    conversion.decoder(hyper.text_layers)?;
    conversion.adapter.finish().map_err(adapter_error)?;
    Ok(conversion.writer.finish())
}

/// Reads the hyper-parameters off the shapes of the variables.
fn hyper<R: Read + Seek>(model: &Ct2<R>) -> Result<Hyper, ConvertError> {
    let [audio_context, audio_state] = shape(model, "encoder/position_encodings/encodings")?;
    let [text_context, text_state] = shape(model, "decoder/position_encodings/encodings")?;
    let [vocabulary, _] = shape(model, "decoder/embeddings/weight")?;
    let [_, bands, _] = shape(model, "encoder/conv1/weight")?;
    Ok(Hyper {
        vocabulary,
        audio_context,
        audio_state,
        audio_heads: audio_state / HEAD_SIZE,
        audio_layers: layers(model, "encoder"),
        text_context,
        text_state,
        text_heads: text_state / HEAD_SIZE,
        text_layers: layers(model, "decoder"),
        bands,
        precision: Precision::Q8_0,
    })
}

fn shape<const N: usize, R: Read + Seek>(
    model: &Ct2<R>,
    name: &str,
) -> Result<[u32; N], ConvertError> {
    let found = model.shape(name).map_err(weights_error)?;
    found
        .try_into()
        .map_err(|_| ConvertError::Shape { reason: format!("{name} has the shape {found:?}") })
}

fn layers<R: Read + Seek>(model: &Ct2<R>, half: &str) -> u32 {
    let has = |layer: &u32| model.has(&format!("{half}/layer_{layer}/ffn/linear_0/weight"));
    (0..LAYERS_MAX).take_while(has).count() as u32
}

struct Conversion<'a, R, W> {
    model: &'a mut Ct2<R>,
    adapter: Adapter,
    writer: Writer<W>,
}

impl<R: Read + Seek, W: Write> Conversion<'_, R, W> {
    fn encoder(&mut self, layers: u32) -> Result<(), ConvertError> {
        self.whole("encoder/position_encodings/encodings", "encoder.positional_embedding")?;
        for conv in ["conv1", "conv2"] {
            self.whole(&format!("encoder/{conv}/weight"), &format!("encoder.{conv}.weight"))?;
            let mut bias = self.read(&format!("encoder/{conv}/bias"))?;
            bias.shape.push(1);
            self.write(&format!("encoder.{conv}.bias"), &bias)?;
        }
        for layer in 0..layers {
            let (from, to) = (format!("encoder/layer_{layer}"), format!("encoder.blocks.{layer}"));
            self.own_attention(&from, &to)?;
            self.feed_forward(&from, &to)?;
        }
        self.norm("encoder/layer_norm", "encoder.ln_post")
    }

    fn decoder(&mut self, layers: u32) -> Result<(), ConvertError> {
        self.whole("decoder/position_encodings/encodings", "decoder.positional_embedding")?;
        self.whole("decoder/embeddings/weight", "decoder.token_embedding.weight")?;
        for layer in 0..layers {
            let (from, to) = (format!("decoder/layer_{layer}"), format!("decoder.blocks.{layer}"));
            self.own_attention(&from, &to)?;
            self.audio_attention(&from, &to)?;
            self.feed_forward(&from, &to)?;
        }
        self.norm("decoder/layer_norm", "decoder.ln")
    }

    fn own_attention(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        let from = format!("{from}/self_attention");
        self.norm(&format!("{from}/layer_norm"), &format!("{to}.attn_ln"))?;
        let parts = ["query", "key", "value"];
        self.stacked(&format!("{from}/linear_0"), &format!("{to}.attn"), &parts)?;
        self.linear(&format!("{from}/linear_1"), &format!("{to}.attn.out"))
    }

    fn audio_attention(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        let (from, parts) = (format!("{from}/attention"), format!("{to}.cross_attn"));
        self.norm(&format!("{from}/layer_norm"), &format!("{to}.cross_attn_ln"))?;
        self.linear(&format!("{from}/linear_0"), &format!("{parts}.query"))?;
        self.stacked(&format!("{from}/linear_1"), &parts, &["key", "value"])?;
        self.linear(&format!("{from}/linear_2"), &format!("{parts}.out"))
    }

    fn feed_forward(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        self.norm(&format!("{from}/ffn/layer_norm"), &format!("{to}.mlp_ln"))?;
        self.linear(&format!("{from}/ffn/linear_0"), &format!("{to}.mlp.0"))?;
        self.linear(&format!("{from}/ffn/linear_1"), &format!("{to}.mlp.2"))
    }

    fn norm(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        self.whole(&format!("{from}/gamma"), &format!("{to}.weight"))?;
        self.whole(&format!("{from}/beta"), &format!("{to}.bias"))
    }

    fn linear(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        self.whole(&format!("{from}/weight"), &format!("{to}.weight"))?;
        self.whole(&format!("{from}/bias"), &format!("{to}.bias"))
    }

    /// Cuts a stack of matrices into its parts; a key's bias is left out.
    fn stacked(&mut self, from: &str, to: &str, parts: &[&str]) -> Result<(), ConvertError> {
        let weight = self.read(&format!("{from}/weight"))?;
        let bias = self.read(&format!("{from}/bias"))?;
        for (i, part) in parts.iter().enumerate() {
            self.write(&format!("{to}.{part}.weight"), &slice(&weight, i, parts.len())?)?;
            if *part != "key" {
                self.write(&format!("{to}.{part}.bias"), &slice(&bias, i, parts.len())?)?;
            }
        }
        Ok(())
    }

    fn whole(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        let array = self.read(from)?;
        self.write(to, &array)
    }

    fn read(&mut self, name: &str) -> Result<Array, ConvertError> {
        let mut array = self.model.array(name).map_err(weights_error)?;
        self.adapter.add_to(name, &mut array).map_err(adapter_error)?;
        Ok(array)
    }

    fn write(&mut self, name: &str, array: &Array) -> Result<(), ConvertError> {
        self.writer.tensor(name, &array.shape, &array.values).map_err(write_error)
    }
}

/// Part `i` of `count` equal parts along the first dimension.
fn slice(array: &Array, i: usize, count: usize) -> Result<Array, ConvertError> {
    let mut shape = array.shape.clone();
    let rows = shape.first().copied().unwrap_or(0);
    if rows == 0 || !(rows as usize).is_multiple_of(count) {
        return Err(ConvertError::Shape { reason: format!("{rows} rows are not {count} parts") });
    }
    shape[0] = rows / count as u32;
    let length = array.values.len() / count;
    Ok(Array { shape, values: array.values[i * length..][..length].to_vec() })
}

fn weights_error(source: Ct2Error) -> ConvertError {
    ConvertError::Weights { source }
}

fn adapter_error(source: AdapterError) -> ConvertError {
    ConvertError::Adapter { source }
}

fn write_error(source: GgmlError) -> ConvertError {
    ConvertError::Write { source }
}

#[cfg(test)]
mod tests {
    use super::super::{adapter, ggml};
    use super::*;
    use std::io::Cursor;

    const TOKENIZER: &str = r#"{"model":{"vocab":{"!":0,"Ġpain":1}},
        "added_tokens":[{"id":2,"content":"<|endoftext|>"}]}"#;

    /// A container of f32 variables of these shapes, each filled with its own number.
    fn container(variables: &[(String, Vec<u32>)]) -> Vec<u8> {
        let text = |text: &str| {
            let mut bytes = (text.len() as u16 + 1).to_le_bytes().to_vec();
            bytes.extend(text.as_bytes());
            bytes.push(0);
            bytes
        };
        let mut bytes = 6_u32.to_le_bytes().to_vec();
        bytes.extend(text("WhisperSpec"));
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((variables.len() as u32).to_le_bytes());
        for (i, (name, shape)) in variables.iter().enumerate() {
            let count: u32 = shape.iter().product();
            bytes.extend(text(name));
            bytes.push(shape.len() as u8);
            bytes.extend(shape.iter().flat_map(|n| n.to_le_bytes()));
            bytes.push(0);
            bytes.extend((count * 4).to_le_bytes());
            bytes.extend((0..count).flat_map(|_| (i as f32).to_le_bytes()));
        }
        bytes
    }

    /// The variables of a model with one layer in each half and a state of 64.
    fn variables() -> Vec<(String, Vec<u32>)> {
        let mut all = vec![
            ("encoder/position_encodings/encodings".to_owned(), vec![8, 64]),
            ("encoder/conv1/weight".to_owned(), vec![64, 80, 3]),
            ("encoder/conv1/bias".to_owned(), vec![64]),
            ("encoder/conv2/weight".to_owned(), vec![64, 64, 3]),
            ("encoder/conv2/bias".to_owned(), vec![64]),
            ("decoder/position_encodings/encodings".to_owned(), vec![4, 64]),
            ("decoder/embeddings/weight".to_owned(), vec![5, 64]),
        ];
        let mut linear = |name: &str, rows: u32, columns: u32| {
            all.push((format!("{name}/weight"), vec![rows, columns]));
            all.push((format!("{name}/bias"), vec![rows]));
        };
        for half in ["encoder/layer_0", "decoder/layer_0"] {
            linear(&format!("{half}/self_attention/linear_0"), 192, 64);
            linear(&format!("{half}/self_attention/linear_1"), 64, 64);
            linear(&format!("{half}/ffn/linear_0"), 256, 64);
            linear(&format!("{half}/ffn/linear_1"), 64, 256);
        }
        linear("decoder/layer_0/attention/linear_0", 64, 64);
        linear("decoder/layer_0/attention/linear_1", 128, 64);
        linear("decoder/layer_0/attention/linear_2", 64, 64);
        let norms = [
            "encoder/layer_0/self_attention",
            "encoder/layer_0/ffn",
            "decoder/layer_0/self_attention",
            "decoder/layer_0/attention",
            "decoder/layer_0/ffn",
            "encoder",
            "decoder",
        ];
        for place in norms {
            all.push((format!("{place}/layer_norm/gamma"), vec![64]));
            all.push((format!("{place}/layer_norm/beta"), vec![64]));
        }
        all
    }

    fn converted() -> Vec<u8> {
        with(Adapter::default()).expect("a whole model converts")
    }

    fn with(adapter: Adapter) -> Result<Vec<u8>, ConvertError> {
        let weights = Cursor::new(container(&variables()));
        to_ggml(weights, TOKENIZER.as_bytes(), adapter, vec![])
    }

    fn count(bytes: &[u8], name: &str) -> usize {
        bytes.windows(name.len()).filter(|window| *window == name.as_bytes()).count()
    }

    #[test]
    fn a_whole_model_converts_to_a_file_that_passes_the_check() {
        let bytes = converted();
        let hyper = ggml::check(&mut Cursor::new(&bytes)).expect("well-formed");
        assert_eq!((hyper.audio_layers, hyper.text_layers), (1, 1));
        assert_eq!((hyper.vocabulary, hyper.audio_heads, hyper.bands), (5, 1, 80));
        assert_eq!(bytes, converted(), "the same input gives the same bytes");
    }

    #[test]
    fn stacked_matrices_are_cut_and_keys_have_no_bias() {
        let bytes = converted();
        for part in ["query", "key", "value"] {
            assert_eq!(count(&bytes, &format!("encoder.blocks.0.attn.{part}.weight")), 1);
            assert_eq!(count(&bytes, &format!("decoder.blocks.0.cross_attn.{part}.weight")), 1);
            let biases = usize::from(part != "key");
            assert_eq!(count(&bytes, &format!("decoder.blocks.0.attn.{part}.bias")), biases);
        }
    }

    #[test]
    fn a_model_with_a_variable_missing_is_refused() {
        let mut variables = variables();
        variables.retain(|(name, _)| name != "decoder/layer_norm/beta");
        let weights = Cursor::new(container(&variables));
        let result = to_ggml(weights, TOKENIZER.as_bytes(), Adapter::default(), vec![]);
        assert!(matches!(result, Err(ConvertError::Weights { .. })));
    }

    #[test]
    fn an_adapter_changes_its_matrices_and_nothing_else() {
        let (down, up) = ([0.5; 64], [1.0; 64]);
        let part = |name: &str| {
            let (one, other) = (format!("{name}.down"), format!("{name}.up"));
            let matrices = [(one.as_str(), [1, 64], &down[..]), (other.as_str(), [64, 1], &up[..])];
            Adapter::read(&adapter::tests::file(&matrices)).expect("whole")
        };
        let plain = converted();
        let merged = with(part("decoder/layer_0/attention/linear_0/weight")).expect("it fits");
        ggml::check(&mut Cursor::new(&merged)).expect("well-formed");
        let changed = plain.iter().zip(&merged).filter(|(one, other)| one != other).count();
        // Every number of the matrix was the same: only the scales of its blocks differ.
        assert!((64 * 2..=64 * 2 * 2).contains(&changed), "{changed} bytes");
        let foreign = with(part("decoder/layer_9/attention/linear_0/weight"));
        let Err(ConvertError::Adapter { .. }) = foreign else { panic!("it has no such layer") };
    }
}
