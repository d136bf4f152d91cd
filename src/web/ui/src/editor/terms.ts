// Terms of the lexicon that go on from what is being typed.
//
// Not for: alternatives of what was heard (`doubts.ts`).
//
// Invariant: a list that opens by itself takes no key before the person goes into it.

import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { call } from "../api";
import { isAnswered } from "./doubts";
import { sectionAt } from "./outline";

const WORD = /[\p{L}][\p{L}'’-]{2,}$/u;

/** Asks the server, which knows the section and the patient's own medicines. */
export function terms(report: string) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(WORD);
    if (!word || context.state.readOnly || isAnswered(context.state)) return null;
    // Inside a word nothing is to be completed.
    const next = context.state.sliceDoc(context.pos, context.pos + 1);
    if (/[\p{L}]/u.test(next)) return null;
    const section = sectionAt(context.state.doc.toString(), word.from);
    const body = { letters: word.text, section };
    const path = `/api/reports/${report}/terms`;
    const found = await call<{ terms: string[] }>("POST", path, body).catch(() => null);
    if (context.aborted || !found || found.terms.length === 0) return null;
    const options = found.terms.map((label, index) => ({ label, boost: -index }));
    return { from: word.from, options, filter: false };
  };
}
