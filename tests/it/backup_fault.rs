//! Backups and restores of the real program that end suddenly.
//!
//! Not for: damage to a backup (`backup.rs`).

use crate::keys::Folder;
use chartscribe::store::Place;
use chartscribe::store::db::Store;
use chartscribe::store::restore::check_everything;
use std::fs;

#[test]
fn a_backup_that_is_killed_leaves_no_snapshot_and_the_next_one_is_whole() {
    for point in ["backup-database", "backup-before-name"] {
        let site = Folder::new();
        let target = site.path("backups").display().to_string();
        site.killed_at(&["backup", &target], point);
        site.assert_whole(point);
        let elsewhere = site.path("elsewhere").display().to_string();
        let refusal = site.refused(&["restore", &target, "--data", &elsewhere], "");
        assert!(refusal.contains("no such complete snapshot"), "{point}: {refusal}");
        site.done(&["backup", &target], "");
        site.done(&["restore", &target, "--data", &elsewhere], "");
        let parts = fs::read_dir(site.path("backups")).expect("a folder");
        let parts = parts.filter(|entry| {
            let name = entry.as_ref().expect("an entry").file_name();
            name.to_string_lossy().ends_with(".part")
        });
        assert_eq!(parts.count(), 0, "{point}: what was left is gone");
    }
}

#[test]
fn a_restore_that_is_killed_is_no_data_folder_and_is_begun_again() {
    for point in ["restore-database", "restore-audio", "restore-keyring"] {
        let site = Folder::new();
        let target = site.path("backups").display().to_string();
        site.done(&["backup", &target], "");
        fs::rename(site.path("data"), site.path("destroyed")).expect("destroyed");
        site.killed_at(&["restore", &target], point);
        let complete = point == "restore-keyring";
        assert_eq!(site.place().is_created(), complete, "{point}");
        if complete {
            assert!(site.refused(&["restore", &target], "").contains("already exists"));
        } else {
            let refusal = site.refused(&["user", "list"], "");
            assert!(refusal.contains("restore it again"), "{point}: {refusal}");
            assert!(site.refused(&["init"], "").contains("exists"), "{point}: init leaves it");
            site.done(&["restore", &target], "");
        }
        site.assert_whole(point);
        let place = Place { data: site.path("data"), key_file: site.path("site.key") };
        let store = Store::open(&place).expect("a data folder");
        assert_eq!(check_everything(&store, &[]).expect("whole").recordings, 1, "{point}");
    }
}

#[test]
fn after_a_restore_the_audit_holds_and_says_so_and_the_old_heads_are_kept() {
    let site = Folder::new();
    site.done(&["audit", "verify"], "");
    let target = site.path("backups").display().to_string();
    site.done(&["backup", &target], "");
    site.done(&["audit", "verify"], "");
    fs::rename(site.path("data"), site.path("destroyed")).expect("destroyed");
    site.done(&["restore", &target], "");
    site.done(&["audit", "verify"], "");
    let export = site.done(&["audit", "export"], "");
    assert!(export.contains("\"restore\""), "the restore is in the audit: {export}");
    let kept = fs::read_dir(site.path("")).expect("a folder").filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().starts_with("data.audit-heads.before-")
    });
    assert_eq!(kept.count(), 1);
}

#[test]
fn a_database_put_back_shows_by_the_heads_beside_it() {
    let site = Folder::new();
    let old = fs::read(site.path("data/chartscribe.db")).expect("the database");
    let add = ["user", "add", "eve", "--roles", "administrator", "--password-stdin"];
    site.done(&add, crate::support::PASSWORD);
    site.done(&["audit", "verify"], "");
    fs::write(site.path("data/chartscribe.db"), old).expect("put back");
    let said = site.refused(&["audit", "verify"], "");
    assert!(said.contains("cut off or put back"), "{said}");
}
