// The signing list: read one after the other, listen, and sign what was read with one password.
//
// Invariant: a report joins the batch only at the version and digest that were on this page, once
// its end was in view; a newer version takes it out again.

import { call, goToSignIn, isSignedOut, sentence } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace, show } from "./dom";
import { due } from "./format";
import { fullName } from "./patients";
import type { Report, Row, Worklist } from "./wire";

interface Seen {
  report: string;
  version: number;
  digest: string;
  title: string;
}

let rows: Row[] = [];
let current: Report | null = null;
const read = new Map<string, Seen>();

export function sign(): void {
  byId("sign-all", HTMLButtonElement).addEventListener("click", () => void signAll());
  const text = byId("sign-text", HTMLPreElement);
  text.addEventListener("scroll", readToTheEnd);
  window.addEventListener("resize", readToTheEnd);
  void attempt(load);
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isSignedOut(error)) return goToSignIn();
    fail(sentence(error));
  }
}

function fail(message: string): void {
  const problem = byId("sign-problem", HTMLParagraphElement);
  problem.textContent = message;
  show(problem, message !== "");
}

async function load(): Promise<void> {
  const own = await call<Worklist>("GET", "/api/worklist?desk=to-sign");
  const others = await call<Worklist>("GET", "/api/worklist?desk=to-cosign");
  rows = [...own.rows, ...others.rows];
  for (const id of read.keys()) if (!rows.some((row) => row.report === id)) read.delete(id);
  const toAnswer = own.counts["to-answer"] ?? 0;
  const place = byId("sign-others", HTMLParagraphElement);
  place.textContent = `${toAnswer} more ${toAnswer === 1 ? "waits" : "wait"} for an answer from you, in the worklist.`;
  show(place, toAnswer > 0);
  const next = rows.find((row) => row.report === current?.id) ?? rows[0];
  if (next) await open(next.report);
  else current = null;
  show(byId("sign-reading", HTMLElement), next !== undefined);
  paint();
}

function paint(): void {
  byId("sign-count", HTMLSpanElement).textContent = `${rows.length} waiting, ${read.size} read`;
  replace(byId("sign-list", HTMLOListElement), ...rows.map(rowView));
  show(byId("sign-empty", HTMLParagraphElement), rows.length === 0);
  const all = byId("sign-all", HTMLButtonElement);
  all.disabled = read.size === 0;
  all.textContent = read.size === 0 ? "Sign what was read…" : `Sign ${read.size} read…`;
}

const nameOf = (row: Row): string => row.patient_name ?? "Patient not assigned";

function rowView(row: Row): HTMLLIElement {
  const left = due(row.created_at, row.due_at, Date.now());
  const open_ = button(nameOf(row), () => attempt(() => open(row.report).then(paint)), {
    class: "sign-row",
    id: `row-${row.report}`,
    ...(row.report === current?.id ? { "aria-current": "true" } : {}),
  });
  open_.append(
    h("span", { class: "sub" }, `${row.work_type_name} · ${left.text}`),
    row.stage === "with-cosigner" ? h("span", { class: "mark" }, "Cosign") : "",
    row.priority === "stat" ? h("span", { class: "mark stat" }, "STAT") : "",
    read.has(row.report) ? h("span", { class: "mark good" }, "Read") : "",
  );
  return h("li", {}, open_);
}

