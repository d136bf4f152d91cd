// The report page: text, recording, flags, steps and versions of one report.
//
// Invariant: what a person typed stays in the page until the server has acknowledged it or the
// person lets it go; text from elsewhere replaces only text that is saved.

import { Refused, call, goToSignIn, sentence } from "./api";
import { Autosave, type SaveState } from "./autosave";
import { announce, button, byId, h, replace, show } from "./dom";
import { listen, type Change } from "./events";
import { insertBlank, paintFlags, type FlagContext } from "./flags";
import { age, clock, completionWord, moment, sexWord, stageWord, timeOfDay } from "./format";
import { beforeLeaving } from "./leave";
import { fullName } from "./patients";
import { Player } from "./player";
import { paintSteps } from "./steps";
import { openFromAddress, paintVersions } from "./versions";
import type { Patient, Report, Version } from "./wire";

export function report(): void {
  const id = byId("report", HTMLDivElement).dataset["report"] ?? "";
  void new Page(id).start();
}

class Page {
  private readonly path: string;
  private readonly text = byId("text", HTMLTextAreaElement);
  private readonly banner = byId("banner", HTMLDivElement);
  private readonly saveState = byId("save-state", HTMLSpanElement);
  private report: Report | null = null;
  private player: Player | null = null;
  private autosave: Autosave | null = null;

  constructor(private readonly id: string) {
    this.path = `/api/reports/${id}`;
  }

