// Sound that is kept in this browser only, although its recording is over: the server had ended
// it, or it was thrown away elsewhere. The person is told, and decides.
//
// Not for: recordings that are still open (`page.ts` offers those).
//
// Invariant: such sound is never forgotten without a person's word; what is sent becomes a
// recording of its own, about the same patient, once.

import { Refused, call, ofPerson, sentence } from "../api";
import { button, h, replace, show } from "../dom";
import type { Recording } from "./desk";
import type { Keep } from "./keep";
import { RATE } from "./stretches";

/** Blocks that are sent at once; the server takes no more. */
const TOGETHER = 100;

interface Rest {
  recording: string;
  /** The first block that is kept here only, and the number after the last. */
  from: number;
  end: number;
  seconds: number;
  words: string;
  /** It can become a recording of its own: the server knows what it is about. */
  known: boolean;
}

/** Tells what is left of recordings that are over. */
export async function offerRests(keep: Keep, box: HTMLElement): Promise<void> {
  const rows: HTMLElement[] = [];
  for (const recording of await keep.recordings()) {
    const rest = await restOf(keep, recording);
    if (rest) rows.push(row(keep, rest, box));
  }
  replace(box, ...rows);
  show(box, rows.length > 0);
}

/** What the server did not get of a recording that is over; what it got is forgotten. */
async function restOf(keep: Keep, recording: string): Promise<Rest | null> {
  const path = `/api/recordings/${recording}`;
  const found = await call<Recording>("GET", path).catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  });
  if (found?.state === "open") return null;
  const from = found?.state === "finished" ? found.next : 0;
  await keep.forget(recording, from);
  const end = await keep.end(recording);
  let samples = 0;
  for (let number = from; number < end; number += 1) {
    samples += ((await keep.get(recording, number))?.byteLength ?? 0) / 2;
  }
  if (samples === 0) return null;
  const at = found ? ` begun at ${clockTime(found.opened_at)}` : "";
  const how =
    found?.state === "finished"
      ? "The server ended the recording"
      : "Somebody threw the recording away at the server";
  const seconds = samples / RATE;
  const words = `${how}${at} before all of it was there: ${seconds.toFixed(1)} s are in this browser only.`;
  return { recording, from, end, seconds, words, known: found !== null };
}

function row(keep: Keep, rest: Rest, box: HTMLElement): HTMLElement {
  const problem = h("span", { class: "problem", hidden: true });
  const attempt = (work: () => Promise<void>) => async () => {
    try {
      await work();
    } catch (error) {
      problem.textContent = sentence(error);
      show(problem, true);
    }
  };
  const line = h("p", { class: "rest" }, rest.words, " ");
  const sending = attempt(async () => {
    const report = await send(keep, rest);
    await keep.forget(rest.recording, Number.MAX_SAFE_INTEGER);
    replace(line, "It was sent as a recording of its own. ",
      h("a", { href: `/reports/${report}` }, "Open the report"));
  });
  const throwing = attempt(async () => {
    if (!window.confirm("Throw this sound away?")) return;
    await keep.forget(rest.recording, Number.MAX_SAFE_INTEGER);
    await offerRests(keep, box);
  });
  if (rest.known) line.append(button("Send it as a recording of its own", sending), " ");
  line.append(button("Throw it away", throwing), " ", problem);
  return line;
}

/** Sends the rest under a key that makes a repeated sending one recording; answers the report. */
async function send(keep: Keep, rest: Rest): Promise<string> {
  const key = `${rest.recording}-${rest.from}`;
  const begun = await call<Recording>("POST", "/api/recordings", { after: rest.recording }, {
    "idempotency-key": key,
  });
  const path = `/api/recordings/${begun.recording}`;
  const blocks = rest.end - rest.from;
  for (let number = begun.next; number < blocks; ) {
    const body = await framed(keep, rest, number, Math.min(number + TOGETHER, blocks));
    const response = await fetch(`${path}/blocks?from=${number}`, {
      method: "POST",
      headers: { ...ofPerson(), "content-type": "application/octet-stream" },
      body,
    });
    if (!response.ok) throw new Error("the server did not take it; try again");
    number = ((await response.json()) as { next: number }).next;
  }
  return (await call<{ report: string }>("POST", `${path}/finish`, { blocks })).report;
}

/** Blocks as they are sent at once: each after its length in bytes, little-endian. */
async function framed(keep: Keep, rest: Rest, from: number, end: number): Promise<Blob> {
  const parts: ArrayBuffer[] = [];
  for (let number = from; number < end; number += 1) {
    const block = await keep.get(rest.recording, rest.from + number);
    if (!block) throw new Error("a block that was kept in this browser is gone");
    const length = new ArrayBuffer(4);
    new DataView(length).setUint32(0, block.byteLength, true);
    parts.push(length, block);
  }
  return new Blob(parts);
}

const clockTime = (time: string): string =>
  new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
