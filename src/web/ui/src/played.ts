// Tells the server what of the recording really sounded: a score takes having listened.
//
// Not for: what was fetched, which the browser does ahead of what is heard.
//
// Invariant: a stretch counts only while the player plays and goes on evenly; a jump ends it.

import { call } from "./api";
import type { Player } from "./player";

/** A step longer than this between two frames is a jump, at any speed. */
const JUMP_MS = 2_000;
/** Told at least this often while it plays. */
const TELL_MS = 10_000;
/** `workflow::played::SPANS_MAX`. */
const SPANS_MAX = 200;

export class Played {
  private spans: [number, number][] = [];
  private from: number | null = null;
  private at = 0;
  private toldAt = Date.now();
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly dictation: string,
    player: Player,
  ) {
    player.onTime((ms, playing) => this.heard(Math.round(ms), playing));
    window.addEventListener("pagehide", () => void this.tell());
  }

  private heard(ms: number, playing: boolean): void {
    const step = ms - this.at;
    const goesOn = this.from !== null && step >= 0 && step <= JUMP_MS;
    if (!goesOn || !playing) this.end(goesOn ? ms : this.at);
    if (playing && this.from === null) this.from = ms;
    this.at = ms;
    if (Date.now() - this.toldAt > TELL_MS || (!playing && this.spans.length > 0)) {
      void this.tell();
    }
  }

  private end(ms: number): void {
    if (this.from !== null && ms > this.from) this.spans.push([this.from, ms]);
    this.from = null;
  }

  /** Tells what sounded since it was last told; resolves when the server knows it. */
  tell(): Promise<void> {
    if (this.from !== null && this.at > this.from) {
      this.spans.push([this.from, this.at]);
      this.from = this.at;
    }
    this.toldAt = Date.now();
    const spans = this.spans.splice(0, SPANS_MAX);
    if (spans.length === 0) return this.telling;
    const path = `/api/dictations/${this.dictation}/played`;
    this.telling = this.telling
      .then(() => call<void>("POST", path, { spans }))
      .catch(() => void this.spans.unshift(...spans));
    return this.telling;
  }
}
