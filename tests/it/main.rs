//! The tests that run several layers or the whole program, one file a subject.
mod store;

mod layers;
mod record;
