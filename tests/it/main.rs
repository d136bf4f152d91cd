//! The tests that run several layers or the whole program, one file a subject.

#[cfg(feature = "faults")]
mod crash;
#[cfg(feature = "faults")]
mod disk_full;
mod layers;
mod licences;
mod model;
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
mod workflow;
