//! The tests that run several layers or the whole program, one file a subject.
mod layers;
mod model;
mod speech;
mod store;
mod transcribe;
