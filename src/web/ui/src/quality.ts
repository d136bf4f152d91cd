// The page of quality: scores and their answers, lines and minutes, sampling rules.
//
// Not for: giving a score (`qa-score.ts`).

import { attempt as attemptWork } from "./attempt";
import { call } from "./api";
import { ask } from "./dialog";
import { button, byId, h, replace, show } from "./dom";
import { moment } from "./format";
import { submits } from "./forms";
import { pools } from "./pools";
import { categoryWord } from "./qa-score";
import { username } from "./person";
import type { Rule, Scored, Work } from "./wire";

/** A month and a day, so that the last month is there on the first of the next. */
const DAYS = 31;

export function quality(): void {
  // The page has the parts that are for the person's roles.
  const has = (id: string) => document.getElementById(id) !== null;
  const now = new Date();
  byId("period-until", HTMLInputElement).value = day(now);
  byId("period-from", HTMLInputElement).value = day(new Date(now.getTime() - DAYS * 86_400_000));
  const refresh = async () => {
    if (has("scores")) await loadScores();
    if (has("lines-rows")) await loadLines();
  };
  byId("period", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(refresh);
  });
  void attempt(refresh);
  if (has("rules")) {
    sampling();
    pools();
  }
}

const attempt = (work: () => Promise<void>) => attemptWork("quality-problem", work);

