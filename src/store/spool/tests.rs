//! The sealed frames of the spool: whole, in order, once, and gone on with.

use super::*;

fn spool() -> (tempfile::TempDir, PathBuf, SpoolKey) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("spool");
    make_folder(&place).expect("a private folder");
    let key = SpoolKey::open(&folder.path().join("key"), &place).expect("a key");
    (folder, place, key)
}

fn written(place: &Path, key: &SpoolKey, blocks: u8) -> SpoolWriter {
    let made = SpoolWriter::create(place, key, Uuid::now_v7(), b"about");
    let mut writer = made.expect("made");
    for block in 0..blocks {
        writer.block(&[block; 640]).expect("there is room");
    }
    writer
}

#[test]
fn blocks_are_read_while_they_are_written_and_the_file_tells_nothing() {
    let (folder, place, key) = spool();
    let mut writer = written(&place, &key, 2);
    let mut reader = SpoolReader::open(writer.path(), &key).expect("ours");
    assert_eq!((reader.about(), reader.blocks()), (b"about".as_slice(), 2));
    assert!(reader.block(2).expect("readable").is_none());
    writer.block(&[7; 640]).expect("there is room");
    writer.note(b"more").expect("there is room");
    writer.end().expect("there is room");
    assert_eq!(**reader.block(2).expect("readable").expect("there"), [7; 640]);
    assert_eq!((reader.about(), reader.ended()), (b"more".as_slice(), true));
    assert_eq!((reader.bytes(), reader.bytes_before(2)), (1920, 1280));
    let bytes = fs::read(writer.path()).expect("readable");
    assert!(!bytes.windows(8).any(|part| part == [7; 8]) && !bytes.starts_with(b"about"));
    fs::remove_file(folder.path().join("key")).expect("removed");
    let lost = SpoolKey::open(&folder.path().join("key"), &place);
    assert!(matches!(lost, Err(StoreError::MissingKey { .. })), "no new key for old sound");
}

#[test]
fn cut_off_anywhere_the_whole_frames_are_there_and_it_is_gone_on_with() {
    let (_folder, place, key) = spool();
    let path = written(&place, &key, 3).path().to_owned();
    let whole = fs::read(&path).expect("readable");
    let frame = LENGTH + 1 + 640 + TAG;
    for cut in [1, TAG, 640, frame - 1, frame, frame + 1] {
        fs::write(&path, &whole[..whole.len() - cut]).expect("cut");
        let kept = SpoolReader::open(&path, &key).expect("ours").blocks();
        assert_eq!(kept, 3 - cut.div_ceil(frame) as u64, "{cut} bytes less");
        let mut writer = SpoolWriter::reopen(&path, &key).expect("gone on with");
        writer.block(&[9; 640]).expect("there is room");
        let mut reader = SpoolReader::open(&path, &key).expect("ours");
        assert_eq!(reader.blocks(), kept + 1);
        assert_eq!(**reader.block(kept).expect("readable").expect("there"), [9; 640]);
    }
}

#[test]
fn a_frame_that_was_altered_moved_or_left_out_does_not_open() {
    let (_folder, place, key) = spool();
    let path = written(&place, &key, 3).path().to_owned();
    let whole = fs::read(&path).expect("readable");
    let frame = LENGTH + 1 + 640 + TAG;
    let first = whole.len() - 3 * frame;
    let mut altered = whole.clone();
    altered[first + 10] ^= 1;
    let left_out = [&whole[..first], &whole[first + frame..]].concat();
    let moved = [&whole[..first], &whole[first + frame..], &whole[first..first + frame]];
    for wrong in [altered, left_out, moved.concat()] {
        fs::write(&path, wrong).expect("written");
        assert_eq!(SpoolReader::open(&path, &key).expect("the rest").blocks(), 0);
    }
}

#[test]
fn a_discarded_recording_keeps_no_sound_and_two_do_not_touch_one() {
    let (_folder, place, key) = spool();
    let path = written(&place, &key, 3).path().to_owned();
    let held = hold(&path).expect("readable");
    assert!(held.is_some() && hold(&path).expect("readable").is_none());
    let left = discard(&path, &key).expect("discarded");
    let found = list(&place).expect("readable");
    assert_eq!(found.len(), 1);
    assert!(found[0].discarded && found[0].path == left);
    let reader = SpoolReader::open(&left, &key).expect("ours");
    assert_eq!((reader.about(), reader.blocks()), (b"about".as_slice(), 0));
    remove(&left).expect("removed");
    assert!(list(&place).expect("readable").is_empty());
}
