// Plays the recording beside the text.
//
// Not for: keys (`editor/keys.ts`) or the picture of the recording (`waveform.ts`).
//
// Invariant: the pitch stays whatever the speed, and the speed stays from one recording to the
// next; while it plays, listeners are told of the place with every frame that is painted.

import { h, replace, show } from "./dom";
import { clock } from "./format";

export const STEP_S = 3;

/** How far stopping goes back, so that the next start repeats the last words. */
const BACKSTEP_S = 0.8;

/** A flag is played from a little before it begins. */
const LEAD_IN_S = 0.7;

const SPEEDS = [0.5, 0.6, 0.75, 0.85, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3];
const NORMAL = SPEEDS.indexOf(1);

/** The speed that was chosen last in this browser; it says nothing of a patient. */
const KEPT_SPEED = "play-speed";

function keptSpeed(): number {
  const kept = SPEEDS.indexOf(Number(localStorage.getItem(KEPT_SPEED)));
  return kept < 0 ? NORMAL : kept;
}

export class Player {
  readonly audio: HTMLAudioElement;
  private readonly toggleButton: HTMLButtonElement;
  private readonly speedText = h("span", { class: "speed", "aria-live": "polite" });
  private readonly clockText = h("span", { class: "clock" });
  private readonly problem = h("span", { class: "problem", role: "alert", hidden: true });
  private readonly listeners: ((ms: number, playing: boolean) => void)[] = [];
  private speed = keptSpeed();
  private painting = 0;

  /** `keyOf` names the key of an act, to be shown on its button. */
  constructor(place: HTMLElement, source: string, keyOf: (act: string) => string) {
    this.audio = h("audio", { preload: "metadata", src: source });
    this.audio.preservesPitch = true;
    this.setRate();
    const key = (label: string, act: string, work: () => void) => {
      const name = h("kbd", { "data-act": act }, keyOf(act));
      const element = h("button", { type: "button" }, h("span", {}, label), " ", name);
      element.addEventListener("click", work);
      return element;
    };
    this.toggleButton = key("Play", "play", () => this.toggle());
    this.toggleButton.classList.add("primary");
    this.audio.addEventListener("play", () => this.playing("Pause"));
    this.audio.addEventListener("pause", () => this.playing("Play"));
    this.audio.addEventListener("seeked", () => this.tell());
    this.audio.addEventListener("error", () => {
      this.problem.textContent = "The recording cannot be played now.";
      show(this.problem, true);
    });
    this.audio.addEventListener("canplay", () => show(this.problem, false));
    const buttons = h(
      "div",
      { class: "player-keys", role: "group", "aria-label": "Playing" },
      key(`Back ${STEP_S} s`, "back", () => this.step(-STEP_S)),
      this.toggleButton,
      key(`On ${STEP_S} s`, "forward", () => this.step(STEP_S)),
      key("Slower", "slower", () => this.faster(-1)),
      this.speedText,
      key("Faster", "faster", () => this.faster(1)),
    );
    this.audio.addEventListener("durationchange", () => this.paintClock());
    replace(place, this.audio, buttons, this.clockText, this.problem);
    show(place, true);
  }

  /** Is told the place in ms with every frame while it plays, and after every jump. */
  onTime(listener: (ms: number, playing: boolean) => void): void {
    this.listeners.push(listener);
  }

  /** The place in the recording, in ms. */
  now(): number {
    return Math.round(this.audio.currentTime * 1000);
  }

  isPlaying(): boolean {
    return !this.audio.paused;
  }

  /** Plays from a little before a place given in ms. */
  playFrom(ms: number): void {
    this.playAt(Math.max(0, ms - LEAD_IN_S * 1000));
  }

  /** Plays from a place given in ms. */
  playAt(ms: number): void {
    this.seek(ms);
    this.play();
  }

  seek(ms: number): void {
    this.audio.currentTime = Math.max(0, ms / 1000);
    this.tell();
  }

  play(): void {
    // A pause that comes before playing began; the error event tells of real failures.
    this.audio.play().catch(() => undefined);
  }

  stop(): void {
    if (this.audio.paused) return;
    this.audio.pause();
    if (!this.audio.ended) this.step(-BACKSTEP_S);
  }

  toggle(): void {
    if (this.audio.paused) this.play();
    else this.stop();
  }

  step(seconds: number): void {
    const end = Number.isFinite(this.audio.duration) ? this.audio.duration : Infinity;
    this.audio.currentTime = Math.min(end, Math.max(0, this.audio.currentTime + seconds));
    this.tell();
  }

  faster(by: number): void {
    this.chooseSpeed(Math.min(SPEEDS.length - 1, Math.max(0, this.speed + by)));
  }

  normalSpeed(): void {
    this.chooseSpeed(NORMAL);
  }

  private chooseSpeed(speed: number): void {
    this.speed = speed;
    localStorage.setItem(KEPT_SPEED, String(SPEEDS[speed]));
    this.setRate();
  }

  private setRate(): void {
    const rate = SPEEDS[this.speed] ?? 1;
    this.audio.defaultPlaybackRate = rate;
    this.audio.playbackRate = rate;
    this.speedText.textContent = `${rate}×`;
  }

  private playing(word: string): void {
    const [text] = this.toggleButton.children;
    if (text) text.textContent = word;
    cancelAnimationFrame(this.painting);
    const frame = () => {
      this.tell();
      if (!this.audio.paused) this.painting = requestAnimationFrame(frame);
    };
    frame();
  }

  private tell(): void {
    this.paintClock();
    const ms = this.audio.currentTime * 1000;
    for (const listener of this.listeners) listener(ms, !this.audio.paused);
  }

  private paintClock(): void {
    const ms = this.audio.currentTime * 1000;
    const length = Number.isFinite(this.audio.duration) ? clock(this.audio.duration * 1000) : "";
    const text = `${clock(ms)} / ${length}`;
    if (this.clockText.textContent !== text) this.clockText.textContent = text;
  }
}