function day(time: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** The days that are chosen, whole, as instants. */
function period(): string {
  const from = new Date(`${byId("period-from", HTMLInputElement).value}T00:00:00`);
  const until = new Date(`${byId("period-until", HTMLInputElement).value}T00:00:00`);
  until.setDate(until.getDate() + 1);
  const values = new URLSearchParams({ from: from.toISOString(), until: until.toISOString() });
  return values.toString();
}

async function loadScores(): Promise<void> {
  const { scores } = await call<{ scores: Scored[] }>("GET", `/api/qa/scores?${period()}`);
  replace(byId("scores", HTMLOListElement), ...scores.map(scoreView));
  show(byId("scores-none", HTMLParagraphElement), scores.length === 0);
  const editors = new Map<string, Scored[]>();
  for (const one of scores) {
    const name = one.editor.display_name;
    editors.set(name, [...(editors.get(name) ?? []), one]);
  }
  const sums = [...editors].map(([name, own]) => sumView(name, own));
  replace(byId("score-sum-rows", HTMLTableSectionElement), ...sums);
  show(byId("score-sums", HTMLTableElement), sums.length > 0);
}

function sumView(name: string, own: Scored[]): HTMLTableRowElement {
  const average = own.reduce((sum, one) => sum + one.score, 0) / own.length;
  const passed = own.filter((one) => one.passed).length;
  const critical = own
    .flatMap((one) => one.errors)
    .filter((error) => error.class === "critical" && !error.repeated).length;
  const number = (text: string) => h("td", { class: "num" }, text);
  return h(
    "tr",
    {},
    h("td", {}, name),
    number(String(own.length)),
    number(average.toFixed(1)),
    number(`${Math.round((100 * passed) / own.length)} %`),
    number(String(critical)),
  );
}

function scoreView(scored: Scored): HTMLLIElement {
  const own = scored.editor.username === username();
  const mark = h("span", { class: scored.passed ? "mark good" : "mark bad" }, String(scored.score));
  const errors = scored.errors.map((error) =>
    h(
      "li",
      {},
      h("span", { class: error.class === "critical" ? "mark bad" : "mark" }, error.class),
      ` ${categoryWord(error.category)}${error.repeated ? ", repeated" : ""}`,
      error.dictated ? h("span", { class: "sub" }, `Said: ${error.dictated}`) : null,
      error.transcribed ? h("span", { class: "sub" }, `Written: ${error.transcribed}`) : null,
      error.note ? h("span", { class: "sub" }, error.note) : null,
    ),
  );
  const canAnswer = own && scored.answer === null && !scored.sealed;
  return h(
    "li",
    { class: "scored" },
    h(
      "p",
      {},
      mark,
      scored.passed ? " Passed: " : " Failed: ",
      h("strong", {}, scored.work_type_name),
      ` by ${scored.editor.display_name}, reviewed by ${scored.reviewer.display_name}, `,
      moment(scored.at),
    ),
    scored.sealed ? h("p", { class: "hint" }, "The words are left out because of a label.") : null,
    errors.length > 0 ? h("ul", {}, ...errors) : null,
    scored.note ? h("p", {}, scored.note) : null,
    scored.answer ? h("p", { class: "answer" }, `Answer: ${scored.answer}`) : null,
    canAnswer ? button("Answer…", () => answer(scored.id), { class: "small" }) : null,
  );
}

async function answer(id: string): Promise<void> {
  const done = await ask({
    title: "Answer the review",
    fields: [
      { name: "answer", label: "What you say to it", kind: "note", required: true, maxlength: 900 },
    ],
    confirm: "Answer",
    work: ({ answer }) => call("POST", `/api/qa/scores/${id}/answer`, { answer }),
  });
  if (done) await attempt(loadScores);
}

async function loadLines(): Promise<void> {
  const asked = period();
  byId("lines-export", HTMLAnchorElement).href = `/api/lines/export?${asked}`;
  const { people } = await call<{ people: Work[] }>("GET", `/api/lines?${asked}`);
  replace(byId("lines-rows", HTMLTableSectionElement), ...people.map(workView));
  show(byId("lines-none", HTMLParagraphElement), people.length === 0);
}

function workView(work: Work): HTMLTableRowElement {
  const number = (value: number, digits = 0) =>
    h("td", { class: "num" }, value.toLocaleString("en-GB", { minimumFractionDigits: digits }));
  return h(
    "tr",
    {},
    h("td", {}, work.name),
    number(work.reports),
    number(work.lines, 2),
    number(work.characters),
    number(work.visible),
    number(work.template),
    number(work.audio_minutes, 2),
  );
}

const RULE_WORDS: Record<string, string> = {
  site: "Every report",
  stat: "STAT reports",
  "new-editor": "New editors, everything until they passed in a row",
  editor: "Editor",
  author: "Author",
  "work-type": "Work type",
};

function sampling(): void {
  const kind = byId("rule-kind", HTMLSelectElement);
  const ofPerson = () => kind.value === "editor" || kind.value === "author";
  const paint = () => {
    show(byId("rule-person-field", HTMLDivElement), ofPerson());
    show(byId("rule-type-field", HTMLDivElement), kind.value === "work-type");
    const passes = kind.value === "new-editor";
    byId("rule-value-label", HTMLLabelElement).textContent = passes ? "Passes in a row" : "Percent";
  };
  kind.addEventListener("change", paint);
  paint();
  submits(byId("rule", HTMLFormElement), "rule-problem", async () => {
    const person = byId("rule-person", HTMLInputElement).value.trim();
    const type = byId("rule-type", HTMLSelectElement).value;
    const of = ofPerson() ? person : kind.value === "work-type" ? type : "";
    const value = Number(byId("rule-value", HTMLInputElement).value);
    await call("POST", "/api/qa/sampling", { kind: kind.value, of, value });
    await loadRules();
  });
  void attempt(loadRules);
}

async function loadRules(): Promise<void> {
  const { rules } = await call<{ rules: Rule[] }>("GET", "/api/qa/sampling");
  replace(byId("rules", HTMLTableSectionElement), ...rules.map(ruleView));
  show(byId("rules-none", HTMLParagraphElement), rules.length === 0);
}

function ruleView(rule: Rule): HTMLTableRowElement {
  const words = RULE_WORDS[rule.kind] ?? rule.kind;
  const remove = () =>
    attempt(async () => {
      await call("POST", "/api/qa/sampling", { kind: rule.kind, of: rule.of });
      await loadRules();
    });
  return h(
    "tr",
    {},
    h("td", {}, rule.name ? `${words}: ${rule.name}` : words),
    h("td", { class: "num" }, rule.kind === "new-editor" ? String(rule.value) : `${rule.value} %`),
    h("td", { class: "row-actions" }, button("Remove", remove, { class: "small" })),
  );
}
