//! Confidentiality labels, carried by every patient, dictation and report.
//!
//! Not for: deciding who may see what; `workflow` does that from these labels.
//!
//! Invariant: a set of labels only grows unless a privacy officer lowers it.

use super::named::named;

named! {
    /// Why a record needs more than ordinary care (HL7 v3 ActCode and domain practice).
    pub enum Label {
        Psychiatric = "PSY",
        SubstanceUse = "ETH",
        Hiv = "HIV",
        SexualDomesticViolence = "SDV",
        Genetic = "GENETIC",
        Reproductive = "REPRODUCTIVE",
        Vip = "VIP",
        Minor = "MINOR",
        Restricted = "RESTRICTED",
    }
}

/// Labels in the order of their codes, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<Label>);

impl Labels {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn with(mut self, label: Label) -> Self {
        if !self.0.contains(&label) {
            self.0.push(label);
            self.0.sort_by_key(|label| label.code());
        }
        self
    }

    pub fn without(mut self, label: Label) -> Self {
        self.0.retain(|held| *held != label);
        self
    }

    /// These labels and the others.
    pub fn and(self, others: &Labels) -> Self {
        others.iter().fold(self, Labels::with)
    }

    pub fn iter(&self) -> impl Iterator<Item = Label> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_held_once_and_in_order_of_its_code() {
        let labels = Labels::none().with(Label::Vip).with(Label::Hiv).with(Label::Vip);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [Label::Hiv, Label::Vip]);
    }
}
