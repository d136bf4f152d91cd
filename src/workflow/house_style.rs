//! How reports are written: the style of the site, of a department and of an author, and the
//! normals of these and of whoever types.
//!
//! Not for: what a switch or a normal does to a text (`text`).
//!
//! Invariant: the nearest layer that settles a thing wins (author, then department, then site,
//! then the default); a person changes their own layer, an administrator the site's and the
//! departments'.

use super::departments::{layer_as_written, written};
use super::error::WorkflowError;
use super::permission::role_may;
use super::site::{Acting, Site, perform};
use super::vocabulary::{Layers, added_by, named};
use crate::domain::audit::Act;
use crate::domain::ids::{NormalId, PersonId, ReportId};
use crate::domain::pace::Pace;
use crate::domain::person::{Person, Role};
use crate::domain::punctuation::Mode;
use crate::store::db::Tx;
use crate::store::house_style::{self, StoredNormal, StoredStyle};
use crate::store::reports;
use crate::store::vocab_terms::LayerOf;
use crate::text::normals::{NORMAL_TEXT_MAX, key};
use crate::text::request::{Normal, Profile};
use crate::vocab::lexicon::Layer;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use uuid::Uuid;

/// The most normals of one layer.
pub const NORMALS_MAX: usize = 500;
/// The longest name of a normal in characters, and of a shortcut.
pub const NAME_MAX: usize = 80;
pub const SHORTCUT_MAX: usize = 20;

/// What holds for one author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    pub mode: Mode,
    pub pace: Pace,
    pub profile: Profile,
    /// The nearest to the author first.
    pub normals: Vec<Normal>,
}

/// A normal to be kept; `id` where one is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalToKeep {
    pub id: Option<NormalId>,
    pub of: LayerOf,
    pub name: String,
    pub shortcut: Option<String>,
    pub text: String,
}

/// The style of an author's dictations. Read by the machine as a part of its work, which is
/// audited as that.
pub fn of_author(site: &Site, author: PersonId) -> Result<Style, WorkflowError> {
    site.store.read(|tx| {
        let mut mode = site.settings.punctuation;
        let mut pace = Pace::default();
        let mut switches = Map::new();
        let layers = Layers::of_author(tx, author, None)?;
        let layers = named(&layers);
        for of in &layers {
            let Some(stored) = house_style::style(tx, of)? else { continue };
            mode = stored.mode.unwrap_or(mode);
            pace = stored.pace.unwrap_or(pace);
            switches.extend(stored.switches);
        }
        let mut normals = vec![];
        for of in layers.iter().rev() {
            for normal in house_style::normals(tx, of)? {
                normals.push(Normal { name: normal.name, text: normal.text });
            }
        }
        Ok(Style { mode, pace, profile: profile(&switches)?, normals })
    })
}

/// What one layer settles.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for another author's layer.
pub fn settled(site: &Site, who: &Acting, of: &LayerOf) -> Result<StoredStyle, WorkflowError> {
    perform(site, who, Act::ViewHouseStyle, |tx, record| {
        record.subject("house-style", of.layer.code());
        if of.layer != Layer::Site {
            check_settles(who, of)?;
        }
        let of = layer_as_written(tx, of)?;
        Ok(house_style::style(tx, &of)?.unwrap_or_default())
    })
}

/// Sets what a layer settles.
///
/// # Errors
/// [`WorkflowError::Invalid`] for a switch that there is not.
pub fn settle(
    site: &Site,
    who: &Acting,
    of: &LayerOf,
    settled: &StoredStyle,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::ChangeHouseStyle, |tx, record| {
        record.subject("house-style", of.layer.code());
        check_settles(who, of)?;
        profile(&settled.switches)?;
        let of = layer_as_written(tx, of)?;
        house_style::put_style(tx, &of, settled, &added_by(who), site.clock.now())?;
        Ok(())
    })
}

/// For what a person asks for normals beside their own.
#[derive(Clone, Debug, Default)]
pub struct NormalsOf {
    /// A report: those of its author too.
    pub report: Option<ReportId>,
    /// Name of a department: its own too.
    pub department: Option<String>,
}

/// The normals that a person may use: their own, their department's and the site's, and those of
/// a report's author, who has a department too.
pub fn normals(
    site: &Site,
    who: &Acting,
    wanted: &NormalsOf,
) -> Result<Vec<StoredNormal>, WorkflowError> {
    perform(site, who, Act::ViewHouseStyle, |tx, record| {
        record.subject("house-style", "normals");
        let mut found = vec![];
        for of in used(tx, who, wanted)? {
            found.extend(house_style::normals(tx, &of)?);
        }
        Ok(found)
    })
}

/// The nearest first: people, then departments, then the site.
fn used(tx: &Tx, who: &Acting, wanted: &NormalsOf) -> Result<Vec<LayerOf>, WorkflowError> {
    let mut people: Vec<PersonId> = who.person_id().into_iter().collect();
    if let Some(report) = wanted.report {
        people.extend(reports::by_id(tx, report)?.map(|report| report.author));
    }
    let mut layers = vec![LayerOf { layer: Layer::Site, owner: String::new() }];
    if let Some(name) = &wanted.department {
        let owner = written(tx, name)?.to_string();
        layers.push(LayerOf { layer: Layer::Department, owner });
    }
    for person in people {
        let theirs = named(&Layers::of_author(tx, person, None)?);
        layers.extend(theirs.into_iter().filter(|of| !layers.contains(of)).collect::<Vec<_>>());
    }
    layers.sort_by_key(|of| Reverse(of.layer));
    Ok(layers)
}

