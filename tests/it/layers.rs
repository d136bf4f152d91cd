//! The layer table of `src/ARCHITECTURE.md`, held against the source: who uses whom, which file
//! alone may name a library, and the shape of every file.
//!
//! Not for: style that rustfmt and clippy know.
//!
//! Invariant: the table is read from the page, so the page and the check cannot disagree.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 500;
const COLUMNS_MAX: usize = 100;

/// Siblings in one layer that may be used all the same: user, used.
const SIBLINGS: [(&str, &str); 4] =
    [("speech", "audio"), ("speech", "vocab"), ("text", "vocab"), ("main", "cli")];

/// Names with a home: an identifier, the places that may use it, and why.
const HOMES: &[(&str, &[&str], &str)] = &[
    ("rusqlite", &["src/store/db.rs", "src/store/db/"], "only store/db knows the database library"),
    ("whisper_rs", &["src/speech/whisper.rs"], "only speech/whisper.rs knows whisper"),
    ("whisper_rs_sys", &["src/speech/whisper.rs"], "only speech/whisper.rs knows whisper"),
    ("unsafe", &["src/speech/whisper.rs"], "only speech/whisper.rs calls C"),
    ("axum", &["src/web/"], "only web serves HTTP"),
    ("axum_extra", &["src/web/"], "only web serves HTTP"),
    ("axum_server", &["src/web/"], "only web serves HTTP"),
    ("rustls", &["src/web/"], "only web speaks TLS"),
    ("rcgen", &["src/web/tls.rs"], "only web/tls.rs makes certificates"),
    ("tower_http", &["src/web/"], "only web serves HTTP"),
    ("cpal", &["src/mic/"], "only mic records"),
    ("symphonia", &["src/audio/"], "only audio decodes"),
    ("hound", &["src/audio/", "src/mic/"], "only audio decodes, and mic writes what it records"),
    ("rubato", &["src/audio/"], "only audio resamples"),
    (
        "ureq",
        &["src/jobs/", "src/mic/upload.rs", "src/speech/"],
        "deliveries, the recorder's upload and model install alone connect outwards",
    ),
];

/// Paths that a pure layer does not touch: no IO, waiting, wire format or clock.
const IMPURE: [&str; 8] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "serde",
    "SystemTime",
    "Instant",
];
const PURE: [&str; 2] = ["src/domain/", "src/text/"];

/// HL7's word with two meanings; people sign in, and sign.
const BANNED: &str = "authentication";

