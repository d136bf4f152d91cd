// The sign-in page, and setting a new password with a reset code.

import { call } from "./api";
import { byId, show } from "./dom";
import { submits } from "./forms";
import { codeWords } from "./sign-in-again";

/** What has happened just before, by the end of the address that led here. */
const NOTES: Record<string, string> = {
  "#password-changed": "Your password is changed. Sign in with the new one.",
  "#signed-out": "You are signed out everywhere.",
};

export function signIn(): void {
  const form = byId("sign-in", HTMLFormElement);
  const password = byId("password", HTMLInputElement);
  const code = byId("code", HTMLInputElement);
  const second = byId("second", HTMLDivElement);
  note(NOTES[location.hash] ?? "");
  submits(form, "problem", async () => {
    const codes = second.hidden ? {} : { code: code.value };
    const name = byId("username", HTMLInputElement).value;
    try {
      await call("POST", "/api/session", { username: name, password: password.value, ...codes });
      location.assign(nextPage());
    } catch (error) {
      const words = codeWords(error, second);
      if (words === null) password.select();
      throw words === null ? error : new Error(words);
    }
  });
  reset(form);
}

function reset(signInForm: HTMLFormElement): void {
  const form = byId("reset", HTMLFormElement);
  const name = byId("reset-username", HTMLInputElement);
  const turn = (resetting: boolean) => {
    show(signInForm, !resetting);
    show(form, resetting);
    name.value ||= byId("username", HTMLInputElement).value;
    (resetting ? name : byId("username", HTMLInputElement)).focus();
  };
  byId("to-reset", HTMLButtonElement).addEventListener("click", () => turn(true));
  byId("to-sign-in", HTMLButtonElement).addEventListener("click", () => turn(false));
  submits(form, "reset-problem", async () => {
    const value = (id: string) => byId(id, HTMLInputElement).value;
    if (value("reset-new") !== value("reset-again")) throw new Error("the new passwords differ");
    const body = { username: name.value, code: value("reset-code"), new: value("reset-new") };
    await call("POST", "/api/account/reset", body).catch((error: unknown) => {
      throw resetWords(error);
    });
    byId("username", HTMLInputElement).value = name.value;
    form.reset();
    turn(false);
    byId("password", HTMLInputElement).focus();
    note(NOTES["#password-changed"] ?? "");
  });
}

function resetWords(error: unknown): unknown {
  const wrong = error instanceof Error && /user name or the password/.test(error.message);
  return wrong ? new Error("the code is not of this user name, was used, or is too old") : error;
}

function note(words: string): void {
  const place = byId("done", HTMLParagraphElement);
  place.textContent = words;
  show(place, words !== "");
}

/** The page that asked for the sign-in, if it is one of ours. */
function nextPage(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const target = new URL(next, location.origin);
  return target.origin === location.origin ? target.pathname : "/";
}
