// The report page: text, recording, flags, steps and versions of one report.
//
// Invariant: what a person typed stays in the page until the server has acknowledged it or the
// person lets it go; text from elsewhere replaces only text that is saved.

import { Hearing, fetchAnswers } from "./answers";
import { Refused, call, goToSignIn, isSignedOut, refetch, sentence } from "./api";
import { Autosave, type SaveState } from "./autosave";
import { announce, button, byId, h, replace, show } from "./dom";
import { run } from "./editor/acts";
import { fetchEvidence } from "./editor/evidence";
import { Keys } from "./editor/keys";
import { Listening } from "./editor/listening";
import { fetchNormals } from "./editor/normals";
import { pedalButton, usePedals } from "./editor/pedal";
import { TextEditor } from "./editor/text-editor";
import { openComparison } from "./compare";
import { listen, type Change } from "./events";
import { ANSWERED_BY_TEXT, Flags } from "./flags";
import { moment, timeOfDay } from "./format";
import { paintGlass } from "./glass";
import { GuideCard } from "./guide";
import { paintJoined } from "./joins";
import { addLabel } from "./labels";
import { beforeLeaving } from "./leave";
import { roleMay } from "./person";
import { header } from "./report-header";
import { whenSignedOut } from "./session";
import { letIn, signInAgain } from "./sign-in-again";
import { paintStale } from "./stale";
import { paintSteps } from "./steps";
import { offerTakeover, paintAsked } from "./takeover";
import { Keeper, takeKept } from "./unsaved";
import { openFromAddress, paintVersions } from "./versions";
import type { Report, Version } from "./wire";

export function report(): void {
  const id = byId("report", HTMLDivElement).dataset["report"] ?? "";
  void new Page(id).start();
}

const QUIET = { class: "quiet" };

class Page {
  private readonly path: string;
  private readonly banner = byId("banner", HTMLDivElement);
  private readonly saveState = byId("save-state", HTMLSpanElement);
  private readonly editor: TextEditor;
  private readonly listening: Listening;
  private readonly flags: Flags;
  private readonly keys: Keys;
  private readonly guide: GuideCard;
  private readonly keeper: Keeper;
  private readonly hearing = new Hearing();
  private report: Report | null = null;
  private handedOn = false;
  private autosave: Autosave | null = null;

  constructor(private readonly id: string) {
    this.path = `/api/reports/${id}`;
    this.listening = new Listening(() => this.editor);
    this.editor = new TextEditor(byId("text", HTMLDivElement), id, {
      typed: () => this.typed(),
      clicked: (place, event) => this.listening.clicked(place, event),
      moved: () => this.listening.detach(),
      cursor: () => this.listening.describe(),
    });
    this.guide = new GuideCard(this.editor, () => this.listening.player);
    this.keeper = new Keeper(id, () => this.unsaved());
    this.flags = new Flags(byId("flags", HTMLUListElement), this.flagContext());
    const place = {
      editor: this.editor,
      listening: this.listening,
      flags: this.flags,
      may: (act: string) => this.may(act),
      blank: () => void this.flags.insertBlank(),
      help: () => this.keys.help(pedalButton(press)),
    };
    this.keys = new Keys((act, pressed) => run(place, act, pressed));
    const press = (name: string, pressed: boolean) => void this.keys.name(name, pressed);
    void usePedals(press);
  }

  private typed(): void {
    this.autosave?.typed();
    this.keeper.soon();
    if (this.report) this.guide.changed(this.report);
  }

  /** What the server has not acknowledged. */
  private unsaved() {
    if (!this.autosave || this.autosave.isClean()) return null;
    const { version } = this.autosave;
    return { base: version, text: this.editor.text(), pieces: this.editor.rows() };
  }

  private flagContext() {
    const page = this;
    return {
      get report() {
        if (!page.report) throw new Error("flags are painted after the report is there");
        return page.report;
      },
      get player() {
        return page.listening.player;
      },
      editor: this.editor,
      hearing: this.hearing,
      flush: async () => (await page.autosave?.flush()) ?? true,
      version: () => page.autosave?.version ?? 0,
      reload: () => page.reload(),
    };
  }

