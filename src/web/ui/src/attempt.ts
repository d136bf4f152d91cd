// Work of a page that may fail, and the place where the page says why.
//
// Invariant: whoever is no longer signed in goes to sign in; any other failure is told.

import { goToSignIn, isSignedOut, sentence } from "./api";
import { byId, show } from "./dom";

/** Does the work; the paragraph with this id says why it failed, and is gone while it is tried. */
export async function attempt(problemId: string, work: () => Promise<void>): Promise<void> {
  const problem = byId(problemId, HTMLParagraphElement);
  show(problem, false);
  try {
    await work();
  } catch (error) {
    if (isSignedOut(error)) return goToSignIn();
    problem.textContent = sentence(error);
    show(problem, true);
  }
}
