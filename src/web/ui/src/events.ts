// The live channel: the server says what changed, the page fetches it.
//
// Invariant: an event carries ids, states and fractions, never a patient's data; whenever the
// connection comes up, the listener is told once that anything may have changed until then.

import { checkSession } from "./session";

export interface JobEvent {
  dictation: string;
  state: string;
  progress: number;
}

/** One act on one report, by anybody, in this process or another. */
export interface Change {
  act: string;
  report: string | null;
  dictation: string | null;
}

export interface Listener {
  /** `null`: the connection was not there, anything may have changed. */
  changed(change: Change | null): void;
  job(event: JobEvent): void;
  /** The connection came up (`true`) or went down. */
  live(up: boolean): void;
}

/** First and longest wait before another attempt, in ms. */
const RETRY_MS = { first: 500, longest: 10_000 } as const;

export function listen(listener: Listener): void {
  let wait: number = RETRY_MS.first;
  const connect = () => {
    const source = new EventSource("/api/events");
    source.addEventListener("open", () => {
      wait = RETRY_MS.first;
      listener.live(true);
      listener.changed(null);
    });
    source.addEventListener("changed", (event) => {
      listener.changed(JSON.parse((event as MessageEvent<string>).data) as Change);
    });
    source.addEventListener("job", (event) => {
      listener.job(JSON.parse((event as MessageEvent<string>).data) as JobEvent);
    });
    source.addEventListener("error", () => {
      source.close();
      listener.live(false);
      void checkSession();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, RETRY_MS.longest);
    });
  };
  connect();
}
