// What a person should look at, in the order of the text: from one to the next, let it stand, put
// back what was heard, or take another word.
//
// Not for: flags (`flags.ts`), which are the report's and stay until somebody settles them.
//
// Invariant: nothing here changes the text but on a person's word.

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from "@codemirror/autocomplete";
import type { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { clock } from "../format";
import { linkField } from "./link";
import { BLANK, UNSURE, WITHOUT_BLANK, accept, acceptedField, knownField, standing } from "./marks";
import { type Range, byDraft, placeOf, timeAt, wordsIn } from "./timeline";

export interface Doubt extends Range {
  /** What a person is told about it. */
  readonly words: string;
  /** Places of the draft that are settled with it; none of a blank or an omission. */
  readonly keys: readonly number[];
  readonly heard?: string;
  readonly alternatives: readonly string[];
  readonly ms: number | null;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Everything in doubt, in the order of the text. */
export function doubtsOf(state: EditorState): Doubt[] {
  const found = [...ofDraft(state), ...blanks(state), ...omissions(state)];
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

function ofDraft(state: EditorState): Doubt[] {
  const known = state.field(knownField);
  const accepted = state.field(acceptedField);
  const found = new Map<number, Doubt>();
  const whole = { from: 0, to: state.doc.length };
  for (const piece of state.field(linkField)) {
    for (const change of known.corrections) {
      const place = accepted.has(change.start) ? null : standing(piece, change.start, change.end);
      if (!place) continue;
      const sure = change.score === null ? "" : `, ${percent(change.score)} sure`;
      const words = `heard “${change.heard}”, written “${change.written}”${sure}`;
      const alternatives = othersOf(state, change.start, change.end);
      const { heard } = change;
      found.set(place.from, {
        ...place, words, keys: [change.start], heard, alternatives, ms: change.start_ms,
      });
    }
    for (const [word, place] of wordsIn(known.words, piece, whole)) {
      if (word.confidence >= UNSURE || accepted.has(word.start)) continue;
      const before = found.get(place.from);
      const words = `${before ? `${before.words}; ` : ""}${percent(word.confidence)} confident`;
      const alternatives = before?.alternatives ?? othersOf(state, word.start, word.end);
      const keys = [...(before?.keys ?? []), word.start];
      found.set(place.from, { ...place, ...before, words, keys, alternatives, ms: word.from });
    }
  }
  return [...found.values()];
}

/** Terms that were weighed for a stretch of the draft. */
function othersOf(state: EditorState, start: number, end: number): string[] {
  const known = state.field(knownField);
  const near = known.choices.filter((choice) => choice.start < end && start < choice.end);
  return near.flatMap((choice) => choice.alternatives);
}

function blanks(state: EditorState): Doubt[] {
  const known = state.field(knownField);
  const pieces = state.field(linkField);
  return [...state.doc.toString().matchAll(BLANK)].map((match) => {
    const from = match.index;
    const ms = timeAt(known.words, pieces, from);
    return { from, to: from + match[0].length, words: "a blank", keys: [], alternatives: [], ms };
  });
}

function omissions(state: EditorState): Doubt[] {
  const known = state.field(knownField);
  const pieces = state.field(linkField);
  const ordered = byDraft(pieces);
  const left = known.doubts.filter((doubt) => doubt.kind === WITHOUT_BLANK);
  return left.map((doubt) => {
    const place = placeOf(known.words, pieces, ordered, doubt.start_ms);
    const from = place?.to ?? 0;
    const span = `${clock(doubt.start_ms)} to ${clock(doubt.end_ms)}`;
    const words = `words that could not be right were left out here, ${span}`;
    return { from, to: from, words, keys: [], alternatives: [], ms: doubt.start_ms };
  });
}

/** The doubt at the cursor. */
export function doubtAt(state: EditorState): Doubt | null {
  const { from, to } = state.selection.main;
  return doubtsOf(state).find((doubt) => doubt.from <= to && from <= doubt.to) ?? null;
}

/** Selects the next doubt after the cursor, or the one before it; null where there is none. */
export function step(view: EditorView, forward: boolean): Doubt | null {
  const { from, to } = view.state.selection.main;
  const all = doubtsOf(view.state);
  const here = (doubt: Doubt) => doubt.from === from && doubt.to === to;
  const isAfter = (doubt: Doubt) => doubt.from > from || (doubt.from === from && doubt.to > to);
  const next = forward
    ? (all.find(isAfter) ?? all.find((doubt) => !here(doubt)))
    : (all.findLast((doubt) => doubt.from < from) ?? all.findLast((doubt) => !here(doubt)));
  if (!next) return null;
  view.dispatch({
    selection: { anchor: next.from, head: next.to },
    effects: EditorView.scrollIntoView(next.from, { y: "center" }),
    userEvent: "select.doubt",
  });
  view.focus();
  return next;
}

/** Lets what is at the cursor stand. */
export function acceptHere(view: EditorView): Doubt | null {
  const doubt = doubtAt(view.state);
  if (!doubt || doubt.keys.length === 0) return null;
  view.dispatch({ effects: doubt.keys.map((key) => accept.of(key)) });
  return doubt;
}

/** Puts back what was heard in the place of a correction at the cursor. */
export function revertHere(view: EditorView): Doubt | null {
  const doubt = doubtAt(view.state);
  if (!doubt || doubt.heard === undefined || view.state.readOnly) return null;
  view.dispatch({
    changes: { from: doubt.from, to: doubt.to, insert: doubt.heard },
    selection: { anchor: doubt.from + doubt.heard.length },
    userEvent: "input.revert",
  });
  return doubt;
}

/** Opens the list of what else was weighed for the place at the cursor. */
export function openAlternatives(view: EditorView): boolean {
  const doubt = doubtAt(view.state);
  if (!doubt || doubt.alternatives.length === 0 || view.state.readOnly) return false;
  asked = doubt;
  view.dispatch({ selection: { anchor: doubt.to } });
  view.focus();
  return startCompletion(view);
}

let asked: Doubt | null = null;
/** The state for which alternatives were asked for. */
let answered: EditorState | null = null;

/** Whether alternatives were asked for here, so that nothing else is to be offered. */
export const isAnswered = (state: EditorState): boolean => answered === state;

/** The alternatives as a list to choose from, once after they were asked for. */
export function alternatives(context: CompletionContext): CompletionResult | null {
  const doubt = asked;
  asked = null;
  if (!doubt || !context.explicit) return null;
  answered = context.state;
  const written = context.state.sliceDoc(doubt.from, doubt.to);
  const options = [...new Set(doubt.alternatives)].filter((term) => term !== written);
  const option = (label: string, index: number): Completion => ({
    label,
    boost: -index,
    detail: label === doubt.heard ? "heard" : "weighed",
  });
  return { from: doubt.from, to: doubt.to, options: options.map(option), filter: false };
}
