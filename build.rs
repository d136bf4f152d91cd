//! Packs the lexicon's tables into one file, so that the program has nothing to work out when
//! it starts, and checks that the web UI has been built before it is embedded. Packing takes
//! about two seconds, and runs again only when a table or a rule changes.
//!
//! Not for: building the web UI; that needs Node.js, which `make ui` finds.

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

const BUNDLE: [&str; 3] =
    ["src/web/ui/dist/app.js", "src/web/ui/dist/app-style.css", "src/web/ui/dist/notices.txt"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    check_web_ui();
    pack_lexicon();
}

fn check_web_ui() {
    println!("cargo::rerun-if-changed=src/web/ui/dist");
    for file in BUNDLE {
        println!("cargo::rerun-if-changed={file}");
        if !Path::new(file).exists() {
            println!(
                "cargo::error=the web UI is not built ({file} is missing): run `make ui`, \
                 which is `npm ci && npm run build` in src/web/ui"
            );
        }
    }
}

fn pack_lexicon() {
    let folder = Path::new("vocab");
    println!("cargo::rerun-if-changed=vocab");
    for file in ["sound_index", "sounds", "term"] {
        println!("cargo::rerun-if-changed=src/vocab/{file}.rs");
    }
    let read = |name: &str| {
        let path = folder.join(name).with_extension("tsv");
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()))
    };
    let tables: Vec<String> = TABLES.iter().map(|name| read(name)).collect();
    let out = std::env::var_os("OUT_DIR").expect("cargo names the folder");
    let write = |name: &str, packed: Vec<u8>| {
        std::fs::write(Path::new(&out).join(name), packed).expect("the folder is writable");
    };
    write("lexicon.bin", pack::pack(&tables, &read("english")));
    write(
        "collocations.bin",
        pack::pack_collocations(&[tables, vec![read("collocations")]].concat()),
    );
}
