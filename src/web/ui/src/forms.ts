// Forms that stand in a page.

import { sentence } from "./api";
import { byId, show } from "./dom";

/** Runs the work of a form, and says why it failed, unless the error has no words. */
export function submits(form: HTMLFormElement, problemId: string, work: () => Promise<void>): void {
  const problem = byId(problemId, HTMLParagraphElement);
  const submit = form.querySelector<HTMLButtonElement>("button[type=submit]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(problem, false);
    if (submit) submit.disabled = true;
    work()
      .catch((error: unknown) => {
        if (error instanceof Error && error.message === "") return;
        problem.textContent = sentence(error);
        show(problem, true);
      })
      .finally(() => {
        if (submit) submit.disabled = false;
      });
  });
}