#[test]
fn the_source_keeps_to_its_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read(&root.join("src/ARCHITECTURE.md"));
    let layers = Layers::from_page(&page);
    assert!(layers.0.len() > 10, "the layer table of src/ARCHITECTURE.md was not found");
    let mut problems = Vec::new();
    for folder in ["src", "tests"] {
        for path in rust_files(&root.join(folder)) {
            let name = path.strip_prefix(root).expect("the walk began there").to_string_lossy();
            problems.extend(problems_of(&layers, &name.replace('\\', "/"), &read(&path)));
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a source folder can be listed");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a source folder can be read").path();
        let skipped = path.file_name().is_some_and(|name| name == "node_modules");
        if path.is_dir() && !skipped {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Module and layer number.
struct Layers(Vec<(String, u32)>);

impl Layers {
    /// Reads rows such as "| 1 | `audio/`, `vocab/` | what for |".
    fn from_page(page: &str) -> Self {
        let mut layers = Vec::new();
        for row in page.lines().filter(|line| line.starts_with('|')) {
            let mut cells = row.split('|').map(str::trim).skip(1);
            let Some(Ok(number)) = cells.next().map(str::parse::<u32>) else { continue };
            let names = cells.next().unwrap_or_default();
            for name in names.split('`').skip(1).step_by(2) {
                layers
                    .push((name.trim_end_matches('/').trim_end_matches(".rs").to_owned(), number));
            }
        }
        Self(layers)
    }

    fn of(&self, module: &str) -> Option<u32> {
        self.0.iter().find(|(name, _)| name == module).map(|(_, number)| *number)
    }

    fn allow(&self, user: &str, used: &str) -> bool {
        let (Some(above), Some(below)) = (self.of(user), self.of(used)) else { return false };
        user == used || below < above || SIBLINGS.contains(&(user, used))
    }
}

/// Everything wrong with one file, each as "path:line: what".
fn problems_of(layers: &Layers, path: &str, text: &str) -> Vec<String> {
    let mut found = shape(text);
    if path.starts_with("src/") {
        let source = Source::read(text);
        found.extend(layering(layers, path, &source));
        found.extend(homes(path, &source));
        found.extend(sql(path, &source));
    }
    found.iter().map(|(line, what)| format!("{path}:{line}: {what}")).collect()
}

type Problem = (usize, String);

fn shape(text: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push((1, "a module opens with what it is for (//!)".to_owned()));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found.push((lines, format!("{lines} lines, more than {LINES_MAX}")));
    }
    for (line, number) in text.lines().zip(1..) {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX {
            found.push((number, format!("{columns} columns, more than {COLUMNS_MAX}")));
        }
    }
    found
}

fn layering(layers: &Layers, path: &str, source: &Source) -> Vec<Problem> {
    let inside = path.trim_start_matches("src/");
    let user = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    if user == "lib" {
        return Vec::new();
    }
    if layers.of(user).is_none() {
        return vec![(1, format!("{user} is not in the layer table of src/ARCHITECTURE.md"))];
    }
    let mut found = Vec::new();
    for (line, used) in source.modules_used(inside) {
        if !layers.allow(user, &used) {
            found.push((line, format!("{user} may not use {used}")));
        }
    }
    found
}

fn homes(path: &str, source: &Source) -> Vec<Problem> {
    let mut found = Vec::new();
    for (line, word) in &source.words {
        let home = HOMES.iter().find(|(name, _, _)| name == word);
        if let Some((name, places, why)) = home
            && !places.iter().any(|place| path.starts_with(place))
        {
            found.push((*line, format!("{name} is named: {why}")));
        }
        if word.to_ascii_lowercase().contains(BANNED) {
            found.push((*line, format!("{word}: a person signs in, and signs")));
        }
    }
    if PURE.iter().any(|pure| path.starts_with(pure)) {
        for (text, line) in source.code.lines().zip(1..) {
            if let Some(name) = IMPURE.iter().find(|name| names(text, name)) {
                found.push((line, format!("{name} is used in a pure layer")));
            }
        }
    }
    found
}

/// Whether a line has this path or identifier, not merely a longer word around it.
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + name.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn sql(path: &str, source: &Source) -> Vec<Problem> {
    if path.starts_with("src/store/") {
        return Vec::new();
    }
    let strings = source.strings.iter().filter(|(_, text)| is_sql(text));
    strings.map(|(line, _)| (*line, "SQL outside store".to_owned())).collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    begins(&["insert into ", "insert or ", "delete from ", "pragma ", "begin immediate"])
        || begins(&["create table ", "create index ", "create trigger ", "alter table ", "drop "])
            && text.split(' ').count() > 2
        || begins(&["select "]) && text.contains(" from ")
        || begins(&["update "]) && text.contains(" set ")
}

/// A file taken apart: code without comments and literals, its words, and its string literals.
struct Source {
    code: String,
    words: Vec<(usize, String)>,
    strings: Vec<(usize, String)>,
}

impl Source {
    fn read(text: &str) -> Self {
        let (code, strings) = take_apart(text);
        let mut words = Vec::new();
        for (line, number) in code.lines().zip(1..) {
            let each = line.split(|c| !is_word(c)).filter(|word| !word.is_empty());
            words.extend(each.map(|word| (number, word.to_owned())));
        }
        Self { code, words, strings }
    }

    /// The top modules this file reaches by `crate::`, by `chartscribe::`, or by climbing out of
    /// its own with `super::` at the left margin (further in, `super` may begin in an inline
    /// module, and rustfmt indents those).
    fn modules_used(&self, inside: &str) -> Vec<(usize, String)> {
        let depth = inside.trim_end_matches("/mod.rs").split('/').count();
        let climb = "super::".repeat(depth);
        let mut used = Vec::new();
        for root in ["crate::", "chartscribe::", &climb] {
            for (start, _) in self.code.match_indices(root) {
                let before = &self.code[..start];
                let margin = before.rsplit('\n').next().unwrap_or_default();
                let inner = margin.starts_with(' ') || margin.ends_with("super::");
                if before.ends_with(is_word) || (root == climb && inner) {
                    continue;
                }
                let line = before.matches('\n').count() + 1;
                let names = first_names(&self.code[start + root.len()..]);
                used.extend(names.into_iter().map(|name| (line, name)));
            }
        }
        used.retain(|(_, name)| !matches!(name.as_str(), "self" | ""));
        used
    }
}

/// `audio::Chunk` gives `audio`; `{domain::x, store}` gives both.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.trim().chars().take_while(|c| is_word(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut start, mut names) = (1, 0, Vec::new());
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            names.push(name(&group[start..place]));
            start = place + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Blanks comments and literals, keeping every line where it was; string literals are handed out
/// beside, with the line they begin in.
fn take_apart(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let in_word = code.chars().next_back().is_some_and(is_word);
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some((inner, length)) = string(rest, in_word) {
            strings.push((code.matches('\n').count() + 1, rest[inner].to_owned()));
            length
        } else if c == '\'' {
            char_literal(rest)
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        code.extend(rest[..length].chars().filter(|c| *c == '\n'));
        rest = &rest[length..];
    }
    (code, strings)
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut place) = (0, 0);
    while place < text.len() {
        let here = &text.as_bytes()[place..];
        if here.starts_with(b"/*") {
            (depth, place) = (depth + 1, place + 2);
        } else if here.starts_with(b"*/") {
            (depth, place) = (depth - 1, place + 2);
        } else {
            place += 1;
        }
        if depth == 0 {
            break;
        }
    }
    place
}