  async start(): Promise<void> {
    await this.reload();
    if (!this.report) return;
    openFromAddress(this.report);
    window.addEventListener("hashchange", () => this.report && openFromAddress(this.report));
    this.text.addEventListener("input", () => this.autosave?.typed());
    byId("blank", HTMLButtonElement).addEventListener("click", () => void this.insertBlank());
    window.addEventListener("keydown", (event) => {
      const free = !document.querySelector("dialog[open]");
      if (event.ctrlKey && event.key.toLowerCase() === "b" && free) {
        event.preventDefault();
        if (this.may("raise-flag") && this.may("save-version")) void this.insertBlank();
      }
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.autosave && !this.autosave.isClean()) {
        void this.autosave.flush();
        event.preventDefault();
      }
    });
    beforeLeaving(async () => this.autosave?.flush());
    const live = document.getElementById("live");
    listen({
      changed: (change) => this.changedElsewhere(change),
      job: (event) => {
        if (event.dictation === this.report?.dictation) this.showProgress(event.progress);
      },
      live: (up) => {
        if (live) show(live, !up);
        // The machine may have ended between the first fetch and this connection.
        if (up && this.report?.stage === "transcribing") void this.reload();
      },
    });
  }

  private may(act: string): boolean {
    return this.report?.may.includes(act) ?? false;
  }

  private changedElsewhere(change: Change | null): void {
    if (change && change.report !== this.id) return;
    // While this page is the one that saves, a foreign save is found by the next save of ours.
    if (change?.act === "save-version" && this.may("save-version")) return;
    void this.reload();
  }

  private async reload(): Promise<void> {
    try {
      const next = await call<Report>("GET", this.path);
      this.report = next;
      this.takeText(next);
      this.paint(next);
      show(byId("page-problem", HTMLParagraphElement), false);
    } catch (error) {
      if (error instanceof Refused && error.status === 401 && this.isSaved()) return goToSignIn();
      this.fail(error);
    }
  }

  private isSaved(): boolean {
    return this.autosave?.isClean() ?? true;
  }

  /** Shows the server's text, unless that would replace words that are not saved. */
  private takeText(next: Report): void {
    const text = next.text.replaceAll("\r\n", "\n");
    if (!this.autosave) {
      this.text.value = text;
      this.autosave = new Autosave(
        {
          text: () => this.text.value,
          send: async (base, text) => {
            const body = { base, text };
            return (await call<{ version: number }>("POST", `${this.path}/versions`, body)).version;
          },
          fetch: async (version) => (await this.fetchVersion(version)).text,
          changed: (state) => this.paintSaveState(state),
        },
        next.version,
        text,
      );
    } else if (this.autosave.version < next.version && this.isSaved()) {
      const { selectionStart, selectionEnd, scrollTop } = this.text;
      this.text.value = text;
      this.text.setSelectionRange(selectionStart, selectionEnd);
      this.text.scrollTop = scrollTop;
      this.autosave.adopt(next.version, text);
      this.saveState.dataset["state"] = "loaded";
      this.saveState.textContent = `Version ${next.version} loaded`;
    }
  }

  private fetchVersion(version: number): Promise<Version> {
    return call<Version>("GET", `${this.path}/versions/${version}`);
  }

  private fail(error: unknown): void {
    const problem = byId("page-problem", HTMLParagraphElement);
    problem.textContent = sentence(error);
    show(problem, true);
  }

  private context(report: Report): FlagContext {
    return { report, player: this.player, reload: () => this.reload() };
  }

  private async insertBlank(): Promise<void> {
    if (this.report) await insertBlank(this.text, this.context(this.report));
  }

  private paint(report: Report): void {
    if (!this.player && report.audio && report.dictation) {
      const source = `/api/dictations/${report.dictation}/audio`;
      this.player = new Player(byId("player", HTMLDivElement), source);
    }
    const editable = this.may("save-version");
    this.text.readOnly = !editable;
    this.text.classList.toggle("signed", report.signatures.length > 0);
    show(byId("blank", HTMLButtonElement), editable && this.may("raise-flag"));
    replace(byId("patient", HTMLElement), ...header(report));
    paintFlags(byId("flags", HTMLUListElement), this.context(report));
    const page = this;
    paintSteps(byId("steps", HTMLDivElement), {
      get report() {
        return page.report ?? report;
      },
      flush: async () => (await this.autosave?.flush()) ?? true,
      version: () => this.autosave?.version ?? report.version,
      reload: () => this.reload(),
      fail: (error) => this.fail(error),
    });
    paintVersions(byId("versions", HTMLOListElement), report);
    this.paintSignatures(report);
    if (!this.saveState.dataset["state"]) {
      this.saveState.textContent = editable
        ? `Version ${report.version}`
        : report.signatures.length > 0
          ? "Signed"
          : "Read only";
    }
  }

  private showProgress(progress: number): void {
    const bar = document.getElementById("progress");
    if (bar instanceof HTMLProgressElement) bar.value = progress;
  }

  private paintSignatures(report: Report): void {
    const place = byId("signatures", HTMLDivElement);
    const views: HTMLElement[] = report.signatures.map((signature) =>
      h(
        "p",
        { class: "signature" },
        "Signed by ",
        h("strong", {}, signature.printed_name),
        ` as ${signature.meaning}, ${moment(signature.at)}, version ${signature.version}.`,
        h("span", { class: "digest" }, `SHA-256 ${signature.digest}`),
      ),
    );
    views.push(...addenda(report));
    show(place, views.length > 0);
    replace(place, ...views);
  }

  /** Our own save joins the list of versions without asking the server for everything. */
  private listVersion(number: number, at: Date): void {
    const report = this.report;
    if (!report || report.versions.some((line) => line.number === number)) return;
    const by_name = document.body.dataset["person"] ?? null;
    const line = { number, maker: "person" as const, by_name, at: at.toISOString(), digest: "" };
    report.versions.unshift(line);
    paintVersions(byId("versions", HTMLOListElement), report);
  }

  private paintSaveState(state: SaveState): void {
    if (state.kind === "saved") this.listVersion(state.version, state.at);
    this.saveState.dataset["state"] = state.kind;
    this.saveState.textContent = stateWords(state);
    show(this.banner, state.kind === "stale" || state.kind === "signed-out");
    if (state.kind === "stale") void this.paintStale(state.current);
    if (state.kind === "signed-out") {
      const link = h("a", { href: "/sign-in", target: "_blank", rel: "noopener" }, "Sign in again");
      const words = "You are signed out. Your text is kept here and saved once you are back. ";
      replace(this.banner, words, link);
    }
  }

  /** Somebody else saved: show theirs, keep ours, let the person decide. */
  private async paintStale(current: number): Promise<void> {
    const words = `Someone else has saved version ${current}. Your text stays here, unsaved. `;
    const mine = () => this.text.value;
    const copy = button("Copy my text", () => copyText(mine(), this.text));
    replace(this.banner, words, copy);
    try {
      const theirs = await this.fetchVersion(current);
      const load = button(`Load version ${current}, keep mine below`, () => {
        this.keepBelow(mine());
        this.text.value = theirs.text;
        this.autosave?.adopt(current, theirs.text);
        this.paintSaveState({ kind: "clean" });
        void this.reload();
      });
      const shown = h(
        "details",
        {},
        h("summary", {}, `Show version ${current}`),
        h("pre", { class: "version-text", tabindex: 0 }, theirs.text),
      );
      replace(this.banner, words, copy, load, shown);
    } catch (error) {
      const again = button("Try again", () => this.paintStale(current));
      replace(this.banner, words, copy, again, h("p", {}, sentence(error)));
    }
  }

  private keepBelow(text: string): void {
    const kept = byId("kept", HTMLDivElement);
    const area = h("textarea", { readonly: true, "aria-label": "Your unsaved text", rows: 8 });
    area.value = text;
    const done = h("button", { type: "button", class: "quiet" }, "Discard");
    const view = h(
      "section",
      { class: "kept-text" },
      h("h2", {}, "Your unsaved text"),
      area,
      h("div", { class: "row" }, button("Copy", () => copyText(text, area)), done),
    );
    done.addEventListener("click", () => {
      view.remove();
      show(kept, kept.children.length > 0);
    });
    kept.append(view);
    show(kept, true);
  }
}

