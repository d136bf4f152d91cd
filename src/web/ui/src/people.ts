// Everybody with an account, and the department each belongs to.

import { attempt as attemptWork } from "./attempt";
import { call } from "./api";
import { ask } from "./dialog";
import { announce, button, byId, h, replace } from "./dom";
import type { Member, People } from "./wire";

export function people(): void {
  void attempt(load);
}

const attempt = (work: () => Promise<void>) => attemptWork("people-problem", work);

async function load(): Promise<void> {
  const { people, departments } = await call<People>("GET", "/api/people");
  const rows = people.map((person) => rowView(person, departments));
  replace(byId("people", HTMLTableSectionElement), ...rows);
}

function rowView(person: Member, departments: string[]): HTMLTableRowElement {
  const { display_name, username, roles, department, active } = person;
  const label = `Department of ${display_name}`;
  return h(
    "tr",
    {},
    h("td", {}, h("strong", {}, display_name), h("span", { class: "sub" }, username)),
    h("td", {}, roles.join(", "), !active && h("span", { class: "sub" }, "may not sign in")),
    h("td", {}, department ?? "–"),
    h(
      "td",
      { class: "row-actions" },
      button("Department…", () => change(person, departments), { "aria-label": label }),
    ),
  );
}

async function change(person: Member, suggestions: string[]): Promise<void> {
  const { display_name, username } = person;
  const done = await ask({
    title: `Department of ${display_name}`,
    body: [h("p", {}, "Its house style, normals and terms hold for what the person dictates.")],
    fields: [
      {
        name: "department",
        label: "Department; empty for none",
        kind: "text",
        maxlength: 60,
        value: person.department ?? "",
        suggestions,
      },
    ],
    confirm: "Save",
    work: async ({ department = "" }) => {
      const body = { username, department: department.trim() || null };
      await call<void>("POST", "/api/people/department", body);
    },
  });
  if (!done) return;
  announce(`The department of ${display_name} is changed.`);
  await attempt(load);
}
