// The dictation page: the patient is confirmed, then one button records; the text comes meanwhile.
//
// Not for: sending (`sender.ts`), the desk at which is recorded (`desk.ts`).
//
// Invariant: nothing is recorded before the patient was confirmed by name and date of birth.

import { attempt as attemptWork } from "../attempt";
import { call } from "../api";
import { byId, button, h, replace, show } from "../dom";
import { type Patient, encounterChoices, factsOf, identify, nameOf, titleOf } from "./about";
import { checkMicrophone } from "./check";
import { Desk, type Recording } from "./desk";
import { Keep } from "./keep";
import { mapKeys } from "./keys";
import { microphones } from "./microphone";
import { offerRests } from "./rest";

let patient: Patient | null = null;
let desk: Desk | null = null;

export function dictate(): void {
  const form = byId("about", HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(find);
  });
  byId("mrn", HTMLInputElement).addEventListener("input", () => {
    patient = null;
    show(byId("patient", HTMLDivElement), false);
  });
  byId("confirm", HTMLButtonElement).addEventListener("click", () => void attempt(begin));
  mapKeys(() => desk);
  checkMicrophone();
  void attempt(offerUnfinished);
  void attempt(async () => offerRests(await Keep.open(), byId("rests", HTMLDivElement)));
  void listMicrophones();
  navigator.mediaDevices?.addEventListener("devicechange", () => void listMicrophones());
}

const attempt = (work: () => Promise<void>) => attemptWork("problem", work);

async function find(): Promise<void> {
  const mrn = byId("mrn", HTMLInputElement).value.trim();
  const found = await identify(mrn);
  patient = found.patient;
  byId("patient-name", HTMLElement).textContent = nameOf(patient);
  byId("patient-facts", HTMLElement).textContent = factsOf(patient);
  const choices = encounterChoices(found.encounters);
  replace(
    byId("encounter", HTMLSelectElement),
    ...choices.map(([value, words]) => h("option", { value }, words)),
  );
  show(byId("patient", HTMLDivElement), true);
  byId("confirm", HTMLButtonElement).focus();
}

async function begin(): Promise<void> {
  if (!patient) return;
  const values = new FormData(byId("about", HTMLFormElement));
  const encounter = byId("encounter", HTMLSelectElement).value;
  const body = {
    mrn: patient.mrn,
    encounter: encounter === "" ? null : encounter,
    work_type: values.get("work_type"),
    priority: values.get("priority"),
  };
  await sit(await open(body), titleOf(patient));
}

/** The key makes a beginning that is sent again the same recording. */
async function open(body: unknown): Promise<Recording> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return call<Recording>("POST", "/api/recordings", body, { "idempotency-key": key });
}

async function sit(recording: Recording, title: string): Promise<void> {
  const device = byId("device", HTMLSelectElement).value;
  desk = await Desk.open(recording, title, await Keep.open(), device);
  show(byId("about", HTMLFormElement), false);
  show(byId("patient", HTMLDivElement), false);
  show(byId("unfinished", HTMLDivElement), false);
  void listMicrophones();
}

/** What an earlier page, browser or machine left: it is gone on with, finished or thrown away. */
async function offerUnfinished(): Promise<void> {
  const { recordings, live_free } = await call<{ recordings: Recording[]; live_free: number }>(
    "GET",
    "/api/recordings",
  );
  byId("live-free", HTMLElement).textContent =
    live_free > 0
      ? "Your words are shown while you speak."
      : "Others use every place for text just now: you can record, and the report is written after.";
  const box = byId("unfinished", HTMLDivElement);
  const rows = recordings.map((one) => {
    const at = new Date(one.opened_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const seconds = Math.round(one.samples / 16_000);
    const words = `A recording begun at ${at} (${seconds} s) is not finished.`;
    const goOn = button("Go on with it", () => attempt(() => sit(one, `Begun at ${at}`)));
    return h("p", {}, words, goOn);
  });
  replace(box, ...rows);
  show(box, rows.length > 0);
}

async function listMicrophones(): Promise<void> {
  if (!navigator.mediaDevices) return;
  const select = byId("device", HTMLSelectElement);
  const chosen = select.value;
  const named = (await microphones()).filter((device) => device.deviceId !== "");
  replace(
    select,
    h("option", { value: "" }, "The system's choice"),
    ...named.map((device) => h("option", { value: device.deviceId }, device.label || "Microphone")),
  );
  select.value = named.some((device) => device.deviceId === chosen) ? chosen : "";
}
