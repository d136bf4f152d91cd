// How one's reports are written, and the normals that one keeps.
//
// Invariant: what the person leaves to the site is not sent, so that it goes on following it.

import { call, sentence } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace, show } from "./dom";
import { submits } from "./forms";
import type { HouseStyle, Normal } from "./wire";

/** The switches of the contested rules: what each writes when on, and when off. */
const SWITCHES: [name: string, question: string, on: string, off: string][] = [
  ["latin_stops", "Latin dose abbreviations", "b.i.d.", "BID"],
  ["dose_thousands_comma", "Doses of 1,000 and above", "1,000 mg", "1000 mg"],
  ["range_hyphen", "Ranges", "2-3 times", "2 to 3 times"],
  ["metric_adjective_hyphen", "Metric measures before a noun", "2.0-cm nodule", "2.0 cm nodule"],
  ["beats_per_minute_short", "Heart rate", "72 bpm", "72 beats per minute"],
  ["eponyms_without_possessive", "Eponyms", "Crohn disease", "as dictated"],
];

export function houseStyle(): void {
  const form = byId("style-form", HTMLFormElement);
  const scope = form.dataset.scope ?? "person";
  void showStyle(scope);
  submits(form, "style-problem", async () => {
    await call<void>("PUT", `/api/house-style/${scope}`, chosen());
    byId("style-done", HTMLParagraphElement).textContent =
      "Saved. Dictations that are transcribed from now on are written so.";
  });
  byId("normal-add", HTMLButtonElement).addEventListener("click", () => void edit(scope));
  void showNormals(scope);
}

async function showStyle(scope: string): Promise<void> {
  const style = await call<HouseStyle>("GET", `/api/house-style/${scope}`);
  byId("style-mode", HTMLSelectElement).value = style.mode ?? "";
  byId("style-pace", HTMLSelectElement).value = style.pace ?? "";
  const fields = SWITCHES.map(([name, question, on, off]) => {
    const id = `switch-${name}`;
    const usual = style.defaults[name] ? on : off;
    const select = h(
      "select",
      { id, name },
      h("option", { value: "" }, `as the site has it (at first ${usual})`),
      h("option", { value: "true" }, on),
      h("option", { value: "false" }, off),
    );
    const set = style.switches[name];
    select.value = set === undefined ? "" : String(set);
    return h("div", { class: "field" }, h("label", { for: id }, question), select);
  });
  replace(byId("style-switches", HTMLDivElement), ...fields);
}

function chosen(): Omit<HouseStyle, "defaults"> {
  const switches: Record<string, boolean> = {};
  for (const [name] of SWITCHES) {
    const value = byId(`switch-${name}`, HTMLSelectElement).value;
    if (value !== "") switches[name] = value === "true";
  }
  const of = (id: string) => byId(id, HTMLSelectElement).value || null;
  return { mode: of("style-mode"), pace: of("style-pace"), switches };
}

async function showNormals(scope: string): Promise<void> {
  const problem = byId("normals-problem", HTMLParagraphElement);
  try {
    const normals = await call<Normal[]>("GET", "/api/normals");
    const rows = normals.map((normal) => row(normal, scope));
    replace(byId("normals", HTMLUListElement), ...rows);
    show(byId("normals-none", HTMLParagraphElement), rows.length === 0);
  } catch (error) {
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

function row(normal: Normal, scope: string): HTMLLIElement {
  const typed = normal.shortcut === null ? "" : `, typed ${normal.shortcut}`;
  const whose = normal.scope === scope ? "" : ` (${normal.scope})`;
  const words = h("span", {}, h("strong", {}, normal.name), `${typed}${whose}`);
  if (normal.scope !== scope) return h("li", {}, words);
  return h(
    "li",
    {},
    words,
    button("Change…", () => edit(scope, normal), { "aria-label": `Change ${normal.name}` }),
    button("Remove…", () => remove(scope, normal), { "aria-label": `Remove ${normal.name}` }),
  );
}

async function edit(scope: string, normal?: Normal): Promise<void> {
  const done = await ask({
    title: normal === undefined ? "A new normal" : `Normal “${normal.name}”`,
    fields: [
      { name: "name", label: "Name, as you speak it", kind: "text", required: true, maxlength: 80, value: normal?.name ?? "" },
      { name: "shortcut", label: "Shortcut for typing (may be empty)", kind: "text", maxlength: 20, value: normal?.shortcut ?? "" },
      { name: "text", label: "Text", kind: "note", required: true, maxlength: 20000, value: normal?.text ?? "" },
    ],
    confirm: "Save",
    work: ({ name, shortcut, text }) => {
      const body = { id: normal?.id ?? null, scope, name, shortcut: shortcut || null, text };
      return call<void>("POST", "/api/normals", body);
    },
  });
  if (!done) return;
  announce("The normal is kept.");
  await showNormals(scope);
}

async function remove(scope: string, normal: Normal): Promise<void> {
  const done = await ask({
    title: `Remove the normal “${normal.name}”?`,
    body: [h("p", {}, "Reports that were written with it keep their text.")],
    fields: [],
    confirm: "Remove",
    danger: true,
    work: () => call<void>("DELETE", `/api/normals/${normal.id}`),
  });
  if (done) await showNormals(scope);
}
