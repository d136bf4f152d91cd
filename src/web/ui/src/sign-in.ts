// The sign-in page.

import { call, sentence } from "./api";
import { byId, show } from "./dom";

export function signIn(): void {
  const form = byId("sign-in", HTMLFormElement);
  const problem = byId("problem", HTMLParagraphElement);
  const password = byId("password", HTMLInputElement);
  const username = byId("username", HTMLInputElement);
  const submit = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(problem, false);
    if (submit) submit.disabled = true;
    call("POST", "/api/session", { username: username.value, password: password.value })
      .then(() => location.assign(nextPage()))
      .catch((error: unknown) => {
        problem.textContent = sentence(error);
        show(problem, true);
        password.select();
      })
      .finally(() => {
        if (submit) submit.disabled = false;
      });
  });
}

/** The page that asked for the sign-in, if it is one of ours. */
function nextPage(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const target = new URL(next, location.origin);
  return target.origin === location.origin ? target.pathname : "/";
}
