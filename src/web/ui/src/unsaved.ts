// What the person typed and the server has not: kept while it is so, offered when they come back.
//
// Not for: how it is kept (`offline.ts`).
//
// Invariant: kept text goes into the editor only on the version it was made from; otherwise it is
// shown beside the report, and the person decides.

import { type Unsaved, forget, keep, kept } from "./offline";
import { keepBelow } from "./stale";

/** From a keystroke to its being kept: less than to a save, so that a crash costs little. */
const KEEP_AFTER_MS = 250;

export class Keeper {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly report: string,
    private readonly present: () => Unsaved | null,
  ) {
    window.addEventListener("pagehide", () => this.now());
  }

  /** Something changed: keeps what is unsaved, forgets what is saved. */
  soon(): void {
    this.timer ??= setTimeout(() => this.now(), KEEP_AFTER_MS);
  }

  private now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const unsaved = this.present();
    const work = () => (unsaved ? keep(this.report, unsaved) : forget(this.report));
    // A browser that cannot keep anything still has the text in the page.
    this.last = this.last.then(work).catch(() => undefined);
  }
}

/**
 * The text that was kept for this version; one for another version is shown below the report. A
 * text that is the version's own was saved after all.
 */
export async function takeKept(
  report: string,
  version: number,
  text: string,
  editable: boolean,
): Promise<Unsaved | null> {
  const found = await kept(report).catch(() => null);
  if (!found) return null;
  if (found.text === text) {
    await forget(report);
    return null;
  }
  if (editable && found.base === version) return found;
  keepBelow(found.text, () => void forget(report));
  return null;
}
