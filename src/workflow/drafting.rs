//! The draft of a dictation: what the job knows of it is brought to the text stages.
//!
//! Not for: how text is written (`text`), or storing the draft (`transcription`).
//!
//! Invariant: reads the store and writes nothing; the transcript is not changed.

use super::error::WorkflowError;
use super::house_style;
use super::site::Site;
use super::vocabulary::{self, Layers};
use crate::domain::dictation::Dictation;
use crate::domain::flag::QaFlag;
use crate::domain::patient;
use crate::domain::transcript::Transcript;
use crate::store::{patients, people};
use crate::text::Draft;
use crate::text::pipeline;
use crate::text::request::{Header, Request, Sex};
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
    let layers =
        Layers { department: None, author: Some(dictation.author), patient: dictation.patient };
    let lexicon = vocabulary::lexicon(site, &layers)?;
    let style = house_style::of_author(site, dictation.author)?;
    let request = Request {
        mode: style.mode,
        profile: style.profile,
        normals: &style.normals,
        work_type: Some(dictation.work_type.as_str()),
        header: header(site, dictation)?,
        ..Request::new(&lexicon)
    };
    Ok(pipeline::write(transcript, &request))
}

/// What the author's preamble is held against.
fn header(site: &Site, dictation: &Dictation) -> Result<Header, WorkflowError> {
    site.store.read(|tx| {
        let patient = match dictation.patient {
            Some(id) => patients::by_id(tx, id)?,
            None => None,
        };
        let author = people::by_id(tx, dictation.author)?;
        let given = dictation.given_mrn.as_ref().map(|mrn| mrn.reveal().to_owned());
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
            work_type: types.get(&dictation.work_type).map(|known| known.name.clone()),
        })
    })
}
