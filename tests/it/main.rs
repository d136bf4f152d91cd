//! The tests that run several layers or the whole program, one file a subject.

mod answers;
mod attacks;
mod audit;
mod backup;
#[cfg(feature = "faults")]
mod backup_fault;
#[cfg(feature = "faults")]
mod crash;
mod departments;
#[cfg(feature = "faults")]
mod disk_full;
mod editor;
mod evaluate;
#[cfg(feature = "faults")]
mod format;
mod house_style;
mod joining;
mod keys;
mod layers;
mod leaks;
mod licences;
mod lists;
mod model;
mod moves;
mod offline;
mod permissions;
mod program;
mod quality;
#[cfg(feature = "microphone")]
mod record;
mod recordings;
mod road;
mod serving;
mod sign_in;
mod silence;
mod speech;
mod store;
mod store_blob;
#[cfg(feature = "faults")]
mod store_fault;
mod support;
mod takes;
#[cfg(feature = "faults")]
mod takes_crash;
mod takes_live;
mod transcribe;
mod trust;
mod vocab;
mod web_api;
mod web_audit;
mod web_live;
mod web_pages;
mod web_support;
mod workers;
mod workflow;
