// Putting a report right: another author, work type or priority, two reports from one, and who
// gets copies.
//
// Not for: whom it is about (`steps.ts`).

import { call } from "./api";
import { ask } from "./dialog";
import { h } from "./dom";
import type { Person, Report, WorkType } from "./wire";

const KEEP: [code: string, word: string] = ["", "As it is"];

/** Asks where the report belongs; true when it was moved. */
export async function moveReport(report: Report): Promise<boolean> {
  const { authors } = await call<{ authors: Person[] }>("GET", "/api/authors");
  const { work_types } = await call<{ work_types: WorkType[] }>("GET", "/api/work-types");
  const people = authors.map(({ username, display_name }): [string, string] => [
    username,
    display_name,
  ]);
  const types = work_types.map(({ code, name }): [string, string] => [code, name]);
  const priorities: [string, string][] = [KEEP, ["stat", "STAT"], ["routine", "Routine"]];
  return ask({
    title: "Move the report",
    fields: [
      { name: "author", label: "Dictated by", kind: "choice", choices: [KEEP, ...people] },
      { name: "work_type", label: "Work type", kind: "choice", choices: [KEEP, ...types] },
      { name: "priority", label: "Priority", kind: "choice", choices: priorities },
    ],
    confirm: "Move",
    work: (values) => {
      const given = Object.entries(values).filter(([, value]) => value !== "");
      return call("POST", `/api/reports/${report.id}/move`, Object.fromEntries(given));
    },
  });
}

/** Paragraphs of a text but for the first, with where they begin in Unicode scalar values. */
export function paragraphs(text: string): [at: number, words: string][] {
  const found: [number, string][] = [];
  let at = 0;
  for (const part of text.split(/(\n+)/)) {
    if (at > 0 && part.trim() !== "") found.push([at, part.trim()]);
    at += [...part].length;
  }
  return found;
}

/** How much of a paragraph shows where the second report begins. */
const SHOWN = 70;

/** Asks where the second report begins; the new report's id, or none. */
export async function splitReport(report: Report): Promise<string | null> {
  const places = paragraphs(report.text).map(([at, words]): [string, string] => [
    String(at),
    words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words,
  ]);
  let made: string | null = null;
  await ask({
    title: "Split the report",
    body: [
      h(
        "p",
        { class: "hint" },
        "Both reports keep the recording. The new one has no patient until you name one.",
      ),
    ],
    fields: [
      {
        name: "at",
        label: "The second report begins with",
        kind: "choice",
        choices: places,
        required: true,
      },
    ],
    confirm: "Split",
    work: async ({ at = "" }) => {
      const body = { version: report.version, at: Number(at) };
      const path = `/api/reports/${report.id}/split`;
      made = (await call<{ report: string }>("POST", path, body)).report;
    },
  });
  return made;
}

interface Copy {
  recipient: string;
  address: string;
  sent_at: string | null;
}

/** Asks who gets a copy, one a line. */
export async function setCopies(report: Report): Promise<boolean> {
  const path = `/api/reports/${report.id}/copies`;
  const { copies } = await call<{ copies: Copy[] }>("GET", path);
  const open = copies.filter((copy) => copy.sent_at === null);
  const sent = copies.filter((copy) => copy.sent_at !== null).map((copy) => copy.recipient);
  const lines = open.map(({ recipient, address }) =>
    address === "" ? recipient : `${recipient}; ${address}`,
  );
  const area = h("textarea", { rows: 5, "aria-label": "Recipients", maxlength: 4000 });
  area.value = lines.join("\n");
  return ask({
    title: "Copies",
    body: [
      h("p", { class: "hint" }, "One recipient a line: name; address."),
      area,
      ...(sent.length > 0 ? [h("p", { class: "hint" }, `Sent to ${sent.join(", ")}.`)] : []),
    ],
    fields: [],
    confirm: "Keep",
    work: () => {
      const rows = area.value.split("\n").filter((line) => line.trim() !== "");
      const recipients = rows.map((row) => {
        const [recipient = "", ...address] = row.split(";");
        return { recipient: recipient.trim(), address: address.join(";").trim() };
      });
      return call("POST", path, { copies: recipients });
    },
  });
}
