// Scoring a report in QA: errors by category, the score as it grows, sent once.
//
// Not for: reading scores (`quality.ts`). What an error costs is the server's; the page only
// shows it beforehand.

import { call } from "./api";
import { ask } from "./dialog";
import { announce, button, h } from "./dom";

type Class = "critical" | "non-critical" | "feedback";

/** Codes of `domain::quality::ErrorCategory`. */
const CATEGORIES: [code: string, word: string, weight: Class][] = [
  ["term", "Wrong term or diagnosis", "critical"],
  ["drug", "Wrong drug or dose", "critical"],
  ["value", "Wrong value", "critical"],
  ["side", "Wrong side", "critical"],
  ["omission", "Left out, changes content", "critical"],
  ["insertion", "Put in, changes content", "critical"],
  ["identity", "Wrong patient, encounter or author", "critical"],
  ["dictation-error", "Dictation error not flagged", "critical"],
  ["misspelling", "Misspelling", "non-critical"],
  ["word", "Wrong word without effect", "non-critical"],
  ["grammar", "Grammar or punctuation", "non-critical"],
  ["format", "Format or account rules", "non-critical"],
  ["abbreviation", "Abbreviation", "non-critical"],
  ["blank", "Blank not needed, or missing", "non-critical"],
  ["particulars", "Slip in the particulars", "non-critical"],
  ["style", "Style", "feedback"],
  ["phrasing", "Phrasing", "feedback"],
];

const COST: Record<Class, number> = { critical: 3, "non-critical": 1, feedback: 0 };
const PASS = 98;

export const categoryWord = (code: string): string =>
  CATEGORIES.find(([known]) => known === code)?.[1] ?? code;

interface Line {
  view: HTMLElement;
  category: HTMLSelectElement;
  dictated: HTMLInputElement;
  transcribed: HTMLInputElement;
  note: HTMLInputElement;
  repeated: HTMLInputElement;
}

/** Asks for the errors of the report; true when it was scored. */
export function scoreReport(report: string): Promise<boolean> {
  const lines: Line[] = [];
  const list = h("ol", { class: "qa-errors" });
  const sum = h("p", { class: "qa-sum", role: "status" });
  const paint = () => {
    const weights = lines.filter((line) => !line.repeated.checked).map(weightOf);
    const score = Math.max(0, weights.reduce((left, weight) => left - COST[weight], 100));
    const passes = score >= PASS && !weights.includes("critical");
    sum.textContent = `Score ${score}: ${passes ? "passes" : "fails"}`;
  };
  const add = () => {
    const line = newLine(() => {
      lines.splice(lines.indexOf(line), 1);
      line.view.remove();
      paint();
    });
    line.view.addEventListener("change", paint);
    lines.push(line);
    list.append(line.view);
    line.category.focus();
    paint();
  };
  paint();
  return ask({
    title: "Score the work",
    body: [list, button("Add an error", add, { class: "small" }), sum],
    fields: [{ name: "note", label: "To the editor", kind: "note", maxlength: 900 }],
    confirm: "Give the score",
    work: async ({ note = "" }) => {
      const errors = lines.map((line) => ({
        category: line.category.value,
        repeated: line.repeated.checked,
        dictated: line.dictated.value,
        transcribed: line.transcribed.value,
        note: line.note.value,
      }));
      const path = `/api/reports/${report}/score`;
      const given = await call<{ score: number; passed: boolean }>("POST", path, { errors, note });
      announce(`Scored ${given.score}, ${given.passed ? "passed" : "failed"}`);
    },
  });
}

function weightOf(line: Line): Class {
  return CATEGORIES.find(([code]) => code === line.category.value)?.[2] ?? "feedback";
}

function newLine(remove: () => void): Line {
  const groups = (["critical", "non-critical", "feedback"] as const).map((weight) => {
    const own = CATEGORIES.filter(([, , known]) => known === weight);
    const options = own.map(([code, word]) => h("option", { value: code }, word));
    const cost = COST[weight] === 0 ? "" : ` (−${COST[weight]})`;
    return h("optgroup", { label: `${weight}${cost}` }, ...options);
  });
  const category = h("select", { "aria-label": "Kind of error" }, ...groups);
  const field = (label: string) =>
    h("input", { type: "text", "aria-label": label, placeholder: label, maxlength: 300 });
  const [dictated, transcribed, note] = [field("Said"), field("Written"), field("Note")];
  const repeated = h("input", { type: "checkbox" });
  const view = h(
    "li",
    { class: "qa-error" },
    category,
    dictated,
    transcribed,
    note,
    h("label", {}, repeated, " Repeated"),
    button("Remove", remove, { class: "quiet small" }),
  );
  return { view, category, dictated, transcribed, note, repeated };
}
