// Words and times as people read them.
//
// Not for: anything that is sent back to the server.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "45 s", "7 min", "3 h 20 min", "2 d 4 h". */
export function length(ms: number): string {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return `${Math.round(size / 1000)} s`;
  if (size < HOUR_MS) return `${Math.floor(size / MINUTE_MS)} min`;
  if (size < DAY_MS) {
    return `${Math.floor(size / HOUR_MS)} h ${Math.floor((size % HOUR_MS) / MINUTE_MS)} min`;
  }
  return `${Math.floor(size / DAY_MS)} d ${Math.floor((size % DAY_MS) / HOUR_MS)} h`;
}

/** A place in a recording: "1:07" or "1:02:07". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "21 Nov 2026, 14:05" in the reader's time zone. */
export function moment(time: string): string {
  return new Date(time).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

export function timeOfDay(time: Date): string {
  return time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function sinceText(time: string, now: number): string {
  return length(Math.max(0, now - Date.parse(time)));
}

export interface Due {
  text: string;
  late: boolean;
  soon: boolean;
}

/** Time left until a report is due; "soon" is the last tenth of the time it had. */
export function due(createdAt: string, dueAt: string, now: number): Due {
  const left = Date.parse(dueAt) - now;
  const given = Date.parse(dueAt) - Date.parse(createdAt);
  if (left < 0) return { text: `${length(left)} late`, late: true, soon: false };
  return { text: `${length(left)} left`, late: false, soon: left < given / 10 };
}

const STAGES: Record<string, string> = {
  transcribing: "Transcribing",
  drafted: "Draft waiting",
  editing: "In edit",
  "in-qa": "In QA",
  "with-author": "With author",
  "with-cosigner": "Awaiting cosignature",
  done: "Done",
};

const COMPLETIONS: Record<string, string> = {
  DI: "Dictated",
  IP: "In progress",
  IN: "Incomplete",
  DO: "Awaiting signature",
  PA: "First signature given",
  AU: "Signed",
  LA: "Signed, complete",
};

const FLAG_KINDS: Record<string, string> = {
  INAUDIBLE: "Inaudible",
  "UNKNOWN-TERM": "Unknown term",
  "DRUG-DOSE": "Drug or dose",
  "HEARD-OTHERWISE": "Heard otherwise",
  LASA: "Look-alike or sound-alike",
  LATERALITY: "Side",
  "SEX-CONFLICT": "Sex conflict",
  NUMBER: "Number",
  DEMOGRAPHIC: "Patient identity",
  "SECTION-MISSING": "Section missing",
  "SELF-CORRECTION": "Self-correction",
  "AMBIGUOUS-COMMAND": "Command or word",
  "AMBIGUOUS-ABBREV": "Ambiguous abbreviation",
  HALLUCINATION: "Possibly invented text",
  "OMISSION-SUSPECTED": "Possible omission",
  TEMPLATE: "Template text",
  "AUTHOR-BLANK": "Blank for the author",
  INSTRUCTION: "Instruction",
  TRUNCATED: "Recording cut short",
  FORMAT: "File format",
};

const SEXES: Record<string, string> = { F: "Female", M: "Male", O: "Other", U: "Unknown" };

/** Every kind of flag with its word, in the order of the words. */
export const flagKinds = (): [code: string, word: string][] =>
  Object.entries(FLAG_KINDS).sort(([, a], [, b]) => a.localeCompare(b));

export const stageWord = (code: string): string => STAGES[code] ?? code;
export const completionWord = (code: string): string => COMPLETIONS[code] ?? code;
export const flagWord = (code: string): string => FLAG_KINDS[code] ?? code;
export const sexWord = (code: string): string => SEXES[code] ?? code;

/** Whole years at `now`. */
export function age(birthDate: string, now: Date): string {
  const born = new Date(`${birthDate}T00:00:00`);
  if (Number.isNaN(born.getTime())) return "";
  let years = now.getFullYear() - born.getFullYear();
  const birthday = new Date(now.getFullYear(), born.getMonth(), born.getDate());
  if (now < birthday) years -= 1;
  return `${years} y`;
}

/** Bytes as "3.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
