// What is known of the text that the page shows: fetched once, looked up often.
//
// Not for: showing it (`marks.ts`, `doubts.ts`).
//
// Invariant: places are those of the draft; the link says where they are in the text now.

import { diff } from "@codemirror/merge";
import { Refused, call } from "../api";
import type { Change, Evidence } from "../wire";
import { type Piece, type Pieces, fromRows, unitsOf } from "./pieces";
import { Words } from "./timeline";

/** How long two texts may be compared for their common pieces, in ms. */
const ALIGN_MS = 1_000;

export interface Choice {
  readonly start: number;
  readonly end: number;
  readonly alternatives: string[];
}

/** Rules whose changes a person should look at; the others write what was said in house style. */
const OF_VOCABULARY = "LEXICON";

export class Known {
  readonly draft: string;
  readonly words: Words;
  readonly choices: readonly Choice[];
  /** Words that the vocabulary put in the place of what was heard. */
  readonly corrections: readonly Change[];
  readonly changes: readonly Change[];
  readonly doubts: Evidence["doubts"];
  readonly spoken: Evidence["spoken"];

  constructor(evidence: Evidence) {
    const units = unitsOf(evidence.draft);
    const placed = <T extends { start: number; end: number }>(list: T[]): T[] =>
      list.map((item) => ({ ...item, start: units(item.start), end: units(item.end) }));
    this.draft = evidence.draft;
    this.words = new Words(evidence);
    this.choices = placed(evidence.choices);
    this.changes = placed(evidence.changes);
    this.corrections = this.changes.filter((change) => change.rule === OF_VOCABULARY);
    this.doubts = evidence.doubts;
    this.spoken = evidence.spoken;
  }
}

export const NOTHING = new Known({
  draft: "",
  timed: [],
  changes: [],
  choices: [],
  spoken: [],
  doubts: [],
  version: 0,
  pieces: null,
});

/** The evidence of a report, null where there is none or it is not this person's to see. */
export async function fetchEvidence(report: string): Promise<Evidence | null> {
  try {
    return await call<Evidence>("GET", `/api/reports/${report}/evidence`);
  } catch (error) {
    if (error instanceof Refused && [403, 404].includes(error.status)) return null;
    throw error;
  }
}

/** The link of this text: as it was kept with its version, else by comparing it with the draft. */
export function linkOf(evidence: Evidence, version: number, text: string): Pieces {
  if (evidence.pieces && evidence.version === version) {
    return fromRows(evidence.pieces, text, evidence.draft);
  }
  return aligned(text, evidence.draft);
}

/** What two texts have in common, in order. */
export function aligned(text: string, draft: string): Pieces {
  const pieces: Piece[] = [];
  let inText = 0;
  let inDraft = 0;
  const same = (to: number) => {
    if (to > inText) pieces.push({ text: inText, draft: inDraft, length: to - inText });
  };
  for (const change of diff(text, draft, { timeout: ALIGN_MS })) {
    same(change.fromA);
    inText = change.toA;
    inDraft = change.toB;
  }
  same(text.length);
  return pieces;
}
