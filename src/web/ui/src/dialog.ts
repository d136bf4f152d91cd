// Small forms that stop the page until they are answered.

import { sentence } from "./api";
import { h, show } from "./dom";

export interface Ask {
  title: string;
  /** What is shown above the fields. */
  body?: (Node | string)[];
  fields: Field[];
  confirm: string;
  danger?: boolean;
  /** Does the work; when it fails the dialog stays open with the reason. */
  work(values: Record<string, string>): Promise<void>;
}

export interface Field {
  name: string;
  label: string;
  kind: "text" | "password" | "note" | "choice";
  required?: boolean;
  minlength?: number;
  maxlength?: number;
  value?: string;
  choices?: [code: string, word: string][];
  /** Of a text: what may be taken instead of typing. */
  suggestions?: string[];
  /** Of a note: how high it is. */
  rows?: number;
}

let serial = 0;

/** Opens the dialog; resolves when it is closed, true when the work was done. */
export function ask(what: Ask): Promise<boolean> {
  serial += 1;
  const id = `dialog-${serial}`;
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const confirm = h("button", { type: "submit", class: what.danger ? "danger" : "primary" });
  confirm.textContent = what.confirm;
  const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
  const fields = what.fields.map((field) => fieldView(field, id));
  const form = h("form", { class: "dialog-form" });
  form.append(
    h("h2", { id }, what.title),
    ...(what.body ?? []),
    ...fields,
    problem,
    h("div", { class: "dialog-actions" }, cancel, confirm),
  );
  const dialog = h("dialog", { "aria-labelledby": id }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let done = false;
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(done);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      confirm.disabled = true;
      show(problem, false);
      what
        .work(valuesOf(form))
        .then(() => {
          done = true;
          dialog.close();
        })
        .catch((error: unknown) => {
          problem.textContent = sentence(error);
          show(problem, true);
        })
        .finally(() => {
          confirm.disabled = false;
        });
    });
    dialog.showModal();
  });
}

function fieldView(field: Field, dialog: string): HTMLElement {
  const id = `${dialog}-${field.name}`;
  const label = h("label", { for: id }, field.label);
  const { minlength, maxlength } = field;
  const common = { id, name: field.name, required: field.required, minlength, maxlength };
  if (field.kind === "note") {
    const area = h("textarea", { ...common, rows: field.rows ?? 3 }, field.value ?? "");
    return h("div", { class: "field" }, label, area);
  }
  if (field.kind === "choice") {
    const options = (field.choices ?? []).map(([code, word]) => h("option", { value: code }, word));
    return h("div", { class: "field" }, label, h("select", common, ...options));
  }
  const list = field.suggestions && `${id}-list`;
  const suggestions = field.suggestions?.map((value) => h("option", { value }));
  const autocomplete = field.kind === "password" ? "current-password" : "off";
  const type = field.kind;
  const value = field.value;
  const input = h("input", { ...common, type, autocomplete, value, list });
  return h(
    "div",
    { class: "field" },
    label,
    input,
    suggestions && h("datalist", { id: list }, ...suggestions),
  );
}

function valuesOf(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") values[name] = value;
  }
  return values;
}

/** Shows something to read, with one way out. */
export function read(title: string, ...body: Node[]): void {
  serial += 1;
  const id = `dialog-${serial}`;
  const close = h("button", { type: "button", class: "primary" }, "Close");
  const dialog = h(
    "dialog",
    { "aria-labelledby": id, class: "wide" },
    h("h2", { id }, title),
    ...body,
    h("div", { class: "dialog-actions" }, close),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
