// The worklist: who has to do what next, most urgent first, kept live.
//
// Not for: the order of the rows, which is the server's.

import { call, goToSignIn, isSignedOut, refetch, sentence } from "./api";
import { announce, byId, h, replace, show } from "./dom";
import { listen, type JobEvent } from "./events";
import { clock, completionWord, due, moment, sinceText, stageWord } from "./format";
import { uploads } from "./upload";
import type { Row, Worklist } from "./wire";

/** How often ages and times left are counted again. */
const TICK_MS = 15_000;

/**
 * Changes that come closer together than this are fetched once. Each time another wait of up to
 * `SPREAD_MS` more, so that a hundred open lists do not ask at the same moment.
 */
const SETTLE_MS = 150;
const SPREAD_MS = 400;

/** A save changes next to nothing in a list, and comes every few seconds from whoever types. */
const SAVE_SETTLE_MS = 5_000;

let rows: Row[] = [];
let total = 0;
let pending: { timer: ReturnType<typeof setTimeout>; at: number } | undefined;

export function worklist(): void {
  uploads();
  const filters = byId("filters", HTMLFormElement);
  filters.addEventListener("change", () => void refresh(call));
  filters.addEventListener("submit", (event) => event.preventDefault());
  const live = document.getElementById("live");
  listen({
    changed: (change) => {
      refreshWithin(change?.act === "save-version" ? SAVE_SETTLE_MS : SETTLE_MS);
    },
    job: updateJob,
    // Fetched only once the channel is there, so that no change falls between the two.
    live: (up) => {
      if (live) show(live, !up);
      refreshSoon();
    },
  });
  setInterval(paint, TICK_MS);
}

const refreshSoon = (): void => refreshWithin(SETTLE_MS);

/** Fetches the list once for all changes until then. */
function refreshWithin(ms: number): void {
  const at = Date.now() + ms + Math.random() * SPREAD_MS;
  if (pending && pending.at <= at) return;
  clearTimeout(pending?.timer);
  const timer = setTimeout(() => {
    pending = undefined;
    void refresh((_, path) => refetch(path));
  }, at - Date.now());
  pending = { timer, at };
}

function query(): string {
  const values = new URLSearchParams();
  const stage = byId("filter-stage", HTMLSelectElement).value;
  const priority = byId("filter-priority", HTMLSelectElement).value;
  if (stage) values.set("stage", stage);
  if (priority) values.set("priority", priority);
  if (byId("filter-mine", HTMLInputElement).checked) values.set("mine", "true");
  const text = values.toString();
  return text ? `?${text}` : "";
}

