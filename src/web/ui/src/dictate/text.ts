// Brings new final text to a panel in which the author may be correcting.
//
// Invariant: what a person changed is never changed back; text that was final and untouched
// changes only where a spoken command says so.

/** What the panel shows after the server's text went from `before` to `after`. */
export function merged(mine: string, before: string, after: string): string {
  let same = 0;
  while (same < before.length && same < after.length && before[same] === after[same]) same += 1;
  const oldEnd = before.slice(same);
  const newEnd = after.slice(same);
  if (mine.endsWith(oldEnd)) return mine.slice(0, mine.length - oldEnd.length) + newEnd;
  // The author changed the very place: what is new goes behind it.
  const added = after.startsWith(before) ? after.slice(before.length) : "";
  return mine + added;
}
