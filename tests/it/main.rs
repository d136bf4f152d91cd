//! The tests that run several layers or the whole program, one file a subject.

#[cfg(feature = "faults")]
mod crash;
mod layers;
mod licences;
mod program;
mod road;
mod model;
mod sign_in;
mod speech;
mod store;
mod store_blob;
#[cfg(feature = "faults")]
mod store_fault;
mod support;
mod transcribe;
mod workflow;
