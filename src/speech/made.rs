//! Words that no list has and that only look as if they were regularly made of one: "peritonal" of
//! tonal, "homotropine" of tropine.
//!
//! Not for: words that look like nothing (`offer`), or whether a term was said (`verify` asks the
//! audio).
//!
//! Invariant: only a term that sounds almost the same comes in question, and none that differs in
//! its ending alone: a word that was made anew and was said is left as it is.

use super::known::Known;
use crate::vocab::candidates::Candidate;
use crate::vocab::readings;

/// A score as `vocab::candidates` gives it to the place of a valid word. On 57 recordings of
/// sentences with words that were made anew nothing below it was right: "dermatologic" for
/// rheumatologic has 0.80, "cystectomy" for a fistulectomy 0.84.
const SCORE_MIN: f32 = 0.85;
/// Terms that are looked at for one word.
const LOOKED_AT: usize = 5;

/// The terms that may have been said in the place of such words; `plain` has no marks.
pub fn found(known: &Known<'_>, plain: &[&str]) -> Vec<Candidate> {
    let passage = known.passage(plain);
    let lexicon = known.lexicon;
    let is_made =
        |word: &str| readings::is_word(lexicon, word) && !readings::is_listed(lexicon, word);
    let mut found = vec![];
    for at in (0..plain.len()).filter(|at| is_made(plain[*at])) {
        let near = passage.bias_terms(at..at + 1, LOOKED_AT).into_iter();
        found.extend(near.filter(|near| {
            let term = lexicon.term(near.id).text;
            near.score >= SCORE_MIN && !readings::differ_in_ending(plain[at], term)
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::offer::bare;
    use super::*;
    use crate::vocab::lexicon::Lexicon;

    fn found_in(text: &str) -> Vec<String> {
        let lexicon = Lexicon::built_in();
        let plain: Vec<&str> = text.split(' ').map(bare).collect();
        let found = found(&Known::of(&lexicon), &plain);
        found.iter().map(|near| lexicon.term(near.id).text.to_owned()).collect()
    }

    #[test]
    fn a_term_that_sounds_the_same_comes_in_question_however_sure_the_word_was() {
        assert_eq!(found_in("the peritonal cavity"), ["peritoneal"]);
        assert_eq!(found_in("in the eye as was homotropine 5%"), ["homatropine"]);
    }

    #[test]
    fn words_that_were_made_anew_stay() {
        for text in [
            "a noncuffed tube, nonfenestrated",
            "deviated ulnarly and lavaged",
            "noninjected and not rheumatologic",
            "the fracture was reclosed, undocked and decannulated",
        ] {
            assert_eq!(found_in(text), [""; 0], "{text}");
        }
    }
}
