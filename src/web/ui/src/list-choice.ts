// Reports of the list that are chosen together, and what is done with them.
//
// Invariant: what is not shown is not chosen; each report is done or refused by itself, and the
// page says which were not.

import { call, sentence } from "./api";
import { announce, button, byId, h, replace, show } from "./dom";
import { roleMay } from "./person";
import type { Colleague, Row } from "./wire";

interface Result {
  report: string;
  code: string;
  message?: string;
}

const chosen = new Set<string>();
let shown: Row[] = [];
let colleagues: Colleague[] = [];

export interface ChoiceContext {
  refresh(): void;
  fail(message: string): void;
}

export function choice(context: ChoiceContext): void {
  const all = byId("pick-all", HTMLInputElement);
  all.addEventListener("change", () => {
    chosen.clear();
    if (all.checked) for (const row of shown) chosen.add(row.report);
    for (const box of boxes()) box.checked = all.checked;
    paint();
  });
  byId("rows", HTMLTableSectionElement).addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.dataset["pick"]) return;
    if (box.checked) chosen.add(box.dataset["pick"]);
    else chosen.delete(box.dataset["pick"]);
    paint();
  });
  replace(byId("bulk-acts", HTMLSpanElement), ...acts(context));
}

const boxes = (): HTMLInputElement[] => [
  ...byId("rows", HTMLTableSectionElement).querySelectorAll<HTMLInputElement>("input[data-pick]"),
];

/** The box of a row. */
export function pick(row: Row, name: string): HTMLElement {
  const id = `pick-${row.report}`;
  const box = h("input", { type: "checkbox", id, "data-pick": row.report, "aria-label": name });
  box.checked = chosen.has(row.report);
  return box;
}

/** Forgets what is no longer shown. */
export function keepShown(rows: Row[]): void {
  shown = rows;
  const there = new Set(rows.map((row) => row.report));
  for (const id of chosen) if (!there.has(id)) chosen.delete(id);
  paint();
}

function paint(): void {
  show(byId("bulk", HTMLDivElement), chosen.size > 0);
  byId("bulk-count", HTMLSpanElement).textContent = `${chosen.size} chosen`;
  const all = byId("pick-all", HTMLInputElement);
  all.checked = chosen.size > 0 && chosen.size === shown.length;
  all.indeterminate = chosen.size > 0 && chosen.size < shown.length;
}

function acts(context: ChoiceContext): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (roleMay("claim-report")) {
    parts.push(button("Take", () => send(context, { act: "claim" })));
    parts.push(button("Give back", () => send(context, { act: "release" })));
  }
  if (roleMay("reassign-report")) {
    const to = h("select", { id: "hand-to" });
    replace(to, h("option", { value: "" }, "Where it can be taken"));
    void call<{ colleagues: Colleague[] }>("GET", "/api/worklist/colleagues").then((answer) => {
      ({ colleagues } = answer);
      to.append(...colleagues.map(colleagueView));
    });
    const give = () =>
      send(context, { act: "reassign", ...(to.value ? { to: to.value } : {}) });
    parts.push(h("label", { for: "hand-to" }, "Hand to"), to, button("Hand over", give));
  }
  return parts;
}

function colleagueView(colleague: Colleague): HTMLOptionElement {
  const work = [colleague.edits ? "edits" : "", colleague.reviews ? "QA" : ""];
  const words = work.filter((word) => word !== "").join(", ");
  return h("option", { value: colleague.username }, `${colleague.display_name} (${words})`);
}

async function send(context: ChoiceContext, body: Record<string, string>): Promise<void> {
  const reports = [...chosen];
  try {
    const { results } = await call<{ results: Result[] }>("POST", "/api/worklist/bulk", {
      ...body,
      reports,
    });
    const refused = results.filter((result) => result.code !== "done");
    for (const result of results) if (result.code === "done") chosen.delete(result.report);
    const done = `${results.length - refused.length} of ${results.length} done`;
    announce(done);
    if (refused.length > 0) context.fail(`${done}. ${reasons(refused)}`);
    else context.fail("");
  } catch (error) {
    context.fail(sentence(error));
  }
  for (const box of boxes()) box.checked = chosen.has(box.dataset["pick"] ?? "");
  paint();
  context.refresh();
}

/** Each reason once, with how often. */
function reasons(refused: Result[]): string {
  const counts = new Map<string, number>();
  for (const { message } of refused) {
    const words = sentence(message ?? "it was refused");
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => `${count}: ${words}`).join(" ");
}
