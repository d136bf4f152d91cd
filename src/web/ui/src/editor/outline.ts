// The sections of the report: which are there, which are missing.
//
// Not for: what a section has to say.
//
// Invariant: a heading is a line of its own or the beginning of one up to a colon.

import { button, h, replace } from "../dom";
import type { Section } from "../wire";
import type { TextEditor } from "./text-editor";

const HEADING = /^([A-Z][A-Z0-9 /,&()'’-]{2,59})(:|$)/;

export interface Heading {
  readonly name: string;
  readonly from: number;
}

/** The headings of a text, in their order. */
export function headingsOf(text: string): Heading[] {
  const found: Heading[] = [];
  let from = 0;
  for (const line of text.split("\n")) {
    const name = HEADING.exec(line)?.[1]?.trim();
    if (name) found.push({ name, from });
    from += line.length + 1;
  }
  return found;
}

/** The heading that a place of the text is under. */
export function sectionAt(text: string, place: number): string | null {
  return headingsOf(text.slice(0, place)).pop()?.name ?? null;
}

/** Stands for both of its parts (domain specification 1.4). */
const BOTH = "ASSESSMENT AND PLAN";

/** The required sections that the text has not. A text without headings is asked for none. */
export function missing(sections: readonly Section[], headings: readonly Heading[]): Section[] {
  if (headings.length === 0) return [];
  const names = new Set(headings.map((heading) => heading.name));
  const parts = ["ASSESSMENT", "PLAN", "RECOMMENDATIONS"];
  return sections.filter((section) => {
    const covered = names.has(BOTH) && parts.includes(section.heading);
    return section.required && !names.has(section.heading) && !covered;
  });
}

/** Paints the outline; `editable` offers to put a missing section in. */
export function paintOutline(
  place: HTMLElement,
  editor: TextEditor,
  sections: readonly Section[],
  editable: boolean,
): void {
  const headings = headingsOf(editor.text());
  const lines = headings.map(({ name, from }) => {
    const go = () => editor.select({ from, to: from + name.length });
    return h("li", {}, button(name, go, { class: "link" }));
  });
  const absent = missing(sections, headings).map((section) =>
    h(
      "li",
      { class: "missing" },
      `${section.heading} is missing `,
      editable && button("Add", () => addSection(editor, section.heading), { class: "quiet" }),
    ),
  );
  const none = h("li", { class: "hint" }, "No headings yet.");
  replace(place, ...(lines.length + absent.length > 0 ? [...lines, ...absent] : [none]));
}

function addSection(editor: TextEditor, heading: string): void {
  const text = editor.text().trimEnd();
  const insert = `${text === "" ? "" : "\n\n"}${heading}:\n`;
  const { view } = editor;
  view.dispatch({
    changes: { from: text.length, to: view.state.doc.length, insert },
    selection: { anchor: text.length + insert.length },
    scrollIntoView: true,
    userEvent: "input.section",
  });
  view.focus();
}
