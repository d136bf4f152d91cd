// Two recordings of one report: another report is appended to this one, and taken back.
//
// Not for: one recording of two reports (`report-moves.ts`).

import { call } from "./api";
import { ask } from "./dialog";
import { button, h, replace, show } from "./dom";
import { clock, moment } from "./format";
import type { Player } from "./player";
import type { Report } from "./wire";

interface Candidate {
  report: string;
  version: number;
  opening: string;
  in_pool: boolean;
  patient_name: string | null;
  work_type_name: string;
  created_at: string;
  duration_ms: number | null;
}

/** Asks which report goes on in this one; true when it was joined. */
export async function joinReport(report: Report): Promise<boolean> {
  const path = `/api/reports/${report.id}`;
  const { reports } = await call<{ reports: Candidate[] }>("GET", `${path}/joinable`);
  const choices = reports.map((one): [string, string] => [one.report, words(one)]);
  const hint =
    reports.length > 0
      ? "Its text, recording, flags and copies are put behind those of this report. It can be " +
        "taken back until more is saved."
      : "There is no other report of this author and patient in your hands, or waiting.";
  return ask({
    title: "Join another report to this one",
    body: [h("p", { class: "hint" }, hint)],
    fields:
      reports.length > 0
        ? [{ name: "report", label: "What follows", kind: "choice", choices, required: true }]
        : [],
    confirm: reports.length > 0 ? "Join" : "Close",
    work: async ({ report: chosen }) => {
      const other = reports.find((one) => one.report === chosen);
      if (!other) return;
      if (other.in_pool) await call("POST", `/api/reports/${other.report}/claim`);
      const { version } = report;
      const body = { version, report: other.report, report_version: other.version };
      await call("POST", `${path}/join`, body);
    },
  });
}

/** How much of a text shows which report it is. */
const SHOWN = 40;

function words(one: Candidate): string {
  const length = one.duration_ms === null ? "typed" : clock(one.duration_ms);
  const text = one.opening.replace(/\s+/g, " ");
  const opening = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  const taken = one.in_pool ? ", not taken yet" : "";
  return `${opening} (${length}, ${moment(one.created_at)}${taken})`;
}

/** Says what was joined to the report, or where it goes on. */
export function paintJoined(
  place: HTMLElement,
  report: Report,
  player: Player | null,
  undo: (joined: string) => Promise<void>,
): void {
  const newest = report.joined.at(-1);
  const lines = report.joined.map((one) =>
    h(
      "p",
      { class: "row" },
      h("span", {}, `A second report was joined on ${moment(one.at)}, version ${one.version}.`),
      one.offset_ms !== null && player
        ? button(`Its recording from ${clock(one.offset_ms)}`, hear(player, one.offset_ms), SMALL)
        : null,
      one === newest && report.may.includes("undo-join")
        ? button("Take it back", () => undo(one.report), SMALL)
        : null,
    ),
  );
  const { joined_into: into } = report;
  if (into !== null) {
    const way = h("a", { href: `/reports/${into}` }, "Open it");
    lines.push(h("p", {}, "This report goes on in another, with its recording. ", way));
  }
  replace(place, ...lines);
  show(place, lines.length > 0);
}

const SMALL = { class: "small" };

function hear(player: Player, ms: number): () => void {
  return () => player.playAt(ms);
}
