//! Packs the lexicon's tables into one file, so that the program has nothing to work out when
//! it starts. Takes about two seconds, and runs again only when a table or a rule changes.

#[path = "vocab/pack.rs"]
mod pack;
#[path = "src/vocab/sound_index.rs"]
#[allow(dead_code)]
mod sound_index;
#[path = "src/vocab/sounds.rs"]
#[allow(dead_code)]
mod sounds;
#[path = "src/vocab/term.rs"]
#[allow(dead_code)]
mod term;

use std::path::Path;

/// The tables in the order of trust: those written by hand first.
const TABLES: [&str; 17] = [
    "abbreviations",
    "drugs",
    "findings",
    "anatomy",
    "procedures",
    "organisms",
    "labs",
    "imaging",
    "devices",
    "eponyms",
    "lay",
    "words",
    "fda",
    "icd10pcs",
    "icd10cm",
    "wordnet",
    "derived",
];

fn main() {
    let folder = Path::new("vocab");
    println!("cargo::rerun-if-changed=vocab");
    println!("cargo::rerun-if-changed=build.rs");
    for file in ["sound_index", "sounds", "term"] {
        println!("cargo::rerun-if-changed=src/vocab/{file}.rs");
    }
    let read = |name: &str| {
        let path = folder.join(name).with_extension("tsv");
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()))
    };
    let tables: Vec<String> = TABLES.iter().map(|name| read(name)).collect();
    let packed = pack::pack(&tables, &read("english"));
    let out = std::env::var_os("OUT_DIR").expect("cargo names the folder");
    std::fs::write(Path::new(&out).join("lexicon.bin"), packed).expect("the folder is writable");
}
