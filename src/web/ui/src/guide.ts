// What whoever types the report is to know: instructions of the site and words of the author,
// the outline, and earlier reports of the patient.
//
// Invariant: earlier reports are fetched only when somebody asks for them, for each is a look at
// a patient's record.

import { call, sentence } from "./api";
import { ask } from "./dialog";
import { button, byId, h, replace, show } from "./dom";
import { paintOutline } from "./editor/outline";
import type { TextEditor } from "./editor/text-editor";
import { clock, moment } from "./format";
import { roleMay } from "./person";
import type { Player } from "./player";
import type { ChartDocument, Guide, Report } from "./wire";

/** How long typing must rest before the outline is painted anew, in ms. */
const REST_MS = 400;

const SPOKEN: Record<string, string> = {
  note: "to the typist",
  copy: "a copy to",
  stat: "urgent",
  header: "who, whom, what",
  link: "belongs to an earlier report",
  hold: "may be cancelled",
  "after-end": "after the end",
};

export class GuideCard {
  private guide: Guide = { sections: [], instructions: [] };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly editor: TextEditor,
    private readonly player: () => Player | null,
  ) {}

  async load(report: Report): Promise<void> {
    try {
      this.guide = await call<Guide>("GET", `/api/reports/${report.id}/guide`);
    } catch {
      // The report can be typed without it.
    }
    this.paint(report);
    this.earlier(report);
  }

  /** The text changed. */
  changed(report: Report): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.outline(report);
    }, REST_MS);
  }

  private outline(report: Report): void {
    const place = byId("outline", HTMLUListElement);
    paintOutline(place, this.editor, this.guide.sections, report.may.includes("save-version"));
  }

  private paint(report: Report): void {
    this.outline(report);
    const author = `For ${report.author.display_name}`;
    const kinds = { author, "work-type": report.work_type_name };
    const written = this.guide.instructions.map((said) =>
      h("li", {}, h("strong", {}, `${kinds[said.about]}: `), said.text),
    );
    const spoken = this.editor.known().spoken.map((said) => {
      const hear = said.start_ms !== null && this.player() !== null;
      const at = said.start_ms ?? 0;
      const kind = SPOKEN[said.kind] ?? said.kind;
      const play = hear && button(`Hear ${clock(at)}`, () => this.player()?.playFrom(at));
      return h("li", {}, h("strong", {}, `Dictated, ${kind}: `), said.text, " ", play);
    });
    const edit = roleMay("change-instruction")
      ? [
          h(
            "li",
            {},
            button("Instruction for the author…", () => this.instruct(report, "author")),
            " ",
            button("For the work type…", () => this.instruct(report, "work-type")),
          ),
        ]
      : [];
    const all = [...spoken, ...written, ...edit];
    replace(byId("instructions", HTMLUListElement), ...all);
    show(byId("instructions-card", HTMLElement), all.length > 0);
  }

  private async instruct(report: Report, about: "author" | "work-type"): Promise<void> {
    const now = this.guide.instructions.find((said) => said.about === about);
    const body = now ? [h("p", { class: "hint" }, `Now: ${now.text}`)] : [];
    const done = await ask({
      title: about === "author" ? "Instruction for the author" : "Instruction for the work type",
      body,
      fields: [{ name: "text", label: "What typists are to know; empty for none", kind: "note" }],
      confirm: "Keep",
      work: ({ text }) =>
        call("POST", `/api/reports/${report.id}/instructions`, { about, text: text ?? "" }),
    });
    if (done) await this.load(report);
  }

  /** Offers the patient's filed reports to whoever may open the chart. */
  private earlier(report: Report): void {
    const card = byId("earlier-card", HTMLElement);
    const { patient } = report;
    const may = patient !== null && report.may.includes("view-chart");
    show(card, may);
    if (!may) return;
    const place = byId("earlier", HTMLDivElement);
    const open = async () => {
      try {
        const path = `/api/patients/${patient.id}/chart`;
        const chart = await call<{ documents: ChartDocument[] }>("GET", path);
        const others = chart.documents.filter((document) => document.report !== report.id);
        const none = h("p", { class: "hint" }, "None is filed.");
        replace(place, ...(others.length > 0 ? others.map(earlierView) : [none]));
      } catch (error) {
        replace(place, h("p", { class: "problem" }, sentence(error)));
      }
    };
    replace(place, button("Show", open));
  }
}

function earlierView(document: ChartDocument): HTMLElement {
  const text = h("pre", { class: "version-text", tabindex: 0 });
  const name = `${document.work_type_name}, ${moment(document.filed_at)}, ${document.author_name}`;
  const view = h("details", {}, h("summary", {}, name), text);
  view.addEventListener("toggle", () => {
    if (!view.open || text.textContent !== "") return;
    call<Report>("GET", `/api/reports/${document.report}`)
      .then((report) => (text.textContent = report.text))
      .catch((error: unknown) => (text.textContent = sentence(error)));
  });
  return view;
}
