//! What a text is written for: the author's mode and profile, the work type, the words known.
//!
//! Not for: reading settings (`config`, `workflow`).
//!
//! Invariant: the defaults are those of the domain specification, section 2.

pub use crate::domain::punctuation::Mode;
use crate::vocab::lexicon::Lexicon;

/// The contested rules of the house style; each has the default of the domain specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// R-UNIT-5: "a 2.0-cm nodule" (AAMT) in place of "a 2.0 cm nodule" (SI, ISMP).
    pub metric_adjective_hyphen: bool,
    /// R-DOSE-2: "b.i.d." in place of "BID".
    pub latin_stops: bool,
    /// R-DOSE-4: a comma in a dose of 1,000 and above.
    pub dose_thousands_comma: bool,
    /// R-CAP: "Crohn disease" in place of "Crohn's disease" (AHDI). Off: as dictated.
    pub eponyms_without_possessive: bool,
    /// R-UNIT-4: "bpm" in place of "beats per minute".
    pub beats_per_minute_short: bool,
    /// R-RNG: "2-3 times" in place of "2 to 3 times".
    pub range_hyphen: bool,
}

/// A switch of the profile.
pub type Switch = fn(&mut Profile) -> &mut bool;

impl Profile {
    /// Every switch with its name, for settings and pages.
    pub const SWITCHES: [(&str, Switch); 6] = [
        ("metric_adjective_hyphen", |profile| &mut profile.metric_adjective_hyphen),
        ("latin_stops", |profile| &mut profile.latin_stops),
        ("dose_thousands_comma", |profile| &mut profile.dose_thousands_comma),
        ("eponyms_without_possessive", |profile| &mut profile.eponyms_without_possessive),
        ("beats_per_minute_short", |profile| &mut profile.beats_per_minute_short),
        ("range_hyphen", |profile| &mut profile.range_hyphen),
    ];
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            metric_adjective_hyphen: false,
            latin_stops: true,
            dose_thousands_comma: true,
            eponyms_without_possessive: false,
            beats_per_minute_short: true,
            range_hyphen: true,
        }
    }
}

/// A text that an author, a department or the site keeps under a spoken name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normal {
    /// As it is spoken: "chest exam".
    pub name: String,
    pub text: String,
}

/// What the job knows of the dictation, to hold against what the author says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub patient: Option<String>,
    pub mrn: Option<String>,
    pub sex: Option<Sex>,
    pub author: Option<String>,
    /// The name of the work type: "Discharge Summary".
    pub work_type: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
}

/// What a text is written for.
pub struct Request<'a> {
    pub mode: Mode,
    pub profile: Profile,
    /// Code of the work type, such as "HP".
    pub work_type: Option<&'a str>,
    pub lexicon: &'a Lexicon,
    /// The nearest to the author first.
    pub normals: &'a [Normal],
    pub header: Header,
}

impl<'a> Request<'a> {
    /// Default mode and profile, nothing known of the dictation.
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self {
            mode: Mode::default(),
            profile: Profile::default(),
            work_type: None,
            lexicon,
            normals: &[],
            header: Header::default(),
        }
    }
}
