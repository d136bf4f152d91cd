//! Departments: names that people, styles, normals, terms and pools share.
//!
//! Not for: what a department's layer holds (`house_style.rs`, `vocab_terms.rs`).
//!
//! Invariant: a department is there as long as anything has its name.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;
use crate::domain::person::Department;

/// Every name that is used for one.
const NAMES: &str = "select department as name from person where department is not null
    union select value from pool_line where kind = 'department'
    union select owner from house_style where layer = 'department'
    union select owner from normal where layer = 'department'
    union select owner from vocab_term where layer = 'department'";

/// All that there are, by name.
pub fn all(tx: &Tx) -> Result<Vec<Department>, StoreError> {
    let sql = format!("select name from ({NAMES}) order by name collate nocase, name");
    tx.all(&sql, params![], read)
}

/// The one with this name, whatever its capitals.
pub fn known(tx: &Tx, name: &Department) -> Result<Option<Department>, StoreError> {
    let sql =
        format!("select name from ({NAMES}) where name = ?1 collate nocase order by name limit 1");
    tx.one(&sql, params![name.as_str()], read)
}

/// A person's department.
pub fn of_person(tx: &Tx, person: PersonId) -> Result<Option<Department>, StoreError> {
    tx.one(
        "select department from person where id = ?1 and department is not null",
        params![person],
        read,
    )
}

/// Gives a person a department, or none.
pub fn put(tx: &Tx, person: PersonId, name: Option<&Department>) -> Result<(), StoreError> {
    tx.execute(
        "update person set department = ?2 where id = ?1",
        params![person, name.map(Department::as_str)],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<Department, StoreError> {
    Department::parse(&row.text(0)?).ok_or(StoreError::corrupt("department.name"))
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::super::db::Store;
    use super::super::migrate::MIGRATIONS;
    use super::*;

    /// How many files made a database before there were departments of people.
    const BEFORE: usize = 11;

    #[test]
    fn an_author_s_line_in_the_pools_becomes_the_author_s_department() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
        let store = Store::create_with(&place, &MIGRATIONS[..BEFORE]).expect("a new folder");
        let filled: Result<(), StoreError> = store.write(|tx| {
            tx.batch(
                "insert into person (id, username, display_name, credential, password_hash, active,
                    created_at) values ('p', 'ada', 'Ada', '', 'x', 1, 0);
                insert into pool_line (person_id, kind, value) values
                    ('p', 'member', 'Surgery'), ('p', 'department', 'Urology');
                insert into house_style values ('site', '', 'auto', '{}', 'x', 0);",
            )
        });
        filled.expect("written");
        drop(store);
        let store = Store::open(&place).expect("an upgrade");
        let (names, lines, styles) = store
            .read(|tx| -> Result<_, StoreError> {
                let one = |sql| tx.one(sql, params![], |row| row.text(0));
                let names = "select group_concat(department) from person";
                let lines = "select group_concat(kind || ' ' || value) from pool_line";
                Ok((one(names)?, one(lines)?, one("select mode from house_style")?))
            })
            .expect("readable");
        assert_eq!(names.as_deref(), Some("Surgery"));
        assert_eq!(lines.as_deref(), Some("department Urology"));
        assert_eq!(styles.as_deref(), Some("auto"));
        let all = store.read(all).expect("readable");
        assert_eq!(all.iter().map(Department::as_str).collect::<Vec<_>>(), ["Surgery", "Urology"]);
    }
}
