//! Plausible doses of common medicines, for flags and for telling medicines apart.
//!
//! Not for: prescribing. A dose outside is a question to a person, never a correction.
//!
//! Invariant: ranges are for adults and generous; units are those of the table.

use super::term::{key, key_of};
use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../vocab/doses.tsv");

/// The usual forms, routes and doses of a medicine.
#[derive(Clone, Debug, PartialEq)]
pub struct Dosing {
    pub forms: Vec<&'static str>,
    pub routes: Vec<&'static str>,
    /// One dose, from and to, in `unit`.
    pub single: (f32, f32),
    pub unit: &'static str,
    /// The most in a day, in `unit`.
    pub daily_high: f32,
}

/// What a dose is, held against the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plausible {
    Yes,
    TooLow,
    TooHigh,
    /// The medicine or this unit of it is not in the table.
    Unknown,
}

/// The usual dosing of a generic, where it is known.
pub fn dosing(generic: &str) -> Option<&'static Dosing> {
    static DOSES: OnceLock<HashMap<String, Dosing>> = OnceLock::new();
    let doses = DOSES.get_or_init(|| TABLE.lines().skip(1).filter_map(dose).collect());
    doses.get(key_of(generic).as_ref())
}

/// Whether one dose of a generic is plausible. `unit` is as it is written: mg, mcg, g, mEq, units.
pub fn plausible(generic: &str, amount: f32, unit: &str) -> Plausible {
    let Some(dosing) = dosing(generic) else { return Plausible::Unknown };
    let Some(factor) = conversion(unit, dosing.unit) else { return Plausible::Unknown };
    let amount = amount * factor;
    // A hair of room for the conversion between units.
    if amount < dosing.single.0 * 0.999 {
        Plausible::TooLow
    } else if amount > dosing.single.1 * 1.001 {
        Plausible::TooHigh
    } else {
        Plausible::Yes
    }
}

fn conversion(from: &str, to: &str) -> Option<f32> {
    let micrograms = |unit: &str| match unit {
        "mcg" | "microgram" | "micrograms" => Some(1.0),
        "mg" | "milligram" | "milligrams" => Some(1000.0),
        "g" | "gram" | "grams" => Some(1_000_000.0),
        _ => None,
    };
    match (micrograms(from), micrograms(to)) {
        (Some(from), Some(to)) => Some(from / to),
        _ if from.eq_ignore_ascii_case(to) || from == "unit" && to == "units" => Some(1.0),
        _ if to == "mEq" && from.starts_with("milliequivalent") => Some(1.0),
        _ => None,
    }
}

fn dose(line: &'static str) -> Option<(String, Dosing)> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [generic, forms, routes, low, high, unit, daily] = cells[..] else { return None };
    let dosing = Dosing {
        forms: forms.split('|').collect(),
        routes: routes.split('|').collect(),
        single: (low.parse().ok()?, high.parse().ok()?),
        unit,
        daily_high: daily.parse().ok()?,
    };
    Some((key(generic), dosing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().skip(1);
        let unread: Vec<&str> = lines.filter(|line| dose(line).is_none()).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn ranges_are_in_order_and_in_units_that_are_said() {
        for line in TABLE.lines().skip(1) {
            let (_, dosing) = dose(line).expect("another test reads every line");
            let (low, high) = dosing.single;
            assert!(0.0 < low && low <= high && high <= dosing.daily_high, "{line}");
            assert!(["mg", "mcg", "g", "units", "mEq"].contains(&dosing.unit), "{line}");
        }
    }

    #[test]
    fn usual_doses_are_plausible_and_tenfold_errors_are_not() {
        for (generic, amount, unit) in [
            ("albuterol", 90.0, "mcg"),
            ("aspirin", 81.0, "mg"),
            ("acetaminophen", 1.0, "g"),
            ("diclofenac", 4.0, "g"),
            ("heparin", 5000.0, "units"),
            ("piperacillin-tazobactam", 3.375, "g"),
            ("prednisone", 5.0, "mg"),
            ("sacubitril-valsartan", 49.0, "mg"),
            ("tamsulosin", 0.4, "mg"),
            ("fluticasone", 50.0, "mcg"),
            ("metoprolol succinate", 25.0, "mg"),
            ("cyanocobalamin", 1000.0, "mcg"),
        ] {
            assert_eq!(plausible(generic, amount, unit), Plausible::Yes, "{generic}");
        }
        for (generic, amount, unit) in [
            ("methotrexate", 150.0, "mg"),
            ("warfarin", 50.0, "mg"),
            ("digoxin", 125.0, "mg"),
            ("insulin lispro", 1000.0, "units"),
            ("fentanyl", 25.0, "mg"),
            ("colchicine", 6.0, "mg"),
        ] {
            assert_eq!(plausible(generic, amount, unit), Plausible::TooHigh, "{generic}");
        }
    }

    #[test]
    fn a_dose_is_held_against_the_table_in_any_unit_of_mass() {
        for (generic, amount, unit, expected) in [
            ("apixaban", 5.0, "mg", Plausible::Yes),
            ("apixaban", 75.0, "mg", Plausible::TooHigh),
            ("levothyroxine", 0.05, "mg", Plausible::Yes),
            ("Levothyroxine", 50.0, "mg", Plausible::TooHigh),
            ("digoxin", 0.125, "milligrams", Plausible::Yes),
            ("digoxin", 1.0, "mcg", Plausible::TooLow),
            ("digoxin", 1.0, "units", Plausible::Unknown),
            ("water", 1.0, "mg", Plausible::Unknown),
        ] {
            assert_eq!(plausible(generic, amount, unit), expected, "{generic} {amount} {unit}");
        }
    }
}
