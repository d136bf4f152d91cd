//! Recordings under way: blocks once and in order, finished once, edited without loss, left alone.

use crate::support::{TestSite, operator};
use chartscribe::domain::dictation::Priority;
use chartscribe::domain::flag::FlagKind;
use chartscribe::domain::ids::TakeId;
use chartscribe::domain::take::{Stretch, TakeState};
use chartscribe::jobs::left_alone;
use chartscribe::store::{dictations, takes as rows};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::take_about::{self, About};
use chartscribe::workflow::takes::{self, Kept, Opening};
use std::io::Read;

/// A block of tones; each number is another.
fn block(number: u64, samples: usize) -> Vec<u8> {
    let sample = |n: usize| ((n as i64 * (number as i64 + 3) * 37) % 9000) as i16;
    (0..samples).flat_map(|n| sample(n).to_le_bytes()).collect()
}

fn opening(key: &str) -> Opening {
    Opening {
        mrn: Some("MRN-1".into()),
        encounter: Some("V-1".into()),
        work_type: Some("HP".into()),
        priority: Some("stat".into()),
        key: key.into(),
        ..Opening::default()
    }
}

fn begun(test: &TestSite, key: &str) -> TakeId {
    takes::open(&test.site, &test.who("ada"), opening(key)).expect("begun").id
}

/// The samples of a dictation's audio, as bytes.
fn stored(test: &TestSite, dictation: chartscribe::domain::ids::DictationId) -> Vec<u8> {
    let found = test.site.store.read(|tx| dictations::by_id(tx, dictation)).expect("readable");
    let mut bytes = Vec::new();
    let digest = found.expect("there").audio.digest;
    let mut reader = test.site.store.blobs().open(&digest).expect("stored");
    reader.read_to_end(&mut bytes).expect("whole");
    bytes.split_off(44)
}

#[test]
fn blocks_are_taken_once_and_in_order_and_become_one_dictation() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    assert_eq!(begun(&test, "k"), id, "the same key is the same take");
    let blocks = [block(0, 3200), block(1, 3200), block(2, 100)];
    let kept = takes::append(site, &ada, id, 0, &blocks[..2]).expect("kept");
    assert_eq!(kept, Kept { next: 2, samples: 6400 });
    let again = takes::append(site, &ada, id, 1, &blocks[1..]).expect("the repeated one is known");
    assert_eq!(again, Kept { next: 3, samples: 6500 });
    let gap = takes::append(site, &ada, id, 5, &blocks[..1]);
    assert!(matches!(gap, Err(WorkflowError::Conflict { .. })), "{gap:?}");
    let odd = takes::append(site, &ada, id, 3, &[vec![0_u8; 3]]);
    assert!(matches!(odd, Err(WorkflowError::Invalid { .. })), "{odd:?}");
    for stranger in ["ben", "tess"] {
        let other = takes::append(site, &test.who(stranger), id, 3, &blocks[..1]);
        assert!(matches!(other, Err(WorkflowError::NotFound { .. })), "{stranger}");
    }
    assert!(takes::finish(site, &ada, id, 4).is_err(), "a block is still on its way");
    let received = takes::finish(site, &ada, id, 3).expect("finished");
    assert!(!received.repeated);
    assert_eq!(received.duration_ms, 6500_u32.div_ceil(16));
    assert_eq!(stored(&test, received.dictation), blocks.concat());
    let repeated = takes::finish(site, &ada, id, 3).expect("known");
    assert_eq!((repeated.dictation, repeated.repeated), (received.dictation, true));
    let late = takes::append(site, &ada, id, 3, &blocks[..1]);
    assert!(matches!(late, Err(WorkflowError::Conflict { .. })), "it is over");
    assert!(matches!(takes::discard(site, &ada, id), Err(WorkflowError::Conflict { .. })));
    let left = site.store.read(|tx| rows::samples(tx, id, 0, 1_000_000)).expect("readable");
    assert!(left.is_empty(), "the audio is in the dictation now");
    site.store.check().expect("whole");
}

