//! The tests that run several layers or the whole program, one file a subject.

mod layers;
mod licences;
mod sign_in;
mod store;
mod store_blob;
#[cfg(feature = "faults")]
mod store_fault;
mod support;
mod vocab;
mod workflow;
