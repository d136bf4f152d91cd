// The filters, desks and kept views of the worklist.
//
// Invariant: nothing of a patient is in a filter; it goes into addresses and is kept by name.

import { call, sentence } from "./api";
import { ask } from "./dialog";
import { byId, h, replace, show } from "./dom";
import { flagKinds } from "./format";
import type { Filter, View } from "./wire";

const SELECTS: [id: string, name: "stage" | "priority" | "work_type" | "author" | "flag"][] = [
  ["filter-stage", "stage"],
  ["filter-priority", "priority"],
  ["filter-work_type", "work_type"],
  ["filter-by", "author"],
  ["filter-flag", "flag"],
];

let desk = "";
let views: View[] = [];

/** Starts the filters; `changed` is called after each change by the person. */
export function filters(changed: () => void, fail: (message: string) => void): void {
  const flags = byId("filter-flag", HTMLSelectElement);
  flags.append(...flagKinds().map(([code, word]) => h("option", { value: code }, word)));
  const form = byId("filters", HTMLFormElement);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (event.target === byId("view", HTMLSelectElement)) useView();
    else chooseView("");
    changed();
  });
  for (const button of deskButtons()) {
    button.addEventListener("click", () => {
      chooseDesk(button.dataset["desk"] ?? "");
      chooseView("");
      changed();
    });
  }
  const attempt = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => fail(sentence(error)));
  byId("view-keep", HTMLButtonElement).addEventListener("click", () => attempt(keep()));
  byId("view-remove", HTMLButtonElement).addEventListener("click", () => attempt(remove()));
  attempt(loadViews());
}

const deskButtons = (): HTMLButtonElement[] => [
  ...byId("desks", HTMLDivElement).querySelectorAll("button"),
];

function chooseDesk(chosen: string): void {
  desk = chosen;
  for (const button of deskButtons()) {
    button.setAttribute("aria-pressed", String((button.dataset["desk"] ?? "") === chosen));
  }
}

/** Writes how many reports are on each desk. */
export function paintCounts(counts: Record<string, number>): void {
  for (const button of deskButtons()) {
    const count = button.querySelector("b");
    if (count) count.textContent = String(counts[button.dataset["desk"] ?? ""] ?? 0);
  }
}

/** What is chosen now. */
export function filter(): Filter {
  const chosen: Filter = {};
  if (desk) chosen.desk = desk;
  for (const [id, name] of SELECTS) {
    const { value } = byId(id, HTMLSelectElement);
    if (value) chosen[name] = value;
  }
  if (byId("filter-mine", HTMLInputElement).checked) chosen.mine = true;
  return chosen;
}

/** The same for an address. */
export function filterQuery(): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(filter())) values.set(name, String(value));
  const text = values.toString();
  return text ? `?${text}` : "";
}

function setFilter(chosen: Filter): void {
  chooseDesk(chosen.desk ?? "");
  for (const [id, name] of SELECTS) byId(id, HTMLSelectElement).value = chosen[name] ?? "";
  byId("filter-mine", HTMLInputElement).checked = chosen.mine ?? false;
}

async function loadViews(): Promise<void> {
  ({ views } = await call<{ views: View[] }>("GET", "/api/views"));
  const options = views.map(({ name }) => h("option", { value: name }, name));
  const select = byId("view", HTMLSelectElement);
  const chosen = select.value;
  replace(select, h("option", { value: "" }, "No view"), ...options);
  chooseView(views.some(({ name }) => name === chosen) ? chosen : "");
}

function chooseView(name: string): void {
  byId("view", HTMLSelectElement).value = name;
  show(byId("view-remove", HTMLButtonElement), name !== "");
}

function useView(): void {
  const { value } = byId("view", HTMLSelectElement);
  setFilter(views.find(({ name }) => name === value)?.filter ?? {});
  chooseView(value);
}

async function keep(): Promise<void> {
  let kept = "";
  const done = await ask({
    title: "Keep as a view",
    body: [h("p", { class: "hint" }, "The filters and the desk that are chosen now.")],
    fields: [
      { name: "name", label: "Name", kind: "text", required: true, maxlength: 60 },
    ],
    confirm: "Keep",
    work: async ({ name = "" }) => {
      await call("POST", "/api/views", { name, filter: filter() });
      kept = name.trim();
    },
  });
  if (!done) return;
  await loadViews();
  chooseView(kept);
}

async function remove(): Promise<void> {
  await call("POST", "/api/views/remove", { name: byId("view", HTMLSelectElement).value });
  await loadViews();
}
