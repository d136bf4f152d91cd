// Blanks that the author answers by speaking: recorded here, heard by the server, offered.
//
// Not for: dictating (`dictate/`), whose microphone and sender this uses.
//
// Invariant: nothing that was heard gets into the text by itself; the person takes the words, as
// they are or changed, or leaves them. The recording is the server's once it is acknowledged.

import { call, refetch, sentence } from "./api";
import { ask } from "./dialog";
import { announce, button, h, show } from "./dom";
import { Keep } from "./dictate/keep";
import { Microphone } from "./dictate/microphone";
import { Sender } from "./dictate/sender";
import type { Change } from "./events";
import { clock } from "./format";
import type { Flag } from "./wire";

export interface Answer {
  dictation: string;
  flag: string | null;
  by_name: string;
  duration_ms: number;
  heard: string | null;
  taken: string | null;
  state: "offered" | "taken" | "left";
  failed: boolean;
}

export interface Answering {
  report: string;
  /** Puts the words in the place of the flag's blank, saves, and settles; the version. */
  fill(flag: Flag, words: string): Promise<number>;
  hearing: Hearing;
}

/** Acts of the machine after which there may be words, or never will be. */
const HEARD = ["complete-transcription", "fail-transcription"];

/** Waits until the server has heard a recording. */
export class Hearing {
  private readonly waiting = new Map<string, () => void>();

  /** Something changed; `null` where anything may have. */
  told(change: Change | null): void {
    if (change !== null && !HEARD.includes(change.act)) return;
    for (const [dictation, resolve] of this.waiting) {
      if (change === null || change.dictation === dictation) resolve();
    }
  }

  /** Resolves when it is worth asking again. */
  next(dictation: string): Promise<void> {
    return new Promise((resolve) => this.waiting.set(dictation, resolve));
  }
}

/** Samples a second of what is sent (`domain::take::TAKE_RATE`). */
const RATE = 16_000;

/** Asked by the page, after the report or when an answer was heard. */
export async function fetchAnswers(report: string): Promise<Answer[]> {
  return (await refetch<{ answers: Answer[] }>(`/api/reports/${report}/answers`)).answers;
}

/** Asks for the words by voice; true when something became of it. */
export function answerByVoice(flag: Flag, context: Answering): Promise<boolean> {
  const recorder = new Recorder(flag, context);
  return ask({
    title: "Answer the blank by voice",
    body: [h("p", {}, flag.note), recorder.view],
    fields: [{ name: "words", label: "The words, as they will stand", kind: "text" }],
    confirm: "Fill in",
    work: async ({ words = "" }) => {
      const answer = await recorder.finished();
      if (words.trim() === "") throw new Error("there are no words yet: record, or type them");
      await take(flag, answer.dictation, words.trim(), context);
    },
  }).finally(() => recorder.close());
}

async function take(
  flag: Flag,
  dictation: string,
  words: string,
  context: Answering,
): Promise<void> {
  const version = await context.fill(flag, words);
  const path = `/api/reports/${context.report}/answers/${dictation}`;
  await call("POST", path, { words, version });
}

/** Asks whether the words of an answer that is there are taken; true when that was said. */
export function settleAnswer(flag: Flag, answer: Answer, context: Answering): Promise<boolean> {
  const words = answer.heard ?? "";
  return ask({
    title: "Take the spoken answer",
    body: [h("p", {}, flag.note), sound(answer.dictation)],
    fields: [
      { name: "words", label: "The words, as they will stand", kind: "text", value: words },
    ],
    confirm: "Fill in",
    work: async ({ words: taken = "" }) => {
      if (taken.trim() === "") throw new Error("there are no words to fill in");
      await take(flag, answer.dictation, taken.trim(), context);
    },
  });
}

export function leaveAnswer(report: string, dictation: string): Promise<void> {
  return call("POST", `/api/reports/${report}/answers/${dictation}`, {});
}

/** The recording of an answer, to be played. */
export function sound(dictation: string): HTMLAudioElement {
  const label = "The recording of the answer";
  const src = `/api/dictations/${dictation}/audio`;
  return h("audio", { controls: true, preload: "none", src, "aria-label": label });
}

