// Shows in the text what is in doubt, what was corrected, what is blank, and what is being heard.
//
// Not for: going from one to the next (`doubts.ts`).
//
// Invariant: only what is in view is looked at; a mark never changes how the text runs.

import { type Extension, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin } from "@codemirror/view";
import { WidgetType } from "@codemirror/view";
import type { ViewUpdate } from "@codemirror/view";
import { type Known, NOTHING } from "./evidence";
import { linkField } from "./link";
import { type Piece, type Pieces, firstAfter } from "./pieces";
import { h } from "../dom";
import { type Range, byDraft, placeOf, wordsIn } from "./timeline";

/** The engine weighs other words below 0.6 (`speech/offer.rs`); below 0.4 it is mostly wrong. */
export const UNSURE = 0.6;
const VERY_UNSURE = 0.4;

/** The mark for what could not be heard (`domain::flag::BLANK`). */
export const BLANK = /_{4,}/g;

export const setKnown = StateEffect.define<Known>();
/** A person has looked at these places of the draft and lets them stand. */
export const accept = StateEffect.define<number>();
export const setAccepted = StateEffect.define<ReadonlySet<number>>();
export const setHeard = StateEffect.define<Range | null>();

export const knownField = StateField.define<Known>({
  create: () => NOTHING,
  update(known, transaction) {
    for (const effect of transaction.effects) if (effect.is(setKnown)) return effect.value;
    return known;
  },
});

export const acceptedField = StateField.define<ReadonlySet<number>>({
  create: () => new Set(),
  update(accepted, transaction) {
    let next = accepted;
    for (const effect of transaction.effects) {
      if (effect.is(setAccepted)) next = effect.value;
      if (effect.is(accept)) next = new Set(next).add(effect.value);
    }
    return next;
  },
});

/** The word that is heard now. */
const heardField = StateField.define<Range | null>({
  create: () => null,
  update(heard, transaction) {
    for (const effect of transaction.effects) if (effect.is(setHeard)) return effect.value;
    if (!heard || !transaction.docChanged) return heard;
    const { changes } = transaction;
    return { from: changes.mapPos(heard.from, 1), to: changes.mapPos(heard.to, -1) };
  },
  provide: (field) =>
    EditorView.decorations.from(field, (heard) =>
      heard && heard.to > heard.from
        ? Decoration.set(Decoration.mark({ class: "heard" }).range(heard.from, heard.to))
        : Decoration.none,
    ),
});

const MARKS = {
  unsure: Decoration.mark({ class: "unsure" }),
  veryUnsure: Decoration.mark({ class: "unsure very" }),
  corrected: Decoration.mark({ class: "corrected" }),
  blank: Decoration.mark({ class: "blank" }),
} as const;

/** A place at which something may be missing. */
class Omission extends WidgetType {
  override eq(): boolean {
    return true;
  }

  override toDOM(): HTMLElement {
    const label = "something may be missing";
    return h("span", { class: "omission", role: "img", "aria-label": label }, "‸");
  }
}

const OMISSION = Decoration.widget({ widget: new Omission(), side: 1 });

/** Where a stretch of the draft stands whole in the text, if it does, within one piece. */
export function standing(piece: Piece, start: number, end: number): Range | null {
  if (start < piece.draft || end > piece.draft + piece.length || end <= start) return null;
  const shift = piece.text - piece.draft;
  return { from: start + shift, to: end + shift };
}

function marksIn(view: EditorView): DecorationSet {
  const { state } = view;
  const known = state.field(knownField);
  const pieces = state.field(linkField);
  const accepted = state.field(acceptedField);
  const found: [Range, Decoration][] = [];
  for (const place of known.doubts.length > 0 ? omissionPlaces(known, pieces) : []) {
    found.push([{ from: place, to: place }, OMISSION]);
  }
  for (const within of view.visibleRanges) {
    for (let at = firstAfter(pieces, within.from); at < pieces.length; at += 1) {
      const piece = pieces[at] as Piece;
      if (piece.text >= within.to) break;
      for (const change of known.corrections) {
        const place = accepted.has(change.start) ? null : standing(piece, change.start, change.end);
        if (place) found.push([place, MARKS.corrected]);
      }
      for (const [word, place] of wordsIn(known.words, piece, within)) {
        if (word.confidence >= UNSURE || accepted.has(word.start)) continue;
        found.push([place, word.confidence < VERY_UNSURE ? MARKS.veryUnsure : MARKS.unsure]);
      }
    }
    const text = state.sliceDoc(within.from, within.to);
    for (const blank of text.matchAll(BLANK)) {
      const from = within.from + blank.index;
      found.push([{ from, to: from + blank[0].length }, MARKS.blank]);
    }
  }
  found.sort((a, b) => a[0].from - b[0].from || a[0].to - b[0].to);
  const builder = new RangeSetBuilder<Decoration>();
  for (const [place, mark] of found) builder.add(place.from, place.to, mark);
  return builder.finish();
}

/** Doubts whose place holds no blank in the draft (`text/doubts.rs` puts one for the others). */
export const WITHOUT_BLANK = "invented-words";

/** Places of the text after which words were left out. */
function omissionPlaces(known: Known, pieces: Pieces): number[] {
  const ordered = byDraft(pieces);
  const place = (ms: number) => placeOf(known.words, pieces, ordered, ms)?.to ?? 0;
  const left = known.doubts.filter((doubt) => doubt.kind === WITHOUT_BLANK);
  return left.map((doubt) => place(doubt.start_ms));
}

const visible = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = marksIn(view);
    }

    update(update: ViewUpdate): void {
      const { startState, state } = update;
      const other =
        startState.field(knownField) !== state.field(knownField) ||
        startState.field(acceptedField) !== state.field(acceptedField) ||
        startState.field(linkField) !== state.field(linkField);
      if (update.docChanged || update.viewportChanged || other) {
        this.decorations = marksIn(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const marks = (): Extension => [knownField, acceptedField, heardField, visible];
