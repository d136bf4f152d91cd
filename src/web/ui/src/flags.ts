// The doubts about a report: hear the place, go to it, answer it, settle it with a note, raise one.
//
// Not for: doubts that the machine shows in the text and nobody has to settle (`editor/doubts.ts`).

import {
  type Answer,
  type Answering,
  type Hearing,
  answerByVoice,
  leaveAnswer,
  settleAnswer,
  sound,
} from "./answers";
import { call } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace } from "./dom";
import { BLANK } from "./editor/marks";
import type { TextEditor } from "./editor/text-editor";
import { clock, flagWord, moment } from "./format";
import type { Player } from "./player";
import type { Flag, Report } from "./wire";

/** The mark for what could not be heard (`domain::flag::BLANK`). */
const MARK = "____";

/** How much of the recording before the cursor a new flag covers, in ms. */
const BLANK_SPAN_MS = 2_000;

/** Flags that the missing words themselves answer. */
export const ANSWERED_BY_TEXT = ["INAUDIBLE", "AUTHOR-BLANK"];

export interface FlagContext {
  readonly report: Report;
  readonly player: Player | null;
  readonly editor: TextEditor;
  readonly hearing: Hearing;
  /** Saves what is typed; false when it could not. */
  flush(): Promise<boolean>;
  version(): number;
  reload(): Promise<void>;
}

export class Flags {
  private current: string | null = null;
  private shown: Flag[] = [];
  /** Answers that were spoken to the report's blanks. */
  answers: Answer[] = [];

  constructor(
    private readonly list: HTMLUListElement,
    private readonly context: FlagContext,
  ) {}

  paint(): void {
    const flags = [...this.context.report.flags];
    const place = (flag: Flag) => flag.start_ms ?? Infinity;
    const settled = (flag: Flag) => Number(flag.state !== "open");
    flags.sort((a, b) => settled(a) - settled(b) || place(a) - place(b));
    this.shown = flags;
    const open = flags.filter((flag) => flag.state === "open").length;
    const title = byId("flags-title", HTMLHeadingElement);
    title.textContent = open > 0 ? `Flags, ${open} open` : "Flags";
    if (flags.length === 0) return replace(this.list, h("li", { class: "hint" }, "None."));
    replace(this.list, ...flags.map((flag) => this.view(flag)));
    this.mark();
  }

  /** Goes to the next open flag, or the one before. */
  step(by: number): void {
    const open = this.shown.filter((flag) => flag.state === "open");
    if (open.length === 0) return announce("No flag is open.");
    const at = open.findIndex((flag) => flag.id === this.current);
    const next = at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length;
    const flag = open[next];
    if (flag) this.goTo(flag);
  }

  /** Resolves the flag that was gone to last. */
  resolve(): boolean {
    const flag = this.shown.find((known) => known.id === this.current && known.state === "open");
    if (!flag || !this.context.report.may.includes("settle-flag")) return false;
    void this.settle(flag, "resolved");
    return true;
  }

  private goTo(flag: Flag): void {
    this.current = flag.id;
    this.mark();
    const { editor } = this.context;
    const place = flag.start_ms === null ? null : editor.placeOf(flag.start_ms);
    if (place) editor.select(place);
    announce(`${flagWord(flag.kind)}: ${flag.note}`);
  }

  private mark(): void {
    for (const item of this.list.children) {
      const here = item instanceof HTMLElement && item.dataset["flag"] === this.current;
      if (here) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
      if (here) item.scrollIntoView({ block: "nearest" });
    }
  }

  private view(flag: Flag): HTMLLIElement {
    const { report, player } = this.context;
    const settle = flag.state === "open" && report.may.includes("settle-flag");
    const answer =
      settle && report.may.includes("save-version") && ANSWERED_BY_TEXT.includes(flag.kind);
    const start = flag.start_ms;
    const { settled } = flag;
    const from = flag.by_machine ? "found by the machine" : "raised by a person";
    const go = h("button", { type: "button", class: "link" }, flagWord(flag.kind));
    go.addEventListener("click", () => this.goTo(flag));
    return h(
      "li",
      { class: `flag ${flag.state}`, "data-flag": flag.id },
      h(
        "p",
        { class: "flag-head" },
        h("strong", {}, go),
        h("span", { class: "sub" }, from),
      ),
      flag.note ? h("p", { class: "flag-note" }, flag.note) : null,
      settled
        ? h("p", { class: "hint" }, `${settled.state}, ${moment(settled.at)}: ${settled.note}`)
        : null,
      h(
        "div",
        { class: "flag-actions" },
        start !== null && player
          ? button(`Hear ${clock(start)}`, () => player.playFrom(start))
          : null,
        answer ? button("Answer…", () => this.answer(flag)) : null,
        answer && report.may.includes("answer-blank")
          ? button("Answer by voice…", () => this.speak(flag))
          : null,
        settle ? button("Resolve…", () => this.settle(flag, "resolved")) : null,
        settle ? button("Waive…", () => this.settle(flag, "waived")) : null,
      ),
      ...this.answers.filter((one) => one.flag === flag.id).map((one) => this.spoken(flag, one)),
    );
  }

