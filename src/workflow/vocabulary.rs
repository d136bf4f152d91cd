//! The layers of the lexicon above the built-in one: previewing and importing a list, listing a
//! layer, taking a term out, and the lexicon of one dictation.
//!
//! Not for: reading lists (`vocab/lists.rs`).
//!
//! Invariant: a list is imported whole or not at all, in one transaction with one audit row;
//! the audit names the layer and counts, never a term.

use super::departments::layer_as_written;
use super::error::WorkflowError;
use super::site::{Acting, Site, perform};
use crate::domain::audit::{Act, Actor};
use crate::domain::ids::{PatientId, PersonId};
use crate::domain::person::{Department, Role};
use crate::domain::work_type::WorkTypeCode;
use crate::speech::Hints;
use crate::store::db::Tx;
use crate::store::departments;
use crate::store::vocab_terms::{self, LayerOf, StoredTerm};
use crate::vocab::lexicon::{ADDED_TERMS_MAX, AddedTerm, Layer, Lexicon};
use crate::vocab::lists::{Listed, checked};
use crate::vocab::term::key;
use std::collections::HashMap;

/// What an import would do, or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Terms of the list that the built-in lexicon has already.
    pub built_in: usize,
}

/// The layers that hear with one dictation; the site's always does.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    pub department: Option<Department>,
    pub author: Option<PersonId>,
    pub patient: Option<PatientId>,
}

impl Layers {
    /// Those of what somebody dictates: their own, their department's, and the patient's.
    pub(super) fn of_author(
        tx: &Tx,
        author: PersonId,
        patient: Option<PatientId>,
    ) -> Result<Self, WorkflowError> {
        let department = departments::of_person(tx, author)?;
        Ok(Self { department, author: Some(author), patient })
    }
}

/// Names a layer, if it may be added to.
///
/// # Errors
/// [`WorkflowError::Invalid`] for the built-in layer, and for an owner that is missing or that
/// the site's layer does not have.
pub fn layer_of(layer: Layer, owner: &str) -> Result<LayerOf, WorkflowError> {
    let owner = owner.trim();
    let fits = match layer {
        Layer::BuiltIn => return Err(WorkflowError::invalid("layer", "it is part of the program")),
        Layer::Site => owner.is_empty(),
        Layer::Department => Department::parse(owner).is_some(),
        Layer::Author => owner.parse::<PersonId>().is_ok(),
        Layer::Patient => owner.parse::<PatientId>().is_ok(),
    };
    if !fits {
        return Err(WorkflowError::invalid("owner", "the owner does not fit the layer"));
    }
    Ok(LayerOf { layer, owner: owner.to_owned() })
}

/// What importing would do; changes nothing.
///
/// # Errors
/// [`WorkflowError::Forbidden`] where the import would be.
pub fn preview(
    site: &Site,
    who: &Acting,
    of: &LayerOf,
    terms: &[Listed],
) -> Result<Effect, WorkflowError> {
    perform(site, who, Act::ViewVocabulary, |tx, record| {
        record.subject("vocabulary", of.layer.code());
        check_owner(who, of)?;
        let of = layer_as_written(tx, of)?;
        effect(tx, &of, terms)
    })
}

/// Adds all terms to a layer.
///
/// # Errors
/// [`WorkflowError::Invalid`] when a term cannot be taken, or the layer would grow past its
/// limit; then nothing is imported.
pub fn import(
    site: &Site,
    who: &Acting,
    of: &LayerOf,
    terms: &[Listed],
) -> Result<Effect, WorkflowError> {
    let added_by = added_by(who);
    perform(site, who, Act::ChangeVocabulary, |tx, record| {
        record.subject("vocabulary", of.layer.code());
        check_owner(who, of)?;
        let of = &layer_as_written(tx, of)?;
        let effect = effect(tx, of, terms)?;
        let stored = vocab_terms::of_layer(tx, of)?.len();
        if stored + effect.added > ADDED_TERMS_MAX {
            return Err(WorkflowError::invalid("terms", "the layer would have too many terms"));
        }
        for listed in terms {
            checked(&listed.term, listed.subject.code())
                .map_err(|problem| WorkflowError::invalid("terms", problem.to_string()))?;
            let term = added_term(of, listed);
            vocab_terms::put(tx, of, &term, &added_by, site.clock.now())?;
        }
        record.detail("added", effect.added);
        record.detail("changed", effect.changed);
        Ok(effect)
    })
}

/// Takes one term out of a layer.
///
/// # Errors
/// [`WorkflowError::NotFound`] when the layer does not have it.
pub fn remove(site: &Site, who: &Acting, of: &LayerOf, term: &str) -> Result<(), WorkflowError> {
    perform(site, who, Act::ChangeVocabulary, |tx, record| {
        record.subject("vocabulary", of.layer.code());
        record.detail("removed", 1);
        check_owner(who, of)?;
        match vocab_terms::remove(tx, &layer_as_written(tx, of)?, term)? {
            true => Ok(()),
            false => Err(WorkflowError::NotFound { what: "term in this layer" }),
        }
    })
}

