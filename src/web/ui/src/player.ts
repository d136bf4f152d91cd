// Plays the recording beside the text, by hand or by key.
//
// Foot pedals that type keys work with the same keys.

import { h, replace, show } from "./dom";
import { clock } from "./format";

const STEP_S = 3;

/** How far playing goes back when it goes on after a pause, so that no word is cut. */
const BACKSTEP_S = 0.8;

/** A flag is played from a little before it begins. */
const LEAD_IN_S = 0.7;

const SPEEDS = [0.5, 0.6, 0.75, 0.85, 1, 1.15, 1.3, 1.5, 1.75, 2];
const NORMAL = SPEEDS.indexOf(1);

export class Player {
  private readonly audio: HTMLAudioElement;
  private readonly toggleButton: HTMLButtonElement;
  private readonly speedText = h("span", { class: "speed", "aria-live": "polite" }, "1×");
  private readonly problem = h("span", { class: "problem", role: "alert", hidden: true });
  private speed = NORMAL;

  constructor(place: HTMLElement, source: string) {
    this.audio = h("audio", { controls: true, preload: "metadata", src: source });
    this.toggleButton = this.key("Play", "F8", () => this.toggle());
    this.toggleButton.classList.add("primary");
    this.audio.addEventListener("play", () => this.label("Pause"));
    this.audio.addEventListener("pause", () => this.label("Play"));
    this.audio.addEventListener("error", () => {
      this.problem.textContent = "The recording cannot be played now.";
      show(this.problem, true);
    });
    this.audio.addEventListener("canplay", () => show(this.problem, false));
    const buttons = h(
      "div",
      { class: "player-keys", role: "group", "aria-label": "Playing" },
      this.key(`Back ${STEP_S} s`, "F7", () => this.step(-STEP_S)),
      this.toggleButton,
      this.key(`On ${STEP_S} s`, "F9", () => this.step(STEP_S)),
      this.key("Slower", "F2", () => this.faster(-1)),
      this.speedText,
      this.key("Faster", "F4", () => this.faster(1)),
    );
    replace(place, this.audio, buttons, this.problem);
    show(place, true);
    window.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** The place in the recording, in ms. */
  now(): number {
    return Math.round(this.audio.currentTime * 1000);
  }

  /** Plays from a place given in ms. */
  playFrom(ms: number): void {
    this.audio.currentTime = Math.max(0, ms / 1000 - LEAD_IN_S);
    void this.play();
  }

  private async play(): Promise<void> {
    try {
      await this.audio.play();
    } catch {
      // A pause that comes before playing began; the error event tells of real failures.
    }
  }

  private toggle(): void {
    if (!this.audio.paused) return this.audio.pause();
    if (this.audio.currentTime > 0 && !this.audio.ended) this.step(-BACKSTEP_S);
    void this.play();
  }

  private step(seconds: number): void {
    const end = Number.isFinite(this.audio.duration) ? this.audio.duration : Infinity;
    this.audio.currentTime = Math.min(end, Math.max(0, this.audio.currentTime + seconds));
  }

  private faster(by: number): void {
    this.speed = Math.min(SPEEDS.length - 1, Math.max(0, this.speed + by));
    const rate = SPEEDS[this.speed] ?? 1;
    this.audio.playbackRate = rate;
    this.speedText.textContent = `${rate}×`;
  }

  private pressed(event: KeyboardEvent): void {
    if (document.querySelector("dialog[open]")) return;
    const act = this.actFor(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  private actFor(event: KeyboardEvent): (() => void) | null {
    if (event.ctrlKey) return event.code === "Space" ? () => this.toggle() : null;
    if (event.altKey || event.metaKey || event.shiftKey) return null;
    switch (event.key) {
      case "F2":
        return () => this.faster(-1);
      case "F4":
        return () => this.faster(1);
      case "F7":
        return () => this.step(-STEP_S);
      case "F8":
        return () => this.toggle();
      case "F9":
        return () => this.step(STEP_S);
      default:
        return null;
    }
  }

  private key(label: string, name: string, act: () => void): HTMLButtonElement {
    const element = h("button", { type: "button" }, h("span", {}, label), " ", h("kbd", {}, name));
    element.addEventListener("click", act);
    return element;
  }

  private label(word: string): void {
    const [text] = this.toggleButton.children;
    if (text) text.textContent = word;
  }
}

export const place = (ms: number): string => clock(ms);
