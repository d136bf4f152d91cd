// The head of a report's page: which patient, which report, how far it is.

import { h } from "./dom";
import { age, clock, completionWord, sexWord, stageWord } from "./format";
import { chip } from "./labels";
import { fullName } from "./patients";
import type { Origin, Patient, Report } from "./wire";

const ORIGINS: Record<Origin, string> = {
  upload: "file",
  import: "imported file",
  microphone: "microphone",
};

export function header(report: Report, addLabel: HTMLElement | false): HTMLElement[] {
  const { patient, encounter, job } = report;
  const fact = (term: string, ...value: (Node | string)[]) =>
    h("div", {}, h("dt", {}, term), h("dd", {}, ...value));
  const name = patient
    ? h("h1", {}, chartLink(report, patient))
    : h("h1", { class: "missing" }, "Patient not assigned");
  const facts = h("dl", {});
  if (patient) {
    const born = `${patient.birth_date} (${age(patient.birth_date, new Date())})`;
    facts.append(fact("MRN", patient.mrn), fact("Born", born), fact("Sex", sexWord(patient.sex)));
  } else if (report.given_mrn) {
    facts.append(fact("Given MRN", report.given_mrn));
  }
  if (encounter) facts.append(fact("Encounter", `${encounter.number}, ${encounter.location}`));
  const kind = report.relation === "original" ? "" : ` (${report.relation})`;
  const stat = report.priority === "stat" ? h("span", { class: "mark stat" }, "STAT") : "";
  facts.append(
    fact("Work type", report.work_type_name + kind, " ", stat),
    fact("Author", report.author.display_name),
    fact("Status", `${completionWord(report.completion)} · ${stageWord(report.stage)}`),
  );
  if (report.assignee) facts.append(fact("With", report.assignee.display_name));
  const { audio } = report;
  if (audio) facts.append(fact("Recording", `${clock(audio.duration_ms)}, ${ORIGINS[audio.origin]}`));
  const views: HTMLElement[] = [name, facts];
  if (report.stage === "transcribing" && job) views.push(machineState(report));
  const labels = report.labels.map(chip);
  if (labels.length > 0 || addLabel) views.push(h("div", { class: "labels" }, ...labels, addLabel));
  return views;
}

function chartLink(report: Report, patient: Patient): Node | string {
  const name = fullName(patient);
  if (!report.may.includes("view-chart")) return name;
  return h("a", { href: `/patients/${patient.id}` }, name);
}

function machineState(report: Report): HTMLElement {
  const job = report.job;
  if (job?.state === "dead") {
    const reason = job.error ?? "no reason was recorded";
    const words = `Transcription failed after ${job.attempts} attempts: ${reason}`;
    return h("p", { class: "problem" }, words);
  }
  if (job?.state === "stopped") return h("p", { class: "hint" }, "Transcription was stopped.");
  const bar = h("progress", { id: "progress", max: 1, value: job?.progress ?? 0 });
  bar.setAttribute("aria-label", "Transcription");
  return h("p", { class: "hint" }, "Transcribing ", bar);
}