/** Shows a report; the server notes the version that was shown. */
async function open(id: string): Promise<void> {
  fail("");
  const report = await call<Report>("GET", `/api/reports/${id}`);
  current = report;
  const seen = read.get(id);
  if (seen && seen.digest !== report.digest) read.delete(id);
  const { patient } = report;
  replace(
    byId("sign-head", HTMLElement),
    h("h2", {}, patient ? fullName(patient) : "Patient not assigned"),
    h(
      "p",
      { class: "hint" },
      patient ? `MRN ${patient.mrn} · born ${patient.birth_date} · ` : "",
      `${report.work_type_name} · ${report.author.display_name} · version ${report.version}`,
    ),
  );
  const audio = byId("sign-audio", HTMLAudioElement);
  if (report.dictation) audio.src = `/api/dictations/${report.dictation}/audio`;
  else audio.removeAttribute("src");
  show(audio, report.dictation !== null);
  const text = byId("sign-text", HTMLPreElement);
  text.textContent = report.text;
  text.scrollTop = 0;
  replace(byId("sign-steps", HTMLDivElement), ...steps(report));
  // Measured once it is laid out: a short text is at its end at once.
  requestAnimationFrame(readToTheEnd);
}

function steps(report: Report): HTMLElement[] {
  const parts: HTMLElement[] = [button("Next", () => attempt(nextUnread), { class: "primary" })];
  if (report.may.includes("save-version")) {
    parts.push(h("a", { class: "button", href: `/reports/${report.id}` }, "Correct…"));
  }
  if (report.may.includes("return-report")) {
    parts.push(button("Return with a note…", () => giveBack(report)));
  }
  parts.push(h("a", { class: "button", href: `/reports/${report.id}/life` }, "Its life"));
  return parts;
}

async function nextUnread(): Promise<void> {
  const from = rows.findIndex((row) => row.report === current?.id);
  const order = [...rows.slice(from + 1), ...rows.slice(0, from + 1)];
  const next = order.find((row) => !read.has(row.report));
  if (!next) {
    byId("sign-all", HTMLButtonElement).focus();
    return announce("Everything here was read");
  }
  await open(next.report);
  paint();
  byId("sign-text", HTMLPreElement).focus();
}

/** How near to its end a text counts as read to the end, in px: rounding of the browser's. */
const END_PX = 4;

function readToTheEnd(): void {
  const report = current;
  if (!report || read.has(report.id)) return;
  const signable = report.may.includes("sign-report") || report.may.includes("cosign-report");
  const text = byId("sign-text", HTMLPreElement);
  const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - END_PX;
  if (!signable || !atEnd || document.hidden) return;
  const { id, version, digest, patient, work_type_name } = report;
  const title = `${patient ? fullName(patient) : ""}, ${work_type_name}`;
  read.set(id, { report: id, version, digest, title });
  paint();
}

async function giveBack(report: Report): Promise<void> {
  const done = await ask({
    title: "Return the report",
    fields: [{ name: "note", label: "What has to be done", kind: "note", required: true }],
    confirm: "Return",
    work: ({ note }) => call("POST", `/api/reports/${report.id}/return`, { note }),
  });
  if (!done) return;
  current = null;
  await attempt(load);
}

interface Result {
  report: string;
  code: string;
  message?: string;
}

async function signAll(): Promise<void> {
  const seen = [...read.values()];
  const refused: string[] = [];
  const done = await ask({
    title: seen.length === 1 ? "Sign the report" : `Sign ${seen.length} reports`,
    body: [
      h("ol", { class: "sign-batch" }, ...seen.map((one) => h("li", {}, one.title))),
      h("p", {}, "By signing I state that I have read each of these texts and that it is mine, or that I stand behind it as its cosigner."),
    ],
    fields: [{ name: "password", label: "Your password", kind: "password", required: true }],
    confirm: "Sign",
    work: async ({ password }) => {
      const reports = seen.map(({ report, version, digest }) => ({ report, version, digest }));
      const body = { reports, password };
      const { results } = await call<{ results: Result[] }>("POST", "/api/signing", body);
      for (const result of results) {
        read.delete(result.report);
        if (result.code === "done") continue;
        const title = seen.find((one) => one.report === result.report)?.title ?? "";
        refused.push(`${title}: ${sentence(result.message ?? "not signed")}`);
      }
    },
  });
  if (!done) return;
  announce(`${seen.length - refused.length} signed`);
  await attempt(load);
  if (refused.length > 0) fail(`Not signed: ${refused.join(" ")}`);
}
