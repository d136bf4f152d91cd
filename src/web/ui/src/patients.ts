// Patient search. The words that are searched for travel in a request body, never in an address.

import { call, goToSignIn, isSignedOut, sentence } from "./api";
import { byId, h, replace, show } from "./dom";
import { sexWord } from "./format";
import { chip } from "./labels";
import type { Patient } from "./wire";

export function patients(): void {
  const form = byId("search", HTMLFormElement);
  const query = byId("query", HTMLInputElement);
  const problem = byId("search-problem", HTMLParagraphElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(problem, false);
    const body = { query: query.value };
    call<{ patients: Patient[] }>("POST", "/api/patients/search", body)
      .then((found) => paint(found.patients))
      .catch((error: unknown) => {
        if (isSignedOut(error)) return goToSignIn();
        problem.textContent = sentence(error);
        show(problem, true);
      });
  });
}

function paint(found: Patient[]): void {
  const noun = found.length === 1 ? "patient" : "patients";
  byId("found", HTMLParagraphElement).textContent = `${found.length} ${noun} found`;
  show(byId("results", HTMLTableElement), found.length > 0);
  const rows = found.map((patient) =>
    h(
      "tr",
      {},
      h("td", {}, h("a", { href: `/patients/${patient.id}` }, fullName(patient)), ...marks(patient)),
      h("td", {}, patient.mrn),
      h("td", {}, patient.birth_date),
      h("td", {}, patient.sealed ? "" : sexWord(patient.sex)),
    ),
  );
  replace(byId("patients", HTMLTableSectionElement), ...rows);
}

/** A sealed patient's labels are not told, only that there are some. */
function marks(patient: Patient): (Node | string)[] {
  if (patient.sealed) return [" ", h("span", { class: "mark sealed" }, "Sealed")];
  return patient.labels.flatMap((label) => [" ", chip(label)]);
}

/** A sealed patient has one word for a name. */
export const fullName = (patient: Patient): string =>
  patient.given_name === ""
    ? patient.family_name
    : `${patient.family_name}, ${patient.given_name}`;
