// Which pieces of the text stand as they were drafted: the link between text and recording.
//
// Not for: times (`timeline.ts`) or the page's editor (`link.ts`).
//
// Invariant: pieces are in the order of the text, do not overlap and are never empty; each is the
// same letters in the text as in the draft. Lists are not changed once made.

import type { ChangeDesc } from "@codemirror/state";

/** A stretch of the text and its place in the draft; UTF-16 units. */
export interface Piece {
  readonly text: number;
  readonly draft: number;
  readonly length: number;
}

export type Pieces = readonly Piece[];

/** The pieces after a change: cut where text was taken out, moved where it shifted. */
export function mapped(pieces: Pieces, changes: ChangeDesc): Pieces {
  if (changes.empty) return pieces;
  const kept: Piece[] = [];
  let index = 0;
  let rest: Piece | undefined = pieces[0];
  const next = () => (rest = pieces[++index]);
  const push = (piece: Piece, shift: number) => {
    if (piece.length > 0) kept.push({ ...piece, text: piece.text + shift });
  };
  let shift = 0;
  changes.iterChangedRanges((fromA, toA, _fromB, toB) => {
    while (rest && rest.text < toA + (fromA === toA ? 1 : 0)) {
      const end = rest.text + rest.length;
      if (end <= fromA) {
        push(rest, shift);
        next();
        continue;
      }
      if (rest.text >= toA) break;
      if (rest.text < fromA) push({ ...rest, length: fromA - rest.text }, shift);
      if (end <= toA) {
        next();
        continue;
      }
      const cut = toA - rest.text;
      rest = cut > 0 ? { text: toA, draft: rest.draft + cut, length: end - toA } : rest;
      break;
    }
    shift = toB - toA;
  }, true);
  for (; rest; next()) push(rest, shift);
  return kept;
}

/** The pieces within a stretch, as places from its start. */
export function slice(pieces: Pieces, from: number, to: number): Pieces {
  const cut: Piece[] = [];
  for (let at = firstAfter(pieces, from); at < pieces.length; at += 1) {
    const piece = pieces[at] as Piece;
    if (piece.text >= to) break;
    const start = Math.max(piece.text, from);
    const end = Math.min(piece.text + piece.length, to);
    const draft = piece.draft + start - piece.text;
    if (end > start) cut.push({ text: start - from, draft, length: end - start });
  }
  return cut;
}

/** Adds pieces at a place; where others stand already, those stay. */
export function added(pieces: Pieces, more: Pieces, at: number): Pieces {
  if (more.length === 0) return pieces;
  const all = [...pieces];
  for (const piece of more) all.push({ ...piece, text: piece.text + at });
  all.sort((a, b) => a.text - b.text || b.length - a.length);
  return joined(all);
}

/** Joins what stands together in the text as in the draft, and drops what overlaps. */
export function joined(pieces: Pieces): Pieces {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole[whole.length - 1];
    const end = last ? last.text + last.length : 0;
    if (last && piece.text < end) continue;
    if (last && piece.text === end && piece.draft === last.draft + last.length) {
      whole[whole.length - 1] = { ...last, length: last.length + piece.length };
    } else {
      whole.push(piece);
    }
  }
  return whole;
}

/** Index of the first piece that ends after the place. */
export function firstAfter(pieces: Pieces, place: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle] as Piece;
    if (piece.text + piece.length > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Rows as the API has them count characters; most texts have one unit for each. */
export function fromRows(rows: number[][], text: string, draft: string): Pieces {
  const inText = unitsOf(text);
  const inDraft = unitsOf(draft);
  return rows.map((row) => {
    const [at = 0, of = 0, length = 0] = row;
    const start = inText(at);
    return { text: start, draft: inDraft(of), length: inText(at + length) - start };
  });
}

export function toRows(pieces: Pieces, text: string, draft: string): number[][] {
  const inText = charactersOf(text);
  const inDraft = charactersOf(draft);
  return pieces.map((piece) => {
    const start = inText(piece.text);
    return [start, inDraft(piece.draft), inText(piece.text + piece.length) - start];
  });
}

const SURROGATE = /[\ud800-\udbff][\udc00-\udfff]/;

/** From a count of characters to a count of UTF-16 units. */
export function unitsOf(text: string): (characters: number) => number {
  if (!SURROGATE.test(text)) return (characters) => characters;
  const units: number[] = [];
  let unit = 0;
  for (const character of text) {
    units.push(unit);
    unit += character.length;
  }
  return (characters) => units[characters] ?? unit;
}

export function charactersOf(text: string): (units: number) => number {
  if (!SURROGATE.test(text)) return (units) => units;
  const counts = new Uint32Array(text.length + 1);
  let count = 0;
  let unit = 0;
  for (const character of text) {
    counts.fill(count, unit, unit + character.length);
    unit += character.length;
    count += 1;
  }
  counts[text.length] = count;
  return (units) => counts[units] ?? count;
}
