//! What the JSON API takes and answers about people, for whoever keeps their accounts.
//!
//! Not for: one's own account (`wire_trust.rs`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::PersonView;
use crate::domain::person::{Department, Person};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct PeopleView {
    pub people: Vec<MemberView>,
    /// Every department that somebody or something belongs to.
    pub departments: Vec<String>,
}

/// A person as whoever keeps the accounts sees them.
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    #[serde(flatten)]
    pub person: PersonView,
    pub roles: Vec<&'static str>,
    pub department: Option<String>,
    /// Whether the person may sign in.
    pub active: bool,
}

impl PeopleView {
    pub fn new(people: &[Person], departments: &[Department]) -> Self {
        Self {
            people: people.iter().map(MemberView::from).collect(),
            departments: departments.iter().map(Department::to_string).collect(),
        }
    }
}

impl From<&Person> for MemberView {
    fn from(person: &Person) -> Self {
        Self {
            person: PersonView::from(person),
            roles: person.roles.iter().map(|role| role.code()).collect(),
            department: person.department.as_ref().map(Department::to_string),
            active: person.active,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentRequest {
    pub username: String,
    /// Its name; nothing where the person belongs to none.
    pub department: Option<String>,
}
