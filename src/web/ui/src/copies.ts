// Copies that are to be sent, and those that are noted as sent.

import { attempt as attemptWork } from "./attempt";
import { call } from "./api";
import { button, byId, h, replace, show } from "./dom";

interface Row {
  report: string;
  number: number;
  recipient: string;
  address: string;
  work_type_name: string;
  author_name: string;
}

export function copies(): void {
  void attempt(load);
}

const attempt = (work: () => Promise<void>) => attemptWork("copies-problem", work);

async function load(): Promise<void> {
  const { copies } = await call<{ copies: Row[] }>("GET", "/api/copies");
  replace(byId("copies", HTMLTableSectionElement), ...copies.map(rowView));
  show(byId("copies-none", HTMLParagraphElement), copies.length === 0);
}

function rowView(row: Row): HTMLTableRowElement {
  const sent = () =>
    attempt(async () => {
      await call("POST", `/api/reports/${row.report}/copies/${row.number}/sent`);
      await load();
    });
  return h(
    "tr",
    {},
    h("td", {}, h("strong", {}, row.recipient), h("span", { class: "sub" }, row.address)),
    h("td", {}, row.work_type_name),
    h("td", {}, row.author_name),
    h(
      "td",
      { class: "row-actions" },
      h("a", { class: "button", href: `/reports/${row.report}/print` }, "Print"),
      " ",
      button("Sent", sent),
    ),
  );
}
