// Calls the API and turns every failure into one of two errors.
//
// Not for: deciding what a failure means to a page.

import { username } from "./person";
import type { ErrorBody } from "./wire";

/** The server answered with a refusal. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message);
  }
}

/** No answer: the server is away, or the network is. */
export class Away extends Error {
  constructor() {
    super("the server does not answer");
  }
}

/** How long an ordinary call may take before it counts as unanswered. */
const CALL_TIMEOUT_MS = 20_000;

/** Something that a person does. */
export function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const init: RequestInit = { method };
  if (body === undefined) return send(path, init, headers);
  init.body = JSON.stringify(body);
  return send(path, init, { ...headers, "content-type": "application/json" });
}

/** Something that the page asks by itself; it does not keep an idle session alive. */
export function refetch<T>(path: string): Promise<T> {
  return send(path, { method: "GET" }, { "x-chartscribe-by-itself": "1" });
}

/**
 * Says whose page sends a request. Where somebody else has signed in in this browser meanwhile,
 * the server answers as if nobody had, so that nothing is done in their name.
 */
export function ofPerson(): Record<string, string> {
  const name = username();
  return name === "" ? {} : { "x-chartscribe-person": name };
}

async function send<T>(
  path: string,
  init: RequestInit,
  headers: Record<string, string>,
): Promise<T> {
  init.headers = { ...headers, ...ofPerson() };
  init.signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  let text: string;
  let response: Response;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch {
    throw new Away();
  }
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  throw new Refused(response.status, errorBody(text, response.status));
}

/** The session is over, or is another person's by now. A wrong password is neither. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && error.body.code === "not-signed-in";
}

/** Reads an error body, also one that did not come from Chartscribe (a proxy's page). */
export function errorBody(text: string, status: number): ErrorBody {
  try {
    const parsed = JSON.parse(text) as { error?: ErrorBody };
    if (parsed.error) return parsed.error;
  } catch {
    // Not ours: fall through to the bare status.
  }
  return { code: "unreadable", message: `the server answered with status ${status}` };
}

/** One sentence for a person. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/** Sends the browser to the sign-in page, which comes back here afterwards. */
export function goToSignIn(): void {
  const next = encodeURIComponent(location.pathname);
  location.assign(`/sign-in?next=${next}`);
}