/** The clipboard is closed to pages that are not served securely: then the text is selected. */
async function copyText(text: string, area: HTMLTextAreaElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied.");
  } catch {
    area.focus();
    area.select();
    announce("Selected; press Ctrl C to copy.");
  }
}

function stateWords(state: SaveState): string {
  switch (state.kind) {
    case "clean":
      return "Saved";
    case "dirty":
      return "Not saved yet";
    case "saving":
      return "Saving…";
    case "saved":
      return `Saved ${timeOfDay(state.at)} as version ${state.version}`;
    case "away":
      return "Not saved: the server is away, trying again";
    case "signed-out":
      return "Not saved: signed out";
    case "stale":
      return "Not saved: there is a newer version";
    case "refused":
      return `Not saved: ${state.message}`;
  }
}

function header(report: Report): HTMLElement[] {
  const { patient, encounter, job } = report;
  const fact = (term: string, ...value: (Node | string)[]) =>
    h("div", {}, h("dt", {}, term), h("dd", {}, ...value));
  const name = patient
    ? h("h1", {}, chartLink(report, patient))
    : h("h1", { class: "missing" }, "Patient not assigned");
  const facts = h("dl", {});
  if (patient) {
    const born = `${patient.birth_date} (${age(patient.birth_date, new Date())})`;
    facts.append(fact("MRN", patient.mrn), fact("Born", born), fact("Sex", sexWord(patient.sex)));
  } else if (report.given_mrn) {
    facts.append(fact("Given MRN", report.given_mrn));
  }
  if (encounter) facts.append(fact("Encounter", `${encounter.number}, ${encounter.location}`));
  const kind = report.relation === "original" ? "" : ` (${report.relation})`;
  const stat = report.priority === "stat" ? h("span", { class: "mark stat" }, "STAT") : "";
  facts.append(
    fact("Work type", report.work_type_name + kind, " ", stat),
    fact("Author", report.author.display_name),
    fact("Status", `${completionWord(report.completion)} · ${stageWord(report.stage)}`),
  );
  if (report.assignee) facts.append(fact("With", report.assignee.display_name));
  if (report.audio) facts.append(fact("Recording", clock(report.audio.duration_ms)));
  const views: HTMLElement[] = [name, facts];
  if (report.stage === "transcribing" && job) views.push(machineState(report));
  return views;
}

function chartLink(report: Report, patient: Patient): Node | string {
  const name = fullName(patient);
  if (!report.may.includes("view-chart")) return name;
  return h("a", { href: `/patients/${patient.id}` }, name);
}

function machineState(report: Report): HTMLElement {
  const job = report.job;
  if (job?.state === "dead") {
    const reason = job.error ?? "no reason was recorded";
    const words = `Transcription failed after ${job.attempts} attempts: ${reason}`;
    return h("p", { class: "problem" }, words);
  }
  if (job?.state === "stopped") return h("p", { class: "hint" }, "Transcription was stopped.");
  const bar = h("progress", { id: "progress", max: 1, value: job?.progress ?? 0 });
  bar.setAttribute("aria-label", "Transcription");
  return h("p", { class: "hint" }, "Transcribing ", bar);
}

function addenda(report: Report): HTMLElement[] {
  const views = report.addenda.map((id, index) =>
    h("p", {}, h("a", { href: `/reports/${id}` }, `Addendum ${index + 1}`)),
  );
  if (report.parent) {
    const link = h("a", { href: `/reports/${report.parent}` }, "the report it adds to");
    views.push(h("p", {}, "This addendum belongs to ", link));
  }
  return views;
}
