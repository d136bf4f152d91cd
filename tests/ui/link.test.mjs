// The link between text and recording through edits of every kind, without a browser: the
// editor's own modules, bundled as for the page.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "./harness.mjs";

const UI = path.join(REPOSITORY, "src/web/ui");
const EDITS = 500;

const SOURCE = `
  export { EditorState, Transaction } from "@codemirror/state";
  export { history, undo, redo, moveLineUp, moveLineDown } from "@codemirror/commands";
  export { link, linkField, setLink, remember } from "./src/editor/link";
  export { Known, aligned, linkOf } from "./src/editor/evidence";
  export { byDraft, placeOf, timeAt } from "./src/editor/timeline";
  export { fromRows, mapped, toRows } from "./src/editor/pieces";
`;

async function modules() {
  const { build } = await import(pathToFileURL(path.join(UI, "node_modules/esbuild/lib/main.js")));
  const built = await build({
    stdin: { contents: SOURCE, resolveDir: UI, loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
  });
  const code = Buffer.from(built.outputFiles[0].text).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

const ui = await modules();

/** Reproducible numbers from 0 to 1 (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A word that begins and ends with a letter of its own, so that no two halves make another. */
const wordOf = (at) => String.fromCharCode(0x4e00 + at).replace(/(.)/, "$1word$1");

/** A draft of words that occur once each, ten a line, 400 ms apart. */
function drafted(count) {
  const words = Array.from({ length: count }, (_, at) => wordOf(at));
  const timed = [];
  let draft = "";
  words.forEach((word, at) => {
    if (at > 0) draft += at % 10 === 0 ? "\n" : " ";
    timed.push([draft.length, draft.length + word.length, at * 400, at * 400 + 300, 900]);
    draft += word;
  });
  const nothing = { changes: [], choices: [], spoken: [], doubts: [], version: 1, pieces: null };
  return { words, evidence: { draft, timed, ...nothing } };
}

/** An editor without a page. */
class Editor {
  constructor(evidence) {
    this.known = new ui.Known(evidence);
    const extensions = [ui.history({ newGroupDelay: 0 }), ui.link()];
    this.state = ui.EditorState.create({ doc: evidence.draft, extensions });
    const whole = [{ text: 0, draft: 0, length: evidence.draft.length }];
    this.change({ effects: ui.setLink.of(whole) });
  }

  change(spec) {
    this.state = this.state.update(spec).state;
  }

  command(command) {
    command({ state: this.state, dispatch: (transaction) => (this.state = transaction.state) });
  }

  text() {
    return this.state.doc.toString();
  }

  pieces() {
    return this.state.field(ui.linkField);
  }
}

/** One edit of a kind that people do. */
function edit(editor, chance) {
  const size = editor.state.doc.length;
  const at = () => Math.floor(chance() * (size + 1));
  const from = at();
  const to = Math.min(size, from + Math.floor(chance() * 40));
  switch (Math.floor(chance() * 8)) {
    case 0:
    case 1:
      return editor.change({ changes: { from, insert: "typed " }, userEvent: "input.type" });
    case 2:
      return editor.change({ changes: { from, to }, userEvent: "delete.selection" });
    case 3:
      return editor.change({ changes: { from, to, insert: "new" }, userEvent: "input.type" });
    case 4: {
      editor.change({ selection: { anchor: from, head: to } });
      if (from === to) return undefined;
      ui.remember(editor.state);
      const insert = editor.state.sliceDoc(from, to);
      editor.change({ changes: { from, to }, userEvent: "delete.cut" });
      const target = Math.floor(chance() * (editor.state.doc.length + 1));
      return editor.change({ changes: { from: target, insert }, userEvent: "input.paste" });
    }
    case 5:
      editor.change({ selection: { anchor: from } });
      return editor.command(chance() < 0.5 ? ui.moveLineUp : ui.moveLineDown);
    case 6:
      for (let left = Math.ceil(chance() * 4); left > 0; left -= 1) editor.command(ui.undo);
      return undefined;
    default:
      for (let left = Math.ceil(chance() * 3); left > 0; left -= 1) editor.command(ui.redo);
      return undefined;
  }
}

/** Words that stand whole in the text, and how far each is from its own time, in ms. */
function distances(text, known, pieces, words) {
  const far = new Map();
  for (const match of text.matchAll(/([\u4e00-\u9fff])word\1/g)) {
    const own = words.indexOf(match[0]) * 400;
    const time = ui.timeAt(known.words, pieces, match.index);
    far.set(`${match[0]} at ${match.index}`, Math.abs((time ?? Infinity) - own));
  }
  return far;
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`after ${EDITS} edits every surviving word has its own time (${seed})`, () => {
    const { words, evidence } = drafted(600);
    const editor = new Editor(evidence);
    const chance = random(seed);
    for (let count = 0; count < EDITS; count += 1) edit(editor, chance);
    const text = editor.text();
    const known = new ui.Known(evidence);
    // What is saved with the version, and read again after a reload.
    const rows = ui.toRows(editor.pieces(), text, evidence.draft);
    for (const [at, of, length] of rows) {
      assert.equal(text.slice(at, at + length), evidence.draft.slice(of, of + length));
    }
    const reloaded = ui.linkOf({ ...evidence, version: 7, pieces: rows }, 7, text);
    for (const pieces of [editor.pieces(), reloaded]) {
      const far = distances(text, known, pieces, words);
      assert.ok(far.size > 100, `words survive: ${far.size}`);
      const lost = [...far].filter(([, ms]) => ms > 1);
      assert.deepEqual(lost, [], "within 1 ms");
    }
  });
}

test("undoing everything brings the whole link back", () => {
  const { evidence } = drafted(200);
  const editor = new Editor(evidence);
  const chance = random(9);
  for (let count = 0; count < 60; count += 1) edit(editor, chance);
  for (let count = 0; count < 500; count += 1) editor.command(ui.undo);
  assert.equal(editor.text(), evidence.draft);
  assert.deepEqual(editor.pieces(), [{ text: 0, draft: 0, length: evidence.draft.length }]);
});

test("a version without a kept link is aligned with the draft", () => {
  const { words, evidence } = drafted(300);
  const text = evidence.draft
    .replace(wordOf(7), "metoprolol")
    .replace(` ${wordOf(101)} ${wordOf(102)}`, "")
    .replace(wordOf(200), `${wordOf(200)}, not dictated,`);
  const pieces = ui.aligned(text, evidence.draft);
  const far = distances(text, new ui.Known(evidence), pieces, words);
  assert.equal(far.size, 297);
  assert.deepEqual([...far].filter(([, ms]) => ms > 1), []);
});

test("a new word takes the time of its surroundings, and is shown when that is heard", () => {
  const { evidence } = drafted(30);
  const editor = new Editor(evidence);
  const at = evidence.draft.indexOf(wordOf(5));
  editor.change({ changes: { from: at, to: at + 6, insert: "aspirin" }, userEvent: "input.type" });
  const pieces = editor.pieces();
  const { words } = editor.known;
  const time = ui.timeAt(words, pieces, at + 2);
  assert.ok(time >= 4 * 400 + 300 && time <= 6 * 400, `between its neighbours: ${time}`);
  const heard = ui.placeOf(words, pieces, ui.byDraft(pieces), 5 * 400 + 50);
  assert.equal(editor.text().slice(heard.from, heard.to), "aspirin");
  const next = ui.placeOf(words, pieces, ui.byDraft(pieces), 6 * 400 + 50);
  assert.equal(editor.text().slice(next.from, next.to), wordOf(6));
});

test("places outside the basic plane are counted as the server counts them", () => {
  const draft = "\u{1f600} ache";
  const evidence = { draft, timed: [[2, 6, 500, 900, 800]] };
  const known = new ui.Known({ ...evidence, changes: [], choices: [], spoken: [], doubts: [] });
  assert.equal(draft.slice(known.words.list[0].start, known.words.list[0].end), "ache");
  const pieces = ui.fromRows([[0, 0, 6]], draft, draft);
  assert.deepEqual(pieces, [{ text: 0, draft: 0, length: 7 }]);
  assert.deepEqual(ui.toRows(pieces, draft, draft), [[0, 0, 6]]);
});