/// Where the content of a string literal that begins here stands, and the literal's length.
fn string(text: &str, in_word: bool) -> Option<(Range<usize>, usize)> {
    if in_word && !text.starts_with('"') {
        return None;
    }
    let unprefixed = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - unprefixed.len();
    if let Some(raw) = unprefixed.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let closing = format!("\"{}", "#".repeat(hashes));
        let start = prefix + 2 + hashes;
        let end = start + body.find(&closing)?;
        return Some((start..end, end + closing.len()));
    }
    let body = unprefixed.strip_prefix('"')?;
    let mut escaped = false;
    for (place, c) in body.char_indices() {
        match c {
            '"' if !escaped => return Some((prefix + 1..prefix + 1 + place, prefix + 2 + place)),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// The length of a character literal, or of the tick alone where a lifetime begins.
fn char_literal(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => text[2..].find('\'').map_or(1, |end| {
            // '\'' closes at the second tick.
            if text[2..].starts_with('\'') { 4 } else { end + 3 }
        }),
        Some(_) => match chars.next() {
            Some((place, '\'')) => place + 1,
            _ => 1,
        },
        None => 1,
    }
}

mod checker {
    //! The checker itself, on trees that break one rule each.

    use super::*;

    const PAGE: &str = "| layer | module |\n|---|---|\n| 0 | `domain/`, `fault.rs` | words |\n\
        | 1 | `audio/`, `vocab/` |\n| 1 | `speech/` |\n| 1 | `text/` |\n| 2 | `store/` |\n\
        | 3 | `workflow/` |\n| 5 | `web/` |\n| 6 | `cli/`, `main.rs` |\n";

    fn check(path: &str, body: &str) -> String {
        let problems =
            problems_of(&Layers::from_page(PAGE), path, &format!("//! For this test.\n{body}"));
        problems.join("\n")
    }

    #[test]
    fn a_layer_uses_lower_ones_itself_and_the_named_siblings() {
        for (path, body) in [
            ("src/store/db.rs", "use crate::{audio::Chunk, domain::{ids, time}, store};\n"),
            ("src/workflow/sign.rs", "fn f() { crate::store::open(); crate::fault::here(); }"),
            ("src/speech/child.rs", "use crate::audio::Chunk;\nuse crate::vocab::Term;\n"),
            ("src/cli/serve.rs", "use crate::web;\n"),
            ("src/lib.rs", "pub mod web;\n"),
            ("src/domain/report.rs", "mod tests {\n    use super::super::report;\n}\n"),
            ("tests/it/road.rs", "use chartscribe::web;\n"),
        ] {
            assert_eq!(check(path, body), "", "{body}");
        }
    }

    #[test]
    fn using_a_higher_layer_or_a_sibling_is_found() {
        for (path, body, expected) in [
            ("src/store/db.rs", "use crate::web::App;\n", ":2: store may not use web"),
            (
                "src/audio/wav.rs",
                "\nuse crate::{domain,\n speech::x};\n",
                "audio may not use speech",
            ),
            ("src/audio/wav.rs", "fn f() { crate::text::g() }\n", "audio may not use text"),
            ("src/audio/wav.rs", "use super::super::store;\n", "audio may not use store"),
            ("src/audio/mod.rs", "use super::store;\n", "audio may not use store"),
            ("src/fault.rs", "use crate::audio;\n", "fault may not use audio"),
            ("src/audio/wav.rs", "use crate::nowhere::X;\n", "audio may not use nowhere"),
            ("src/extra/mod.rs", "", "extra is not in the layer table"),
        ] {
            let found = check(path, body);
            assert!(found.contains(expected), "{body}: {found}");
        }
    }

    #[test]
    fn a_library_named_outside_its_home_is_found() {
        for (path, body, expected) in [
            ("src/store/people.rs", "use rusqlite::Row;\n", "rusqlite is named"),
            ("src/speech/child.rs", "fn f() { whisper_rs::g() }\n", "whisper_rs is named"),
            ("src/store/db.rs", "fn f() { unsafe { g() } }\n", "unsafe is named"),
            ("src/cli/serve.rs", "use axum::Router;\n", "axum is named"),
            ("src/web/post.rs", "use ureq::post;\n", "ureq is named"),
            ("src/domain/time.rs", "use std::time::SystemTime;\n", "SystemTime is used in a pure"),
            ("src/text/mod.rs", "use std::fs;\n", "std::fs is used in a pure layer"),
            ("src/web/x.rs", "fn check_authentication() {}\n", "check_authentication: a person"),
            ("src/cli/x.rs", "const Q: &str = \"select a\\n from b\";\n", ":2: SQL outside store"),
            ("src/cli/x.rs", "const Q: &str = r#\"\n update a set b\"#;\n", "SQL outside store"),
        ] {
            let found = check(path, body);
            assert!(found.contains(expected), "{body}: {found}");
        }
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        for body in [
            "// use crate::web; unsafe authentication\n",
            "/* rusqlite /* nested */ axum */ fn f() {}\n",
            "const A: &str = \"crate::web \\\" unsafe\";\n",
            "const A: &str = r##\"say \"# crate::web\"##;\n",
            "const A: &[u8] = b\"axum\"; const Q: char = '\"'; const T: char = '\\''; // axum\n",
            "fn f<'a>(x: &'a str) -> &'a str { x } // unsafe\n",
            "const A: &str = \"please select a file, then update it\";\n",
            "#![deny(unsafe_code)]\n",
        ] {
            assert_eq!(check("src/domain/x.rs", body), "", "{body}");
        }
        let after = check("src/domain/x.rs", "const Q: char = '\"';\nuse crate::web;\n");
        assert!(after.contains(":3: domain may not use web"), "{after}");
    }

    #[test]
    fn long_files_wide_lines_and_missing_prologues_are_found() {
        let wide = |columns: usize| format!("// {}\n", "é".repeat(columns - 3));
        assert!(check("src/domain/x.rs", &"\n".repeat(500)).contains("501 lines"));
        assert!(check("tests/it/x.rs", &wide(101)).contains("101 columns"));
        assert_eq!(check("tests/it/x.rs", &wide(100)), "");
        let bare = problems_of(&Layers::from_page(PAGE), "src/domain/x.rs", "fn f() {}\n");
        assert!(bare[0].contains("opens with what it is for"), "{bare:?}");
    }
}
