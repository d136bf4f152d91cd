//! People who work with dictations and what each is there to do.
//!
//! Not for: what a role may do (`workflow/permission.rs`) or how a person signs in.
//!
//! Invariant: one account is one person; a user name is never given to a second person
//! (45 CFR 164.312(a)(2)(i)).

use super::ids::PersonId;
use super::named::named;
use std::fmt;

named! {
    pub enum Role {
        /// Dictates and signs.
        Author = "author",
        /// Corrects drafts beside the audio.
        Transcriptionist = "transcriptionist",
        /// Checks reports with flags, and samples (QA).
        Reviewer = "reviewer",
        /// Keeps the chart complete.
        RecordsSpecialist = "records-specialist",
        /// Answers for who saw what.
        PrivacyOfficer = "privacy-officer",
        /// Reads the audit, changes nothing.
        Auditor = "auditor",
        /// Runs the machine; sees no patient's words.
        Administrator = "administrator",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub id: PersonId,
    pub username: Username,
    pub display_name: String,
    /// Letters behind the name on a signature, such as `MD`; empty where there are none.
    pub credential: String,
    pub roles: Vec<Role>,
    /// Whose house style, normals and terms hold for the person beside their own.
    pub department: Option<Department>,
    /// A former member keeps the account, so that old signatures keep their name.
    pub active: bool,
}

impl Person {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The name as a signature line prints it.
    pub fn signature_name(&self) -> String {
        if self.credential.is_empty() {
            self.display_name.clone()
        } else {
            format!("{}, {}", self.display_name, self.credential)
        }
    }
}

/// The longest name of a department, in characters.
pub const DEPARTMENT_MAX: usize = 60;

/// A department's name, as the site writes it: 1 to 60 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Department(String);

impl Department {
    /// Trims; `None` when the rest breaks the rule.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim();
        let fits = (1..=DEPARTMENT_MAX).contains(&name.chars().count());
        (fits && !name.chars().any(char::is_control)).then(|| Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Department {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest user name that is accepted.
pub const USERNAME_MAX: usize = 64;

/// A sign-in name: 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter, lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Folds upper case; `None` when the rest breaks the rule.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_lowercase();
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        (starts_well && name.len() <= USERNAME_MAX && name.chars().all(allowed))
            .then_some(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_folded_and_checked() {
        assert_eq!(Username::parse(" Ada.Moss ").map(|n| n.to_string()), Some("ada.moss".into()));
        for refused in ["", "1ada", "ada moss", "ada/../x", "ädä", &"a".repeat(65)] {
            assert_eq!(Username::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn names_of_departments_are_trimmed_and_checked() {
        let name = Department::parse(" Heart & lungs ").map(|name| name.to_string());
        assert_eq!(name.as_deref(), Some("Heart & lungs"));
        for refused in ["", "  ", "two\nlines", &"x".repeat(61)] {
            assert_eq!(Department::parse(refused), None, "{refused}");
        }
    }
}