#[test]
fn what_is_overwritten_is_not_heard_and_not_destroyed() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    let blocks = [block(0, 3000), block(1, 2000), block(2, 1000)];
    takes::append(site, &ada, id, 0, &blocks).expect("kept");
    let stretch = |from, to| Stretch { from, to };
    let wrong = takes::arrange(site, &ada, id, vec![stretch(0, Some(9000)), stretch(0, None)]);
    assert!(matches!(wrong, Err(WorkflowError::Invalid { .. })), "{wrong:?}");
    // The third block in place of the second half of the first.
    let edits = vec![
        stretch(0, Some(1500)),
        stretch(5000, Some(6000)),
        stretch(3000, Some(5000)),
        stretch(6000, None),
    ];
    takes::arrange(site, &ada, id, edits).expect("arranged");
    let piece = takes::piece(site, &ada, id, 0).expect("heard");
    let expected = [&blocks[0][..3000], &blocks[2], &blocks[1]].concat();
    assert_eq!(piece[44..], expected);
    let received = takes::finish(site, &ada, id, 3).expect("finished");
    assert_eq!(stored(&test, received.dictation), expected);
    let named = site.store.read(dictations::audio_digests).expect("readable");
    assert_eq!(named.len(), 2, "the recording as it was made is kept, and named");
    let all = blocks.concat();
    let original = named.iter().find(|digest| {
        let mut bytes = Vec::new();
        let mut reader = site.store.blobs().open(digest).expect("stored");
        reader.read_to_end(&mut bytes).expect("whole");
        bytes[44..] == all
    });
    assert!(original.is_some());
}

#[test]
fn a_take_that_is_left_alone_becomes_a_dictation_with_a_flag_and_an_empty_one_goes() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let (id, empty) = (begun(&test, "k"), begun(&test, "empty"));
    takes::append(site, &ada, id, 0, &[block(0, 16_000)]).expect("kept");
    let idle = i64::from(site.settings.recording_idle_minutes) * 60_000;
    test.pass_ms(idle - 1);
    assert_eq!(left_alone::tick(site).expect("looked"), 0, "not yet");
    test.pass_ms(2);
    assert_eq!(left_alone::tick(site).expect("looked"), 1);
    assert_eq!(left_alone::tick(site).expect("looked"), 0, "once");
    let take = takes::status(site, &ada, id).expect("hers");
    assert_eq!(take.state, TakeState::Finished);
    let received = takes::finish(site, &ada, id, 1).expect("the page comes back to it");
    assert_eq!(Some(received.dictation), take.dictation);
    assert_eq!(received.flags, [FlagKind::Truncated]);
    assert_eq!(takes::status(site, &ada, empty).expect("hers").state, TakeState::Discarded);
    assert!(takes::mine(site, &ada).expect("hers").is_empty());
}

#[test]
fn the_rest_of_a_take_that_was_over_too_early_becomes_one_about_the_same() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    takes::append(site, &ada, id, 0, &[block(0, 16_000)]).expect("kept");
    takes::finish(site, &ada, id, 1).expect("finished by somebody else's hand");
    let rest = || Opening { after: Some(id), key: "k-rest".into(), ..Opening::default() };
    let before = takes::status(site, &ada, id).expect("hers");
    let take = takes::open(site, &ada, rest()).expect("begun");
    let about = |take: &chartscribe::domain::take::Take| {
        (take.author, take.patient, take.encounter, take.priority, take.work_type.clone())
    };
    assert_eq!(about(&take), about(&before));
    assert_eq!((take.state, take.next, take.dictation), (TakeState::Open, 0, None));
    assert_eq!(takes::open(site, &ada, rest()).expect("again").id, take.id);
    let stranger = takes::open(site, &test.who("ben"), rest());
    assert!(matches!(stranger, Err(WorkflowError::NotFound { .. })), "{stranger:?}");
}

#[test]
fn a_recording_that_was_made_without_a_network_says_when_it_began() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let begun = "2020-02-03T04:05:06Z";
    let earlier = Opening { dictated_at: Some(begun.into()), ..opening("k") };
    let id = takes::open(site, &ada, earlier).expect("begun").id;
    takes::append(site, &ada, id, 0, &[block(0, 16_000)]).expect("kept");
    assert_eq!(left_alone::tick(site).expect("looked"), 0, "it was touched just now");
    let received = takes::finish(site, &ada, id, 1).expect("finished");
    let found = site.store.read(|tx| dictations::by_id(tx, received.dictation)).expect("readable");
    let dictated_at = jiff::Timestamp::from_millisecond(found.expect("there").dictated_at.0);
    assert_eq!(dictated_at.expect("a time").to_string(), begun);
    let ahead = Opening { dictated_at: Some("2999-01-01T00:00:00Z".into()), ..opening("ahead") };
    assert!(matches!(takes::open(site, &ada, ahead), Err(WorkflowError::Invalid { .. })));
}

