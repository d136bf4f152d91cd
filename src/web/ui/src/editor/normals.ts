// Normals of the person, the department and the site: a shortcut that is typed becomes its text,
// whose fields are gone through by Tab.
//
// Not for: keeping normals; the server does.
//
// Invariant: a field that nobody fills stays a blank, which sends the report to QA.

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippet,
} from "@codemirror/autocomplete";
import { type Extension, Prec } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { call } from "../api";
import { announce } from "../dom";
import type { Normal } from "../wire";
import { isAnswered } from "./doubts";

const FIELD = /\[([^[\]=\n]{1,60})(?:=([^[\]\n]*))?\]/g;
const WORD = /[^\s]{1,40}$/;
const BLANK = "____";

/** The normals for a report; none where the site keeps none. */
export function fetchNormals(report: string): Promise<Normal[]> {
  const path = `/api/normals?report=${encodeURIComponent(report)}`;
  return call<Normal[]>("GET", path).catch(() => []);
}

/** The text with its fields as CodeMirror's snippets have them. */
function template(text: string): string {
  let field = 0;
  const plain = (part: string) => part.replace(/([#$])\{/g, "$1\\{");
  let made = "";
  let at = 0;
  for (const match of text.matchAll(FIELD)) {
    field += 1;
    const value = (match[2] ?? BLANK).replace(/[{}]/g, "");
    made += `${plain(text.slice(at, match.index))}\${${field}:${value}}`;
    at = match.index + match[0].length;
  }
  return made + plain(text.slice(at));
}

/** What of a normal stands as it is kept: its text without the fields. */
function passages(text: string): string[] {
  return text.replaceAll(FIELD, "\u0000").split("\u0000").filter((part) => part.trim() !== "");
}

/** Takes the passages that were put in, which are not counted as typed. */
export type PutIn = (passages: string[]) => void;

function insert(view: EditorView, normal: Normal, from: number, to: number, put: PutIn): void {
  put(passages(normal.text));
  snippet(template(normal.text))(view, { label: normal.name }, from, to);
  const fields = [...normal.text.matchAll(FIELD)].length;
  announce(`${normal.name}${fields > 0 ? `, ${fields} fields; Tab goes to the next` : ""}`);
}

/** Shortcuts and names in the list of what goes on from what is typed. */
export function normalsFor(known: () => readonly Normal[], put: PutIn) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(WORD);
    if (!word || word.text.length < 2 || context.state.readOnly) return null;
    if (isAnswered(context.state)) return null;
    const typed = word.text.toLowerCase();
    const fits = known().filter(
      ({ name, shortcut }) =>
        shortcut?.toLowerCase().startsWith(typed) || name.toLowerCase().startsWith(typed),
    );
    if (fits.length === 0) return null;
    const option = (normal: Normal): Completion => ({
      label: normal.shortcut ?? normal.name,
      detail: `${normal.name}, ${normal.department ?? normal.scope}`,
      boost: 50,
      apply: (view, _completion, from, to) => insert(view, normal, from, to, put),
    });
    return { from: word.from, options: fits.map(option), filter: false };
  };
}

/** Tab after a whole shortcut writes its text; any other Tab leaves the editor. */
export function shortcuts(known: () => readonly Normal[], put: PutIn): Extension {
  const expand = (view: EditorView): boolean => {
    const { state } = view;
    const { head, empty } = state.selection.main;
    if (!empty || state.readOnly) return false;
    const line = state.doc.lineAt(head);
    const word = WORD.exec(line.text.slice(0, head - line.from))?.[0];
    const normal = word && known().find(({ shortcut }) => shortcut === word);
    if (!normal) return false;
    insert(view, normal, head - word.length, head, put);
    return true;
  };
  return Prec.high(keymap.of([{ key: "Tab", run: expand }]));
}