  async start(): Promise<void> {
    whenSignedOut(() => this.signedOut());
    const keys = this.keys.load();
    const evidence = fetchEvidence(this.id).catch(() => null);
    await this.reload();
    const report = this.report as Report | null;
    if (!report) return;
    const known = await evidence;
    if (known) this.editor.know(known, report.version);
    this.listening.mark();
    await this.takeKept(report);
    void this.guide.load(report);
    void fetchNormals(this.id).then((normals) => (this.editor.normals = normals));
    await keys;
    openFromAddress(report);
    window.addEventListener("hashchange", () => this.report && openFromAddress(this.report));
    byId("blank", HTMLButtonElement).addEventListener("click", () => {
      void this.flags.insertBlank();
    });
    byId("compare", HTMLButtonElement).addEventListener("click", () => {
      if (this.report) openComparison(this.report);
    });
    byId("keys", HTMLButtonElement).addEventListener("click", () => {
      this.keys.help(pedalButton((name, pressed) => void this.keys.name(name, pressed)));
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
      },
    });
  }

  /** Brings back what was typed and not saved when this page was last left. */
  private async takeKept(report: Report): Promise<void> {
    const { version, text } = report;
    const found = await takeKept(this.id, version, text, this.may("save-version"));
    if (!found || !this.autosave || !this.isSaved()) return;
    this.editor.bring(found);
    announce("Text that was not saved when you left is back, and is saved now.");
    this.typed();
  }

  private may(act: string): boolean {
    return this.report?.may.includes(act) ?? false;
  }

  private changedElsewhere(change: Change | null): void {
    this.hearing.told(change);
    if (change && change.report !== this.id) return;
    // While this page is the one that saves, a foreign save is found by the next save of ours.
    if (change?.act === "save-version" && this.may("save-version")) return;
    void this.reload(refetch);
  }

  private async reload(get: typeof refetch = (path) => call("GET", path)): Promise<void> {
    // An answer that was asked for before it was handed on says nothing about that.
    const handedOn = this.handedOn;
    try {
      const next = await get<Report>(this.path);
      this.report = next;
      this.takeText(next);
      this.paint(next);
      show(byId("page-problem", HTMLParagraphElement), false);
      show(byId("elsewhere", HTMLDivElement), false);
      if (handedOn) this.handedOn = false;
      void this.loadAnswers(next);
    } catch (error) {
      if (isSignedOut(error)) return this.signedOut();
      const sealed = error instanceof Refused && error.body.code === "sealed";
      if (sealed && this.isSaved()) return this.seal();
      if (this.isGone(error)) return this.offerTakeover();
      this.fail(error);
    }
  }

  /** The answers that were spoken to blanks, where there is one to answer. */
  private async loadAnswers(report: Report): Promise<void> {
    if (!report.flags.some((flag) => ANSWERED_BY_TEXT.includes(flag.kind))) return;
    this.flags.answers = await fetchAnswers(this.id).catch(() => []);
    if (this.flags.answers.length > 0) this.flags.paint();
  }

  private async undoJoin(joined: string): Promise<void> {
    try {
      await this.autosave?.flush();
      await call("POST", `${this.path}/joined/${joined}/undo`);
      location.reload();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether a report that was seen here is now in somebody else's hands. */
  private isGone(error: unknown): boolean {
    const forbidden = error instanceof Refused && error.status === 403;
    const told = this.handedOn || roleMay("ask-takeover");
    return forbidden && this.report !== null && told && this.isSaved();
  }

  private offerTakeover(): void {
    this.editor.setReadOnly(true);
    if (this.handedOn) return this.paintHandedOn();
    offerTakeover(byId("elsewhere", HTMLDivElement), this.id, () => void this.reload());
  }

  private paintHandedOn(): void {
    const place = byId("elsewhere", HTMLDivElement);
    const way = h("a", { href: "/" }, "To the worklist");
    replace(place, h("span", { role: "status" }, "The report is handed on. "), way);
    const none = h("p", { class: "hint" }, "Nothing for you to do here.");
    replace(byId("steps", HTMLDivElement), none);
    show(place, true);
  }

  /** A label keeps the report from the person: nothing of it stays in the page. */
  private seal(): void {
    if (this.report) return location.reload();
    show(byId("report", HTMLDivElement), false);
    show(byId("sealed", HTMLElement), true);
  }

  /** Leaves a page that is saved; one that is not waits, out of sight, for its person. */
  private signedOut(): void {
    const kept = byId("kept", HTMLDivElement).children.length > 0;
    const asking = document.querySelector("dialog[open]") !== null;
    if (this.isSaved() && !kept && !asking) return goToSignIn();
    signInAgain(() => {
      show(this.banner, false);
      void this.autosave?.flush().then(() => this.reload());
    });
  }

  private async addLabel(report: Report): Promise<void> {
    if (await addLabel(report.id, report.patient?.id ?? null)) await this.reload();
  }

  private isSaved(): boolean {
    return this.autosave?.isClean() ?? true;
  }

  /** Shows the server's text, unless that would replace words that are not saved. */
  private takeText(next: Report): void {
    const text = next.text.replaceAll("\r\n", "\n");
    if (!this.autosave) {
      this.editor.take(text);
      this.autosave = new Autosave(
        {
          text: () => this.editor.text(),
          send: async (base, text) => {
            const inserted = [...this.editor.inserted];
            const body = { base, text, pieces: this.editor.rows(), inserted };
            const path = `${this.path}/versions`;
            const { version } = await call<{ version: number }>("POST", path, body);
            this.editor.inserted = this.editor.inserted.slice(inserted.length);
            return version;
          },
          fetch: async (version) => (await this.fetchVersion(version)).text,
          changed: (state) => this.paintSaveState(state),
        },
        next.version,
        text,
      );
    } else if (this.autosave.version < next.version && this.isSaved()) {
      this.editor.take(text);
      this.editor.align();
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

  private paint(report: Report): void {
    if (this.may("listen-audio")) this.listening.open(report, this.keys.firstOf);
    const editable = this.may("save-version");
    this.editor.setReadOnly(!editable);
    show(byId("blank", HTMLButtonElement), editable && this.may("raise-flag"));
    const label = roleMay("add-label") && button("Add label…", () => this.addLabel(report), QUIET);
    replace(byId("patient", HTMLElement), ...header(report, label));
    paintGlass(byId("glass", HTMLParagraphElement), report.glass_until, () => {
      void this.reload(refetch);
    });
    this.flags.paint();
    this.listening.mark(report.flags);
    const page = this;
    paintSteps(byId("steps", HTMLDivElement), {
      get report() {
        return page.report ?? report;
      },
      flush: async () => (await this.autosave?.flush()) ?? true,
      version: () => this.autosave?.version ?? report.version,
      reload: () => this.reload(),
      handedOn: () => (this.handedOn = true),
      tellPlayed: async () => this.listening.played?.tell(),
      fail: (error) => this.fail(error),
    });
    paintJoined(byId("joined", HTMLDivElement), report, this.listening.player, (joined) =>
      this.undoJoin(joined),
    );
    this.paintVersions(report);
    paintAsked(byId("asked", HTMLDivElement), report, {
      flush: async () => (await this.autosave?.flush()) ?? true,
      reload: () => this.reload(),
    });
    this.guide.changed(report);
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
    this.paintVersions(report);
  }

  private paintVersions(report: Report): void {
    paintVersions(byId("versions", HTMLOListElement), report);
    show(byId("compare", HTMLButtonElement), report.versions.length > 1);
  }

  private paintSaveState(state: SaveState): void {
    if (state.kind === "saved") this.listVersion(state.version, state.at);
    this.keeper.soon();
    this.saveState.dataset["state"] = state.kind;
    this.saveState.textContent = stateWords(state);
    show(this.banner, state.kind === "stale");
    if (state.kind === "stale") void this.paintStale(state.current);
    if (state.kind === "signed-out") this.signedOut();
    if (state.kind === "saved") letIn();
  }

  private paintStale(current: number): Promise<void> {
    return paintStale(this.banner, current, {
      mine: () => this.editor.text(),
      fetch: (version) => this.fetchVersion(version),
      load: (theirs) => {
        this.editor.take(theirs.text);
        this.editor.align();
        this.autosave?.adopt(theirs.number, theirs.text);
        this.paintSaveState({ kind: "clean" });
        void this.reload();
      },
    });
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
