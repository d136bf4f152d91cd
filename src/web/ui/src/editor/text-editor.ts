// The editor of a report's text, linked to the recording.
//
// Not for: saving (`autosave.ts`), playing (`player.ts`) or keys (`keys.ts`).
//
// Invariant: text that comes from the server is not a change of the person's and cannot be
// undone; text that a person may not change can be read, searched, selected and heard.

import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import type { Unsaved } from "../offline";
import type { Evidence, Normal } from "../wire";
import { alternatives } from "./doubts";
import { Known, aligned, linkOf } from "./evidence";
import { link, linkField, setLink } from "./link";
import { acceptedField, knownField, marks, setAccepted, setHeard, setKnown } from "./marks";
import { normalsFor, shortcuts } from "./normals";
import { fromRows, toRows } from "./pieces";
import { spelling } from "./spelling";
import { adoptStyles } from "./styles";
import { terms } from "./terms";
import { type Range, byDraft, placeOf, timeAt, wordAt } from "./timeline";

export interface Listener {
  /** The person changed the text. */
  typed(): void;
  /** The person clicked a place of the text. */
  clicked(place: number, event: MouseEvent): void;
  /** The person moved the cursor or changed the text: the cursor no longer follows. */
  moved(): void;
  /** The cursor is elsewhere, whoever moved it. */
  cursor(): void;
}

/** Marks a change or a move as the program's own. */
const OURS = "chartscribe";

export class TextEditor {
  readonly view: EditorView;
  /** What shortcuts stand for. */
  normals: readonly Normal[] = [];
  /** Passages of normals that were put in and not told to the server yet. */
  inserted: string[] = [];
  private readonly writable = new Compartment();
  private ordered: { of: unknown; pieces: ReturnType<typeof byDraft> } = { of: null, pieces: [] };

  constructor(
    place: HTMLElement,
    private readonly report: string,
    private readonly listener: Listener,
  ) {
    adoptStyles();
    this.view = new EditorView({ parent: place, state: this.fresh("") });
  }

