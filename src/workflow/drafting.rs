//! The draft of a dictation: what the job knows of it is brought to the text stages.
//!
//! Not for: how text is written (`text`), or storing the draft (`transcription`).
//!
//! Invariant: reads the store and writes nothing; the transcript is not changed.

use super::error::WorkflowError;
use super::house_style::{self, Style};
use super::site::Site;
use super::vocabulary;
use crate::domain::dictation::Dictation;
use crate::domain::flag::QaFlag;
use crate::domain::ids::{PatientId, PersonId};
use crate::domain::pace::Pace;
use crate::domain::patient::{self, Mrn};
use crate::domain::punctuation::Mode;
use crate::domain::take::Take;
use crate::domain::transcript::Transcript;
use crate::domain::work_type::WorkTypeCode;
use crate::store::{patients, people, takes};
use crate::text::request::{Header, Request, Sex};
use crate::text::{Draft, merge, pipeline};
use crate::vocab::lexicon::Lexicon;
use crate::vocab::work_types::WorkTypes;

/// Writes the draft of this dictation from what was heard.
///
/// # Errors
/// When the store cannot be read.
pub fn draft(
    site: &Site,
    dictation: &Dictation,
    transcript: &Transcript,
) -> Result<(Draft, Vec<QaFlag>), WorkflowError> {
    let writer = Writer::new(
        site,
        &About {
            author: dictation.author,
            patient: dictation.patient,
            given_mrn: dictation.given_mrn.as_ref(),
            work_type: &dictation.work_type,
        },
    )?;
    let (draft, flags) = writer.write(transcript);
    let correction = site
        .store
        .read(|tx| -> Result<_, WorkflowError> { Ok(takes::correction_of(tx, dictation.id)?) })?;
    Ok(match correction {
        Some((shown, corrected)) => merge::with_corrections(draft, flags, &shown, &corrected),
        None => (draft, flags),
    })
}

/// What is known of a dictation before a word of it is heard.
struct About<'a> {
    author: PersonId,
    patient: Option<PatientId>,
    given_mrn: Option<&'a Mrn>,
    work_type: &'a WorkTypeCode,
}

/// Writes what is heard of one dictation, as often as there is more of it.
pub struct Writer {
    lexicon: Lexicon,
    header: Header,
    style: Style,
    work_type: WorkTypeCode,
}

impl Writer {
    /// For a recording that is under way.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of_take(site: &Site, take: &Take) -> Result<Self, WorkflowError> {
        Self::new(
            site,
            &About {
                author: take.author,
                patient: take.patient,
                given_mrn: take.given_mrn.as_ref(),
                work_type: &take.work_type,
            },
        )
    }

    fn new(site: &Site, about: &About<'_>) -> Result<Self, WorkflowError> {
        Ok(Self {
            lexicon: Lexicon::with(vocabulary::terms(site, about.author, about.patient)?),
            header: header(site, about)?,
            style: house_style::of_author(site, about.author)?,
            work_type: about.work_type.clone(),
        })
    }

    /// Who sets the marks.
    pub fn mode(&self) -> Mode {
        self.style.mode
    }

    /// How fast the author dictates.
    pub fn pace(&self) -> Pace {
        self.style.pace
    }

    pub fn write(&self, transcript: &Transcript) -> (Draft, Vec<QaFlag>) {
        let request = Request {
            mode: self.style.mode,
            profile: self.style.profile.clone(),
            normals: &self.style.normals,
            work_type: Some(self.work_type.as_str()),
            header: self.header.clone(),
            ..Request::new(&self.lexicon)
        };
        pipeline::write(transcript, &request)
    }
}

/// What the author's preamble is held against.
fn header(site: &Site, about: &About<'_>) -> Result<Header, WorkflowError> {
    site.store.read(|tx| {
        let patient = match about.patient {
            Some(id) => patients::by_id(tx, id)?,
            None => None,
        };
        let author = people::by_id(tx, about.author)?;
        let given = about.given_mrn.map(|mrn| mrn.reveal().to_owned());
        let types = WorkTypes::built_in();
        Ok(Header {
            patient: patient.as_ref().map(|patient| {
                format!("{} {}", patient.given_name.reveal(), patient.family_name.reveal())
            }),
            mrn: patient.as_ref().map(|patient| patient.mrn.reveal().to_owned()).or(given),
            sex: patient.and_then(|patient| match patient.sex {
                patient::Sex::Female => Some(Sex::Female),
                patient::Sex::Male => Some(Sex::Male),
                patient::Sex::Other | patient::Sex::Unknown => None,
            }),
            author: author.map(|author| author.display_name),
            work_type: types.get(about.work_type).map(|known| known.name.clone()),
        })
    })
}
