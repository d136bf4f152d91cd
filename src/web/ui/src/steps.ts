// What a person can do with the report next: take it, hand it on, sign it.
//
// Invariant: only the acts in `report.may` are offered; an act that names a version is sent only
// after everything typed has been saved.

import { call } from "./api";
import { ask } from "./dialog";
import { button, h, replace } from "./dom";
import { fullName } from "./patients";
import { scoreReport } from "./qa-score";
import { joinReport } from "./joins";
import { moveReport, setCopies, splitReport } from "./report-moves";
import type { Report } from "./wire";

export interface StepContext {
  report: Report;
  /** Saves what is typed; false when it could not. */
  flush(): Promise<boolean>;
  version(): number;
  reload(): Promise<void>;
  /** The report has left the person's hands. */
  handedOn(): void;
  /** Tells the server what of the recording sounded until now. */
  tellPlayed(): Promise<void>;
  fail(error: unknown): void;
}

type Step = [act: string, view: (context: StepContext) => HTMLElement[]];

const STEPS: Step[] = [
  ["claim-report", (c) => [step(c, "Take this report", "claim", {}, "primary")]],
  [
    "submit-report",
    (c) =>
      c.report.flags.some((flag) => flag.state === "open")
        ? [step(c, "Submit to QA", "submit", { to_qa: true }, "primary")]
        : [
            step(c, "Submit for signature", "submit", { to_qa: false }, "primary"),
            step(c, "Send to QA", "submit", { to_qa: true }),
          ],
  ],
  ["score-report", (c) => [button("Score the work…", () => score(c))]],
  ["pass-qa", (c) => [step(c, "Pass QA", "qa", {}, "primary")]],
  ["sign-report", (c) => [button("Sign…", () => sign(c, AUTHOR), { class: "primary" })]],
  ["cosign-report", (c) => [button("Cosign…", () => sign(c, COSIGNER), { class: "primary" })]],
  ["begin-addendum", (c) => [button("Add an addendum", () => addendum(c))]],
  ["return-report", (c) => [button("Return with a note…", () => returnReport(c))]],
  ["move-report", (c) => [button("Move…", () => changed(c, moveReport))]],
  ["split-report", (c) => [button("Split…", () => split(c))]],
  ["join-reports", (c) => [button("Join…", () => join(c))]],
  ["set-copies", (c) => [button("Copies…", () => changed(c, setCopies))]],
  ["assign-patient", (c) => [button("Assign patient…", () => assign(c))]],
  ["release-report", (c) => [step(c, "Give it back", "release", {}, "quiet")]],
  ["stop-transcription", (c) => machine(c, "Stop transcription", "stop")],
  ["retry-transcription", (c) => machine(c, "Transcribe again", "retry")],
  [
    "print-report",
    (c) => [h("a", { class: "button", href: `/reports/${c.report.id}/print` }, "Print")],
  ],
  [
    "view-life",
    (c) => [h("a", { class: "button", href: `/reports/${c.report.id}/life` }, "Its life")],
  ],
];

/** Acts whose request names the version that was seen. */
const WITH_VERSION = ["submit", "qa"];

/** Acts after which the report is no longer in the person's hands. */
const HANDING_ON = ["submit", "qa", "release"];

export function paintSteps(place: HTMLElement, context: StepContext): void {
  const views = STEPS.filter(([act]) => context.report.may.includes(act)).flatMap(([act, view]) => {
    const made = view(context);
    made[0]?.setAttribute("data-act", act);
    return made;
  });
  const none = h("p", { class: "hint" }, "Nothing for you to do here.");
  replace(place, ...(views.length > 0 ? views : [none]));
}

/** Does what a dialog asks for, on what is saved, and shows what has become of it. */
async function changed(
  context: StepContext,
  dialog: (report: Report) => Promise<boolean>,
): Promise<void> {
  try {
    if (await dialog(context.report)) await context.reload();
  } catch (error) {
    context.fail(error);
  }
}

async function split(context: StepContext): Promise<void> {
  try {
    await saved(context);
    await context.reload();
    const made = await splitReport(context.report);
    if (made) location.assign(`/reports/${made}`);
  } catch (error) {
    context.fail(error);
  }
}

/** The page is opened anew: its recording is another one now. */
async function join(context: StepContext): Promise<void> {
  try {
    await saved(context);
    await context.reload();
    const before = context.report.version;
    if (!(await joinReport(context.report))) return;
    await context.reload();
    if (context.report.version !== before) location.reload();
  } catch (error) {
    context.fail(error);
  }
}