  private fresh(text: string): EditorState {
    const put = (passages: string[]) => this.inserted.push(...passages);
    return EditorState.create({
      doc: text,
      extensions: [
        this.writable.of(readOnly(true)),
        history(),
        link(),
        marks(),
        autocompletion({
          override: [alternatives, normalsFor(() => this.normals, put), terms(this.report)],
          selectOnOpen: false,
          icons: false,
        }),
        shortcuts(() => this.normals, put),
        spelling(this.report),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Report text", spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          const own = update.transactions.every((tr) => tr.isUserEvent(OURS));
          if (update.docChanged && !own) this.listener.typed();
          if ((update.docChanged || update.selectionSet) && !own) this.listener.moved();
          if (update.docChanged || update.selectionSet) this.listener.cursor();
          const accepted = update.state.field(acceptedField);
          const before = update.startState.field(acceptedField);
          if (accepted !== before) keepAccepted(this.report, accepted);
        }),
        EditorView.domEventHandlers({
          click: (event, view) => {
            const place = view.posAtCoords({ x: event.clientX, y: event.clientY });
            const plain = event.button === 0 && view.state.selection.main.empty;
            if (place !== null && plain) this.listener.clicked(place, event);
          },
        }),
      ],
    });
  }

  text(): string {
    return this.view.state.doc.toString();
  }

  /** Takes the text of a version; the cursor and the scroll stay where they can. */
  take(text: string): void {
    const now = this.text();
    if (now === text) return;
    const from = commonStart(now, text);
    const tail = commonEnd(now, text, from);
    this.view.dispatch({
      changes: { from, to: now.length - tail, insert: text.slice(from, text.length - tail) },
      annotations: [Transaction.addToHistory.of(false), Transaction.userEvent.of(OURS)],
    });
  }

  /** Brings back what the person typed before, with its link; it can be undone. */
  bring(unsaved: Unsaved): void {
    const now = this.text();
    const { text, pieces } = unsaved;
    const from = commonStart(now, text);
    const tail = commonEnd(now, text, from);
    const { draft } = this.known();
    const link = pieces && draft !== "" ? [setLink.of(fromRows(pieces, text, draft))] : [];
    this.view.dispatch({
      changes: { from, to: now.length - tail, insert: text.slice(from, text.length - tail) },
      effects: link,
    });
  }

  /** Puts what is known of a version behind the text. */
  know(evidence: Evidence, version: number): void {
    const known = new Known(evidence);
    const pieces = linkOf(evidence, version, this.text());
    const accepted = setAccepted.of(acceptedBefore(this.report));
    this.view.dispatch({ effects: [setKnown.of(known), setLink.of(pieces), accepted] });
  }

  /** Makes the link anew after a text from elsewhere was taken. */
  align(): void {
    const { draft } = this.known();
    if (draft === "") return;
    this.view.dispatch({ effects: setLink.of(aligned(this.text(), draft)) });
  }

  known(): Known {
    return this.view.state.field(knownField);
  }

  /** Which pieces stand as drafted, as the API takes them; null where nothing was drafted. */
  rows(): number[][] | null {
    const { draft } = this.known();
    if (draft === "") return null;
    return toRows(this.view.state.field(linkField), this.text(), draft);
  }

  setReadOnly(locked: boolean): void {
    if (this.view.state.readOnly === locked) return;
    this.view.dispatch({ effects: this.writable.reconfigure(readOnly(locked)) });
  }

  /** Puts words where the cursor is. */
  insert(words: string): void {
    this.view.dispatch(this.view.state.replaceSelection(words), { userEvent: "input" });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  /** The moment of a place, by default the cursor's, in ms. */
  timeAt(place = this.view.state.selection.main.head): number | null {
    return timeAt(this.known().words, this.view.state.field(linkField), place);
  }

  /** The drafted word at a place. */
  wordAt(place: number): Range | null {
    const found = wordAt(this.known().words, this.view.state.field(linkField), place);
    return found ? found[1] : null;
  }

  /** The stretch that is heard at a moment. */
  placeOf(ms: number): Range | null {
    const pieces = this.view.state.field(linkField);
    if (this.ordered.of !== pieces) this.ordered = { of: pieces, pieces: byDraft(pieces) };
    return placeOf(this.known().words, pieces, this.ordered.pieces, ms);
  }

  private shown: Range | null = null;

  /** Shows what is heard; the cursor goes along where it follows. */
  hear(ms: number | null, follow: boolean): void {
    const place = ms === null ? null : this.placeOf(ms);
    if (place?.from === this.shown?.from && place?.to === this.shown?.to) return;
    this.shown = place;
    const goes = follow && place ? { selection: { anchor: place.from }, scrollIntoView: true } : {};
    this.view.dispatch({ effects: setHeard.of(place), userEvent: OURS, ...goes });
  }

  /** Selects a place, as a person does who looks at it. */
  select(place: Range): void {
    this.view.dispatch({
      selection: { anchor: place.from, head: place.to },
      effects: EditorView.scrollIntoView(place.from, { y: "center" }),
    });
    this.view.focus();
  }
}

/** What the person let stand, as places of the draft: for this tab, through a reload. */
function acceptedBefore(report: string): Set<number> {
  const kept = sessionStorage.getItem(`accepted ${report}`) ?? "";
  return new Set(kept.split(" ").filter(Boolean).map(Number));
}

function keepAccepted(report: string, accepted: ReadonlySet<number>): void {
  sessionStorage.setItem(`accepted ${report}`, [...accepted].join(" "));
}

function readOnly(locked: boolean) {
  const attributes = locked ? { "aria-readonly": "true" } : {};
  return [EditorState.readOnly.of(locked), EditorView.contentAttributes.of(attributes)];
}

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

function commonEnd(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length) - from;
  let at = 0;
  while (at < most && a.charCodeAt(a.length - 1 - at) === b.charCodeAt(b.length - 1 - at)) at += 1;
  return at;
}
