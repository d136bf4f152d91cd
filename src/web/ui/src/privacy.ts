// The privacy officer's page: broken glass to review, labels to lower.

import { call, goToSignIn, isSignedOut, sentence } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace, show } from "./dom";
import { moment } from "./format";
import { submits } from "./forms";
import { GLASS_REASONS } from "./glass";
import { LABELS, labelWord } from "./labels";
import { fullName } from "./patients";
import type { GlassReview } from "./wire";

/** Codes of `workflow::labels::LOWER_REASONS`. */
const LOWER_REASONS: [code: string, word: string][] = [
  ["set-in-error", "It was set in error"],
  ["consent-given", "The patient has consented"],
  ["no-longer-applies", "It no longer applies"],
];

export function privacy(): void {
  const options = (words: [string, string][]) =>
    words.map(([code, word]) => h("option", { value: code }, word));
  replace(byId("lower-label", HTMLSelectElement), ...options(LABELS));
  replace(byId("lower-reason", HTMLSelectElement), ...options(LOWER_REASONS));
  const form = byId("lower", HTMLFormElement);
  const done = byId("lower-done", HTMLParagraphElement);
  submits(form, "lower-problem", async () => {
    done.textContent = "";
    const values = new FormData(form);
    const value = (name: string) => String(values.get(name) ?? "").trim();
    const path = `/api/${value("kind")}/${encodeURIComponent(value("id"))}/labels/lower`;
    await call("POST", path, { label: value("label"), reason: value("reason") });
    done.textContent = "Lowered.";
    await refresh();
  });
  void refresh();
}

async function refresh(): Promise<void> {
  const problem = byId("reviews-problem", HTMLParagraphElement);
  try {
    const { waiting } = await call<{ waiting: GlassReview[] }>("GET", "/api/glass");
    const { reviewed } = await call<{ reviewed: GlassReview[] }>("GET", "/api/glass/reviewed");
    replace(byId("reviewed", HTMLOListElement), ...reviewed.map(closedView));
    show(byId("reviewed-none", HTMLParagraphElement), reviewed.length === 0);
    const now = Date.now();
    replace(byId("reviews", HTMLOListElement), ...waiting.map((one) => view(one, now)));
    show(byId("reviews-none", HTMLParagraphElement), waiting.length === 0);
    show(problem, false);
  } catch (error) {
    if (isSignedOut(error)) return goToSignIn();
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

function view(glass: GlassReview, now: number): HTMLLIElement {
  const { patient } = glass;
  const late = Date.parse(glass.review_due_at) < now;
  const labels = patient.labels.map((label) =>
    button(`${labelWord(label)}: lower…`, () => lower(patient.id, label), { class: "small" }),
  );
  return h(
    "li",
    { class: "review", "data-glass-review": glass.id },
    h(
      "dl",
      { class: "facts" },
      ...facts(glass),
      fact("Review due", moment(glass.review_due_at), late && mark("Overdue")),
      labels.length > 0 && fact("Labels", ...labels),
    ),
    button("Write the finding…", () => review(glass), { class: "primary" }),
  );
}

/** Who opened whose record when and why. */
function facts({ person, patient, broken_at, reason, note }: GlassReview): HTMLElement[] {
  const why = GLASS_REASONS.find(([code]) => code === reason)?.[1] ?? reason;
  return [
    fact("Opened by", `${person.display_name} (${person.username})`),
    fact("Patient", `${fullName(patient)}, MRN ${patient.mrn}`),
    fact("When", moment(broken_at)),
    fact("Reason", `${why}: ${note}`),
  ];
}

function closedView(glass: GlassReview): HTMLLIElement {
  const { review } = glass;
  const found = review && [
    fact("Reviewed by", `${review.by.display_name}, ${moment(review.at)}`),
    fact("Finding", review.finding),
  ];
  return h("li", { class: "review" }, h("dl", { class: "facts" }, ...facts(glass), ...(found ?? [])));
}

const mark = (word: string): HTMLElement => h("span", { class: "mark bad" }, word);

function fact(term: string, ...value: (Node | string | false)[]): HTMLElement {
  return h("div", {}, h("dt", {}, term), h("dd", {}, ...value));
}

async function review(glass: GlassReview): Promise<void> {
  const done = await ask({
    title: "Review of broken glass",
    body: [h("p", {}, `${glass.person.display_name}, ${fullName(glass.patient)}`)],
    fields: [
      {
        name: "finding",
        label: "Finding, in 10 characters or more",
        kind: "note",
        required: true,
        minlength: 10,
        maxlength: 2000,
      },
    ],
    confirm: "Close the review",
    work: ({ finding }) => call("POST", `/api/glass/${glass.id}/review`, { finding }),
  });
  if (!done) return;
  announce("The review is closed.");
  await refresh();
}

async function lower(patient: string, label: string): Promise<void> {
  const done = await ask({
    title: `Lower the label ${labelWord(label)}`,
    body: [h("p", {}, "The patient's chart is then open to whoever the other labels let in.")],
    fields: [{ name: "reason", label: "Reason", kind: "choice", choices: LOWER_REASONS }],
    confirm: "Lower the label",
    danger: true,
    work: ({ reason }) => call("POST", `/api/patients/${patient}/labels/lower`, { label, reason }),
  });
  if (done) await refresh();
}
