//! The tests that run several layers or the whole program, one file a subject.

mod layers;
mod licences;
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
