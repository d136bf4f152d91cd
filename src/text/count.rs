//! How much was typed: lines of 65 characters and visible characters, as the trade counts them.
//!
//! Not for: paying anybody.
//!
//! Invariant: a run of white space is one character; text that a template brought and that still
//! stands as it came is not counted (domain specification 3.12). A report's text has neither
//! header nor footer: these are made when it is printed.

/// Characters of a line of text, spaces included.
pub const LINE: u32 = 65;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// With spaces, each run once, templates left out.
    pub characters: u32,
    /// Letters, digits and marks without spaces, templates left out.
    pub visible: u32,
    /// Characters with spaces that came from templates.
    pub template: u32,
}

/// Counts a text; `templates` are the passages that were put in.
pub fn count(text: &str, templates: &[String]) -> Counted {
    let mut own = text.to_owned();
    let mut template = 0;
    for passage in templates {
        let passage = passage.trim();
        if passage.is_empty() {
            continue;
        }
        if let Some(at) = own.find(passage) {
            template += characters(passage);
            // The space keeps the words before and behind it apart.
            own.replace_range(at..at + passage.len(), " ");
        }
    }
    let visible = own.chars().filter(|c| !c.is_whitespace()).count();
    Counted { characters: characters(&own), visible: number(visible), template }
}

fn characters(text: &str) -> u32 {
    let words: Vec<&str> = text.split_whitespace().collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    number(letters + words.len().saturating_sub(1))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Lines of [`LINE`] characters, to a hundredth.
pub fn lines(characters: u64) -> f64 {
    (characters as f64 / f64::from(LINE) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_with_spaces_runs_once_and_templates_left_out() {
        let normal = "Lungs are clear.".to_owned();
        type Case<'a> = (&'a str, &'a [String], (u32, u32, u32));
        let cases: [Case; 6] = [
            ("", &[], (0, 0, 0)),
            ("No  fever.\n\nNo cough.", &[], (19, 16, 0)),
            ("äöü µg", &[], (6, 5, 0)),
            ("Chest: Lungs are clear. No fever.", std::slice::from_ref(&normal), (16, 14, 16)),
            ("Lungs are not clear.", std::slice::from_ref(&normal), (20, 17, 0)),
            ("Lungs are clear.", &[normal.clone(), normal.clone()], (0, 0, 16)),
        ];
        for (text, templates, (characters, visible, template)) in cases {
            let expected = Counted { characters, visible, template };
            assert_eq!(count(text, templates), expected, "{text}");
        }
        assert_eq!((lines(65), lines(100), lines(0)), (1.0, 1.54, 0.0));
    }
}
