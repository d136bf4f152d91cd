// The page of the daily checks: when they ran, what they found, and what to do about it.
//
// Invariant: what is shown of a patient is what the server gives to this person.

import { call, goToSignIn, isSignedOut, sentence } from "./api";
import { announce, byId, h, replace, show } from "./dom";
import { moment } from "./format";
import { fullName } from "./patients";
import { roleMay } from "./person";
import type { Patient } from "./wire";

interface Whose {
  dictation: string;
  report: string | null;
  received_at: string;
  author_name: string | null;
  work_type_name: string | null;
  patient: Patient | null;
}

interface Failed {
  file: string;
  finding: "missing" | "damaged" | "illegible";
  checked_at: string;
  of: Whose[];
}

interface FailedText {
  report: string;
  version: number;
  found_at: string;
  author_name: string | null;
  work_type_name: string | null;
  patient: Patient | null;
}

interface Chain {
  at: string;
  rows: number;
  holds: boolean;
  broken: number | null;
  lost: number;
}

interface Checks {
  chain: Chain | null;
  recordings: {
    checked: number;
    waiting: number;
    oldest: string | null;
    newest: string | null;
    failed: Failed[];
  };
  texts: { checked_at: string | null; versions: number; failed: FailedText[] };
  late: boolean;
}

const WORDS: Record<Failed["finding"], string> = {
  missing: "The file is gone",
  damaged: "The file is not what was received",
  illegible: "The disk does not give the file",
};

export function checks(): void {
  const again = byId("again", HTMLButtonElement);
  again.addEventListener("click", () => {
    again.disabled = true;
    void attempt(() => call<Checks>("POST", "/api/checks/again")).finally(() => {
      again.disabled = false;
      announce("Read again.");
    });
  });
  void attempt(() => call<Checks>("GET", "/api/checks"));
}

async function attempt(get: () => Promise<Checks>): Promise<void> {
  const problem = byId("checks-problem", HTMLParagraphElement);
  try {
    paint(await get());
    show(problem, false);
  } catch (error) {
    if (isSignedOut(error)) return goToSignIn();
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

function paint(found: Checks): void {
  const { chain, recordings, texts, late } = found;
  const wrong = recordings.failed.length + texts.failed.length;
  const bad = wrong + Number(chain !== null && !chain.holds);
  const sum = byId("checks-sum", HTMLParagraphElement);
  sum.className = bad > 0 || late ? "mark bad" : "mark good";
  sum.textContent =
    bad > 0
      ? `${bad} ${bad === 1 ? "thing needs" : "things need"} somebody now.`
      : late
        ? "What was checked is whole, but no check has run for two days: is the server running?"
        : "Everything that was checked is whole.";
  replace(byId("chain", HTMLDivElement), ...chainWords(chain));
  replace(byId("texts", HTMLDivElement), ...textWords(texts));
  replace(byId("recordings", HTMLDivElement), ...recordingWords(recordings));
  replace(byId("failed", HTMLTableSectionElement), ...recordings.failed.map(row));
  show(byId("failed-scroll", HTMLDivElement), recordings.failed.length > 0);
  show(byId("again", HTMLButtonElement), recordings.failed.length > 0);
}

function chainWords(chain: Chain | null): HTMLElement[] {
  if (!chain) return [h("p", {}, "Not checked yet; the first check runs within ten minutes.")];
  const when = `Checked ${moment(chain.at)}: ${chain.rows} rows`;
  if (chain.holds) return [h("p", {}, `${when}, none changed, put in or taken out.`)];
  const broken = chain.broken === null ? "" : ` Row ${chain.broken} is not as it was written.`;
  const lost = chain.lost === 0 ? "" : ` ${chain.lost} rows that were noted are gone or others.`;
  return [
    h("p", { class: "problem" }, `${when}; the audit was changed.${broken}${lost}`),
    h("p", {}, "What to do: "),
    h(
      "ol",
      {},
      h("li", {}, "Tell the privacy officer. Somebody had the data folder and its key in hand."),
      h("li", {}, "Keep the data folder, its audit heads and the newest backups as they are."),
      h("li", {}, "Run chartscribe audit verify on the server and on a restored backup: the ",
        "first backup that does not hold says when it was done."),
    ),
  ];
}

function textWords(texts: Checks["texts"]): HTMLElement[] {
  const { checked_at: at, versions, failed } = texts;
  const read = at
    ? `${versions} versions of reports were read by ${moment(at)}.`
    : "Not checked yet; the first check runs when the server has been up for a while.";
  if (failed.length === 0) return [h("p", {}, read)];
  const line = (one: FailedText) => {
    const { patient } = one;
    const name = patient ? `${fullName(patient)}, MRN ${patient.mrn}` : null;
    const facts = [name, one.work_type_name, one.author_name].filter((fact) => fact !== null);
    const about = facts.length > 0 ? `${facts.join(" · ")}: ` : "";
    const words = `${about}version ${one.version}, report ${one.report}`;
    return h("li", {}, `${words}, found ${moment(one.found_at)}`);
  };
  return [
    h("p", {}, read),
    h("p", { class: "problem" }, `${count(failed.length)} not as saved.`),
    h("p", {}, "What to do: restore the newest backup into an empty place, and compare these ",
      "reports there. Somebody had the data folder and its key in hand."),
    h("ul", {}, ...failed.map(line)),
  ];
}

function recordingWords(recordings: Checks["recordings"]): HTMLElement[] {
  const { checked, waiting, oldest, newest, failed } = recordings;
  const span = oldest && newest ? `, between ${moment(oldest)} and ${moment(newest)}` : "";
  const more = waiting > 0 ? ` ${waiting} new ones wait for their first check.` : "";
  const lines = [h("p", {}, `${checked} recordings were read${span}.${more}`)];
  if (failed.length === 0) return lines;
  const mine = roleMay("lower-label")
    ? "Tell the administrator which files to bring back, and the author: they may have to " +
      "dictate again."
    : "Bring each file back from the newest backup that has it, in the same place, or have the " +
      "sender send the recording again; then read these again.";
  return [
    ...lines,
    h("p", { class: "problem" }, `${count(failed.length)} not as received.`),
    h("p", {}, `What to do: ${mine} If it happens again, have the disk looked at.`),
  ];
}

const count = (failed: number): string =>
  failed === 1 ? "1 of them is" : `${failed} of them are`;

function row(failed: Failed): HTMLTableRowElement {
  return h(
    "tr",
    {},
    h("td", {}, h("span", { class: "mark bad" }, WORDS[failed.finding])),
    h("td", { class: "when" }, moment(failed.checked_at)),
    h("td", {}, ...failed.of.map(whose)),
    h("td", {}, h("code", { class: "file" }, failed.file)),
  );
}

function whose(one: Whose): HTMLElement {
  const { patient } = one;
  const name = patient ? `${fullName(patient)}, MRN ${patient.mrn}` : null;
  const facts = [name, one.work_type_name, one.author_name].filter((fact) => fact !== null);
  return h(
    "div",
    {},
    facts.length > 0 ? h("p", {}, facts.join(" · ")) : null,
    h("p", { class: "sub" }, `received ${moment(one.received_at)}, dictation ${one.dictation}`),
  );
}
