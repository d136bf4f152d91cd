// Keeps the typed text on the server, version by version.
//
// Invariant: the text a person typed is never replaced by this file; a version that somebody else
// saved is never overwritten; "saved" is said only of text that the server has acknowledged.

import { Away, Refused, isSignedOut } from "./api";

/** From the first unsaved keystroke to the attempt to save it; the promise is 2 s. */
const SAVE_AFTER_MS = 1_200;

/** First and longest wait between attempts while the server is away. */
const RETRY_MS = { first: 1_000, longest: 8_000 } as const;

export type SaveState =
  | { kind: "clean" }
  | { kind: "dirty" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date; version: number }
  | { kind: "away" }
  | { kind: "signed-out" }
  | { kind: "stale"; current: number }
  | { kind: "refused"; message: string };

export interface Saving {
  /** The text as it stands in the page. */
  text(): string;
  /** Saves on top of version `base` and gives the new version's number. */
  send(base: number, text: string): Promise<number>;
  /** The text of a version on the server. */
  fetch(version: number): Promise<string>;
  changed(state: SaveState): void;
}

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private retryMs: number = RETRY_MS.first;
  /** A text whose save was not answered; the server may have it or not. */
  private unanswered: string | null = null;
  private halted = false;

  constructor(
    private readonly saving: Saving,
    private base: number,
    private savedText: string,
  ) {
    window.addEventListener("online", () => this.soon(0));
  }

  get version(): number {
    return this.base;
  }

  isClean(): boolean {
    return this.saving.text() === this.savedText;
  }

  /** The page's text is now that of a newer version. */
  adopt(version: number, text: string): void {
    this.base = version;
    this.savedText = text;
    this.unanswered = null;
    this.halted = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  typed(): void {
    if (this.halted || this.isClean()) return;
    if (this.timer === undefined && !this.running) {
      this.saving.changed({ kind: "dirty" });
      this.soon(SAVE_AFTER_MS);
    }
  }

  /** Saves what is unsaved now; false when that could not be done. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.running) await this.running;
    if (!this.isClean() && !this.halted) await this.save();
    return this.isClean();
  }

  private soon(wait: number): void {
    if (this.halted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.save();
    }, wait);
  }

  private save(): Promise<void> {
    this.running ??= this.attempt().finally(() => {
      this.running = null;
      if (!this.halted && !this.isClean() && this.timer === undefined) this.soon(SAVE_AFTER_MS);
    });
    return this.running;
  }

  private async attempt(): Promise<void> {
    const text = this.saving.text();
    if (text === this.savedText) return this.saving.changed({ kind: "clean" });
    this.saving.changed({ kind: "saving" });
    try {
      this.acknowledged(await this.saving.send(this.base, text), text);
    } catch (error) {
      await this.failed(error, text);
    }
  }

  private acknowledged(version: number, text: string): void {
    this.base = version;
    this.savedText = text;
    this.unanswered = null;
    this.retryMs = RETRY_MS.first;
    this.saving.changed({ kind: "saved", at: new Date(), version });
  }

  private async failed(error: unknown, text: string): Promise<void> {
    if (error instanceof Refused && error.body.current !== undefined) {
      return this.stale(error.body.current);
    }
    if (isSignedOut(error)) {
      this.saving.changed({ kind: "signed-out" });
      return this.later();
    }
    if (error instanceof Away || (error instanceof Refused && error.status >= 500)) {
      if (error instanceof Away) this.unanswered ??= text;
      this.saving.changed({ kind: "away" });
      return this.later();
    }
    this.halted = true;
    const message = error instanceof Error ? error.message : String(error);
    this.saving.changed({ kind: "refused", message });
  }

  private later(): void {
    this.soon(this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS.longest);
  }

  /** A newer version exists: ours, if its acknowledgement was lost, or somebody else's. */
  private async stale(current: number): Promise<void> {
    if (this.unanswered !== null && current === this.base + 1) {
      try {
        if ((await this.saving.fetch(current)) === this.unanswered) {
          return this.acknowledged(current, this.unanswered);
        }
      } catch {
        this.saving.changed({ kind: "away" });
        return this.later();
      }
    }
    this.halted = true;
    this.saving.changed({ kind: "stale", current });
  }
}