/// The terms of one layer, with who added them.
pub fn list(site: &Site, who: &Acting, of: &LayerOf) -> Result<Vec<StoredTerm>, WorkflowError> {
    perform(site, who, Act::ViewVocabulary, |tx, record| {
        record.subject("vocabulary", of.layer.code());
        check_owner(who, of)?;
        let of = layer_as_written(tx, of)?;
        Ok(vocab_terms::of_layer(tx, &of)?)
    })
}

/// The terms that are added to the built-in ones for what somebody dictates. Read by the machine
/// as a part of transcribing, which is audited as that.
pub fn terms(
    site: &Site,
    author: PersonId,
    patient: Option<PatientId>,
) -> Result<Vec<AddedTerm>, WorkflowError> {
    site.store.read(|tx| terms_of(tx, &named(&Layers::of_author(tx, author, patient)?)))
}

/// What the recogniser is told of a dictation: the terms of its layers, for a lexicon of its own,
/// and what kind of report it is.
pub fn hints(
    site: &Site,
    author: PersonId,
    patient: Option<PatientId>,
    work_type: &WorkTypeCode,
) -> Result<Hints, WorkflowError> {
    let work_type = Some(work_type.to_string());
    Ok(Hints { terms: terms(site, author, patient)?, work_type })
}

/// The lexicon with the layers named, for somebody who looks words up.
///
/// # Errors
/// [`WorkflowError::Forbidden`] when one of the layers is not theirs to see.
pub fn lexicon_for(site: &Site, who: &Acting, layers: &Layers) -> Result<Lexicon, WorkflowError> {
    let of = named(layers);
    let terms = perform(site, who, Act::ViewVocabulary, |tx, record| {
        for of in &of {
            record.subject("vocabulary", of.layer.code());
            if of.layer != Layer::Site {
                check_owner(who, of)?;
            }
        }
        terms_of(tx, &of)
    })?;
    Ok(Lexicon::with(terms))
}

/// The layers, the widest first.
pub(super) fn named(layers: &Layers) -> Vec<LayerOf> {
    let owners = [
        (Layer::Site, Some(String::new())),
        (Layer::Department, layers.department.as_ref().map(Department::to_string)),
        (Layer::Author, layers.author.map(|id| id.to_string())),
        (Layer::Patient, layers.patient.map(|id| id.to_string())),
    ];
    let named = owners.into_iter().filter_map(|(layer, owner)| owner.map(|owner| (layer, owner)));
    named.map(|(layer, owner)| LayerOf { layer, owner }).collect()
}

fn terms_of(tx: &Tx, layers: &[LayerOf]) -> Result<Vec<AddedTerm>, WorkflowError> {
    let mut terms = Vec::new();
    for of in layers {
        terms.extend(vocab_terms::of_layer(tx, of)?.into_iter().map(|stored| stored.term));
    }
    Ok(terms)
}

/// A person without the administrator's part has the author's layer of their own, and no other.
fn check_owner(who: &Acting, of: &LayerOf) -> Result<(), WorkflowError> {
    let Some(person) = &who.person else { return Ok(()) };
    let own = of.layer == Layer::Author && of.owner == person.id.to_string();
    let shared = matches!(of.layer, Layer::Site | Layer::Department);
    let administrator = person.roles.contains(&Role::Administrator);
    if own || shared && administrator {
        Ok(())
    } else {
        Err(WorkflowError::Forbidden { act: Act::ChangeVocabulary })
    }
}

fn effect(tx: &Tx, of: &LayerOf, terms: &[Listed]) -> Result<Effect, WorkflowError> {
    let stored: HashMap<String, AddedTerm> = vocab_terms::of_layer(tx, of)?
        .into_iter()
        .map(|stored| (key(&stored.term.term), stored.term))
        .collect();
    let built_in = Lexicon::built_in();
    let mut effect = Effect::default();
    for listed in terms {
        match stored.get(&key(&listed.term)) {
            None => effect.added += 1,
            Some(known) if *known == added_term(of, listed) => effect.unchanged += 1,
            Some(_) => effect.changed += 1,
        }
        effect.built_in += usize::from(built_in.find(&listed.term).is_some());
    }
    Ok(effect)
}

fn added_term(of: &LayerOf, listed: &Listed) -> AddedTerm {
    AddedTerm {
        term: listed.term.clone(),
        subject: listed.subject,
        layer: of.layer,
        said: listed.said.clone(),
    }
}

pub(super) fn added_by(who: &Acting) -> String {
    match &who.actor {
        Actor::Person { id, .. } => format!("person:{id}"),
        Actor::Operator { account } => format!("operator:{account}"),
        Actor::Machine { .. } | Actor::Unknown => "machine".to_owned(),
    }
}
