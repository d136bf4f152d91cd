// Keeps the link between text and recording through typing, cutting, pasting, moving and undo.
//
// Not for: what the link is used for (`timeline.ts`, `marks.ts`).
//
// Invariant: what was drafted keeps its place in the recording wherever it goes in the text, and
// gets it back when it comes back; what is typed has none of its own.

import { invertedEffects } from "@codemirror/commands";
import {
  type EditorState,
  type Extension,
  StateEffect,
  StateField,
  type Transaction,
} from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Pieces, added, joined, mapped, slice } from "./pieces";

/** Sets the whole link, with a text that came from the server. */
export const setLink = StateEffect.define<Pieces>();

/** Brings pieces back that an undone change had taken out; places in the text after it. */
const restore = StateEffect.define<Pieces>({ map: (pieces, changes) => mapped(pieces, changes) });

/** What was last cut or copied here; text from elsewhere never has pieces. */
interface Clip {
  text: string;
  pieces: Pieces;
}

let clip: Clip | null = null;

export const linkField = StateField.define<Pieces>({
  create: () => [],
  update(pieces, transaction) {
    for (const effect of transaction.effects) if (effect.is(setLink)) return effect.value;
    if (!transaction.docChanged) return pieces;
    let next = mapped(pieces, transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(restore)) next = added(next, effect.value, 0);
    }
    return joined(arrived(transaction, pieces, next));
  },
});

/** Pieces of text that this change put in and that was in the text before: pasted or moved. */
function arrived(transaction: Transaction, before: Pieces, after: Pieces): Pieces {
  const pasted = transaction.isUserEvent("input.paste") || transaction.isUserEvent("input.drop");
  const moved = transaction.isUserEvent("move");
  if (!pasted && !moved) return after;
  const clips = clip && pasted ? [clip] : [];
  transaction.changes.iterChanges((fromA, toA) => {
    if (toA === fromA) return;
    const text = transaction.startState.sliceDoc(fromA, toA);
    clips.push({ text, pieces: slice(before, fromA, toA) });
  });
  let next = after;
  transaction.changes.iterChanges((_fromA, _toA, fromB, _toB, inserted) => {
    const text = inserted.toString();
    for (const { text: known, pieces } of clips) {
      // Moving a line takes its line break from one side to the other.
      const core = known.replace(/^\n|\n$/g, "");
      const at = text.indexOf(core);
      if (core === "" || at < 0 || text.length > core.length + 2) continue;
      const start = known.indexOf(core);
      next = added(next, slice(pieces, start, start + core.length), fromB + at);
      break;
    }
  });
  return next;
}

/** Remembers what is cut or copied, with its pieces. */
export function remember(state: EditorState): void {
  const ranges = state.selection.ranges.filter((range) => !range.empty);
  const main = state.selection.main;
  const line = state.doc.lineAt(main.head);
  const [from, to] = ranges.length === 0 ? [line.from, line.to] : [main.from, main.to];
  const text = state.sliceDoc(from, to);
  clip = ranges.length > 1 ? null : { text, pieces: slice(state.field(linkField), from, to) };
}

export function link(): Extension {
  return [
    linkField,
    invertedEffects.of((transaction) => {
      if (!transaction.docChanged) return [];
      const before = transaction.startState.field(linkField);
      const lost: Pieces[] = [];
      transaction.changes.iterChanges((fromA, toA) => {
        const pieces = slice(before, fromA, toA);
        lost.push(pieces.map((piece) => ({ ...piece, text: piece.text + fromA })));
      });
      const all = lost.flat();
      return all.length > 0 ? [restore.of(all)] : [];
    }),
    EditorView.domEventHandlers({
      copy: (_event, view) => remember(view.state),
      cut: (_event, view) => remember(view.state),
      dragstart: (_event, view) => remember(view.state),
    }),
  ];
}
