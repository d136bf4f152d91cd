// Confidentiality labels as people read them, and adding one.
//
// Not for: what a label keeps from whom, which is the server's.

import { call } from "./api";
import { ask, type Field } from "./dialog";
import { h } from "./dom";

/** Words by code (`domain::label::Label`). */
export const LABELS: [code: string, word: string][] = [
  ["PSY", "Psychiatric"],
  ["ETH", "Substance use"],
  ["HIV", "HIV"],
  ["SDV", "Violence"],
  ["GENETIC", "Genetic"],
  ["REPRODUCTIVE", "Reproductive"],
  ["VIP", "VIP or employee"],
  ["MINOR", "Minor"],
  ["RESTRICTED", "Restricted"],
];

export function labelWord(code: string): string {
  return LABELS.find(([known]) => known === code)?.[1] ?? code;
}

export const chip = (code: string): HTMLElement =>
  h("span", { class: "mark sealed" }, labelWord(code));

/** Asks for a label of a report or a patient; true once it is there. */
export function addLabel(report: string | null, patient: string | null): Promise<boolean> {
  const targets: [string, string][] = [];
  if (report !== null) targets.push([`/api/reports/${report}/labels`, "This report"]);
  if (patient !== null) {
    targets.push([`/api/patients/${patient}/labels`, "The patient, and all their reports"]);
  }
  const target: Field = { name: "target", label: "Of", kind: "choice", choices: targets };
  const warning =
    "Whoever has no clearance for the label no longer sees the record, which may be you. " +
    "Only the privacy officer lowers a label again.";
  return ask({
    title: "Add a label",
    body: [h("p", { class: "hint" }, warning)],
    fields: [{ name: "label", label: "Label", kind: "choice", choices: LABELS }, target],
    confirm: "Add the label",
    work: ({ label, target }) => call("POST", target ?? "", { label }),
  });
}
