// The desk at which one recording is made: record, pause, review, insert, overwrite, finish.
//
// Not for: who the patient is (`page.ts`), or how blocks reach the server (`sender.ts`).
//
// Invariant: what was recorded stays until the server has it or the person throws it away; the
// author's corrections of the text are kept at the server before the recording is finished.

import { call, sentence } from "../api";
import { byId, h, replace, show } from "../dom";
import { clock } from "../format";
import { beforeLeaving } from "../leave";
import { whenSignedOut } from "../session";
import { changeAbout } from "./about";
import type { Keep } from "./keep";
import { type Level, Microphone } from "./microphone";
import { offerRests } from "./rest";
import { type LiveText, Sender } from "./sender";
import { RATE, type Stretch, close, heard, insertAt, overwrite } from "./stretches";
import { merged } from "./text";

export interface Recording {
  recording: string;
  state: string;
  next: number;
  samples: number;
  opened_at: string;
  edits: Stretch[];
  live: boolean;
}

/** Corrections are sent this long after the last of them. */
const CORRECT_MS = 2_000;
/** So much silence while recording is told; after so much more the recording pauses. */
const SILENT_MS = 10_000;
const SILENT_PAUSE_MS = 120_000;
const SILENT_DB = -55;
const CLIPPED_MS = 3_000;

const decibels = (magnitude: number): number => 20 * Math.log10(Math.max(magnitude, 1e-6));

export class Desk {
  private microphone: Microphone | null = null;
  private recording = false;
  private busy: Promise<void> = Promise.resolve();
  private samples: number;
  private edits: Stretch[];
  /** Where overwriting began, in samples; null when it is not overwritten. */
  private overwriting: number | null = null;
  private shown = "";
  private sentText = "";
  private correcting: ReturnType<typeof setTimeout> | undefined;
  private loudAt = Date.now();
  private clippedAt = 0;
  private sender!: Sender;
  private over = false;

  private constructor(
    private readonly id: string,
    recording: Recording,
    private readonly device: string,
    private readonly keep: Keep,
  ) {
    this.samples = recording.samples;
    this.edits = recording.edits;
  }

  static async open(
    recording: Recording,
    title: string,
    keep: Keep,
    device: string,
  ): Promise<Desk> {
    const desk = new Desk(recording.recording, recording, device, keep);
    const kept = await keep.end(recording.recording);
    const next = Math.max(kept, recording.next);
    for (let number = recording.next; number < kept; number += 1) {
      const block = await keep.get(recording.recording, number);
      desk.samples += (block?.byteLength ?? 0) / 2;
    }
    desk.sender = new Sender(recording.recording, keep, desk.listener(), next, recording.next);
    byId("desk-title", HTMLElement).textContent = title;
    show(byId("desk", HTMLElement), true);
    desk.wire();
    desk.live(recording.live);
    desk.paint();
    byId("record", HTMLButtonElement).focus();
    return desk;
  }

  toggle(): Promise<void> {
    return this.recording ? this.pause() : this.record();
  }

  record(): Promise<void> {
    return this.inTurn(async () => {
      if (this.recording) return;
      this.microphone ??= await Microphone.open(this.device, {
        samples: (samples) => this.take(samples),
        level: (level) => this.level(level),
        gone: () => this.lost(),
      });
      this.loudAt = Date.now();
      this.microphone.start();
      this.recording = true;
      this.paint();
    });
  }

