// The acts of the editor and their keys: every one can be given others.
//
// Not for: what an act does (`acts.ts`) or pedals that are no keyboards (`pedal.ts`).
//
// Invariant: a key means one act; a key that would type a letter is no act while somebody types.

import { call } from "../api";
import { announce, button, h, replace } from "../dom";
import { read } from "../dialog";

export interface Act {
  readonly id: string;
  readonly name: string;
  readonly group: "Listening" | "Correcting" | "Report";
  readonly keys: readonly string[];
}

/** Pedal 1 is the left one, 2 the middle, 3 the right. */
export const ACTS: readonly Act[] = [
  { id: "play", name: "Play or stop", group: "Listening", keys: ["F8", "Ctrl Space"] },
  { id: "hold", name: "Play while held", group: "Listening", keys: ["Pedal 2"] },
  { id: "back", name: "Back 3 s", group: "Listening", keys: ["F7", "Pedal 1"] },
  { id: "forward", name: "On 3 s", group: "Listening", keys: ["F9", "Pedal 3"] },
  { id: "slower", name: "Slower", group: "Listening", keys: ["F2"] },
  { id: "normal", name: "Normal speed", group: "Listening", keys: ["F3"] },
  { id: "faster", name: "Faster", group: "Listening", keys: ["F4"] },
  { id: "word", name: "Play from the cursor", group: "Listening", keys: ["Ctrl Enter"] },
  { id: "follow", name: "Cursor follows or stays", group: "Listening", keys: ["F12"] },
  { id: "next-doubt", name: "Next doubt", group: "Correcting", keys: ["Alt ArrowDown"] },
  { id: "previous-doubt", name: "Previous doubt", group: "Correcting", keys: ["Alt ArrowUp"] },
  { id: "alternatives", name: "Other words", group: "Correcting", keys: ["Ctrl ."] },
  { id: "accept", name: "Let it stand", group: "Correcting", keys: ["Alt Enter"] },
  { id: "revert", name: "Put back what was heard", group: "Correcting", keys: ["Alt Backspace"] },
  { id: "blank", name: "Insert a blank", group: "Correcting", keys: ["Ctrl b"] },
  { id: "next-flag", name: "Next flag", group: "Report", keys: ["Alt PageDown"] },
  { id: "previous-flag", name: "Previous flag", group: "Report", keys: ["Alt PageUp"] },
  { id: "resolve", name: "Resolve the flag", group: "Report", keys: ["Ctrl Shift Enter"] },
  { id: "text", name: "To the text", group: "Report", keys: ["Alt t"] },
  { id: "claim", name: "Take the report", group: "Report", keys: ["Alt Shift t"] },
  { id: "submit", name: "Next step: submit, pass or sign", group: "Report", keys: ["F10"] },
  { id: "help", name: "Show the keys", group: "Report", keys: ["F1", "?"] },
];

const SETTING = "/api/me/settings/keys";

/** The name of a key press, such as "Ctrl Shift Enter". */
export function nameOf(event: KeyboardEvent): string {
  const plain = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const key = plain === " " ? "Space" : plain;
  const letter = event.key.length === 1 && !/[a-z0-9 ]/i.test(event.key);
  const held = [
    event.ctrlKey && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && !letter && "Shift",
    event.metaKey && "Meta",
  ];
  return [...held.filter(Boolean), key].join(" ");
}

const isModifier = (key: string): boolean => ["Control", "Alt", "Shift", "Meta"].includes(key);

export class Keys {
  private own: Record<string, string[]> = {};
  private learning: ((name: string) => void) | null = null;

  /** `run` does the act; false when it is not there to be done now. */
  constructor(private readonly run: (act: string, pressed: boolean) => boolean) {
    // Before the editor, whose own keys some of ours are.
    window.addEventListener("keydown", (event) => this.pressed(event), { capture: true });
    window.addEventListener("keyup", (event) => this.name(nameOf(event), false), { capture: true });
  }

  async load(): Promise<void> {
    const kept = await call<Record<string, string[]> | null>("GET", SETTING).catch(() => null);
    this.own = kept ?? {};
    this.label();
  }

  keysOf(act: string): readonly string[] {
    return this.own[act] ?? ACTS.find((known) => known.id === act)?.keys ?? [];
  }

  firstOf = (act: string): string => this.keysOf(act)[0] ?? "";

  /** A key or pedal by its name; whether it was an act. */
  name(name: string, pressed: boolean): boolean {
    if (this.learning && pressed) {
      this.learning(name);
      return true;
    }
    const act = ACTS.find((known) => this.keysOf(known.id).includes(name));
    if (!act || document.querySelector("dialog[open]")) return false;
    if (!pressed && act.id !== "hold") return false;
    return this.run(act.id, pressed);
  }

  private pressed(event: KeyboardEvent): void {
    if (isModifier(event.key) || event.isComposing) return;
    const name = nameOf(event);
    const typing = name.length === 1 && isField(event.target);
    if (typing && !this.learning) return;
    if (event.repeat && this.keysOf("hold").includes(name)) return event.preventDefault();
    if (!this.name(name, true)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Writes the present keys on the buttons that name an act. */
  label(): void {
    for (const place of document.querySelectorAll<HTMLElement>("kbd[data-act]")) {
      place.textContent = this.firstOf(place.dataset["act"] ?? "");
    }
  }

  /** Shows all acts with their keys, and lets the person change them. */
  help(extra: Node[]): void {
    const body = h("div", { class: "keys" });
    this.paint(body);
    read("Keys", body, ...extra);
  }

  private paint(body: HTMLElement): void {
    const groups = [...new Set(ACTS.map((act) => act.group))];
    const tables = groups.map((group) => {
      const rows = ACTS.filter((act) => act.group === group).map((act) => this.row(act, body));
      const table = h("table", {}, h("caption", {}, group), h("tbody", {}, ...rows));
      return table;
    });
    const reset = button("All as they were", () => this.keep({}, body), { class: "quiet" });
    replace(body, ...tables, reset);
  }

  private row(act: Act, body: HTMLElement): HTMLTableRowElement {
    const keys = this.keysOf(act.id).flatMap((key) => [h("kbd", {}, key), " "]);
    const change = h("button", { type: "button", class: "quiet" }, "Change");
    change.setAttribute("aria-label", `Change the key of: ${act.name}`);
    change.addEventListener("click", () => this.learn(act, change, body));
    const cell = h("td", {}, ...keys);
    return h("tr", {}, h("th", { scope: "row" }, act.name), cell, h("td", {}, change));
  }

  private learn(act: Act, place: HTMLButtonElement, body: HTMLElement): void {
    place.textContent = "Press a key or pedal…";
    announce(`Press the new key for: ${act.name}. Escape leaves it.`);
    this.learning = (name) => {
      this.learning = null;
      if (name === "Escape" || name === "Tab") return this.paint(body);
      const next = { ...this.own };
      for (const other of ACTS) {
        const keys = this.keysOf(other.id);
        if (keys.includes(name)) next[other.id] = keys.filter((key) => key !== name);
      }
      next[act.id] = [name];
      void this.keep(next, body).then(() => announce(`${act.name}: ${name}`));
    };
  }

  private async keep(own: Record<string, string[]>, body: HTMLElement): Promise<void> {
    this.own = own;
    this.label();
    this.paint(body);
    await call("PUT", SETTING, own).catch(() => announce("The keys could not be kept."));
  }
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