#[test]
fn what_a_take_is_about_may_change_while_it_goes_on_and_only_by_its_sender() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    let before = takes::status(site, &ada, id).expect("hers");
    takes::append(site, &ada, id, 0, &[block(0, 16_000)]).expect("kept");
    let said = |text: &str| Some(text.to_owned());
    let other = About { mrn: said("mrn-2"), work_type: said("PN"), ..About::default() };
    let take = take_about::change(site, &ada, id, other.clone()).expect("changed");
    assert_ne!(take.patient, before.patient);
    assert_eq!((take.encounter, take.work_type.as_str()), (None, "PN"));
    assert_eq!(take.priority, before.priority, "what is left out stays");
    take_about::change(site, &ada, id, other).expect("the same again");
    let changes = test.acts().iter().filter(|act| *act == "change-recording done").count();
    assert_eq!(changes, 1, "is no act");
    for stranger in ["ben", "tess"] {
        let theirs = take_about::change(site, &test.who(stranger), id, About::default());
        assert!(matches!(theirs, Err(WorkflowError::NotFound { .. })), "{stranger}");
    }
    let wrong = About { encounter: said("V-1"), ..About::default() };
    let wrong = take_about::change(site, &ada, id, wrong);
    assert!(matches!(wrong, Err(WorkflowError::Invalid { field: "encounter", .. })), "{wrong:?}");
    let routine = About { priority: said("routine"), encounter: said("V-2"), ..About::default() };
    take_about::change(site, &ada, id, routine).expect("changed");
    let received = takes::finish(site, &ada, id, 1).expect("finished");
    let kept = site.store.read(|tx| dictations::by_id(tx, received.dictation)).expect("readable");
    let kept = kept.expect("there");
    assert_eq!((kept.patient, kept.priority), (take.patient, Priority::Routine));
    assert!(kept.encounter.is_some());
    let late = take_about::change(site, &ada, id, About { mrn: said("MRN-1"), ..About::default() });
    assert!(matches!(late, Err(WorkflowError::Conflict { .. })), "it is over");
}

#[test]
fn a_recording_that_is_thrown_away_leaves_nothing_but_its_audit() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    takes::append(site, &ada, id, 0, &[block(0, 16_000)]).expect("kept");
    takes::discard(site, &ada, id).expect("thrown away");
    takes::discard(site, &ada, id).expect("and again");
    assert!(takes::finish(site, &ada, id, 1).is_err());
    let left = site.store.read(|tx| rows::samples(tx, id, 0, 1_000_000)).expect("readable");
    assert!(left.is_empty());
    let acts = test.acts();
    for act in ["begin-recording done", "discard-recording done"] {
        assert!(acts.iter().any(|done| done == act), "{act} in {acts:?}");
    }
}

#[test]
fn the_patient_is_named_to_whoever_dictates_and_the_look_is_audited() {
    let test = TestSite::new();
    let found = takes::identify(&test.site, &test.who("ada"), "mrn-1").expect("known");
    assert_eq!(found.found.patient.given_name.reveal(), "Iris");
    assert_eq!(found.encounters.len(), 1);
    assert!(test.acts().iter().any(|act| act == "identify-patient done"));
    let unknown = takes::identify(&test.site, &test.who("ada"), "MRN-404");
    assert!(matches!(unknown, Err(WorkflowError::NotFound { .. })));
    assert!(takes::identify(&test.site, &operator(), "MRN-1").is_err());
}

#[test]
fn a_take_has_the_longest_length_that_a_recording_may_have() {
    let test = TestSite::new();
    let (site, ada) = (&test.site, test.who("ada"));
    let id = begun(&test, "k");
    // The site of the tests takes a minute, and two megabytes.
    let second = block(0, 16_000);
    let seconds = 1_999_956 / 32_000_u64;
    for number in 0..seconds.min(60) {
        takes::append(site, &ada, id, number, std::slice::from_ref(&second)).expect("kept");
    }
    let over = takes::append(site, &ada, id, 60, &[block(1, 32_000)]);
    assert!(matches!(over, Err(WorkflowError::TooLarge { .. })), "{over:?}");
    let received = takes::finish(site, &ada, id, 60).expect("the rest is kept");
    assert_eq!(received.duration_ms, 60_000);
}