  pause(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.recording) return;
      await this.microphone?.stop();
      this.recording = false;
      await this.closeStretch();
      this.paint();
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.busy = this.busy.then(work).catch((error: unknown) => this.problem(error));
    return this.busy;
  }

  private wire(): void {
    const on = (id: string, work: () => Promise<void>) =>
      byId(id, HTMLButtonElement).addEventListener("click", () => void work());
    on("record", () => this.toggle());
    const hold = byId("hold", HTMLButtonElement);
    hold.addEventListener("pointerdown", () => void this.record());
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      hold.addEventListener(name, () => void this.pause());
    }
    on("finish", () => this.finish());
    on("discard", () => this.discard());
    on("change", () => this.change());
    on("insert", () => this.at(false));
    on("overwrite", () => this.at(true));
    on("listen", () => this.listen());
    byId("place", HTMLInputElement).addEventListener("input", () => this.paintPlace());
    byId("live-text", HTMLTextAreaElement).addEventListener("input", () => {
      clearTimeout(this.correcting);
      this.correcting = setTimeout(() => void this.correct(), CORRECT_MS);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.recording) event.preventDefault();
    });
    beforeLeaving(() => this.pause());
    // What is kept here is not left behind for a sign-in page.
    whenSignedOut(() => this.refused("not-signed-in", ""));
  }

  private take(samples: ArrayBuffer): void {
    this.samples += samples.byteLength / 2;
    this.sender.add(samples);
    this.paint();
  }

  /** Keeps what the microphone had given when it went; the next one is opened by the next record. */
  private lost(): void {
    void this.pause();
    void this.inTurn(async () => {
      this.microphone?.close();
      this.microphone = null;
      const kept = "What was said before is kept; record goes on with another.";
      this.warn(`The microphone is gone. ${kept}`);
    });
  }

  private level(level: Level): void {
    // The last one of a microphone that went may come after the warning that it is gone.
    if (this.microphone === null) return;
    const peak = decibels(level.peak);
    byId("level", HTMLMeterElement).value = Math.max(-60, peak);
    const now = Date.now();
    if (peak > SILENT_DB) this.loudAt = now;
    if (level.clipped > 2) this.clippedAt = now;
    if (!this.recording) return this.warn("");
    const silent = now - this.loudAt;
    if (silent > SILENT_PAUSE_MS) void this.pause();
    if (now - this.clippedAt < CLIPPED_MS) return this.warn("Too loud");
    this.warn(silent > SILENT_MS ? "No sound: is the microphone muted?" : "");
  }

  private warn(text: string): void {
    const warning = byId("warning", HTMLElement);
    if (warning.textContent !== text) warning.textContent = text;
  }

  private listener() {
    return {
      waiting: (blocks: number, connected: boolean) => {
        const seconds = (blocks / 5).toFixed(0);
        const far = connected
          ? blocks > 10 ? `sending, ${seconds} s to go` : "Connected"
          : `No connection; ${seconds} s are kept in this browser`;
        byId("link", HTMLElement).textContent = far;
      },
      text: (text: LiveText) => this.text(text),
      live: (on: boolean) => this.live(on),
      refused: (code: string, message: string) => this.refused(code, message),
    };
  }

  private refused(code: string, message: string): void {
    if (code === "too-large") void this.pause();
    if (code === "conflict") return void this.endedElsewhere();
    const signedOut = code === "not-signed-in";
    const words = "You are signed out. What was said is kept here; sign in again in another tab.";
    this.problem(new Error(signedOut ? words : message));
  }

  /** The recording is over at the server: what it did not get stays here and is told. */
  private async endedElsewhere(): Promise<void> {
    if (this.over) return;
    this.over = true;
    await this.microphone?.stop();
    await this.sender.halt();
    this.recording = false;
    this.stand(
      h("p", {}, "This recording was ended at the server, and what it had is a report by now. ",
        h("a", { href: "/dictate" }, "Dictate the next")),
    );
    await offerRests(this.keep, byId("rests", HTMLDivElement));
  }

  private live(on: boolean): void {
    byId("live-note", HTMLElement).textContent = on
      ? ""
      : "The server shows no text just now; it records all the same, and writes the report after.";
  }

  private text(live: LiveText): void {
    const area = byId("live-text", HTMLTextAreaElement);
    if (live.text !== this.shown) {
      const { selectionStart, selectionEnd } = area;
      const atEnd = selectionStart === area.value.length;
      area.value = merged(area.value, this.shown, live.text);
      if (!atEnd) area.setSelectionRange(selectionStart, selectionEnd);
      area.scrollTop = area.scrollHeight;
      this.shown = live.text;
    }
    byId("partial", HTMLElement).textContent = live.partial;
  }

  /** Sends what the author made of the text, if they made something of it. */
  private async correct(): Promise<void> {
    clearTimeout(this.correcting);
    const corrected = byId("live-text", HTMLTextAreaElement).value;
    if (corrected === this.shown || corrected === this.sentText) return;
    const body = { shown: this.shown, corrected };
    await call("POST", `/api/recordings/${this.id}/text`, body);
    this.sentText = corrected;
  }

  /** Records into the middle: what follows is heard after it, or is replaced by it. */
  private async at(overwriting: boolean): Promise<void> {
    await this.pause();
    await this.inTurn(async () => {
      const place = Math.round(byId("place", HTMLInputElement).valueAsNumber * RATE);
      await this.sender.settled();
      await this.arrange(insertAt(this.edits, this.samples, place));
      this.overwriting = overwriting ? this.samples : null;
    });
    await this.record();
  }

  private async closeStretch(): Promise<void> {
    const [last] = this.edits.slice(-1);
    if (last?.[1] === null) return;
    await this.sender.settled();
    const since = this.overwriting;
    this.overwriting = null;
    const edits =
      since === null ? close(this.edits, this.samples) : overwrite(this.edits, this.samples, since);
    await this.arrange(edits);
  }

  private async arrange(edits: Stretch[]): Promise<void> {
    await call("POST", `/api/recordings/${this.id}/edits`, { edits });
    this.edits = edits;
  }

  private async listen(): Promise<void> {
    await this.pause();
    await this.sender.settled();
    const from = Math.round(byId("place", HTMLInputElement).valueAsNumber * 1000);
    const review = byId("review", HTMLAudioElement);
    review.src = `/api/recordings/${this.id}/audio?from_ms=${from}`;
    await review.play().catch((error: unknown) => this.problem(error));
  }

  private async finish(): Promise<void> {
    await this.pause();
    await this.inTurn(async () => {
      byId("state", HTMLElement).textContent = "Sending";
      await this.sender.settled();
      await this.correct();
      const blocks = this.sender.blocks;
      const body = { blocks };
      const received = await call<{ report: string; duration_ms: number }>(
        "POST",
        `/api/recordings/${this.id}/finish`,
        body,
      );
      this.leave(
        h("p", {}, `Received, ${clock(received.duration_ms)}. The report is being written. `,
          h("a", { href: `/reports/${received.report}` }, "Open the report"), " · ",
          h("a", { href: "/dictate" }, "Dictate the next")),
      );
    });
  }

  /** Says anew what is dictated about; recording goes on meanwhile. */
  private async change(): Promise<void> {
    const title = await changeAbout(this.id);
    if (title !== null) byId("desk-title", HTMLElement).textContent = title;
  }

  private async discard(): Promise<void> {
    await this.pause();
    if (!window.confirm("Throw this recording away?")) return;
    await this.inTurn(async () => {
      await call("POST", `/api/recordings/${this.id}/discard`);
      this.leave(h("p", {}, "Nothing was kept. ", h("a", { href: "/dictate" }, "Dictate again")));
    });
  }

  private leave(words: HTMLElement): void {
    this.sender.close();
    this.stand(words);
  }

  /** Clears the desk. */
  private stand(words: HTMLElement): void {
    this.microphone?.close();
    this.microphone = null;
    show(byId("desk", HTMLElement), false);
    const done = byId("done", HTMLElement);
    replace(done, words);
    show(done, true);
  }

  private problem(error: unknown): void {
    const problem = byId("problem", HTMLParagraphElement);
    problem.textContent = sentence(error);
    show(problem, true);
    this.paint();
  }

  private paint(): void {
    const record = byId("record", HTMLButtonElement);
    record.setAttribute("aria-pressed", String(this.recording));
    const label = this.recording ? "Pause" : this.samples > 0 ? "Go on" : "Record";
    if (record.firstChild) record.firstChild.textContent = `${label} `;
    const still = this.samples > 0 ? "Paused" : "Ready";
    byId("state", HTMLElement).textContent = this.recording ? "Recording" : still;
    byId("desk", HTMLElement).dataset["samples"] = String(this.samples);
    const length = heard(this.edits, this.samples) / RATE;
    byId("clock", HTMLElement).textContent = clock(length * 1000);
    const place = byId("place", HTMLInputElement);
    const atEnd = Number(place.value) >= Number(place.max);
    place.max = length.toFixed(1);
    if (atEnd) place.value = place.max;
    this.paintPlace();
  }

  private paintPlace(): void {
    const place = byId("place", HTMLInputElement).valueAsNumber;
    byId("place-clock", HTMLElement).textContent = clock(place * 1000);
  }
}
