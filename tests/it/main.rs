//! The tests that run several layers or the whole program, one file a subject.

mod attacks;
#[cfg(feature = "faults")]
mod crash;
#[cfg(feature = "faults")]
mod disk_full;
mod layers;
mod licences;
mod model;
mod permissions;
mod program;
#[cfg(feature = "microphone")]
mod record;
mod road;
mod sign_in;
mod speech;
mod store;
mod store_blob;
#[cfg(feature = "faults")]
mod store_fault;
mod support;
mod transcribe;
mod trust;
mod web_api;
mod web_live;
mod web_pages;
mod web_support;
mod workflow;
