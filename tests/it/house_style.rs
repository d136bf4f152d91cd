//! The house style of a site and of an author, and normals: who may change them, and that
//! drafts are written with them.

use crate::support::TestSite;
use chartscribe::domain::pace::Pace;
use chartscribe::domain::punctuation::Mode;
use chartscribe::store::house_style::StoredStyle;
use chartscribe::store::vocab_terms::LayerOf;
use chartscribe::vocab::lexicon::Layer;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::house_style::{self, NormalToKeep, NormalsOf, Style};

fn layer(test: &TestSite, username: Option<&str>) -> LayerOf {
    match username {
        Some(username) => {
            let person = test.who(username).person.expect("a person");
            LayerOf { layer: Layer::Author, owner: person.id.to_string() }
        }
        None => LayerOf { layer: Layer::Site, owner: String::new() },
    }
}

fn settle(test: &TestSite, who: &str, of: &LayerOf, mode: Option<Mode>, switches: &str) {
    let switches = serde_json::from_str(switches).expect("an object");
    let style = StoredStyle { mode, switches, ..StoredStyle::default() };
    house_style::settle(&test.site, &test.who(who), of, &style).expect("allowed");
}

fn of_ada(test: &TestSite) -> Style {
    let ada = test.who("ada").person.expect("a person");
    house_style::of_author(&test.site, ada.id).expect("readable")
}

fn chest(of: LayerOf, shortcut: Option<&str>) -> NormalToKeep {
    NormalToKeep {
        id: None,
        of,
        name: "Chest exam".into(),
        shortcut: shortcut.map(str::to_owned),
        text: "Lungs are clear on the [side].".into(),
    }
}

#[test]
fn the_author_s_settings_win_and_what_they_leave_follows_the_site() {
    let test = TestSite::new();
    let (site, ada) = (layer(&test, None), layer(&test, Some("ada")));
    settle(&test, "admin", &site, Some(Mode::Spoken), r#"{"latin_stops": false}"#);
    settle(&test, "ada", &ada, None, r#"{"range_hyphen": false}"#);
    let style = of_ada(&test);
    assert_eq!(style.mode, Mode::Spoken);
    assert!(!style.profile.latin_stops && !style.profile.range_hyphen);
    assert!(style.profile.dose_thousands_comma);
    settle(&test, "ada", &ada, Some(Mode::Auto), r#"{"latin_stops": true}"#);
    let style = of_ada(&test);
    assert_eq!(style.mode, Mode::Auto);
    assert!(style.profile.latin_stops && style.profile.range_hyphen);
}

#[test]
fn an_author_s_speed_of_dictation_is_theirs_and_else_the_site_s() {
    let test = TestSite::new();
    assert_eq!(of_ada(&test).pace, Pace::Usual);
    let set = |who: &str, of: &LayerOf, pace: Option<Pace>| {
        let style = StoredStyle { pace, ..StoredStyle::default() };
        house_style::settle(&test.site, &test.who(who), of, &style).expect("allowed");
    };
    let (site, ada) = (layer(&test, None), layer(&test, Some("ada")));
    set("admin", &site, Some(Pace::Slow));
    assert_eq!(of_ada(&test).pace, Pace::Slow);
    set("ada", &ada, Some(Pace::Fast));
    assert_eq!(of_ada(&test).pace, Pace::Fast);
    let kept = house_style::settled(&test.site, &test.who("ada"), &ada).expect("hers");
    assert_eq!(kept.pace, Some(Pace::Fast));
}

#[test]
fn nobody_changes_another_s_layer_and_no_switch_is_invented() {
    let test = TestSite::new();
    let (site, ada) = (layer(&test, None), layer(&test, Some("ada")));
    let none = StoredStyle::default();
    let denied = |who: &str, of: &LayerOf| {
        let result = house_style::settle(&test.site, &test.who(who), of, &none);
        matches!(result, Err(WorkflowError::Forbidden { .. }))
    };
    assert!(denied("ada", &site));
    assert!(denied("admin", &ada));
    assert!(denied("tess", &ada));
    let switches = serde_json::from_str(r#"{"no_such": true}"#).expect("an object");
    let odd = StoredStyle { switches, ..StoredStyle::default() };
    let result = house_style::settle(&test.site, &test.who("ada"), &ada, &odd);
    assert!(matches!(result, Err(WorkflowError::Invalid { field: "switches", .. })));
}

#[test]
fn normals_are_kept_once_a_name_and_used_by_their_author_s_typist() {
    let test = TestSite::new();
    let (who, of) = (test.who("ada"), layer(&test, Some("ada")));
    let id = house_style::keep_normal(&test.site, &who, &chest(of.clone(), Some("nlchest")));
    let id = id.expect("kept");
    let again = house_style::keep_normal(&test.site, &who, &chest(of.clone(), None));
    assert!(matches!(again, Err(WorkflowError::Conflict { .. })));
    let changed = NormalToKeep { id: Some(id), text: "Lungs clear.".into(), ..chest(of, None) };
    assert_eq!(house_style::keep_normal(&test.site, &who, &changed).expect("changed"), id);

    let report = test.drafted("No fever.");
    let tess = test.who("tess");
    let of_report = NormalsOf { report: Some(report), department: None };
    let seen = house_style::normals(&test.site, &tess, &of_report).expect("allowed");
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].name.as_str(), seen[0].text.as_str()), ("Chest exam", "Lungs clear."));
    assert!(
        house_style::normals(&test.site, &tess, &NormalsOf::default()).expect("allowed").is_empty()
    );

    let stolen = house_style::remove_normal(&test.site, &tess, id);
    assert!(matches!(stolen, Err(WorkflowError::Forbidden { .. })));
    house_style::remove_normal(&test.site, &who, id).expect("removed");
    assert!(of_ada(&test).normals.is_empty());
}
