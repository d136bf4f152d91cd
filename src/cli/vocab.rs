//! `chartscribe vocab`: looks words up, checks a text, and imports and exports the layers that a
//! site adds to the lexicon.
//!
//! Not for: the built-in terms, which change with the program.

use super::place::{PlaceArgs, operator};
use crate::domain::ids::{PatientId, PersonId};
use crate::domain::person::{DEPARTMENT_MAX, Department};
use crate::vocab::candidates::{self, SPAN_WORDS_MAX};
use crate::vocab::context::Context;
use crate::vocab::correct::{Correction, correct};
use crate::vocab::doses;
use crate::vocab::lexicon::{Layer, Lexicon, TermId};
use crate::vocab::lists::{self, Format, LIST_BYTES_MAX, List};
use crate::vocab::look_alikes;
use crate::vocab::readings;
use crate::workflow::vocabulary::{self, Effect, Layers};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How many candidates `lookup` prints.
const SHOWN: usize = 10;
/// The longest text that `check` reads, in bytes.
const TEXT_BYTES_MAX: u64 = 4 << 20;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Show what the lexicon knows of some words, and what they may have been heard for.
    Lookup {
        /// One to five words, as they were heard.
        #[arg(required = true, num_args = 1..=SPAN_WORDS_MAX)]
        words: Vec<String>,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        layers: LayersArgs,
    },
    /// Read a text and say which words no list has, and what would be done with them.
    Check {
        /// The text; standard input where it is missing.
        file: Option<PathBuf>,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        layers: LayersArgs,
    },
    /// Read a list of terms, show what importing it would do, and with --yes do it.
    Import {
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        layer: LayerArgs,
        file: PathBuf,
        /// csv, tsv, plain, rxnorm or icd-order; guessed from the first line where missing.
        #[arg(long, value_parser = format)]
        format: Option<Format>,
        /// Import; without it nothing is changed.
        #[arg(long)]
        yes: bool,
    },
    /// Print a layer as TSV; the built-in one needs no data folder.
    Export {
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        layer: LayerArgs,
    },
}

#[derive(clap::Args)]
struct LayerArgs {
    /// site, department, author or patient (export: also built-in).
    #[arg(long, default_value = "site", value_parser = layer)]
    layer: Layer,
    /// The department's name, or the id of the person or the patient.
    #[arg(long, default_value = "")]
    owner: String,
}

/// Which layers of the data folder count besides the site's.
#[derive(clap::Args)]
struct LayersArgs {
    /// With the department's layer.
    #[arg(long, value_name = "NAME", value_parser = department)]
    department: Option<Department>,
    /// With the layer of the author with this id.
    #[arg(long, value_name = "ID")]
    author: Option<PersonId>,
    /// With the layer of the patient with this id.
    #[arg(long, value_name = "ID")]
    patient: Option<PatientId>,
}

fn department(name: &str) -> Result<Department, String> {
    Department::parse(name)
        .ok_or_else(|| format!("a department has 1 to {DEPARTMENT_MAX} characters"))
}

fn layer(code: &str) -> Result<Layer, String> {
    Layer::from_code(code)
        .ok_or_else(|| format!("the layers are {}", Layer::ALL.map(Layer::code).join(", ")))
}

fn format(code: &str) -> Result<Format, String> {
    Format::from_code(code)
        .ok_or_else(|| format!("the formats are {}", Format::ALL.map(|(_, code)| code).join(", ")))
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Lookup { words, place, layers } => lookup(&lexicon(&place, layers)?, &words),
        What::Check { file, place, layers } => check(&lexicon(&place, layers)?, file.as_deref()),
        What::Import { place, layer, file, format, yes } => {
            import(&place, &layer, &file, format, yes)
        }
        What::Export { place, layer } => export(&place, &layer),
    }
}

/// The terms of the data folder's layers too, where a folder is named; else the built-in ones.
fn lexicon(place: &PlaceArgs, layers: LayersArgs) -> anyhow::Result<Lexicon> {
    let LayersArgs { department, author, patient } = layers;
    if place.file()?.data.is_some() {
        let layers = Layers { department, author, patient };
        return Ok(vocabulary::lexicon_for(&place.open()?, &operator(), &layers)?);
    }
    if department.is_some() || author.is_some() || patient.is_some() {
        bail!("the layers are in a data folder: name it with --data");
    }
    Ok(Lexicon::built_in())
}

