// The audit page: who did what, when, to whose record.
//
// Invariant: whom a search is about travels in a request body, never in an address.

import { attempt as attemptWork } from "./attempt";
import { call } from "./api";
import { button, byId, h, replace, show } from "./dom";
import { fullName } from "./patients";
import type { AuditRow, Patient } from "./wire";

/** `workflow::audit::SEARCH_MAX`: as many rows mean that there may be more. */
const PAGE = 500;

export function audit(): void {
  const form = byId("audit-form", HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(() => search(query(form), null));
  });
  form.addEventListener("change", () => {
    const { from, until } = query(form);
    const span = new URLSearchParams({ ...(from ? { from } : {}), ...(until ? { until } : {}) });
    byId("export", HTMLAnchorElement).href = `/api/audit/export?${span.toString()}`;
  });
  onClick("access-report", () => accessReport(query(form)));
  onClick("verify", verify);
}

function onClick(id: string, work: () => Promise<void>): void {
  byId(id, HTMLButtonElement).addEventListener("click", () => void attempt(work));
}

const attempt = (work: () => Promise<void>) => attemptWork("audit-problem", work);

/** What is filled in; times become instants. */
function query(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || value.trim() === "") continue;
    const isTime = name === "from" || name === "until";
    values[name] = isTime ? new Date(value).toISOString() : value.trim();
  }
  return values;
}

async function search(asked: Record<string, string>, before: number | null): Promise<void> {
  const body = before === null ? asked : { ...asked, before };
  const { rows } = await call<{ rows: AuditRow[] }>("POST", "/api/audit/search", body);
  const last = rows.at(-1);
  const words = `${rows.length} rows, newest first`;
  paint(rows, before === null ? words : `${words}, before row ${before}`);
  if (!last || rows.length < PAGE) return;
  const earlier = button("Earlier rows", () => attempt(() => search(asked, last.seq)));
  earlier.id = "more";
  byId("more", HTMLButtonElement).replaceWith(earlier);
}

async function accessReport({ mrn, from, until }: Record<string, string>): Promise<void> {
  if (mrn === undefined) throw new Error("an access report needs the patient's MRN");
  const report = await call<{ patient: Patient; rows: AuditRow[]; cut: boolean }>(
    "POST",
    "/api/audit/access-report",
    { mrn, ...(from ? { from } : {}), ...(until ? { until } : {}) },
  );
  const { patient, rows, cut } = report;
  const more = cut ? "; there are more, ask for a shorter time" : "";
  const about = `${fullName(patient)}, MRN ${patient.mrn}, born ${patient.birth_date}`;
  paint(rows, `Access report of ${about}: ${rows.length} rows, oldest first${more}`);
}

async function verify(): Promise<void> {
  const found = byId("audit-found", HTMLParagraphElement);
  found.textContent = "Checking…";
  const chain = await call<{ holds: boolean; rows: number; broken: number | null; lost: number[] }>(
    "POST",
    "/api/audit/verify",
  );
  if (chain.holds) {
    found.textContent = `The chain holds: ${chain.rows} rows, none changed, put in or taken out.`;
    return;
  }
  found.textContent = "";
  const broken = chain.broken === null ? "" : ` Row ${chain.broken} does not hold.`;
  const lost = chain.lost.length === 0 ? "" : ` Rows ${chain.lost.join(", ")} are gone or others.`;
  throw new Error(`the audit was changed.${broken}${lost}`);
}

function paint(rows: AuditRow[], words: string): void {
  byId("audit-found", HTMLParagraphElement).textContent = words;
  show(byId("audit-table", HTMLTableElement), rows.length > 0);
  show(byId("more", HTMLButtonElement), rows.length === PAGE);
  replace(byId("audit-rows", HTMLTableSectionElement), ...rows.map(rowView));
}

function rowView(row: AuditRow): HTMLTableRowElement {
  const who = row.person ? `${row.person.display_name} (${row.person.username})` : row.actor;
  const done = row.outcome === "done";
  return h(
    "tr",
    {},
    h("td", { class: "num" }, String(row.seq)),
    h("td", { class: "when" }, row.at.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")),
    h("td", { title: row.actor }, who),
    h("td", {}, row.act),
    h("td", {}, done ? row.outcome : h("span", { class: "mark bad" }, row.outcome)),
    h("td", {}, ...row.subjects.map(subject)),
    h("td", {}, details(row.detail)),
  );
}

/** `kind:id`; the last digits tell ids apart, the rest is in the title. */
function subject(text: string): HTMLElement {
  const [kind, id] = text.split(":", 2);
  return h("span", { class: "sub", title: text }, `${kind ?? text} …${(id ?? "").slice(-8)}`);
}

function details(detail: Record<string, unknown> | null): string {
  return Object.entries(detail ?? {})
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(", ");
}
