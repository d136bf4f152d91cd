// Notices that the session has ended, so that nothing stays readable on a screen that was left.
//
// Invariant: looking is a request of the page's own and keeps no idle session alive.

import { goToSignIn, isSignedOut, refetch } from "./api";
import { username } from "./person";

/** How often an open page looks. The server ends its live channel within as much. */
const LOOK_EVERY_MS = 20_000;

let ended: () => void = goToSignIn;

/** What a page does instead of going to the sign-in page, where it has something to keep. */
export function whenSignedOut(handler: () => void): void {
  ended = handler;
}

export function watchSession(): void {
  if (username() === "") return;
  setInterval(() => void checkSession(), LOOK_EVERY_MS);
  // A machine that slept did not count; a page that comes back from the browser's cache neither.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) void checkSession();
  });
}

export async function checkSession(): Promise<void> {
  try {
    await refetch("/api/session");
  } catch (error) {
    if (isSignedOut(error)) ended();
  }
}