fn lookup(lexicon: &Lexicon, words: &[String]) -> anyhow::Result<ExitCode> {
    let words: Vec<&str> = words.iter().flat_map(|word| word.split_whitespace()).collect();
    let mut out = std::io::stdout().lock();
    let known = lexicon.find(&words.join(" "));
    if let Some(id) = known {
        describe(&mut out, lexicon, id)?;
    }
    for candidate in candidates::for_place(lexicon, &words, SHOWN) {
        let term = lexicon.term(candidate.id);
        let subjects: Vec<&str> = term.subjects.iter().map(|subject| subject.code()).collect();
        writeln!(
            out,
            "{:.2}\t{}\t{}\tsound {:.2} spelling {:.2}{}",
            candidate.score,
            term.text,
            subjects.join(","),
            candidate.sound,
            candidate.spelling,
            if term.ordinary { " ordinary" } else { "" },
        )?;
    }
    Ok(if known.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(out: &mut impl Write, lexicon: &Lexicon, id: TermId) -> anyhow::Result<()> {
    let term = lexicon.term(id);
    let subjects: Vec<&str> = term.subjects.iter().map(|subject| subject.code()).collect();
    let (text, subjects, layer) = (term.text, subjects.join(","), term.layer.code());
    writeln!(out, "{text}\t{subjects}\tcommon {}\t{layer}", term.common)?;
    let of = term.of.map(|of| lexicon.term(of).text);
    if let Some(of) = of {
        writeln!(out, "  of: {of}")?;
    }
    if term.ambiguous {
        writeln!(out, "  has several meanings")?;
    }
    if term.ordinary {
        writeln!(out, "  also ordinary English: never biases, never corrects")?;
    }
    let rivals = look_alikes::rivals(term.text);
    if !rivals.is_empty() {
        writeln!(out, "  taken for: {}", rivals.join(", "))?;
    }
    if let Some(dosing) = doses::dosing(of.unwrap_or(term.text)) {
        let (low, high) = dosing.single;
        writeln!(
            out,
            "  usual: {}; {}; {low} to {high} {unit}, at most {} {unit} a day",
            dosing.forms.join(", "),
            dosing.routes.join(", "),
            dosing.daily_high,
            unit = dosing.unit,
        )?;
    }
    Ok(())
}

fn check(lexicon: &Lexicon, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let text = match file {
        Some(path) => read_text(path, TEXT_BYTES_MAX)?,
        None => {
            let mut text = String::new();
            std::io::stdin().lock().take(TEXT_BYTES_MAX).read_to_string(&mut text)?;
            text
        }
    };
    let mut out = std::io::stdout().lock();
    let (mut words, mut unknown) = (0usize, 0usize);
    for (line, text) in (1..).zip(text.lines()) {
        let bare = |word: &'_ str| word.trim_matches(|c: char| !c.is_alphanumeric()).len();
        let all: Vec<&str> = text
            .split_whitespace()
            .filter(|word| bare(word) > 0)
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .collect();
        words += all.len();
        for (at, word) in all.iter().enumerate() {
            if readings::is_word(lexicon, word) {
                continue;
            }
            unknown += 1;
            let context = Context {
                before: &all[..at],
                after: &all[at + 1..],
                begins_sentence: at == 0,
                ..Context::default()
            };
            let done = match correct(lexicon, &[word], &context) {
                Correction::Keep { .. } => "keep".to_owned(),
                Correction::Suggest(shown) => {
                    let shown: Vec<&str> = shown.iter().map(|w| w.text.as_str()).collect();
                    format!("suggest\t{}", shown.join(", "))
                }
                Correction::Replace(by) => format!("replace\t{}", by.text),
            };
            writeln!(out, "{line}\t{word}\t{done}")?;
        }
    }
    eprintln!("{words} words, {unknown} in no list");
    Ok(if unknown == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn import(
    place: &PlaceArgs,
    layer: &LayerArgs,
    file: &Path,
    format: Option<Format>,
    yes: bool,
) -> anyhow::Result<ExitCode> {
    let of = vocabulary::layer_of(layer.layer, &layer.owner)?;
    let text = read_text(file, LIST_BYTES_MAX)?;
    let format = format.unwrap_or_else(|| Format::guess(&text));
    let list = lists::read(&text, format);
    eprintln!(
        "{} terms, read as {}; {} lines skipped",
        list.terms.len(),
        format.code(),
        list.skipped
    );
    if list.problem_count > 0 {
        print_problems(&list);
        bail!("{} bad lines; nothing was imported", list.problem_count);
    }
    let site = place.open()?;
    let preview = vocabulary::preview(&site, &operator(), &of, &list.terms)?;
    print_effect("would be", &preview);
    if !yes {
        eprintln!("nothing was changed; --yes imports");
        return Ok(ExitCode::SUCCESS);
    }
    let effect = vocabulary::import(&site, &operator(), &of, &list.terms)?;
    print_effect("were", &effect);
    Ok(ExitCode::SUCCESS)
}

fn print_problems(list: &List) {
    for (line, problem) in &list.problems {
        eprintln!("line {line}: {problem}");
    }
}

fn print_effect(verb: &str, effect: &Effect) {
    let Effect { added, changed, unchanged, built_in } = effect;
    eprintln!(
        "{added} {verb} added, {changed} changed, {unchanged} left as they are; \
         {built_in} are in the built-in lexicon too"
    );
}

fn export(place: &PlaceArgs, layer: &LayerArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "term\tsubject\tsaid\tadded_by")?;
    if layer.layer == Layer::BuiltIn {
        let lexicon = Lexicon::built_in();
        for term in lexicon.ids().map(|id| lexicon.term(id)) {
            let subject = term.subjects.iter().next().map_or("word", |subject| subject.code());
            writeln!(out, "{}\t{subject}\t\tbuilt-in", term.text)?;
        }
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let of = vocabulary::layer_of(layer.layer, &layer.owner)?;
    let site = place.open()?;
    for stored in vocabulary::list(&site, &operator(), &of)? {
        let said = stored.term.said.unwrap_or_default();
        let subject = stored.term.subject.code();
        writeln!(out, "{}\t{subject}\t{said}\t{}", stored.term.term, stored.added_by)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn read_text(path: &Path, most: u64) -> anyhow::Result<String> {
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > most {
        bail!("{} is larger than the limit of {most} bytes", path.display());
    }
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8 text", path.display()))
}
