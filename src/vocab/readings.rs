//! Whether what was heard is a valid reading: words of the language, known terms, and what is
//! regularly made of them.
//!
//! Not for: whether the words make sense together.
//!
//! Invariant: when in doubt a reading is valid, so that nothing right is replaced.

use super::lexicon::Lexicon;

/// Endings that make a word of another, and what stands in their place in the other.
const ENDINGS: &[(&str, &[&str])] = &[
    ("s", &[""]),
    ("es", &["", "is"]),
    ("'s", &[""]),
    ("ed", &["", "e"]),
    ("d", &[""]),
    ("ing", &["", "e"]),
    ("ly", &["", "le"]),
    ("ally", &["", "al"]),
    ("er", &["", "e"]),
    ("or", &["", "e"]),
    ("ers", &["", "e"]),
    ("ors", &["", "e"]),
    ("ies", &["y"]),
    ("ied", &["y"]),
    ("ness", &["", "y"]),
    ("less", &[""]),
    ("like", &[""]),
    ("able", &["", "e"]),
    ("al", &["", "e", "us", "um", "a"]),
    ("ic", &["", "y", "ia", "us"]),
    ("ation", &["", "e", "ate"]),
    ("ations", &["", "e", "ate"]),
    ("ion", &["", "e"]),
    ("ity", &["", "e"]),
    ("ical", &["y", "ic", ""]),
    ("ically", &["y", "ic", "ical"]),
    ("ectomies", &["ectomy"]),
    ("ectomy", &["otomy", "ostomy", "oscopy", "oplasty", "itis", "a", "us", "um", ""]),
    ("otomy", &["ectomy", "ostomy", "oscopy", "oplasty", "itis", "a", "us", "um", ""]),
    ("ostomy", &["ectomy", "otomy", "oscopy", "oplasty", "itis", "a", "us", "um", ""]),
    ("oplasty", &["ectomy", "otomy", "ostomy", "oscopy", "itis", "a", "us", "um", ""]),
    ("oscopy", &["ectomy", "otomy", "ostomy", "oplasty", "itis", "a", "us", "um", ""]),
    ("ae", &["a"]),
];

/// Those of plurals and possessives.
const INFLECTIONS: &[(&str, &[&str])] =
    &[("s", &[""]), ("es", &["", "is"]), ("'s", &[""]), ("ies", &["y"]), ("ae", &["a"])];

/// What joins words to one.
const JOINTS: [char; 3] = ['-', '/', '&'];

/// Beginnings that make a word of another.
const BEGINNINGS: &[&str] = &[
    "non", "un", "re", "pre", "post", "sub", "super", "supra", "infra", "intra", "inter", "extra",
    "peri", "para", "retro", "trans", "anti", "over", "under", "mid", "semi", "hemi", "bi", "tri",
    "multi", "poly", "micro", "macro", "co", "de", "dis", "mis", "endo", "epi", "ultra", "auto",
    "pan", "mono", "hypo", "hyper", "pseudo", "video", "tele", "photo", "radio", "chemo", "immuno",
    "neuro", "cardio", "osteo", "arthro", "electro", "cranio", "myo", "antero", "postero",
    "supero", "infero", "medio", "latero", "dorso", "ventro", "cyto", "histo", "hemo", "hemato",
    "fibro", "lipo", "angio", "thrombo", "veno", "arterio", "lympho", "reno", "nephro", "uretero",
    "vesico", "cysto", "hepato", "gastro", "entero", "ileo", "jejuno", "duodeno", "colo", "recto",
    "naso", "oro", "oto", "laryngo", "tracheo", "pharyngo", "broncho", "bronchio", "thoraco",
    "abdomino", "spondylo", "chondro", "musculo", "psycho", "physio", "thermo", "brachy", "clavi",
    "muco", "holo", "rheumato", "dermato", "myelo", "adeno", "hydro", "pyo", "oligo", "normo",
    "iso", "homo", "hetero", "ortho", "maxillo", "temporo", "fronto", "occipito", "parieto",
    "sterno", "costo",
];

/// The shortest word that an ending or a beginning is taken from.
const STEM_MIN: usize = 4;

/// Whether every word is valid, or the words together are a term.
pub fn is_valid(lexicon: &Lexicon, words: &[&str]) -> bool {
    lexicon.find(&words.join(" ")).is_some() || words.iter().all(|word| is_word(lexicon, word))
}

/// Whether this is a word of the language, a term, a number, an abbreviation, or regularly made
/// of one.
pub fn is_word(lexicon: &Lexicon, word: &str) -> bool {
    stands(word, &|part| known(lexicon, part) || is_made(lexicon, &part.to_lowercase()))
}

