// Two versions of a report side by side in one text: what was taken out and what was put in.
//
// Invariant: the text without what is marked as put in is the older version, and without what is
// marked as taken out the newer, letter by letter.

import { type Change, presentableDiff } from "@codemirror/merge";
import { call, sentence } from "./api";
import { read } from "./dialog";
import { h, replace } from "./dom";
import { moment } from "./format";
import type { Report, Version, VersionLine } from "./wire";

/** How long two texts may be compared, in ms; after that the result is coarser. */
const COMPARE_MS = 2_000;

/** Opens the comparison, of the machine's draft with the newest version at first. */
export function openComparison(report: Report): void {
  const lines = [...report.versions].sort((a, b) => a.number - b.number);
  const draft = lines.find((line) => line.maker === "machine") ?? lines[0];
  const newest = lines[lines.length - 1];
  if (!draft || !newest) return;
  const older = choice("compare-older", lines, draft.number);
  const newer = choice("compare-newer", lines, newest.number);
  const sum = h("p", { class: "hint", role: "status" });
  const text = h("pre", { class: "version-text", tabindex: 0, "aria-label": "Comparison" });
  const paint = () => void compare(report, Number(older.value), Number(newer.value), sum, text);
  older.addEventListener("change", paint);
  newer.addEventListener("change", paint);
  const field = (label: string, select: HTMLSelectElement) =>
    h("div", { class: "field" }, h("label", { for: select.id }, label), select);
  read(
    "Compare versions",
    h("div", { class: "row" }, field("From", older), field("To", newer)),
    sum,
    text,
  );
  paint();
}

function choice(id: string, lines: VersionLine[], value: number): HTMLSelectElement {
  const options = lines.map((line) => {
    const by = line.maker === "machine" ? "machine" : (line.by_name ?? "a person");
    const name = `Version ${line.number}, ${by}, ${moment(line.at)}`;
    return h("option", { value: line.number, selected: line.number === value }, name);
  });
  return h("select", { id }, ...options);
}

async function compare(
  report: Report,
  older: number,
  newer: number,
  sum: HTMLElement,
  place: HTMLElement,
): Promise<void> {
  const fetchText = async (number: number) => {
    const path = `/api/reports/${report.id}/versions/${number}`;
    return (await call<Version>("GET", path)).text;
  };
  try {
    const [a, b] = await Promise.all([fetchText(older), fetchText(newer)]);
    const changes = presentableDiff(a, b, { timeout: COMPARE_MS });
    replace(place, ...pieces(a, b, changes));
    const out = changes.filter((change) => change.toA > change.fromA).length;
    const put = changes.filter((change) => change.toB > change.fromB).length;
    sum.textContent =
      changes.length === 0 ? "The texts are the same." : `${out} taken out, ${put} put in.`;
  } catch (error) {
    sum.textContent = sentence(error);
  }
}

function pieces(a: string, b: string, changes: readonly Change[]): Node[] {
  const views: Node[] = [];
  let at = 0;
  for (const change of changes) {
    views.push(document.createTextNode(b.slice(at, change.fromB)));
    if (change.toA > change.fromA) views.push(h("del", {}, a.slice(change.fromA, change.toA)));
    if (change.toB > change.fromB) views.push(h("ins", {}, b.slice(change.fromB, change.toB)));
    at = change.toB;
  }
  views.push(document.createTextNode(b.slice(at)));
  return views;
}