  /** An answer that was spoken: heard, listened to, taken or left. */
  private spoken(flag: Flag, answer: Answer): HTMLElement {
    const { report } = this.context;
    const open = answer.state === "offered" && report.may.includes("answer-blank");
    const heard = answer.failed ? "not heard" : (answer.heard ?? "being heard…");
    const became = answer.taken ?? (answer.state === "left" ? "not used" : "not used yet");
    const leave = async () => {
      await leaveAnswer(report.id, answer.dictation);
      await this.context.reload();
    };
    return h(
      "div",
      { class: "spoken-answer" },
      h("p", {}, `${answer.by_name} said: `, h("q", {}, heard)),
      h("p", { class: "sub" }, answer.state === "taken" ? `Filled in: ${became}` : became),
      sound(answer.dictation),
      h(
        "div",
        { class: "flag-actions" },
        open && flag.state === "open"
          ? button("Use it…", () => this.after(settleAnswer(flag, answer, this.answering())))
          : null,
        open ? button("Leave it", leave) : null,
      ),
    );
  }

  private answering(): Answering {
    return {
      report: this.context.report.id,
      hearing: this.context.hearing,
      fill: (flag, words) => this.fill(flag, words),
    };
  }

  private speak(flag: Flag): Promise<void> {
    return this.after(answerByVoice(flag, this.answering()));
  }

  private async after(asked: Promise<boolean>): Promise<void> {
    await asked;
    await this.context.reload();
  }

  private post(flag: Flag, state: string, note: string): Promise<void> {
    const path = `/api/reports/${this.context.report.id}/flags/${flag.id}/settle`;
    return call("POST", path, { state, note });
  }

  private async settle(flag: Flag, state: "resolved" | "waived"): Promise<void> {
    const resolving = state === "resolved";
    const label = resolving ? "What was found" : "Why it may stand";
    const done = await ask({
      title: resolving ? "Resolve the flag" : "Waive the flag",
      body: [h("p", {}, `${flagWord(flag.kind)}: ${flag.note}`)],
      fields: [{ name: "note", label, kind: "note", required: true }],
      confirm: resolving ? "Resolve" : "Waive",
      work: ({ note }) => this.post(flag, state, note ?? ""),
    });
    if (done) await this.context.reload();
  }

  /** Puts the missing words in the place of the blank, and settles its flag. */
  private async answer(flag: Flag): Promise<void> {
    const done = await ask({
      title: "Answer the blank",
      body: [h("p", {}, flag.note)],
      fields: [{ name: "words", label: "The missing words", kind: "text", required: true }],
      confirm: "Fill in",
      work: async ({ words }) => {
        await this.fill(flag, words ?? "");
      },
    });
    if (done) await this.context.reload();
  }

  /** Puts words in the place of the flag's blank, saves them and resolves the flag. */
  private async fill(flag: Flag, words: string): Promise<number> {
    const { editor } = this.context;
    const blank = nearestBlank(editor, flag.start_ms);
    if (!blank) throw new Error("there is no blank in the text any more; resolve the flag");
    const changes = { ...blank, insert: words };
    editor.view.dispatch({ changes, userEvent: "input.answer" });
    if (!(await this.context.flush())) {
      throw new Error("the words are in the text but not saved yet; then resolve the flag");
    }
    await this.post(flag, "resolved", "The missing words were filled in.");
    return this.context.version();
  }

  /** Puts a blank at the cursor and raises the flag that goes with it. */
  async insertBlank(): Promise<void> {
    const { report, player, editor } = this.context;
    const at = player ? player.now() : null;
    const where = at === null ? "" : ` The flag keeps the place in the recording, ${clock(at)}.`;
    const done = await ask({
      title: "Insert a blank",
      body: [h("p", { class: "hint" }, `${MARK} goes where the cursor is.${where}`)],
      fields: [
        {
          name: "kind",
          label: "Why",
          kind: "choice",
          choices: [
            ["INAUDIBLE", "It cannot be heard"],
            ["AUTHOR-BLANK", "The author has to say"],
          ],
        },
        { name: "note", label: "Note for the next reader", kind: "note", required: true },
      ],
      confirm: "Insert",
      work: ({ kind, note }) => {
        const span =
          at === null ? {} : { start_ms: Math.max(0, at - BLANK_SPAN_MS), end_ms: Math.max(at, 1) };
        return call("POST", `/api/reports/${report.id}/flags`, { kind, note, ...span });
      },
    });
    if (!done) return;
    editor.insert(MARK);
    await this.context.reload();
  }
}

/** The blank whose place in the recording is nearest; the first where times are not known. */
function nearestBlank(editor: TextEditor, ms: number | null): { from: number; to: number } | null {
  let best: { from: number; to: number } | null = null;
  let least = Infinity;
  for (const match of editor.text().matchAll(BLANK)) {
    const time = editor.timeAt(match.index);
    const away = ms === null || time === null ? Number.MAX_VALUE : Math.abs(time - ms);
    if (away >= least) continue;
    least = away;
    best = { from: match.index, to: match.index + match[0].length };
  }
  return best;
}
