// What a recording is about: the patient as they are confirmed, and another one while it goes on.
//
// Not for: the form before a recording (`page.ts`).
//
// Invariant: a recording goes under another patient only after a person confirmed them by name
// and date of birth.

import { call } from "../api";
import { type Field, ask } from "../dialog";
import { byId, h } from "../dom";
import type * as wire from "../wire";

export type Patient = Omit<wire.Patient, "id" | "labels">;
export type Encounter = Omit<wire.Encounter, "ended_at">;

export interface Identified {
  patient: Patient;
  encounters: Encounter[];
}

/** The patient of a record number. */
export const identify = (mrn: string): Promise<Identified> =>
  call<Identified>("POST", "/api/recordings/patient", { mrn });

export const nameOf = (patient: Patient): string =>
  patient.sealed ? "Restricted" : `${patient.family_name}, ${patient.given_name}`;

export const factsOf = (patient: Patient): string =>
  patient.sealed
    ? `MRN ${patient.mrn}`
    : `born ${patient.birth_date} · ${patient.sex} · MRN ${patient.mrn}`;

/** What stands above the desk. */
export const titleOf = (patient: Patient): string =>
  `${nameOf(patient)}, born ${patient.birth_date}, MRN ${patient.mrn}`;

/** The encounters to choose from, newest first, and none. */
export const encounterChoices = (encounters: Encounter[]): [string, string][] => [
  ...encounters.map((one): [string, string] => [
    one.number,
    `${one.location}, ${one.began_at.slice(0, 10)} (${one.number})`,
  ]),
  ["", "No encounter"],
];

const STAYS: [string, string] = ["", "as it is"];

/** Asks what is to change; answers the new title where the patient did. */
export async function changeAbout(recording: string): Promise<string | null> {
  const types = [...byId("work_type", HTMLSelectElement).options];
  const fields: Field[] = [
    { name: "mrn", label: "MRN of another patient (empty: the patient stays)", kind: "text", maxlength: 32 },
    { name: "work_type", label: "Work type", kind: "choice",
      choices: [STAYS, ...types.map((one): [string, string] => [one.value, one.text])] },
    { name: "priority", label: "Priority", kind: "choice",
      choices: [STAYS, ["routine", "Routine"], ["stat", "STAT"]] },
  ];
  const said: { patient: Identified | null; rest: Record<string, string> } = { patient: null, rest: {} };
  await ask({
    title: "Change what this dictation is about",
    fields,
    confirm: "Change",
    work: async ({ mrn = "", work_type = "", priority = "" }) => {
      const chosen = Object.entries({ work_type, priority }).filter(([, value]) => value !== "");
      said.rest = Object.fromEntries(chosen);
      said.patient = mrn.trim() === "" ? null : await identify(mrn.trim());
      if (!said.patient && chosen.length > 0) await say(recording, said.rest);
    },
  });
  return said.patient ? confirmed(recording, said.patient, said.rest) : null;
}

async function confirmed(
  recording: string,
  { patient, encounters }: Identified,
  rest: Record<string, string>,
): Promise<string | null> {
  const done = await ask({
    title: "Is this the patient?",
    body: [h("p", {}, h("strong", {}, nameOf(patient)), ` ${factsOf(patient)}`)],
    fields: [
      { name: "encounter", label: "Encounter", kind: "choice", choices: encounterChoices(encounters) },
    ],
    confirm: "This is the patient",
    work: ({ encounter = "" }) => say(recording, { ...rest, mrn: patient.mrn, encounter }),
  });
  return done ? titleOf(patient) : null;
}

const say = (recording: string, about: Record<string, string>): Promise<void> =>
  call<void>("POST", `/api/recordings/${recording}/about`, about);
