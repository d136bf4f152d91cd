//! `chartscribe demo load`: a demonstration site of invented people and patients, and one spoken
//! dictation that is transcribed before the user's eyes.
//!
//! Not for: a site with real patients; a site that has people already is left as it is.
//!
//! Invariant: everything loaded goes through the same acts as anything real. The password is
//! random for each site; it is kept beside the data, readable by its owner only, so that it can
//! be shown again.

use super::place::{PlaceArgs, operator};
use crate::domain::dictation::Origin;
use crate::domain::patient::{EncounterKind, Sex};
use crate::domain::person::Role;
use crate::domain::time::Timestamp;
use crate::workflow::intake::{self, NewEncounter, NewPatient};
use crate::workflow::people::{self, NewPerson};
use crate::workflow::receive::{self, Reception};
use crate::workflow::site::{Acting, Site};
use anyhow::Context;
use clap::Subcommand;
use secrecy::SecretString;
use serde::Deserialize;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

const SITE: &str = include_str!("../demo/site.toml");
const DICTATION: &[u8] = include_bytes!("../demo/dictation.flac");
/// Name in the data folder of the note with the password.
const NOTE: &str = "demonstration-sign-in.txt";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Load the demonstration into an empty site, and say how to sign in.
    Load,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoSite {
    people: Vec<DemoPerson>,
    patients: Vec<DemoPatient>,
    dictations: Vec<DemoDictation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPerson {
    username: String,
    display_name: String,
    credential: String,
    roles: Vec<String>,
    department: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPatient {
    mrn: String,
    family: String,
    given: String,
    birth_date: String,
    sex: String,
    #[serde(default)]
    encounters: Vec<DemoEncounter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoEncounter {
    number: String,
    kind: String,
    location: String,
    began: String,
    ended: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoDictation {
    /// Says which embedded recording; there is one.
    #[serde(rename = "file")]
    _file: String,
    author: String,
    mrn: String,
    encounter: String,
    work_type: String,
    priority: String,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let What::Load = args.what;
    let site = args.place.open()?;
    let who = operator();
    let demo: DemoSite = toml::from_str(SITE).context("the demonstration is not understood")?;
    let note = site.settings.data.join(NOTE);
    if people::list(&site, &who)?.is_empty() {
        load(&site, &who, &demo, &note)?;
    }
    match std::fs::read_to_string(&note) {
        Ok(text) => eprint!("{text}"),
        Err(_) => eprintln!("This site has its own people; the demonstration was not loaded."),
    }
    Ok(ExitCode::SUCCESS)
}

fn load(site: &Site, who: &Acting, demo: &DemoSite, note: &Path) -> anyhow::Result<()> {
    let password = new_password();
    // The note comes first: a crash in between must not leave people whose password is lost.
    write_note(note, demo, &password)?;
    for patient in &demo.patients {
        add_patient(site, who, patient)?;
    }
    for person in &demo.people {
        add_person(site, who, person, &password)?;
    }
    for dictation in &demo.dictations {
        hand_in(site, who, dictation)?;
    }
    Ok(())
}

fn new_password() -> String {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    let digits = hex::encode(bytes);
    format!("demo-{}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..])
}

fn write_note(path: &Path, demo: &DemoSite, password: &str) -> anyhow::Result<()> {
    let mut text = String::from("Demonstration site: invented people and patients.\n");
    text += &format!("Password of everybody here: {password}\n");
    for person in &demo.people {
        text += &format!("  {:<16} {}\n", person.username, person.roles.join(", "));
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).context("cannot write the note with the password")?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    Ok(())
}

fn add_person(
    site: &Site,
    who: &Acting,
    person: &DemoPerson,
    password: &str,
) -> anyhow::Result<()> {
    let roles: Option<Vec<Role>> = person.roles.iter().map(|code| Role::from_code(code)).collect();
    let new = NewPerson {
        username: person.username.clone(),
        display_name: person.display_name.clone(),
        credential: person.credential.clone(),
        roles: roles.context("a role of the demonstration is not known")?,
        department: person.department.clone(),
        password: SecretString::from(password.to_string()),
    };
    people::add(site, who, new)?;
    Ok(())
}

fn add_patient(site: &Site, who: &Acting, patient: &DemoPatient) -> anyhow::Result<()> {
    let new = NewPatient {
        mrn: patient.mrn.clone(),
        family_name: patient.family.clone(),
        given_name: patient.given.clone(),
        birth_date: patient.birth_date.clone(),
        sex: Sex::from_code(&patient.sex).context("a sex of the demonstration is not known")?,
    };
    intake::add_patient(site, who, new)?;
    for encounter in &patient.encounters {
        let kind = EncounterKind::from_code(&encounter.kind);
        let new = NewEncounter {
            mrn: patient.mrn.clone(),
            number: encounter.number.clone(),
            kind: kind.context("an encounter kind of the demonstration is not known")?,
            location: encounter.location.clone(),
            began_at: instant(&encounter.began)?,
            ended_at: encounter.ended.as_deref().map(instant).transpose()?,
        };
        intake::add_encounter(site, who, new)?;
    }
    Ok(())
}

fn instant(text: &str) -> anyhow::Result<Timestamp> {
    let instant: jiff::Timestamp = text.parse().context("a time of the demonstration")?;
    Ok(Timestamp(instant.as_millisecond()))
}

fn hand_in(site: &Site, who: &Acting, dictation: &DemoDictation) -> anyhow::Result<()> {
    let mut upload = receive::begin_upload(site, who)?;
    upload.write_all(DICTATION).context("cannot store the sample dictation")?;
    let reception = Reception {
        author: Some(dictation.author.clone()),
        mrn: Some(dictation.mrn.clone()),
        encounter: Some(dictation.encounter.clone()),
        work_type: Some(dictation.work_type.clone()),
        priority: Some(dictation.priority.clone()),
        ..Reception::of(Origin::Import)
    };
    receive::receive(site, who, reception, upload)?;
    Ok(())
}
