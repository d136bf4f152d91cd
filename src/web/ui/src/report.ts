// The report page: text, recording, flags, steps and versions of one report.
//
// Invariant: what a person typed stays in the page until the server has acknowledged it or the
// person lets it go; text from elsewhere replaces only text that is saved.

import { Refused, call, goToSignIn, isSignedOut, refetch, sentence } from "./api";
import { Autosave, type SaveState } from "./autosave";
import { announce, button, byId, h, replace, show } from "./dom";
import { listen, type Change } from "./events";
import { insertBlank, paintFlags, type FlagContext } from "./flags";
import { moment, timeOfDay } from "./format";
import { paintGlass } from "./glass";
import { addLabel } from "./labels";
import { beforeLeaving } from "./leave";
import { roleMay } from "./person";
import { Player } from "./player";
import { header } from "./report-header";
import { whenSignedOut } from "./session";
import { letIn, signInAgain } from "./sign-in-again";
import { paintSteps } from "./steps";
import { openFromAddress, paintVersions } from "./versions";
import type { Report, Version } from "./wire";

export function report(): void {
  const id = byId("report", HTMLDivElement).dataset["report"] ?? "";
  void new Page(id).start();
}

const QUIET = { class: "quiet" };

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
    whenSignedOut(() => this.signedOut());
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
        if (up && this.report?.stage === "transcribing") void this.reload(refetch);
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
    void this.reload(refetch);
  }

  private async reload(get: typeof refetch = (path) => call("GET", path)): Promise<void> {
    try {
      const next = await get<Report>(this.path);
      this.report = next;
      this.takeText(next);
      this.paint(next);
      show(byId("page-problem", HTMLParagraphElement), false);
    } catch (error) {
      if (isSignedOut(error)) return this.signedOut();
      const sealed = error instanceof Refused && error.body.code === "sealed";
      if (sealed && this.isSaved()) return this.seal();
      this.fail(error);
    }
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
    if (!this.player && report.audio && report.dictation && this.may("listen-audio")) {
      const source = `/api/dictations/${report.dictation}/audio`;
      this.player = new Player(byId("player", HTMLDivElement), source);
    }
    const editable = this.may("save-version");
    this.text.readOnly = !editable;
    this.text.classList.toggle("signed", report.signatures.length > 0);
    show(byId("blank", HTMLButtonElement), editable && this.may("raise-flag"));
    const label = roleMay("add-label") && button("Add label…", () => this.addLabel(report), QUIET);
    replace(byId("patient", HTMLElement), ...header(report, label));
    paintGlass(byId("glass", HTMLParagraphElement), report.glass_until, () => {
      void this.reload(refetch);
    });
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
    show(this.banner, state.kind === "stale");
    if (state.kind === "stale") void this.paintStale(state.current);
    if (state.kind === "signed-out") this.signedOut();
    if (state.kind === "saved") letIn();
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
