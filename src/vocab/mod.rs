//! Knowledge of words: the work types of a site, read from the tables in the folder `vocab/`.
//!
//! Not for: hearing (`speech`) or writing (`text`); both ask this module.
//!
//! Invariant: reads nothing at run time; the tables are part of the program.

pub mod work_types;
