// One's own account: password, second factor, sessions, delegate.
//
// Invariant: a secret is shown once, when it is made, and is nowhere after the page is left.

import { Refused, call, goToSignIn, isSignedOut, sentence } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace, show } from "./dom";
import { moment } from "./format";
import { submits } from "./forms";
import { houseStyle } from "./house-style";
import { username } from "./person";
import type { Account, Delegation, Enrolment, Person } from "./wire";

/** A delegation that is offered, in days; the person changes it. */
const OFFERED_DAYS = 7;

export function account(): void {
  changePassword();
  void showFactor();
  const everywhere = byId("everywhere", HTMLButtonElement);
  everywhere.addEventListener("click", () => void signOutEverywhere());
  if (document.getElementById("delegations")) void showDelegations();
  if (document.getElementById("delegate-form")) void delegate();
  if (document.getElementById("house-style")) houseStyle();
}

function changePassword(): void {
  const form = byId("password-form", HTMLFormElement);
  submits(form, "password-problem", async () => {
    const value = (id: string) => byId(id, HTMLInputElement).value;
    if (value("new") !== value("again")) throw new Error("the new passwords differ");
    const body = { present: value("present"), new: value("new") };
    await call("POST", "/api/account/password", body).catch((error: unknown) => {
      throw ownPassword(error);
    });
    location.assign("/sign-in#password-changed");
  });
}

/** Who is signed in is not in doubt here, only the password. */
function ownPassword(error: unknown): unknown {
  const wrong = error instanceof Refused && error.body.code === "sign-in-failed";
  return wrong ? new Error("the present password is wrong") : error;
}

async function showFactor(): Promise<void> {
  const place = byId("factor", HTMLDivElement);
  try {
    const { second_factor } = await call<Account>("GET", "/api/account");
    replace(place, ...(second_factor ? enrolled() : notEnrolled()));
  } catch (error) {
    failFactor(error);
  }
}

function failFactor(error: unknown): void {
  if (isSignedOut(error)) return goToSignIn();
  const problem = byId("factor-problem", HTMLParagraphElement);
  problem.textContent = sentence(error);
  show(problem, true);
}

function enrolled(): HTMLElement[] {
  return [
    h("p", {}, h("span", { class: "mark good" }, "On"), " Signing in asks for a code as well."),
    h("div", { class: "row" }, button("Remove…", removeFactor)),
  ];
}

async function removeFactor(): Promise<void> {
  const done = await ask({
    title: "Remove the second factor",
    body: [h("p", {}, "Your password alone will let you in. Your recovery codes are void.")],
    fields: [{ name: "password", label: "Your password", kind: "password", required: true }],
    confirm: "Remove",
    danger: true,
    work: ({ password }) =>
      call<void>("POST", "/api/account/second-factor/remove", { password }).catch(
        (error: unknown) => {
          throw ownPassword(error);
        },
      ),
  });
  if (done) await showFactor();
}

function notEnrolled(): HTMLElement[] {
  const words = "With a second factor, a stolen password alone lets nobody in.";
  const begin = button("Set up…", async () => {
    try {
      show(byId("factor-problem", HTMLParagraphElement), false);
      enrol(await call<Enrolment>("POST", "/api/account/second-factor"));
    } catch (error) {
      failFactor(error);
    }
  });
  return [
    h("p", {}, h("span", { class: "mark" }, "Off"), ` ${words}`),
    h("div", { class: "row" }, begin),
  ];
}

