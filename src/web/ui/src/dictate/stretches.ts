// The order in which the stretches of a recording are heard: appended, inserted, overwritten.
//
// Not for: the samples, of which none is ever destroyed; the server keeps them all.
//
// Invariant: exactly one stretch is open, for what is recorded next.

export type Stretch = [from: number, to: number | null];

/** Samples a second. */
export const RATE = 16_000;

const closed = (edits: Stretch[], samples: number): [number, number][] =>
  edits
    .map(([from, to]): [number, number] => [from, to ?? samples])
    .filter(([from, to]) => to > from);

/** How many samples are heard. */
export const heard = (edits: Stretch[], samples: number): number =>
  closed(edits, samples).reduce((sum, [from, to]) => sum + to - from, 0);

/** Splits what is heard at a place. */
function split(edits: Stretch[], samples: number, at: number): [Stretch[], Stretch[]] {
  const before: Stretch[] = [];
  const after: Stretch[] = [];
  let left = at;
  for (const [from, to] of closed(edits, samples)) {
    const cut = from + Math.min(left, to - from);
    left -= cut - from;
    if (cut > from) before.push([from, cut]);
    if (to > cut) after.push([cut, to]);
  }
  return [before, after];
}

/** What is recorded next is heard at this place. */
export function insertAt(edits: Stretch[], samples: number, at: number): Stretch[] {
  const [before, after] = split(edits, samples, at);
  return [...before, [samples, null], ...after];
}

/** What was recorded since `since` at the open place is closed; recording goes on at the end. */
export function close(edits: Stretch[], samples: number): Stretch[] {
  return [...closed(edits, samples), [samples, null]];
}

/** The same, and what was heard behind the new stretch goes for as long as the new one is. */
export function overwrite(edits: Stretch[], samples: number, since: number): Stretch[] {
  const place = edits.findIndex(([, to]) => to === null);
  const before = closed(edits.slice(0, place + 1), samples);
  let drop = samples - since;
  const after: Stretch[] = [];
  for (const [from, to] of closed(edits.slice(place + 1), samples)) {
    const dropped = Math.min(drop, to - from);
    drop -= dropped;
    if (to > from + dropped) after.push([from + dropped, to]);
  }
  return [...before, ...after, [samples, null]];
}
