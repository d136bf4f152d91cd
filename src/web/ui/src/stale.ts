// Somebody else has saved: shows theirs, keeps ours, lets the person decide.
//
// Invariant: neither text is lost here; ours leaves the page only on the person's word.

import { sentence } from "./api";
import { announce, button, byId, h, replace, show } from "./dom";
import type { Version } from "./wire";

export interface Sides {
  mine(): string;
  /** Reads a version from the server. */
  fetch(version: number): Promise<Version>;
  /** Puts a version in the place of what is in the page. */
  load(version: Version): void;
}

/** Says that a newer version is there, and offers both. */
export async function paintStale(
  banner: HTMLElement,
  current: number,
  sides: Sides,
): Promise<void> {
  const words = `Someone else has saved version ${current}. Your text stays here, unsaved. `;
  const copy = button("Copy my text", () => copyText(sides.mine()));
  replace(banner, words, copy);
  try {
    const theirs = await sides.fetch(current);
    const load = button(`Load version ${current}, keep mine below`, () => {
      keepBelow(sides.mine());
      sides.load(theirs);
    });
    const shown = h(
      "details",
      {},
      h("summary", {}, `Show version ${current}`),
      h("pre", { class: "version-text", tabindex: 0 }, theirs.text),
    );
    replace(banner, words, copy, load, shown);
  } catch (error) {
    const again = button("Try again", () => paintStale(banner, current, sides));
    replace(banner, words, copy, again, h("p", {}, sentence(error)));
  }
}

/** Keeps a text below the editor until the person discards it. */
export function keepBelow(text: string, discarded: () => void = () => undefined): void {
  const kept = byId("kept", HTMLDivElement);
  const area = h("textarea", { readonly: true, "aria-label": "Your unsaved text", rows: 8 });
  area.value = text;
  const done = h("button", { type: "button", class: "quiet" }, "Discard");
  const view = h(
    "section",
    { class: "kept-text" },
    h("h2", {}, "Your unsaved text"),
    area,
    h("div", { class: "row" }, button("Copy", () => copyText(text, area)), done),
  );
  done.addEventListener("click", () => {
    view.remove();
    show(kept, kept.children.length > 0);
    discarded();
  });
  kept.append(view);
  show(kept, true);
}

/** The clipboard is closed to pages that are not served securely: then the text is selected. */
async function copyText(text: string, area?: HTMLTextAreaElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied.");
  } catch {
    if (!area) return announce("Select the text and press Ctrl C to copy it.");
    area.focus();
    area.select();
    announce("Selected; press Ctrl C to copy.");
  }
}
