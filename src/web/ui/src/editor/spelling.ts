// Underlines words that neither English nor the lexicon knows.
//
// Not for: saying what is meant instead.
//
// Invariant: each different word is asked for once; the word under the cursor is left alone.

import { type Extension, RangeSetBuilder, StateEffect } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin } from "@codemirror/view";
import type { ViewUpdate } from "@codemirror/view";
import { call } from "../api";

const WORD = /[\p{L}][\p{L}\p{N}'’-]*/gu;

/** How long typing must rest before words are asked for, in ms. */
const REST_MS = 600;

/** The most words of one question (`workflow/wording.rs` takes more). */
const ASK_MAX = 2_000;

const UNKNOWN = Decoration.mark({ class: "unknown", attributes: { "aria-invalid": "spelling" } });

const answered = StateEffect.define<null>();

export function spelling(report: string): Extension {
  const known = new Map<string, boolean>();
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet = Decoration.none;
      private timer: ReturnType<typeof setTimeout> | undefined;

      constructor(private readonly view: EditorView) {
        this.soon();
      }

      update(update: ViewUpdate): void {
        const told = update.transactions.some((tr) => tr.effects.some((e) => e.is(answered)));
        if (update.docChanged || update.viewportChanged) this.soon();
        if (update.docChanged) this.decorations = this.decorations.map(update.changes);
        if (told || update.viewportChanged || update.docChanged) this.decorations = this.paint();
      }

      destroy(): void {
        clearTimeout(this.timer);
      }

      private soon(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.ask(), REST_MS);
      }

      private words(): { word: string; from: number }[] {
        return this.view.visibleRanges.flatMap(({ from, to }) => {
          const text = this.view.state.sliceDoc(from, to);
          return [...text.matchAll(WORD)].map((m) => ({ word: m[0], from: from + m.index }));
        });
      }

      private async ask(): Promise<void> {
        if (this.view.state.readOnly) return;
        const fresh = new Set(this.words().map(({ word }) => word).filter((w) => !known.has(w)));
        const words = [...fresh].filter((word) => word.length <= 50).slice(0, ASK_MAX);
        if (words.length === 0) return;
        const path = `/api/reports/${report}/spelling`;
        const answer = await call<{ unknown: string[] }>("POST", path, { words }).catch(() => null);
        if (!answer) return;
        for (const word of words) known.set(word, true);
        for (const word of answer.unknown) known.set(word, false);
        this.view.dispatch({ effects: answered.of(null) });
      }

      private paint(): DecorationSet {
        const { head } = this.view.state.selection.main;
        const builder = new RangeSetBuilder<Decoration>();
        for (const { word, from } of this.words()) {
          const to = from + word.length;
          if (known.get(word) === false && !(from <= head && head <= to)) {
            builder.add(from, to, UNKNOWN);
          }
        }
        return builder.finish();
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}