function enrol(enrolment: Enrolment): void {
  const secret = new URL(enrolment.url).searchParams.get("secret") ?? "";
  const code = h("input", {
    id: "first-code",
    required: true,
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: 12,
  });
  const picture = h("img", {
    class: "qr",
    src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(enrolment.picture)}`,
    alt: "QR code for your authenticator app; the secret stands below as text",
  });
  const form = h(
    "form",
    { class: "stack", autocomplete: "off" },
    h("p", {}, "1. Scan this with an authenticator app, or type the secret."),
    picture,
    h("p", {}, "Secret ", h("code", { class: "secret" }, secret.replace(/(.{4})(?=.)/g, "$1 "))),
    h("label", { for: code.id }, "2. Code that the app shows"),
    code,
    h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, "Confirm"),
      button("Cancel", showFactor, { class: "quiet" })),
  );
  replace(byId("factor", HTMLDivElement), form);
  submits(form, "factor-problem", async () => {
    const body = { code: code.value };
    const made = await call<{ recovery_codes: string[] }>(
      "POST",
      "/api/account/second-factor/confirm",
      body,
    );
    showRecovery(made.recovery_codes);
  });
  code.focus();
}

function showRecovery(codes: string[]): void {
  const kept = button("I have kept them", showFactor);
  replace(
    byId("factor", HTMLDivElement),
    h("p", {}, h("span", { class: "mark good" }, "On"), " Signing in asks for a code from now on."),
    h(
      "section",
      { class: "recovery", "aria-label": "Recovery codes" },
      h("p", {}, h("strong", {}, `Chartscribe recovery codes of ${username()}. `),
        "Each lets you in once where your device is lost. They are shown only now."),
      h("ol", {}, ...codes.map((code) => h("li", {}, h("code", {}, code)))),
    ),
    h("div", { class: "row" }, button("Print", () => window.print(), { class: "primary" }), kept),
  );
}

async function signOutEverywhere(): Promise<void> {
  try {
    await call("DELETE", "/api/account/sessions");
    location.assign("/sign-in#signed-out");
  } catch (error) {
    const problem = byId("sessions-problem", HTMLParagraphElement);
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

async function showDelegations(): Promise<void> {
  try {
    const { delegations } = await call<{ delegations: Delegation[] }>("GET", "/api/delegates");
    replace(byId("delegations", HTMLUListElement), ...delegations.map(delegationView));
    show(byId("delegations-none", HTMLParagraphElement), delegations.length === 0);
  } catch (error) {
    failDelegations(error);
  }
}

function failDelegations(error: unknown): void {
  if (isSignedOut(error)) return goToSignIn();
  const problem = byId("delegations-problem", HTMLParagraphElement);
  problem.textContent = sentence(error);
  show(problem, true);
}

function delegationView({ author, delegate, from, until }: Delegation): HTMLLIElement {
  const words = `${delegate.display_name} for ${author.display_name}`;
  const time = `${moment(from)} to ${moment(until)}`;
  const end = async () => {
    try {
      const names = { author: author.username, delegate: delegate.username };
      await call("POST", "/api/delegates/end", names);
      announce(`Ended: ${words}`);
      await showDelegations();
    } catch (error) {
      failDelegations(error);
    }
  };
  const label = `End now: ${words}`;
  // A delegate sees whom they stand in for; ending it is not theirs.
  const theirs = delegate.username !== username() || author.username === username();
  return h(
    "li",
    { class: "row" },
    h("span", {}, h("strong", {}, words), h("span", { class: "sub" }, time)),
    theirs && button("End now", end, { class: "small", "aria-label": label }),
  );
}

async function delegate(): Promise<void> {
  const form = byId("delegate-form", HTMLFormElement);
  const done = byId("delegate-done", HTMLParagraphElement);
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement | null;
  const now = new Date();
  const from = field("from");
  const until = field("until");
  if (from) from.value = localValue(now);
  if (until) until.value = localValue(new Date(now.getTime() + OFFERED_DAYS * 86_400_000));
  submits(form, "delegate-problem", async () => {
    done.textContent = "";
    const instant = (name: string) => new Date(field(name)?.value ?? "").toISOString();
    const author = field("author")?.value;
    const body = {
      ...(author ? { author } : {}),
      delegate: field("delegate")?.value,
      from: instant("from"),
      until: instant("until"),
    };
    await call("POST", "/api/delegates", body);
    done.textContent = "Named. It ends by itself.";
    await showDelegations();
  });
  try {
    const { authors } = await call<{ authors: Person[] }>("GET", "/api/authors");
    const options = (people: Person[]) =>
      people.map((one) => h("option", { value: one.username }, one.display_name));
    const away = document.getElementById("away");
    if (away) replace(away, ...options(authors));
    const others = authors.filter((one) => away !== null || one.username !== username());
    replace(byId("delegate", HTMLSelectElement), ...options(others));
  } catch (error) {
    const problem = byId("delegate-problem", HTMLParagraphElement);
    problem.textContent = sentence(error);
    show(problem, true);
  }
}

/** A time as a `datetime-local` field takes it: local, to the minute. */
function localValue(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
