//! Knowledge of words: the lexicon of medical terms, how they sound and what they are taken for,
//! and the work types of a site, all read from the tables in the folder `vocab/`.
//!
//! Not for: hearing (`speech`) or writing (`text`); both ask this module.
//!
//! Invariant: reads nothing at run time; the tables are part of the program.

pub mod candidates;
pub mod commands;
pub mod completion;
pub mod context;
pub mod correct;
pub mod doses;
pub mod guarded;
pub mod kin;
pub mod lexicon;
pub mod lists;
pub mod look_alikes;
pub mod number_words;
mod packed;
pub mod readings;
pub mod sections;
mod sound_distance;
mod sound_index;
mod sounds;
pub mod term;
pub mod work_types;
