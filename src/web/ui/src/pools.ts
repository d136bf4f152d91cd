// Who works on what: part of the page of quality.

import { call, sentence } from "./api";
import { button, byId, h, replace, show } from "./dom";
import { submits } from "./forms";

interface Line {
  username: string;
  display_name: string;
  kind: string;
  value: string;
}

const WORDS: Record<string, string> = {
  "work-type": "works on work type",
  department: "works for the department",
};

export function pools(): void {
  const form = byId("pool", HTMLFormElement);
  submits(form, "pool-problem", async () => {
    const values = new FormData(form);
    const value = (name: string) => String(values.get(name) ?? "").trim();
    const body = { username: value("username"), kind: value("kind"), value: value("value") };
    await call("POST", "/api/pools", { ...body, there: true });
    await load();
  });
  void load().catch(fail);
}

function fail(error: unknown): void {
  const problem = byId("pool-problem", HTMLParagraphElement);
  problem.textContent = sentence(error);
  show(problem, true);
}

async function load(): Promise<void> {
  const { lines } = await call<{ lines: Line[] }>("GET", "/api/pools");
  replace(byId("pools", HTMLTableSectionElement), ...lines.map(lineView));
  show(byId("pools-none", HTMLParagraphElement), lines.length === 0);
}

function lineView(line: Line): HTMLTableRowElement {
  const { username, kind, value } = line;
  const remove = async () => {
    try {
      await call("POST", "/api/pools", { username, kind, value, there: false });
      await load();
    } catch (error) {
      fail(error);
    }
  };
  return h(
    "tr",
    {},
    h("td", {}, line.display_name),
    h("td", {}, `${WORDS[kind] ?? kind} ${value}`),
    h("td", { class: "row-actions" }, button("Remove", remove)),
  );
}
