//! People, their roles and password hashes.
//!
//! Not for: sessions and tokens (`sessions.rs`), or what a role allows.
//!
//! Invariant: a person is never deleted, so every old signature and audit row keeps its name.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;
use crate::domain::person::{Department, Person, Role, Username};
use crate::domain::time::Timestamp;

const COLUMNS: &str = "select p.id, p.username, p.display_name, p.credential, p.active,
    p.department,
    coalesce((select group_concat(role, ',') from person_role r where r.person_id = p.id), '')
    from person p";

/// # Errors
/// [`StoreError::Constraint`] when the user name is taken.
pub fn insert(
    tx: &Tx,
    person: &Person,
    password_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into person (id, username, display_name, credential, password_hash, active,
            created_at, department) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            person.id,
            person.username.as_str(),
            person.display_name.as_str(),
            person.credential.as_str(),
            password_hash,
            person.active,
            now,
            person.department.as_ref().map(Department::as_str)
        ],
    )?;
    for role in &person.roles {
        tx.execute(
            "insert into person_role (person_id, role) values (?1, ?2)",
            params![person.id, role.code()],
        )?;
    }
    Ok(())
}

pub fn by_id(tx: &Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    tx.one(&format!("{COLUMNS} where p.id = ?1"), params![id], read)
}

pub fn by_username(tx: &Tx, username: &Username) -> Result<Option<Person>, StoreError> {
    tx.one(&format!("{COLUMNS} where p.username = ?1"), params![username.as_str()], read)
}

/// Everybody, by user name.
pub fn all(tx: &Tx) -> Result<Vec<Person>, StoreError> {
    tx.all(&format!("{COLUMNS} order by p.username"), params![], read)
}

/// Active people who hold the role, by display name.
pub fn with_role(tx: &Tx, role: Role) -> Result<Vec<Person>, StoreError> {
    tx.all(
        &format!(
            "{COLUMNS} where p.active = 1 and exists (select 1 from person_role r
            where r.person_id = p.id and r.role = ?1) order by p.display_name"
        ),
        params![role.code()],
        read,
    )
}

pub fn password_hash(tx: &Tx, id: PersonId) -> Result<Option<String>, StoreError> {
    tx.one("select password_hash from person where id = ?1", params![id], |row| row.text(0))
}

pub fn set_password_hash(tx: &Tx, id: PersonId, hash: &str) -> Result<(), StoreError> {
    tx.execute("update person set password_hash = ?2 where id = ?1", params![id, hash])?;
    Ok(())
}

pub fn set_active(tx: &Tx, id: PersonId, active: bool) -> Result<(), StoreError> {
    tx.execute("update person set active = ?2 where id = ?1", params![id, active])?;
    Ok(())
}

fn read(row: &Row) -> Result<Person, StoreError> {
    let mut roles = Vec::new();
    for code in row.text(6)?.split(',').filter(|code| !code.is_empty()) {
        roles.push(Role::from_code(code).ok_or(StoreError::corrupt("person_role.role"))?);
    }
    roles.sort();
    let department = row
        .opt_text(5)?
        .map(|name| Department::parse(&name).ok_or(StoreError::corrupt("person.department")));
    Ok(Person {
        id: row.id(0)?,
        username: Username::parse(&row.text(1)?).ok_or(StoreError::corrupt("person.username"))?,
        display_name: row.text(2)?,
        credential: row.text(3)?,
        active: row.flag(4)?,
        roles,
        department: department.transpose()?,
    })
}
