// The worklist: who has to do what next, most urgent first, kept live.
//
// Not for: the order of the rows, which is the server's.

import { call, goToSignIn, isSignedOut, refetch, sentence } from "./api";
import { announce, byId, h, replace, show } from "./dom";
import { listen, type JobEvent } from "./events";
import { clock, completionWord, due, moment, sinceText, stageWord } from "./format";
import { choice, keepShown, pick } from "./list-choice";
import { filter, filterQuery, filters, paintCounts } from "./list-filters";
import { uploads } from "./upload";
import type { Found, Row, Worklist } from "./wire";

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
/** What was searched for, while its answer is shown in the place of the list. */
let searched: Found | null = null;
let pending: { timer: ReturnType<typeof setTimeout>; at: number } | undefined;

export function worklist(): void {
  uploads();
  filters(() => {
    endSearch();
    void refresh(call);
  }, fail);
  choice({ refresh: refreshSoon, fail });
  byId("search", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void search();
  });
  byId("search-end", HTMLButtonElement).addEventListener("click", () => {
    byId("search", HTMLFormElement).reset();
    endSearch();
    void refresh(call);
  });
  document.getElementById("type-it")?.addEventListener("click", () => void typeIt());
  document.getElementById("take-next")?.addEventListener("click", () => void takeNext());
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

async function refresh(get: typeof call): Promise<void> {
  try {
    const list = await get<Worklist>("GET", `/api/worklist${filterQuery()}`);
    paintCounts(list.counts);
    // An answer to a search stays as it was found; only the counts go on.
    if (searched) return;
    ({ rows, total } = list);
    keepShown(rows);
    paint();
  } catch (error) {
    failed(error);
  }
}

/** Looks for reports by what is filled in and by the filters that a search has too. */
async function search(): Promise<void> {
  const values = new FormData(byId("search", HTMLFormElement));
  const value = (name: string) => String(values.get(name) ?? "").trim();
  const { author, work_type, flag } = filter();
  const body: Record<string, string> = { among: value("among") };
  if (value("text")) body["text"] = value("text");
  if (value("patient")) body["patient"] = value("patient");
  if (value("from")) body["from"] = new Date(`${value("from")}T00:00:00`).toISOString();
  if (value("until")) body["until"] = dayAfter(value("until"));
  if (author) body["author"] = author;
  if (work_type) body["work_type"] = work_type;
  if (flag) body["flag"] = flag;
  try {
    searched = await call<Found>("POST", "/api/worklist/search", body);
    ({ rows } = searched);
    total = rows.length;
    show(byId("search-end", HTMLButtonElement), true);
    keepShown(rows);
    fail("");
    paint();
    announce(countText());
  } catch (error) {
    failed(error);
  }
}

/** The last day is searched to its end. */
function dayAfter(day: string): string {
  const end = new Date(`${day}T00:00:00`);
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}

function endSearch(): void {
  searched = null;
  show(byId("search-end", HTMLButtonElement), false);
}

async function takeNext(): Promise<void> {
  try {
    const { report } = await call<{ report: string | null }>(
      "POST",
      "/api/worklist/next",
      filter(),
    );
    if (report) location.assign(`/reports/${report}`);
    else fail("Nothing is there to be taken with these filters.");
  } catch (error) {
    failed(error);
  }
}

/** Begins a report without a recording, about what the form above says. */
async function typeIt(): Promise<void> {
  const values = new FormData(byId("receive-form", HTMLFormElement));
  const given = [...values].filter(([, value]) => typeof value === "string" && value !== "");
  try {
    const body = Object.fromEntries(given);
    const { report } = await call<{ report: string }>("POST", "/api/reports", body);
    location.assign(`/reports/${report}`);
  } catch (error) {
    failed(error);
  }
}

function failed(error: unknown): void {
  if (isSignedOut(error)) goToSignIn();
  else fail(sentence(error));
}

/** Shows why something was not done; nothing takes the last reason away. */
function fail(message: string): void {
  const problem = byId("list-problem", HTMLParagraphElement);
  problem.textContent = message;
  show(problem, message !== "");
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
  if (searched) {
    const found = `${total} ${total === 1 ? "report" : "reports"} found`;
    return searched.more ? `${found}, and there may be more: narrow the search` : found;
  }
  if (rows.length < total) return `${rows.length} of ${total} shown; the filters show the others`;
  return `${total} ${total === 1 ? "report" : "reports"}`;
}

function rowView(row: Row, now: number): HTMLTableRowElement {
  const left = due(row.created_at, row.due_at, now);
  const stat = row.priority === "stat";
  const done = row.stage === "done";
  const dueClass = done ? "num" : left.late ? "num late" : left.soon ? "num soon" : "num";
  const received = `Received ${moment(row.created_at)}`;
  return h(
    "tr",
    { class: stat ? "stat" : "", "data-report": row.report },
    h("td", { class: "pick" }, pick(row, `Choose ${row.work_type_name}, ${shownName(row)}`)),
    h("td", {}, stat ? h("span", { class: "mark stat" }, "STAT") : "Routine"),
    h("td", {}, patientView(row)),
    h("td", {}, row.work_type_name),
    h("td", {}, row.author_name),
    h("td", { class: "stage" }, stageView(row)),
    h("td", { class: "num" }, flagsView(row.open_flags)),
    h("td", { class: "num" }, row.duration_ms === null ? "–" : clock(row.duration_ms)),
    h("td", { class: "num", title: received }, sinceText(row.created_at, now)),
    h("td", { class: dueClass, title: `Due ${moment(row.due_at)}` }, done ? "" : left.text),
    h("td", {}, row.assignee_name ?? ""),
    h("td", { class: "row-actions" }, ...actions(row)),
  );
}

const shownName = (row: Row): string =>
  row.sealed ? "Restricted" : (row.patient_name ?? "Patient not assigned");

function patientView(row: Row): HTMLElement {
  const name = shownName(row);
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
      .catch((error: unknown) => fail(sentence(error)))
      .finally(refreshSoon);
  });
  return element;
}
