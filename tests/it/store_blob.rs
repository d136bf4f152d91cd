//! Stored recordings: what is read is what was written, or nothing; what nobody keeps goes away.
//!
//! Not for: the database (`store.rs`), crashes and full disks (`store_fault.rs`).

use crate::store::{contents, place};
use chartscribe::domain::digest::Digest;
use chartscribe::store::Place;
use chartscribe::store::blob::{BlobReader, StagedBlob, Swept};
use chartscribe::store::db::Store;
use chartscribe::store::error::StoreError;
use proptest::prelude::*;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The file format: a header, then chunks of 64 KiB, each with a tag.
const HEADER: usize = 48;
const CHUNK: usize = 64 << 10;
const SEALED: usize = CHUNK + 16;

fn new_store() -> (TempDir, Place, Store) {
    let (folder, place) = place();
    let store = Store::create(&place).expect("a new data folder");
    (folder, place, store)
}

/// Bytes that differ from place to place.
fn recording(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ (at / CHUNK) as u8).collect()
}

fn stage(store: &Store, content: &[u8]) -> StagedBlob {
    let mut writer = store.blobs().begin().expect("a writer");
    writer.write_all(content).expect("space");
    writer.finish().expect("a staged recording")
}

fn keep(store: &Store, content: &[u8]) -> Digest {
    let staged = stage(store, content);
    let digest = staged.digest;
    staged.keep().expect("a kept recording");
    digest
}

fn read_all(mut reader: BlobReader) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.read_to_end(&mut content).map(|_| content)
}

/// The files of the kept recordings.
fn kept_files(place: &Place) -> Vec<PathBuf> {
    let name = |path: &str| path.rsplit('/').next().map_or(0, str::len);
    let paths = contents(&place.data.join("audio")).into_keys();
    paths.filter(|path| name(path) == 64).map(PathBuf::from).collect()
}

fn incoming_files(place: &Place) -> usize {
    contents(&place.data.join("audio/incoming")).len()
}

fn make_old(path: &PathBuf) {
    let old = SystemTime::now() - Duration::from_secs(48 * 3600);
    File::options().append(true).open(path).expect("a file").set_modified(old).expect("a date");
}