/// The same without what is made of a word, but for a plural or a possessive. A recogniser that
/// spells what it does not know makes such words ("peritonal", "supernasal"): of those in what was
/// heard of strangers 15 of 16 had not been said, while a person who writes one means it.
pub fn is_listed(lexicon: &Lexicon, word: &str) -> bool {
    stands(word, &|part| known(lexicon, part) || is_inflected(lexicon, &part.to_lowercase()))
}

/// Whether a list has the word or all parts of it, or it is nothing for lists.
fn stands(word: &str, has: &dyn Fn(&str) -> bool) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).replace('\u{2019}', "'");
    let word = word.as_str();
    if word.chars().count() < 3 || word.chars().any(|c| c.is_ascii_digit()) || is_initials(word) {
        return true;
    }
    has(word) || word.contains(JOINTS) && word.split(JOINTS).all(|part| stands(part, has))
}

/// A word that the language or the lexicon lists as it is.
pub fn known(lexicon: &Lexicon, word: &str) -> bool {
    lexicon.english_level(word).is_some() || lexicon.find(word).is_some()
}

/// Several capitals: an abbreviation or a maker's name, which
/// is not for us to correct.
fn is_initials(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).count() >= 2
}

fn is_made(lexicon: &Lexicon, word: &str) -> bool {
    with_ending(lexicon, word, ENDINGS) || {
        BEGINNINGS.iter().filter_map(|beginning| word.strip_prefix(beginning)).any(|rest| {
            rest.len() >= STEM_MIN && (known(lexicon, rest) || with_ending(lexicon, rest, ENDINGS))
        })
    }
}

fn is_inflected(lexicon: &Lexicon, word: &str) -> bool {
    with_ending(lexicon, word, INFLECTIONS)
}

fn with_ending(lexicon: &Lexicon, word: &str, endings: &[(&str, &[&str])]) -> bool {
    endings.iter().any(|(ending, instead)| {
        let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= STEM_MIN) else {
            return false;
        };
        instead.iter().any(|last| known(lexicon, &format!("{stem}{last}")))
            || doubled(stem).is_some_and(|stem| known(lexicon, stem))
    })
}

/// "stopp" of "stopped" without the letter that was doubled.
fn doubled(stem: &str) -> Option<&str> {
    let mut last = stem.bytes().rev();
    (last.next()? == last.next()?).then(|| &stem[..stem.len() - 1])
}

/// Whether two words differ only in their endings, as "retinacular" and "retinaculum" do: both
/// are likely to be right.
pub fn differ_in_ending(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let (Some(rest), Some(other_rest)) = (one.get(same..), other.get(same..)) else {
        return false;
    };
    let is_ending = |rest: &str| LAST_LETTERS.contains(&rest);
    same >= 5 && is_ending(rest) && is_ending(other_rest)
}

/// What may stand after the letters that two forms of a word have in common.
pub(super) const LAST_LETTERS: [&str; 64] = [
    "", "age", "s", "es", "d", "ed", "r", "er", "ers", "or", "ors", "ar", "al", "an", "ian", "a",
    "ae", "e", "i", "um", "us", "is", "on", "ion", "ions", "ing", "ings", "y", "ies", "ied", "ic",
    "ics", "ical", "ous", "ious", "ly", "ally", "ize", "ized", "izes", "izing", "ise", "ised",
    "ate", "ated", "ates", "ating", "ation", "ator", "tion", "able", "ible", "ity", "ety", "fy",
    "ty", "ist", "ists", "ism", "ment", "ant", "ent", "ence", "ance",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_what_is_made_of_them_are_valid() {
        let lexicon = Lexicon::built_in();
        for word in [
            "patient",
            "metoprolol",
            "Vicryl",
            "debrided",
            "nontender",
            "reclosed",
            "umbilically",
            "templating",
            "stopped",
            "5",
            "q6h",
            "SGIA",
            "well-developed",
            "Smith's",
            "choanae",
            "NovoLog",
            "pH",
        ] {
            assert!(is_word(&lexicon, word), "{word}");
        }
    }

    #[test]
    fn what_is_only_made_of_a_listed_word_is_not_listed() {
        let lexicon = Lexicon::built_in();
        for word in ["peritonal", "homotropine", "supernasal", "gaudic", "hydrosine-like"] {
            assert!(is_word(&lexicon, word) && !is_listed(&lexicon, word), "{word}");
        }
        for word in ["peritoneal", "graspers", "Smith's", "laminotomies", "well-fed", "5", "SGIA"] {
            assert!(is_listed(&lexicon, word), "{word}");
        }
    }

    #[test]
    fn what_no_list_has_is_not_valid() {
        let lexicon = Lexicon::built_in();
        for word in ["acetam", "phlegial", "colicistitis", "acolythiasis", "vulgariax"] {
            assert!(!is_word(&lexicon, word), "{word}");
        }
    }
}
