// Lets a person in again whose session ended while the page holds something that is not saved.
//
// Invariant: the page under the dialog stays as it is and out of sight; it is the same person who
// comes back, or the page is left.

import { Refused, call, sentence } from "./api";
import { h, replace, show } from "./dom";
import { username } from "./person";

let open: HTMLDialogElement | null = null;

/** Asks for the password; `back` is told when the person is signed in. */
export function signInAgain(back: () => void): void {
  if (open) return;
  document.querySelectorAll("audio").forEach((audio) => audio.pause());
  const dialog = h("dialog", { class: "lock", "aria-labelledby": "again-title" });
  open = dialog;
  dialog.append(form(() => {
    letIn();
    back();
  }));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  // A browser may close a dialog whatever the page says.
  dialog.addEventListener("close", () => open && dialog.showModal());
  document.body.append(dialog);
  dialog.showModal();
}

/** The person is signed in, here or elsewhere in this browser. */
export function letIn(): void {
  const dialog = open;
  open = null;
  dialog?.close();
  dialog?.remove();
}

function form(back: () => void): HTMLFormElement {
  const password = input("again-password", "password", "current-password");
  const code = input("again-code", "text", "one-time-code");
  const second = field("Code from your authenticator app, or a recovery code", code);
  show(second, false);
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const submit = h("button", { type: "submit", class: "primary" }, "Sign in");
  const leave = h("button", { type: "button", class: "quiet" }, "Leave without saving");
  leave.addEventListener("click", () => location.assign("/sign-in"));
  const view = h("form", { class: "dialog-form" });
  replace(
    view,
    h("h2", { id: "again-title" }, "Your session has ended"),
    h("p", {}, "What you typed is kept in this page. It is saved once you have signed in."),
    h("p", {}, "User name ", h("strong", {}, username())),
    field("Password", password),
    second,
    problem,
    h("div", { class: "dialog-actions" }, leave, submit),
  );
  view.addEventListener("submit", (event) => {
    event.preventDefault();
    submit.disabled = true;
    const codes = second.hidden ? {} : { code: code.value };
    const body = { username: username(), password: password.value, ...codes };
    call("POST", "/api/session", body)
      .then(back)
      .catch((error: unknown) => {
        const words = codeWords(error, second);
        const shown = words === null ? error : new Error(words);
        problem.textContent = words === "" ? "" : sentence(shown);
        show(problem, words !== "");
      })
      .finally(() => {
        submit.disabled = false;
      });
  });
  return view;
}

/**
 * Shows the field for a code where one is missing, which needs no further words; null for any
 * other failure.
 */
export function codeWords(error: unknown, second: HTMLElement): string | null {
  if (!(error instanceof Refused) || error.body.code !== "second-factor-needed") return null;
  const asked = !second.hidden;
  show(second, true);
  second.querySelector("input")?.focus();
  return asked ? "the code is wrong, or was used before" : "";
}

function input(id: string, type: string, autocomplete: string): HTMLInputElement {
  return h("input", { id, type, autocomplete, maxlength: 512, autocapitalize: "none" });
}

function field(label: string, control: HTMLInputElement): HTMLDivElement {
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
}
