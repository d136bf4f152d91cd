// The doubts about a report: hear the place, settle it with a note, or raise one.

import { call } from "./api";
import { ask } from "./dialog";
import { button, h, replace } from "./dom";
import { clock, flagWord, moment } from "./format";
import type { Player } from "./player";
import type { Flag, Report } from "./wire";

/** The mark for what could not be heard (`domain::flag::BLANK`). */
const BLANK = "____";

/** How much of the recording before the cursor a new flag covers, in ms. */
const BLANK_SPAN_MS = 2_000;

export interface FlagContext {
  report: Report;
  player: Player | null;
  reload(): Promise<void>;
}

export function paintFlags(list: HTMLUListElement, context: FlagContext): void {
  const flags = [...context.report.flags];
  flags.sort((a, b) => Number(a.state !== "open") - Number(b.state !== "open"));
  const title = document.getElementById("flags-title");
  const open = flags.filter((flag) => flag.state === "open").length;
  if (title) title.textContent = open > 0 ? `Flags, ${open} open` : "Flags";
  if (flags.length === 0) return replace(list, h("li", { class: "hint" }, "None."));
  replace(list, ...flags.map((flag) => flagView(flag, context)));
}

function flagView(flag: Flag, context: FlagContext): HTMLLIElement {
  const { report, player } = context;
  const settle = flag.state === "open" && report.may.includes("settle-flag");
  const start = flag.start_ms;
  const hear = start !== null && player !== null;
  const settled = flag.settled;
  return h(
    "li",
    { class: `flag ${flag.state}`, "data-flag": flag.id },
    h(
      "p",
      { class: "flag-head" },
      h("strong", {}, flagWord(flag.kind)),
      h("span", { class: "sub" }, flag.by_machine ? "found by the machine" : "raised by a person"),
    ),
    flag.note ? h("p", { class: "flag-note" }, flag.note) : null,
    settled
      ? h("p", { class: "hint" }, `${settled.state}, ${moment(settled.at)}: ${settled.note}`)
      : null,
    h(
      "div",
      { class: "flag-actions" },
      hear ? button(`Hear ${clock(start)}`, () => player.playFrom(start)) : null,
      settle ? button("Resolve…", () => settleFlag(flag, "resolved", context)) : null,
      settle ? button("Waive…", () => settleFlag(flag, "waived", context)) : null,
    ),
  );
}

async function settleFlag(flag: Flag, state: "resolved" | "waived", context: FlagContext) {
  const resolving = state === "resolved";
  const path = `/api/reports/${context.report.id}/flags/${flag.id}/settle`;
  const done = await ask({
    title: resolving ? "Resolve the flag" : "Waive the flag",
    body: [h("p", {}, `${flagWord(flag.kind)}: ${flag.note}`)],
    fields: [
      {
        name: "note",
        label: resolving ? "What was found" : "Why it may stand",
        kind: "note",
        required: true,
      },
    ],
    confirm: resolving ? "Resolve" : "Waive",
    work: ({ note }) => call("POST", path, { state, note }),
  });
  if (done) await context.reload();
}

/** Puts a blank at the cursor and raises the flag that goes with it. */
export async function insertBlank(text: HTMLTextAreaElement, context: FlagContext) {
  const { selectionStart, selectionEnd } = text;
  const at = context.player?.now() ?? null;
  const where = at === null ? "" : ` The flag keeps the place in the recording, ${clock(at)}.`;
  const path = `/api/reports/${context.report.id}/flags`;
  const done = await ask({
    title: "Insert a blank",
    body: [h("p", { class: "hint" }, `${BLANK} goes where the cursor is.${where}`)],
    fields: [
      {
        name: "kind",
        label: "Why",
        kind: "choice",
        choices: [
          ["INAUDIBLE", "It cannot be heard"],
          ["AUTHOR-BLANK", "The author has to say"],
        ],
      },
      { name: "note", label: "Note for the next reader", kind: "note", required: true },
    ],
    confirm: "Insert",
    work: ({ kind, note }) => {
      const span =
        at === null ? {} : { start_ms: Math.max(0, at - BLANK_SPAN_MS), end_ms: Math.max(at, 1) };
      return call("POST", path, { kind, note, ...span });
    },
  });
  if (!done) return;
  text.setRangeText(BLANK, selectionStart, selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
  await context.reload();
}