/// Opens and reads a recording whose file was changed; anything but `Corrupt` is a failure.
fn assert_corrupt(store: &Store, digest: &Digest, what: &str) {
    match store.blobs().open(digest) {
        Err(StoreError::Corrupt { .. }) => {}
        Err(other) => panic!("{what}: {other:?}"),
        Ok(reader) => {
            let error = read_all(reader).expect_err(what);
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{what}");
            assert!(matches!(StoreError::of_stream(error), StoreError::Corrupt { .. }), "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_recording_reads_as_written_from_any_place(
        chunks in 0..4usize,
        around in -2..=2i64,
        piece in 1..=3 * CHUNK,
        seeks in prop::collection::vec((any::<prop::sample::Index>(), 0..2 * CHUNK), 8),
    ) {
        static STORE: LazyLock<(TempDir, Place, Store)> = LazyLock::new(new_store);
        let store = &STORE.2;
        let length = (chunks as i64 * CHUNK as i64 + around).max(0) as usize;
        let content = recording(length);
        let mut writer = store.blobs().begin().expect("a writer");
        for part in content.chunks(piece) {
            writer.write_all(part).expect("space");
        }
        let staged = writer.finish().expect("a staged recording");
        prop_assert_eq!(staged.bytes, length as u64);
        prop_assert_eq!(staged.digest, Digest::of(&content));
        prop_assert!(read_all(staged.reader().expect("a reader")).expect("it") == content);
        let digest = staged.digest;
        staged.keep().expect("a kept recording");
        let mut reader = store.blobs().open(&digest).expect("a reader");
        for (index, wanted) in seeks {
            let at = index.index(length + 1);
            reader.seek(SeekFrom::Start(at as u64)).expect("a seek");
            let mut part = Vec::new();
            reader.by_ref().take(wanted as u64).read_to_end(&mut part).expect("a read");
            prop_assert!(part == content[at..length.min(at + wanted)]);
        }
    }
}

#[test]
fn seeking_follows_the_rules_of_files() {
    let (_folder, _place, store) = new_store();
    let digest = keep(&store, b"abcdef");
    let mut reader = store.blobs().open(&digest).expect("a reader");
    assert_eq!(reader.seek(SeekFrom::End(-2)).expect("a seek"), 4);
    assert_eq!(reader.seek(SeekFrom::Current(-3)).expect("a seek"), 1);
    assert!(reader.seek(SeekFrom::Current(-2)).is_err(), "before the start");
    assert_eq!(reader.stream_position().expect("a place"), 1, "a refused seek moves nothing");
    assert_eq!(reader.seek(SeekFrom::Start(100)).expect("a seek"), 100);
    assert_eq!(reader.read(&mut [0; 8]).expect("a read"), 0, "nothing beyond the end");
}

#[test]
fn one_changed_byte_in_any_region_of_a_recording_is_refused() {
    let (_folder, place, store) = new_store();
    let digest = keep(&store, &recording(2 * CHUNK + 100));
    let path = &kept_files(&place)[0];
    let whole = fs::read(path).expect("the file");
    assert_eq!(whole.len(), HEADER + 2 * SEALED + 100 + 16);
    let regions = [
        ("title", 0),
        ("salt", 16),
        ("salt's end", HEADER - 1),
        ("first chunk", HEADER),
        ("first tag", HEADER + CHUNK),
        ("second chunk", HEADER + SEALED + 7),
        ("second tag's end", HEADER + 2 * SEALED - 1),
        ("last chunk", HEADER + 2 * SEALED),
        ("last tag", whole.len() - 1),
    ];
    for (region, at) in regions {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(path, changed).expect("a changed file");
        assert_corrupt(&store, &digest, region);
    }
    fs::write(path, &whole).expect("the file again");
    assert!(read_all(store.blobs().open(&digest).expect("a reader")).is_ok());
}

#[test]
fn a_recording_cut_lengthened_or_rearranged_is_refused() {
    let (_folder, place, store) = new_store();
    let digest = keep(&store, &recording(3 * CHUNK));
    let path = &kept_files(&place)[0];
    let whole = fs::read(path).expect("the file");
    let chunk = |index: usize| &whole[HEADER + index * SEALED..HEADER + (index + 1) * SEALED];
    let file = |chunks: &[usize]| {
        let chunks: Vec<_> = chunks.iter().map(|index| chunk(*index)).collect();
        [&whole[..HEADER], &chunks.concat()].concat()
    };
    assert_eq!(file(&[0, 1, 2]), whole);
    let changed = [
        ("empty", Vec::new()),
        ("half a header", whole[..HEADER / 2].to_vec()),
        ("a header only", whole[..HEADER].to_vec()),
        ("cut after the first chunk", file(&[0])),
        ("cut after the second chunk", file(&[0, 1])),
        ("cut by a byte", whole[..whole.len() - 1].to_vec()),
        ("cut within the last tag", whole[..HEADER + 2 * SEALED + 8].to_vec()),
        ("longer by a byte", [&whole[..], &[0]].concat()),
        ("longer by a tag", [&whole[..], &[0; 16]].concat()),
        ("last chunk twice", file(&[0, 1, 2, 2])),
        ("last chunk alone", file(&[2])),
        ("middle left out", file(&[0, 2])),
        ("first two swapped", file(&[1, 0, 2])),
        ("last two swapped", file(&[0, 2, 1])),
    ];
    for (what, bytes) in changed {
        fs::write(path, bytes).expect("a changed file");
        assert_corrupt(&store, &digest, what);
    }
}

#[test]
fn recordings_that_swapped_names_or_chunks_are_refused() {
    let (_folder, place, store) = new_store();
    let one = keep(&store, &recording(CHUNK + 5));
    let first = kept_files(&place)[0].clone();
    let two = keep(&store, &[7; CHUNK + 5]);
    let second = kept_files(&place).into_iter().find(|path| *path != first).expect("a second");
    let (a, b) = (fs::read(&first).expect("a file"), fs::read(&second).expect("a file"));
    fs::write(&first, &b).expect("swapped");
    fs::write(&second, &a).expect("swapped");
    assert_corrupt(&store, &one, "swapped files");
    assert_corrupt(&store, &two, "swapped files");
    let mixed = [&a[..HEADER], &b[HEADER..HEADER + SEALED], &a[HEADER + SEALED..]].concat();
    fs::write(&first, mixed).expect("mixed");
    assert_corrupt(&store, &one, "the same chunk of another file");
}

#[test]
fn another_folder_s_recording_does_not_open_and_has_another_name() {
    let (_folder, place, store) = new_store();
    let (_other_folder, other_place, other) = new_store();
    let digest = keep(&store, b"the same words");
    assert_eq!(digest, keep(&other, b"the same words"));
    let (ours, theirs) = (&kept_files(&place)[0], &kept_files(&other_place)[0]);
    assert_ne!(ours.file_name(), theirs.file_name());
    let shown = ours.display().to_string();
    assert!(!shown.contains(&digest.to_string()), "the name is not the digest itself");
    fs::copy(theirs, ours).expect("their file under our name");
    assert_corrupt(&store, &digest, "another folder's file");
}

#[test]
fn nothing_of_a_recording_is_readable_on_disk_at_any_moment() {
    let (_folder, place, store) = new_store();
    let content = b"Quimby has pneumonia. ".repeat(5000);
    let mut writer = store.blobs().begin().expect("a writer");
    writer.write_all(&content).expect("space");
    let receiving = contents(&place.data);
    let staged = writer.finish().expect("a staged recording");
    let received = contents(&place.data);
    staged.keep().expect("a kept recording");
    for (path, bytes) in receiving.into_iter().chain(received).chain(contents(&place.data)) {
        assert!(!bytes.windows(6).any(|six| six == b"Quimby"), "{path}");
    }
}

#[test]
fn a_recording_nobody_keeps_disappears() {
    let (_folder, place, store) = new_store();
    let mut writer = store.blobs().begin().expect("a writer");
    writer.write_all(&recording(CHUNK + 1)).expect("space");
    assert_eq!(incoming_files(&place), 1);
    drop(writer);
    assert_eq!(incoming_files(&place), 0);
    let staged = stage(&store, b"words");
    let digest = staged.digest;
    assert_eq!(incoming_files(&place), 1);
    drop(staged);
    assert_eq!(incoming_files(&place), 0);
    assert!(matches!(store.blobs().open(&digest), Err(StoreError::NoSuchBlob)));
}

#[test]
fn the_same_recording_kept_again_is_there_once_and_mends_a_damaged_one() {
    let (_folder, place, store) = new_store();
    let digest = keep(&store, b"words");
    fs::write(&kept_files(&place)[0], "damage").expect("damage");
    assert_eq!(keep(&store, b"words"), digest);
    assert_eq!(kept_files(&place).len(), 1);
    assert_eq!(incoming_files(&place), 0);
    let reader = store.blobs().open(&digest).expect("a reader");
    assert_eq!(read_all(reader).expect("the recording"), b"words");
}

#[test]
fn a_reader_goes_on_while_the_same_recording_is_kept_again() {
    let (_folder, _place, store) = new_store();
    let content = recording(3 * CHUNK);
    let digest = keep(&store, &content);
    let mut reader = store.blobs().open(&digest).expect("a reader");
    let mut start = vec![0; 10];
    reader.read_exact(&mut start).expect("the start");
    keep(&store, &content);
    let rest = read_all(reader).expect("the rest");
    assert!([start, rest].concat() == content);
}

#[test]
fn a_sweep_takes_old_left_overs_and_nothing_else() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let (_folder, place, store) = new_store();
    let lost = keep(&store, b"a crash came before its row");
    let known = keep(&store, b"its row is committed");
    kept_files(&place).iter().for_each(make_old);
    let young = keep(&store, b"its row is about to be committed");
    let left = place.data.join("audio/incoming/left-by-a-crash");
    fs::write(&left, "x").expect("a left-over");
    make_old(&left);
    let receiving = store.blobs().begin().expect("a writer");
    let incoming = contents(&place.data.join("audio/incoming"));
    incoming.keys().map(PathBuf::from).for_each(|path| make_old(&path));
    let stranger = place.data.join("audio/notes.txt");
    fs::write(&stranger, "not ours").expect("a file");
    make_old(&stranger);

    let referenced = HashSet::from([store.blobs().name(&known)]);
    let swept = store.blobs().sweep(|name| referenced.contains(name), DAY).expect("a sweep");
    assert_eq!(swept, Swept { incoming: 1, blobs: 1 });
    assert!(matches!(store.blobs().open(&lost), Err(StoreError::NoSuchBlob)));
    assert!(store.blobs().open(&known).is_ok() && store.blobs().open(&young).is_ok());
    assert!(stranger.exists());
    receiving.finish().and_then(StagedBlob::keep).expect("the one being received goes on");
    let again = store.blobs().sweep(|name| referenced.contains(name), DAY).expect("a sweep");
    assert_eq!(again, Swept::default());
}

#[test]
fn an_old_unreferenced_recording_that_is_kept_again_is_young() {
    let (_folder, place, store) = new_store();
    keep(&store, b"words");
    kept_files(&place).iter().for_each(make_old);
    let digest = keep(&store, b"words");
    let swept = store.blobs().sweep(|_| false, Duration::from_secs(3600)).expect("a sweep");
    assert_eq!(swept, Swept::default());
    assert!(store.blobs().open(&digest).is_ok());
}