async function score(context: StepContext): Promise<void> {
  await context.tellPlayed();
  if (await scoreReport(context.report.id)) await context.reload();
}

const base = (context: StepContext): string => `/api/reports/${context.report.id}`;

function step(
  context: StepContext,
  label: string,
  path: string,
  body: Record<string, unknown>,
  style = "",
): HTMLButtonElement {
  const work = async () => {
    try {
      await saved(context);
      const seen = WITH_VERSION.includes(path) ? { version: context.version() } : {};
      const hasBody = WITH_VERSION.includes(path);
      await call("POST", `${base(context)}/${path}`, hasBody ? { ...seen, ...body } : undefined);
      if (HANDING_ON.includes(path)) context.handedOn();
      await context.reload();
    } catch (error) {
      context.fail(error);
      await context.reload();
    }
  };
  return button(label, work, { class: style });
}

async function saved(context: StepContext): Promise<void> {
  if (!(await context.flush())) {
    throw new Error("your text is not saved yet; nothing was handed on");
  }
}

function machine(context: StepContext, label: string, act: string): HTMLElement[] {
  const { dictation } = context.report;
  if (!dictation) return [];
  return [
    button(label, () =>
      call<void>("POST", `/api/dictations/${dictation}/${act}`)
        .then(() => context.reload())
        .catch((error: unknown) => context.fail(error)),
    ),
  ];
}

async function returnReport(context: StepContext): Promise<void> {
  const done = await ask({
    title: "Return the report",
    fields: [{ name: "note", label: "What has to be done", kind: "note", required: true }],
    confirm: "Return",
    work: async ({ note }) => {
      await saved(context);
      await call("POST", `${base(context)}/return`, { note });
    },
  });
  if (!done) return;
  context.handedOn();
  await context.reload();
}

async function assign(context: StepContext): Promise<void> {
  const done = await ask({
    title: "Assign the patient",
    fields: [
      {
        name: "mrn",
        label: "MRN",
        kind: "text",
        required: true,
        value: context.report.patient?.mrn ?? context.report.given_mrn ?? "",
      },
      { name: "encounter", label: "Encounter (optional)", kind: "text" },
    ],
    confirm: "Assign",
    work: ({ mrn, encounter }) =>
      call("POST", `${base(context)}/patient`, encounter ? { mrn, encounter } : { mrn }),
  });
  if (done) await context.reload();
}

async function addendum(context: StepContext): Promise<void> {
  try {
    const made = await call<{ report: string }>("POST", `${base(context)}/addenda`);
    location.assign(`/reports/${made.report}`);
  } catch (error) {
    context.fail(error);
  }
}

interface Signing {
  path: string;
  title: string;
  confirm: string;
  promise: string;
}

const AUTHOR: Signing = {
  path: "sign",
  title: "Sign the report",
  confirm: "Sign",
  promise: "By signing I state that I have read this text and that it is mine.",
};

const COSIGNER: Signing = {
  path: "cosign",
  title: "Cosign the report",
  confirm: "Cosign",
  promise: "By cosigning I state that I have read this text and stand behind it.",
};

/** Shows exactly what will be signed, and signs only that. */
async function sign(context: StepContext, signing: Signing): Promise<void> {
  try {
    await saved(context);
    await context.reload();
  } catch (error) {
    return context.fail(error);
  }
  const { report } = context;
  const { version, digest, patient } = report;
  const facts = h(
    "dl",
    { class: "facts" },
    h("dt", {}, "Patient"),
    h("dd", {}, patient ? `${fullName(patient)}, MRN ${patient.mrn}` : "Not assigned"),
    h("dt", {}, "Author"),
    h("dd", {}, report.author.display_name),
    h("dt", {}, "Report"),
    h("dd", {}, report.work_type_name),
    h("dt", {}, "Version"),
    h("dd", {}, String(version)),
    h("dt", {}, "SHA-256"),
    h("dd", { class: "digest" }, digest),
  );
  const { title, confirm, promise } = signing;
  const path = `${base(context)}/${signing.path}`;
  const done = await ask({
    title,
    body: [facts, h("p", {}, promise)],
    fields: [{ name: "password", label: "Your password", kind: "password", required: true }],
    confirm,
    work: ({ password }) => call("POST", path, { version, digest, password }),
  });
  if (done) await context.reload();
}
