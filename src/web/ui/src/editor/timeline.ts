// Where a place of the text is in the recording, and where a moment of the recording is in the
// text.
//
// Not for: keeping the link through changes (`link.ts`).
//
// Invariant: a drafted word has its own time wherever it stands; other words take the time
// between their neighbours.

import type { Evidence } from "../wire";
import { type Piece, type Pieces, firstAfter, unitsOf } from "./pieces";

/** One drafted word; places in the draft, UTF-16 units, times in ms. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** 0 to 1. */
  readonly confidence: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The drafted words, in the order of the draft and of the recording. */
export class Words {
  readonly list: readonly Word[];
  private readonly byTime: readonly Word[];

  constructor(evidence: Pick<Evidence, "timed" | "draft">) {
    const { draft } = evidence;
    const units = unitsOf(draft);
    const words = evidence.timed.map(([start = 0, end = 0, from = 0, to = 0, share = 0]) => ({
      start: units(start),
      end: units(end),
      from,
      to,
      confidence: share / 1000,
    }));
    // A full stop is said with the word before it.
    this.list = words.filter((word) => /[\p{L}\p{N}]/u.test(draft.slice(word.start, word.end)));
    this.byTime = together([...this.list].sort((a, b) => a.from - b.from || a.start - b.start));
  }

  /** Index of the first word that ends after a place of the draft. */
  after(place: number): number {
    return lowest(this.list.length, (at) => (this.list[at] as Word).end > place);
  }

  /** The word that is heard at a moment, or was last. */
  at(ms: number): Word | null {
    const next = lowest(this.byTime.length, (at) => (this.byTime[at] as Word).from > ms);
    return this.byTime[next - 1] ?? null;
  }
}

/** Words that were written for one stretch of the recording, such as "50 mg", as one. */
function together(words: Word[]): Word[] {
  const whole: Word[] = [];
  for (const word of words) {
    const last = whole[whole.length - 1];
    const same = last && last.from === word.from && last.to === word.to && last.end < word.end;
    if (same) whole[whole.length - 1] = { ...last, end: word.end };
    else whole.push(word);
  }
  return whole;
}

function lowest(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The words of a piece that stand in it whole, with their places in the text. */
export function* wordsIn(words: Words, piece: Piece, within: Range): Generator<[Word, Range]> {
  const shift = piece.text - piece.draft;
  const from = Math.max(piece.draft, within.from - shift);
  for (let at = words.after(from); at < words.list.length; at += 1) {
    const word = words.list[at] as Word;
    if (word.start + shift >= within.to || word.end > piece.draft + piece.length) return;
    if (word.start < piece.draft) continue;
    yield [word, { from: word.start + shift, to: word.end + shift }];
  }
}

/** The drafted word at a place of the text, or just before it in the same piece. */
export function wordAt(words: Words, pieces: Pieces, place: number): [Word, Range] | null {
  const piece = pieces[firstAfter(pieces, place)];
  if (!piece || piece.text > place) return null;
  const drafted = piece.draft + place - piece.text;
  const at = words.after(drafted);
  const here = words.list[at];
  const word = here && here.start <= drafted ? here : words.list[at - 1];
  if (!word || word.end <= piece.draft) return null;
  const shift = piece.text - piece.draft;
  return [word, { from: word.start + shift, to: word.end + shift }];
}

/** The moment of a place of the text, in ms; null where nothing around it has one. */
export function timeAt(words: Words, pieces: Pieces, place: number): number | null {
  const found = wordAt(words, pieces, place);
  if (found) return found[0].from;
  const next = firstAfter(pieces, place);
  const before = lastOf(words, pieces[next - 1]);
  const after = firstOf(words, pieces[next]);
  if (!before || !after) return before?.to ?? after?.from ?? null;
  if (after.from <= before.to) return before.to;
  const start = endOf(pieces[next - 1] as Piece);
  const length = Math.max(1, (pieces[next] as Piece).text - start);
  return Math.round(before.to + ((after.from - before.to) * (place - start)) / length);
}

const endOf = (piece: Piece): number => piece.text + piece.length;

function lastOf(words: Words, piece: Piece | undefined): Word | null {
  if (!piece) return null;
  const end = piece.draft + piece.length;
  const at = lowest(words.list.length, (index) => (words.list[index] as Word).start >= end);
  return words.list[at - 1] ?? null;
}

function firstOf(words: Words, piece: Piece | undefined): Word | null {
  return piece ? (words.list[words.after(piece.draft)] ?? null) : null;
}

/** The pieces in the order of the draft, for looking up moments. */
export function byDraft(pieces: Pieces): Pieces {
  return [...pieces].sort((a, b) => a.draft - b.draft);
}

/**
 * The stretch of the text that is heard at a moment: the drafted word, or what was typed where it
 * stood; null where nothing stands for it.
 */
export function placeOf(
  words: Words,
  pieces: Pieces,
  ordered: Pieces,
  ms: number,
): Range | null {
  const word = words.at(ms);
  if (!word) return null;
  const ends = lowest(ordered.length, (at) => {
    const piece = ordered[at] as Piece;
    return piece.draft > word.start;
  });
  for (let at = ends - 1; at >= 0 && at >= ends - 3; at -= 1) {
    const piece = ordered[at] as Piece;
    if (piece.draft + piece.length <= word.start) continue;
    const shift = piece.text - piece.draft;
    return { from: word.start + shift, to: Math.min(word.end + shift, endOf(piece)) };
  }
  return typedFor(pieces, ordered[ends - 1], ordered[ends]);
}

/** What was typed between two pieces that stand next to each other. */
function typedFor(pieces: Pieces, before?: Piece, after?: Piece): Range | null {
  const from = before ? endOf(before) : 0;
  const next = pieces[firstAfter(pieces, from)];
  if (after && next && next.text !== after.text) return null;
  const to = next ? next.text : from;
  return to > from ? { from, to } : null;
}
