// Sealed records: breaking the glass, and the banner while it is broken.
//
// Invariant: a page that broken glass opened does not stay open longer than the glass.

import { call } from "./api";
import { ask } from "./dialog";
import { h, replace, show } from "./dom";
import { timeOfDay } from "./format";

/** `workflow/glass.rs`: fewer characters explain nothing. */
const NOTE_MIN = 10;
const NOTE_MAX = 2000;

/** Reasons by their code (`domain::glass::GlassReason`). */
export const GLASS_REASONS: [code: string, word: string][] = [
  ["emergency", "Emergency"],
  ["coverage", "I cover for a colleague"],
  ["patient-request", "The patient asked for it"],
  ["other", "Another reason"],
];

/** After the end of the glass, so that the server says the same. */
const AFTER_END_MS = 1_000;

/** Makes the buttons of the page that offer to break the glass work. */
export function offerGlass(): void {
  for (const offer of document.querySelectorAll<HTMLButtonElement>("[data-break]")) {
    const path = offer.closest<HTMLElement>("[data-glass]")?.dataset["glass"];
    if (path) offer.addEventListener("click", () => void breakGlass(path));
  }
  for (const banner of document.querySelectorAll<HTMLElement>("[data-until]")) {
    atEnd(banner.dataset["until"] ?? "", () => location.reload());
  }
}

async function breakGlass(path: string): Promise<void> {
  const warning =
    "The privacy officer is told that you opened this record, when, and why, and reviews it. " +
    "It is open to you for one hour, and everything you look at is written down.";
  const done = await ask({
    title: "Break the glass",
    body: [h("p", { class: "glass" }, warning)],
    fields: [
      { name: "reason", label: "Reason", kind: "choice", choices: GLASS_REASONS },
      {
        name: "note",
        label: `Why you need it now, in ${NOTE_MIN} characters or more`,
        kind: "note",
        required: true,
        minlength: NOTE_MIN,
        maxlength: NOTE_MAX,
      },
    ],
    confirm: "Break the glass",
    danger: true,
    work: ({ reason, note }) => call("POST", path, { reason, note }),
  });
  if (done) location.reload();
}

let end: ReturnType<typeof setTimeout> | undefined;

/** Shows the banner while glass is broken; `ended` is told when that is over. */
export function paintGlass(banner: HTMLElement, until: string | null, ended: () => void): void {
  clearTimeout(end);
  show(banner, until !== null);
  if (until === null) return;
  const words = ` open to you until ${timeOfDay(new Date(until))}; reviewed by the privacy officer.`;
  replace(banner, h("strong", {}, "Glass broken:"), words);
  end = atEnd(until, ended);
}

function atEnd(until: string, ended: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(ended, Math.max(0, Date.parse(until) - Date.now()) + AFTER_END_MS);
}