async function refresh(get: typeof call): Promise<void> {
  const problem = byId("list-problem", HTMLParagraphElement);
  try {
    ({ rows, total } = await get<Worklist>("GET", `/api/worklist${query()}`));
    show(problem, false);
    paint();
  } catch (error) {
    if (isSignedOut(error)) return goToSignIn();
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

function updateJob(event: JobEvent): void {
  const row = rows.find((row) => row.dictation === event.dictation);
  if (!row?.job) return;
  row.job.progress = event.progress;
  const bar = document.getElementById(`job-${event.dictation}`);
  if (bar instanceof HTMLProgressElement && event.state === "running") {
    bar.value = event.progress;
    bar.title = percent(event.progress);
  } else {
    refreshSoon();
  }
}

function paint(): void {
  const now = Date.now();
  const focused = document.activeElement?.id;
  replace(byId("rows", HTMLTableSectionElement), ...rows.map((row) => rowView(row, now)));
  if (focused) document.getElementById(focused)?.focus();
  const stat = rows.filter((row) => row.priority === "stat").length;
  byId("count", HTMLSpanElement).textContent = `${countText()}${stat > 0 ? `, ${stat} STAT` : ""}`;
  show(byId("empty", HTMLParagraphElement), rows.length === 0);
}

/** How many there are; what is not shown is never left out silently. */
function countText(): string {
  if (rows.length < total) return `${rows.length} of ${total} shown; the filters show the others`;
  return `${total} ${total === 1 ? "report" : "reports"}`;
}

function rowView(row: Row, now: number): HTMLTableRowElement {
  const left = due(row.created_at, row.due_at, now);
  const stat = row.priority === "stat";
  const dueClass = left.late ? "num late" : left.soon ? "num soon" : "num";
  const received = `Received ${moment(row.created_at)}`;
  return h(
    "tr",
    { class: stat ? "stat" : "", "data-report": row.report },
    h("td", {}, stat ? h("span", { class: "mark stat" }, "STAT") : "Routine"),
    h("td", {}, patientView(row)),
    h("td", {}, row.work_type_name),
    h("td", {}, row.author_name),
    h("td", { class: "stage" }, stageView(row)),
    h("td", { class: "num" }, flagsView(row.open_flags)),
    h("td", { class: "num" }, row.duration_ms === null ? "–" : clock(row.duration_ms)),
    h("td", { class: "num", title: received }, sinceText(row.created_at, now)),
    h("td", { class: dueClass, title: `Due ${moment(row.due_at)}` }, left.text),
    h("td", {}, row.assignee_name ?? ""),
    h("td", { class: "row-actions" }, ...actions(row)),
  );
}

function patientView(row: Row): HTMLElement {
  const name = row.sealed ? "Restricted" : (row.patient_name ?? "Patient not assigned");
  const link = h("a", { href: `/reports/${row.report}`, id: `open-${row.report}` }, name);
  if (row.sealed) return h("span", {}, link, " ", h("span", { class: "mark sealed" }, "Sealed"));
  if (!row.patient_name) link.classList.add("missing");
  return h("span", {}, link, row.mrn ? h("span", { class: "sub" }, row.mrn) : null);
}

function flagsView(open: number): HTMLElement | string {
  return open === 0 ? "" : h("span", { class: "mark warn", title: "Open flags" }, String(open));
}

function stageView(row: Row): HTMLElement {
  const job = row.job;
  if (job && row.stage === "transcribing") {
    if (job.state === "dead") {
      const reason = job.error ?? "no reason was recorded";
      return h(
        "span",
        {},
        h("span", { class: "mark bad" }, "Failed"),
        h("span", { class: "sub" }, `after ${job.attempts} attempts: ${reason}`),
      );
    }
    if (job.state === "stopped") return h("span", { class: "mark" }, "Stopped");
    if (job.state === "running") {
      const label = `Transcribing ${row.work_type_name}`;
      const bar = h("progress", { max: 1, value: job.progress, "aria-label": label });
      bar.id = `job-${row.dictation ?? ""}`;
      bar.title = percent(job.progress);
      return h("span", {}, "Transcribing", bar);
    }
    return h("span", {}, job.attempts > 0 ? `Waiting, attempt ${job.attempts + 1}` : "Queued");
  }
  const word = stageWord(row.stage);
  const detail = row.stage === "with-author" ? completionWord(row.completion) : "";
  return h("span", {}, word, detail ? h("span", { class: "sub" }, detail) : null);
}

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

function actions(row: Row): HTMLElement[] {
  if (row.stage !== "transcribing" || !row.job || !row.dictation) return [];
  const running = row.job.state === "queued" || row.job.state === "running";
  const ended = row.job.state === "dead" || row.job.state === "stopped";
  if (running) return [actionButton("Stop", row.dictation, "stop")];
  if (ended) return [actionButton("Try again", row.dictation, "retry")];
  return [];
}

function actionButton(label: string, dictation: string, act: string): HTMLButtonElement {
  const element = h("button", { type: "button", id: `${act}-${dictation}` }, label);
  element.addEventListener("click", () => {
    element.disabled = true;
    call("POST", `/api/dictations/${dictation}/${act}`)
      .then(() => announce(`${label}: done`))
      .catch((error: unknown) => {
        const problem = byId("list-problem", HTMLParagraphElement);
        problem.textContent = sentence(error);
        show(problem, true);
      })
      .finally(refreshSoon);
  });
  return element;
}
