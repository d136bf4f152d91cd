//! Words a second of the report language, whether its time grows with the length, and a long run
//! over made-up dictations.
//!
//! ```text
//! cargo bench --bench text
//! cargo bench --bench text -- fuzz SECONDS [SEED]
//! ```
//!
//! Not for: what is written, which `src/text` tests. The long run looks for a panic, a draft whose
//! pieces do not cover it, and time out of proportion; it names the seed that shows it again.

use chartscribe::text::pipeline::write_text;
use chartscribe::text::request::{Mode, Request};
use chartscribe::vocab::lexicon::Lexicon;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TABLES: [&str; 3] = [
    include_str!("../tests/data/formatting-own.tsv"),
    include_str!("../tests/data/formatting-pairs.tsv"),
    include_str!("../tests/data/critical-slots.tsv"),
];
const LENGTHS: [usize; 4] = [25_000, 50_000, 100_000, 200_000];
/// Each length is written so often, and the quickest pass counts: others may use the machine.
const PASSES: usize = 3;
/// Sentences with these take back or end what was said, and would leave little to write.
const ENDING: [&str; 5] = ["scratch that", "dictation", "transcriptionist", "undo", "paragraph"];
/// The longest made-up dictation, in pieces.
const PIECES_MAX: u64 = 400;
/// A made-up dictation that takes longer is reported; 400 pieces are some 2,000 words.
const SLOW: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fuzz", seconds] => fuzz(seconds, "1"),
        ["fuzz", seconds, seed] => fuzz(seconds, seed),
        _ => speed(),
    }
}

fn sentences() -> Vec<&'static str> {
    let rows = TABLES.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| row.split('\t').nth(1)).collect()
}

fn speed() -> ExitCode {
    let lexicon = Lexicon::built_in();
    let request = Request::new(&lexicon);
    let all = sentences();
    let ends = |line: &&&str| !ENDING.iter().any(|command| line.contains(command));
    let words: Vec<&str> = all.iter().filter(ends).flat_map(|line| line.split(' ')).collect();
    write_text("one sentence loads the tables", &request);
    for length in LENGTHS {
        let text: Vec<&str> = words.iter().cycle().take(length).copied().collect();
        let text = text.join(" ");
        let mut seconds = f64::INFINITY;
        let mut bytes = 0;
        for _ in 0..PASSES {
            let begun = Instant::now();
            bytes = write_text(&text, &request).0.text.len();
            seconds = seconds.min(begun.elapsed().as_secs_f64());
        }
        let pace = length as f64 / seconds;
        println!("{length} words: {seconds:.2} s, {pace:.0} words/s, {bytes} bytes");
    }
    ExitCode::SUCCESS
}

fn fuzz(seconds: &str, seed: &str) -> ExitCode {
    let (Ok(seconds), Ok(mut seed)) = (seconds.parse(), seed.parse::<u64>()) else {
        eprintln!("text: fuzz SECONDS [SEED]");
        return ExitCode::FAILURE;
    };
    let (end, sentences) = (Duration::from_secs(seconds), sentences());
    let lexicon = Lexicon::built_in();
    let begun = Instant::now();
    let (mut texts, mut words) = (0_u64, 0_usize);
    while begun.elapsed() < end {
        let text = made_up(&mut Random::of(seed), &sentences);
        let mode = Mode::ALL[(seed % Mode::ALL.len() as u64) as usize];
        let request = Request { mode, work_type: Some("HP"), ..Request::new(&lexicon) };
        let one = Instant::now();
        let written = catch_unwind(AssertUnwindSafe(|| {
            let (draft, _) = write_text(&text, &request);
            let again = write_text(&draft.text, &request).0;
            covers(&draft) && covers(&again)
        }));
        if !matches!(written, Ok(true)) || one.elapsed() > SLOW {
            println!("seed {seed}: {written:?} after {:?}", one.elapsed());
            return ExitCode::FAILURE;
        }
        texts += 1;
        words += text.split_whitespace().count();
        seed += 1;
    }
    println!("{texts} dictations, {words} words, the last seed {seed}: nothing found");
    ExitCode::SUCCESS
}

/// Whether the pieces of a draft are all of its text.
fn covers(draft: &chartscribe::text::Draft) -> bool {
    let letters = draft.text.chars().filter(|c| !c.is_whitespace()).count();
    let inside = |mark: &chartscribe::text::SourceMark| {
        let (from, to) = (mark.text.start as usize, mark.text.end as usize);
        draft.text.chars().skip(from).take(to - from).filter(|c| !c.is_whitespace()).count()
    };
    // Counting is quadratic; long drafts are left to the tests.
    draft.marks.len() > 300 || draft.marks.iter().map(inside).sum::<usize>() == letters
}

/// Sentences, words of them, figures and any characters at all, in any order.
fn made_up(random: &mut Random, sentences: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..random.below(PIECES_MAX) {
        let sentence = sentences[random.below(sentences.len() as u64) as usize];
        let words: Vec<&str> = sentence.split(' ').collect();
        match random.below(8) {
            0 => text.push_str(sentence),
            1..=4 => text.push_str(words[random.below(words.len() as u64) as usize]),
            5 => text.push_str(&random.below(100_000).to_string()),
            6 => text.extend(char::from_u32(random.below(0x3000) as u32)),
            _ => {
                let mark = random.below(9) as usize;
                text.push(['.', ',', ':', '-', '/', '\n', '%', '(', '\u{b0}'][mark]);
            }
        }
        if random.below(6) > 0 {
            text.push(' ');
        }
    }
    text
}

/// SplitMix64 (Steele and others, 2014): the same seed, the same dictation.
struct Random(u64);

impl Random {
    fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}
