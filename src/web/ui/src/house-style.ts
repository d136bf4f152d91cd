// How reports are written, and the normals that are kept: one's own, and for an administrator
// those of the departments and the site.
//
// Invariant: what is left to the layer below is not sent, so that it goes on following it.

import { call, sentence } from "./api";
import { type Field, ask } from "./dialog";
import { announce, button, byId, h, replace, show } from "./dom";
import { submits } from "./forms";
import type { HouseStyle, Normal, People } from "./wire";

/** The switches of the contested rules: what each writes when on, and when off. */
const SWITCHES: [name: string, question: string, on: string, off: string][] = [
  ["latin_stops", "Latin dose abbreviations", "b.i.d.", "BID"],
  ["dose_thousands_comma", "Doses of 1,000 and above", "1,000 mg", "1000 mg"],
  ["range_hyphen", "Ranges", "2-3 times", "2 to 3 times"],
  ["metric_adjective_hyphen", "Metric measures before a noun", "2.0-cm nodule", "2.0 cm nodule"],
  ["beats_per_minute_short", "Heart rate", "72 bpm", "72 beats per minute"],
  ["eponyms_without_possessive", "Eponyms", "Crohn disease", "as dictated"],
];

/** The fields of a normal. */
const NAME: Field = {
  name: "name",
  label: "Name, as it is spoken",
  kind: "text",
  required: true,
  maxlength: 80,
};
const SHORTCUT: Field = {
  name: "shortcut",
  label: "Shortcut for typing (may be empty)",
  kind: "text",
  maxlength: 20,
};
const TEXT: Field = {
  name: "text",
  label: "Text",
  kind: "note",
  required: true,
  maxlength: 20_000,
  rows: 8,
};

/** Whose house style and normals are shown. */
interface Layer {
  scope: "person" | "department" | "site";
  department: string | null;
  /** As it is chosen. */
  name: string;
  /** Whom it holds for. */
  about: string;
  /** What an open question is answered by. */
  below: string;
}

const OWN: Layer = {
  scope: "person",
  department: null,
  name: "me",
  about: "For your dictations.",
  below: "as the site has it",
};

const SITE: Layer = {
  scope: "site",
  department: null,
  name: "the whole site",
  about: "For all authors, where neither they nor their department settle it.",
  below: "as usual",
};

const ofDepartment = (department: string): Layer => ({
  scope: "department",
  department,
  name: `the department ${department}`,
  about: `For the authors of ${department}, where they settle nothing themselves.`,
  below: "as the site has it",
});

export function houseStyle(): void {
  const place = byId("house-style", HTMLDivElement);
  const department = place.dataset["department"] ?? "";
  const own = department === "" ? OWN : { ...OWN, below: "as the department or the site has it" };
  const shared = place.dataset["shared"] === "true";
  const layers = shared && place.dataset["own"] !== "true" ? [SITE] : [own];
  if (shared && !layers.includes(SITE)) layers.push(SITE);
  const form = document.getElementById("style-form");
  const select = byId("style-of", HTMLSelectElement);
  const chosenLayer = () => layers[select.selectedIndex] ?? layers[0] ?? own;
  const paint = () => {
    if (form) void showStyle(chosenLayer()).catch((error: unknown) => fail("style", error));
    void showNormals(chosenLayer());
  };
  if (form instanceof HTMLFormElement) {
    submits(form, "style-problem", async () => {
      await call<void>("PUT", stylePath(chosenLayer()), chosen());
      byId("style-done", HTMLParagraphElement).textContent =
        "Saved. Dictations that are transcribed from now on are written so.";
    });
  }
  select.addEventListener("change", paint);
  byId("normal-add", HTMLButtonElement).addEventListener("click", () => void edit(chosenLayer()));
  paint();
  if (shared) void offerDepartments(layers).catch((error: unknown) => fail("style", error));
}

