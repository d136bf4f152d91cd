//! Sections that the work type asks for and the report has not.
//!
//! Not for: whether a section's content is complete.
//!
//! Invariant: a warning at QA, never a block (domain specification 1.4).

use super::request::Request;
use super::token::Findings;
use crate::domain::flag::FlagKind;
use crate::vocab::sections;

const BOTH: &str = "ASSESSMENT AND PLAN";

/// The required sections that are not there, with one flag for all of them. A text without any
/// heading is no whole report and is asked for none.
pub fn sections(present: &[String], request: &Request<'_>, findings: &mut Findings) -> Vec<String> {
    let Some(work_type) = request.work_type.filter(|_| !present.is_empty()) else {
        return Vec::new();
    };
    let has = |heading: &str| present.iter().any(|known| known == heading);
    let covered = |heading: &str| {
        has(heading) || has(BOTH) && matches!(heading, "ASSESSMENT" | "PLAN" | "RECOMMENDATIONS")
    };
    let wanted = sections::of_work_type(work_type).filter(|section| section.required);
    let missing: Vec<String> = wanted
        .filter(|section| !covered(section.heading))
        .map(|section| section.heading.to_owned())
        .collect();
    if !missing.is_empty() {
        let note = format!("Missing, and required for this work type: {}.", missing.join(", "));
        findings.flag(FlagKind::SectionMissing, note, 0..0);
    }
    // C-CDA: never both, domain specification 1.4.
    if has(BOTH) && (has("ASSESSMENT") || has("PLAN")) {
        let note = "ASSESSMENT AND PLAN cannot stand beside a separate ASSESSMENT or PLAN.";
        findings.flag(FlagKind::SectionMissing, note, 0..0);
    }
    missing
}
