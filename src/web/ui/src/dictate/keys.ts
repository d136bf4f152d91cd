// Keys, pedals and device buttons: which of them records and pauses, and which is held to talk.
//
// Invariant: the mapping is this browser's; a key that types is not taken from the text.

import { byId } from "../dom";
import type { Desk } from "./desk";

type Use = "toggle" | "hold";

const USUAL: Record<Use, string> = { toggle: "F9", hold: "F10" };
const USES: Use[] = ["toggle", "hold"];

const stored = (use: Use): string => localStorage.getItem(`dictate-${use}`) ?? USUAL[use];

export function mapKeys(desk: () => Desk | null): void {
  let learning: Use | null = null;
  const paint = () => {
    for (const use of USES) {
      byId(`${use}-key`, HTMLElement).textContent = stored(use);
      byId(`mapped-${use}`, HTMLElement).textContent =
        learning === use ? "press it now" : stored(use);
    }
  };
  for (const use of USES) {
    byId(`map-${use}`, HTMLButtonElement).addEventListener("click", () => {
      learning = use;
      paint();
    });
  }
  window.addEventListener("keydown", (event) => {
    if (learning) {
      // A letter would be taken from the text.
      if (event.code.length > 1 && !/^(Key|Digit|Space|Enter)/.test(event.code)) {
        localStorage.setItem(`dictate-${learning}`, event.code);
      }
      learning = null;
      event.preventDefault();
      return paint();
    }
    const now = desk();
    if (!now || event.repeat) return;
    if (event.code === stored("toggle")) void now.toggle();
    else if (event.code === stored("hold")) void now.record();
    else return;
    event.preventDefault();
  });
  window.addEventListener("keyup", (event) => {
    if (event.code === stored("hold")) void desk()?.pause();
  });
  // Headsets and hand microphones send the keys of a player.
  navigator.mediaSession?.setActionHandler("play", () => void desk()?.record());
  navigator.mediaSession?.setActionHandler("pause", () => void desk()?.pause());
  paint();
}
