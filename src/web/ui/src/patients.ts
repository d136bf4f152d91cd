// Patient search. The words that are searched for travel in a request body, never in an address.

import { Refused, call, goToSignIn, sentence } from "./api";
import { byId, h, replace, show } from "./dom";
import { sexWord } from "./format";
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
        if (error instanceof Refused && error.status === 401) return goToSignIn();
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
      h("td", {}, h("a", { href: `/patients/${patient.id}` }, fullName(patient))),
      h("td", {}, patient.mrn),
      h("td", {}, patient.birth_date),
      h("td", {}, sexWord(patient.sex)),
    ),
  );
  replace(byId("patients", HTMLTableSectionElement), ...rows);
}

export const fullName = (patient: Patient): string =>
  `${patient.family_name}, ${patient.given_name}`;