/** Lets an administrator choose among the layers that are theirs to settle. */
async function offerDepartments(layers: Layer[]): Promise<void> {
  const { departments } = await call<People>("GET", "/api/people");
  layers.push(...departments.map(ofDepartment));
  const options = layers.map(({ name }) => h("option", {}, name));
  replace(byId("style-of", HTMLSelectElement), ...options);
  show(byId("style-of-field", HTMLDivElement), layers.length > 1);
}

function fail(what: "style" | "normals", error: unknown): void {
  const problem = byId(`${what}-problem`, HTMLParagraphElement);
  problem.textContent = sentence(error);
  show(problem, true);
}

const query = ({ department }: Layer): string =>
  department === null ? "" : `?department=${encodeURIComponent(department)}`;

const stylePath = (layer: Layer): string => `/api/house-style/${layer.scope}${query(layer)}`;

async function showStyle(layer: Layer): Promise<void> {
  const style = await call<HouseStyle>("GET", stylePath(layer));
  byId("style-about", HTMLParagraphElement).textContent = layer.about;
  byId("style-done", HTMLParagraphElement).textContent = "";
  byId("style-mode-below", HTMLOptionElement).textContent = layer.below;
  byId("style-pace-below", HTMLOptionElement).textContent = layer.below;
  byId("style-mode", HTMLSelectElement).value = style.mode ?? "";
  byId("style-pace", HTMLSelectElement).value = style.pace ?? "";
  const fields = SWITCHES.map(([name, question, on, off]) => {
    const id = `switch-${name}`;
    const usual = style.defaults[name] ? on : off;
    const select = h(
      "select",
      { id, name },
      h("option", { value: "" }, `${layer.below} (at first ${usual})`),
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

async function showNormals(layer: Layer): Promise<void> {
  try {
    const normals = await call<Normal[]>("GET", `/api/normals${query(layer)}`);
    const rows = normals.map((normal) => row(normal, layer));
    replace(byId("normals", HTMLUListElement), ...rows);
    show(byId("normals-none", HTMLParagraphElement), rows.length === 0);
  } catch (error) {
    fail("normals", error);
  }
}

function row(normal: Normal, layer: Layer): HTMLLIElement {
  const theirs = normal.scope === layer.scope && normal.department === layer.department;
  const typed = normal.shortcut === null ? "" : `, typed ${normal.shortcut}`;
  const whose = theirs ? "" : ` (${normal.department ?? normal.scope})`;
  const words = h("span", {}, h("strong", {}, normal.name), `${typed}${whose}`);
  if (!theirs) return h("li", {}, words);
  const named = (act: string) => ({ class: "small", "aria-label": `${act} ${normal.name}` });
  return h(
    "li",
    { class: "row" },
    words,
    button("Change…", () => edit(layer, normal), named("Change")),
    button("Remove…", () => remove(layer, normal), named("Remove")),
  );
}

async function edit(layer: Layer, normal?: Normal): Promise<void> {
  const { scope, department } = layer;
  const [name, shortcut, text] = [normal?.name ?? "", normal?.shortcut ?? "", normal?.text ?? ""];
  const done = await ask({
    title: normal === undefined ? "A new normal" : `Normal “${normal.name}”`,
    fields: [
      { ...NAME, value: name },
      { ...SHORTCUT, value: shortcut },
      { ...TEXT, value: text },
    ],
    confirm: "Save",
    work: ({ name, shortcut, text }) => {
      const kept = { id: normal?.id ?? null, name, shortcut: shortcut || null, text };
      return call<void>("POST", "/api/normals", { ...kept, scope, department });
    },
  });
  if (!done) return;
  announce("The normal is kept.");
  await showNormals(layer);
}

async function remove(layer: Layer, normal: Normal): Promise<void> {
  const done = await ask({
    title: `Remove the normal “${normal.name}”?`,
    body: [h("p", {}, "Reports that were written with it keep their text.")],
    fields: [],
    confirm: "Remove",
    danger: true,
    work: () => call<void>("DELETE", `/api/normals/${normal.id}`),
  });
  if (done) await showNormals(layer);
}