/// Keeps a normal, new or changed.
///
/// # Errors
/// [`WorkflowError::Invalid`] when a part is missing or too long, [`WorkflowError::Conflict`]
/// when the layer has the name or the shortcut already.
pub fn keep_normal(
    site: &Site,
    who: &Acting,
    normal: &NormalToKeep,
) -> Result<NormalId, WorkflowError> {
    perform(site, who, Act::ChangeHouseStyle, |tx, record| {
        record.subject("house-style", "normals");
        check_keeps(who, &normal.of)?;
        check(normal)?;
        let of = layer_as_written(tx, &normal.of)?;
        let id = normal.id.unwrap_or_else(|| NormalId(Uuid::now_v7()));
        match house_style::normal(tx, id)? {
            Some(known) if known.of != of => {
                return Err(WorkflowError::NotFound { what: "normal in this layer" });
            }
            None if normal.id.is_some() => {
                return Err(WorkflowError::NotFound { what: "normal in this layer" });
            }
            None if house_style::normals(tx, &of)?.len() >= NORMALS_MAX => {
                return Err(WorkflowError::invalid("name", "there are too many normals already"));
            }
            _ => {}
        }
        let stored = StoredNormal {
            id,
            of,
            name: normal.name.trim().to_owned(),
            shortcut: normal.shortcut.clone(),
            text: normal.text.clone(),
        };
        if house_style::is_taken(tx, &stored, &key(&stored.name))? {
            return Err(WorkflowError::conflict("another normal has this name or shortcut"));
        }
        house_style::put_normal(tx, &stored, &key(&stored.name), &added_by(who), site.clock.now())?;
        Ok(id)
    })
}

/// Takes a normal away.
///
/// # Errors
/// [`WorkflowError::NotFound`] when there is none, [`WorkflowError::Forbidden`] when it is not
/// theirs to change.
pub fn remove_normal(site: &Site, who: &Acting, id: NormalId) -> Result<(), WorkflowError> {
    perform(site, who, Act::ChangeHouseStyle, |tx, record| {
        record.subject("house-style", "normals");
        let normal = house_style::normal(tx, id)?;
        let normal = normal.ok_or(WorkflowError::NotFound { what: "normal" })?;
        check_keeps(who, &normal.of)?;
        house_style::remove_normal(tx, id)?;
        Ok(())
    })
}

fn check(normal: &NormalToKeep) -> Result<(), WorkflowError> {
    let name = normal.name.trim();
    if key(name).is_empty() || name.chars().count() > NAME_MAX {
        return Err(WorkflowError::invalid("name", "give a name that can be spoken, up to 80"));
    }
    if normal.text.trim().is_empty() || normal.text.len() > NORMAL_TEXT_MAX {
        return Err(WorkflowError::invalid("text", "give a text of at most 20,000 bytes"));
    }
    let is_typed = |shortcut: &String| {
        (2..=SHORTCUT_MAX).contains(&shortcut.len())
            && shortcut.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !normal.shortcut.as_ref().is_none_or(is_typed) {
        let rule = "a shortcut is 2 to 20 letters and digits";
        return Err(WorkflowError::invalid("shortcut", rule));
    }
    Ok(())
}

/// Whether the person has a style of their own, or settles one that is shared.
pub fn settles(person: &Person) -> bool {
    person.has(Role::Author) || person.has(Role::Administrator)
}

fn check_settles(who: &Acting, of: &LayerOf) -> Result<(), WorkflowError> {
    check_owner(who, of, |person| person.has(Role::Author))
}

/// Whoever changes reports keeps normals of their own.
fn check_keeps(who: &Acting, of: &LayerOf) -> Result<(), WorkflowError> {
    check_owner(who, of, |person| person.roles.iter().any(|role| role_may(*role, Act::SaveVersion)))
}

/// `own` says whether a person may change their own layer.
fn check_owner(
    who: &Acting,
    of: &LayerOf,
    own: impl Fn(&Person) -> bool,
) -> Result<(), WorkflowError> {
    let Some(person) = &who.person else { return Ok(()) };
    let allowed = match of.layer {
        Layer::Author => of.owner == person.id.to_string() && own(person),
        Layer::Site | Layer::Department => person.has(Role::Administrator),
        Layer::BuiltIn | Layer::Patient => false,
    };
    if allowed { Ok(()) } else { Err(WorkflowError::Forbidden { act: Act::ChangeHouseStyle }) }
}

/// The profile with these switches; the others have their defaults.
fn profile(switches: &Map<String, Value>) -> Result<Profile, WorkflowError> {
    let mut profile = Profile::default();
    for (name, value) in switches {
        let switch = Profile::SWITCHES.iter().find(|(known, _)| known == name);
        let (Some((_, switch)), Some(on)) = (switch, value.as_bool()) else {
            let message = "there is no such switch, or it is neither true nor false";
            return Err(WorkflowError::invalid("switches", message));
        };
        *switch(&mut profile) = on;
    }
    Ok(profile)
}
