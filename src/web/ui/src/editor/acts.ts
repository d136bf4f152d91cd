// What the keys do on the page of a report.
//
// Invariant: an act that the person may not do now answers false, so that its key stays the
// browser's.

import { announce } from "../dom";
import type { Flags } from "../flags";
import { STEP_S } from "../player";
import { acceptHere, openAlternatives, revertHere, step } from "./doubts";
import type { Doubt } from "./doubts";
import type { Listening } from "./listening";
import type { TextEditor } from "./text-editor";

export interface Place {
  editor: TextEditor;
  listening: Listening;
  flags: Flags;
  /** Whether the report's own acts may be done. */
  may(act: string): boolean;
  blank(): void;
  help(): void;
}

/** Does the act; false where it is not there to be done. */
export function run(place: Place, act: string, pressed: boolean): boolean {
  return listen(place, act, pressed) ?? correct(place, act) ?? report(place, act) ?? false;
}

function listen({ listening }: Place, act: string, pressed: boolean): boolean | undefined {
  const { player } = listening;
  const acts: Record<string, () => void> = {
    play: () => player?.toggle(),
    hold: () => (pressed ? player?.play() : player?.stop()),
    back: () => player?.step(-STEP_S),
    forward: () => player?.step(STEP_S),
    slower: () => player?.faster(-1),
    faster: () => player?.faster(1),
    normal: () => player?.normalSpeed(),
    word: () => listening.playHere(),
    follow: () => listening.toggleFollow(),
  };
  const work = acts[act];
  if (!work) return undefined;
  if (!player) return false;
  work();
  return true;
}

function correct(place: Place, act: string): boolean | undefined {
  const { view } = place.editor;
  switch (act) {
    case "next-doubt":
    case "previous-doubt":
      tell(step(view, act === "next-doubt"), "Nothing is in doubt.");
      return true;
    case "alternatives":
      if (!openAlternatives(view)) announce("There are no other words for this place.");
      return true;
    case "accept":
      if (acceptHere(view)) tell(step(view, true), "It stands; nothing else is in doubt.");
      return true;
    case "revert":
      return revertHere(view) !== null;
    case "blank":
      if (place.may("raise-flag") && place.may("save-version")) place.blank();
      return true;
    default:
      return undefined;
  }
}

function tell(doubt: Doubt | null, none: string): void {
  announce(doubt ? doubt.words : none);
}

function report(place: Place, act: string): boolean | undefined {
  switch (act) {
    case "next-flag":
      place.flags.step(1);
      return true;
    case "previous-flag":
      place.flags.step(-1);
      return true;
    case "resolve":
      return place.flags.resolve();
    case "text":
      place.editor.focus();
      return true;
    case "claim":
      return press("claim-report");
    case "submit":
      return ["submit-report", "pass-qa", "sign-report", "cosign-report"].some(press);
    case "help":
      place.help();
      return true;
    default:
      return undefined;
  }
}

/** Presses the step's own button, which knows what has to be done before. */
function press(act: string): boolean {
  const step = document.querySelector<HTMLButtonElement>(`#steps button[data-act="${act}"]`);
  if (!step || step.disabled) return false;
  step.click();
  return true;
}