class Recorder {
  readonly view: HTMLElement;
  private readonly state = h("p", { class: "hint", role: "status" });
  private readonly live = h("p", { class: "answer-live", "aria-hidden": "true" });
  private readonly place = h("div");
  private readonly toggleButton: HTMLButtonElement;
  private microphone: Microphone | null = null;
  private sender: Sender | null = null;
  private recording = "";
  private samples = 0;
  private answer: Promise<{ dictation: string }> | null = null;

  constructor(
    private readonly flag: Flag,
    private readonly context: Answering,
  ) {
    this.toggleButton = button("Record the answer", () => this.toggle(), { class: "primary" });
    this.view = h("div", { class: "answer" }, this.toggleButton, this.state, this.live, this.place);
    this.state.textContent = "Press, say the missing words, and press again.";
  }

  /** The answer, once the server has it. */
  async finished(): Promise<{ dictation: string }> {
    if (this.microphone) await this.stop();
    if (!this.answer) throw new Error("record the answer first, or answer by typing");
    return this.answer;
  }

  close(): void {
    this.microphone?.close();
    this.microphone = null;
    if (this.recording !== "" && !this.answer) {
      void call("POST", `/api/recordings/${this.recording}/discard`).catch(() => undefined);
    }
    this.sender?.close();
    this.sender = null;
  }

  private async toggle(): Promise<void> {
    try {
      await (this.microphone ? this.stop() : this.start());
    } catch (error) {
      this.say(sentence(error));
    }
  }

  private async start(): Promise<void> {
    const before = await this.answer;
    if (before) await leaveAnswer(this.context.report, before.dictation);
    const answers = { report: this.context.report, flag: this.flag.id };
    const key = crypto.randomUUID();
    const path = "/api/recordings";
    const begun = await call<{ recording: string }>("POST", path, { answers }, keyed(key));
    this.recording = begun.recording;
    this.answer = null;
    this.samples = 0;
    const keep = await Keep.open();
    this.sender = new Sender(this.recording, keep, this.listener(), 0, 0);
    this.microphone = await Microphone.open("", {
      samples: (samples) => this.add(samples),
      level: () => undefined,
      gone: () => void this.toggle(),
    });
    this.microphone.start();
    this.toggleButton.textContent = "Stop";
    this.say("Recording…");
    announce("Recording.");
  }

  private add(samples: ArrayBuffer): void {
    this.samples += samples.byteLength / 2;
    this.sender?.add(samples);
    this.say(`Recording… ${clock((this.samples / RATE) * 1000)}`);
  }

  private async stop(): Promise<void> {
    const { microphone, sender } = this;
    if (!microphone || !sender) return;
    await microphone.stop();
    microphone.close();
    this.microphone = null;
    this.say("Sending…");
    await sender.settled();
    const path = `/api/recordings/${this.recording}/finish`;
    this.answer = call<{ dictation: string }>("POST", path, { blocks: sender.blocks });
    const { dictation } = await this.answer;
    sender.close();
    this.toggleButton.textContent = "Record it again";
    this.place.replaceChildren(sound(dictation));
    this.say("Sent. It is being heard…");
    void this.offer(dictation);
  }

  /** Puts what was heard into the field, where the person sees and changes it. */
  private async offer(dictation: string): Promise<void> {
    const found = await this.words(dictation);
    show(this.live, false);
    const field = this.view.closest("form")?.querySelector<HTMLInputElement>("[name=words]");
    if (!field || this.recording === "") return;
    if (!found || found.heard === null) {
      return this.say("It could not be heard; type the words. The recording is kept.");
    }
    if (field.value.trim() === "") field.value = found.heard;
    this.say(`Heard: ${found.heard === "" ? "nothing" : found.heard}. Change it, or fill it in.`);
    field.focus();
  }

  private async words(dictation: string): Promise<Answer | undefined> {
    for (;;) {
      const told = this.context.hearing.next(dictation);
      const answers = await fetchAnswers(this.context.report);
      const found = answers.find((one) => one.dictation === dictation);
      if (!found || found.heard !== null || found.failed) return found;
      await told;
    }
  }

  private listener() {
    return {
      waiting: () => undefined,
      text: ({ text, partial }: { text: string; partial: string }) => {
        this.live.textContent = `${text} ${partial}`.trim();
      },
      live: () => undefined,
      refused: (_code: string, message: string) => this.say(message),
    };
  }

  private say(words: string): void {
    if (this.state.textContent !== words) this.state.textContent = words;
  }
}

const keyed = (key: string): Record<string, string> => ({ "idempotency-key": key });
