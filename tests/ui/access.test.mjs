// Nothing that keeps a person with a screen reader or a keyboard out: axe-core on every page.

import { test } from "node:test";
import { check } from "./axe.mjs";
import { api, browser, person, shot, site, useSite } from "./harness.mjs";

useSite();

async function visit(page, address, text) {
  await page.goto(address);
  await page.getByText(text).first().waitFor();
  await check(page, address);
}

/** The ids of the demonstration's report and patient. */
async function records(page) {
  const rows = (await api(page, "GET", "/api/worklist")).body.rows;
  const { report } = rows.find((row) => row.mrn === "DEMO-1001");
  const query = { query: "DEMO-1001" };
  const found = (await api(page, "POST", "/api/patients/search", query)).body.patients;
  return { report, patient: found[0].id };
}

for (const colorScheme of ["light", "dark"]) {
  test(`no page has a serious fault (${colorScheme})`, async () => {
    const signedOut = await browser.newContext({ baseURL: site.address, colorScheme });
    const door = await signedOut.newPage();
    await visit(door, "/sign-in", "Medical dictation");
    await door.getByRole("button", { name: "I have a reset code" }).click();
    await check(door, "reset");
    await signedOut.close();

    const { page, context } = await person("ines.hartwell", { colorScheme });
    const { report, patient } = await records(page);
    await visit(page, "/", "Testcase, Adam");
    await visit(page, "/patients", "Name or MRN");
    await visit(page, `/patients/${patient}`, "Documents");
    await visit(page, `/reports/${report}/print`, "Not signed.");
    await visit(page, "/sign", "To sign");
    await visit(page, "/dictate", "Patient MRN");
    await visit(page, "/licences", "Code by others");
    await visit(page, "/account", "With a second factor");
    await page.getByRole("button", { name: "Set up…" }).click();
    await page.getByRole("img").waitFor();
    await check(page, "enrolment");
    await visit(page, `/reports/${report}`, "Flags");
    await page.getByRole("button", { name: "Add label…" }).click();
    await check(page, "dialog");
    await context.close();

    const reviewer = await person("owen.pagett", { colorScheme });
    await visit(reviewer.page, "/quality", "Sampling for QA");
    await reviewer.context.close();
    const keeper = await person("lena.folio", { colorScheme });
    await visit(keeper.page, "/copies", "Copies to send");
    await visit(keeper.page, `/reports/${report}/life`, "Life of a report");
    await keeper.context.close();

    const admin = await person("admin", { colorScheme });
    await visit(admin.page, "/people", "Ines Hartwell");
    await visit(admin.page, "/account", "For all authors");
    await admin.context.close();

    const officer = await person("petra.vance", { colorScheme });
    await visit(officer.page, "/privacy", "Lower a label");
    await visit(officer.page, "/audit", "Check the chain");
    await visit(officer.page, "/checks", "Daily checks");
    await officer.page.goto("/audit");
    await officer.page.getByRole("button", { name: "Search" }).click();
    await officer.page.locator("#audit-rows tr").first().waitFor();
    await check(officer.page, "audit rows");
    await officer.context.close();
  });
}

test("sealed records and broken glass have no serious fault", async () => {
  const { page, context } = await person("lena.folio");
  const { report, patient } = await records(page);
  await api(page, "POST", `/api/patients/${patient}/labels`, { label: "VIP" });
  await visit(page, "/", "Restricted");
  await visit(page, `/reports/${report}`, "This record is sealed");
  await visit(page, `/patients/${patient}`, "This record is sealed");
  const why = { reason: "emergency", note: "Called to the bedside." };
  await api(page, "POST", `/api/patients/${patient}/glass`, why);
  await visit(page, `/reports/${report}`, "Glass broken");
  await visit(page, `/patients/${patient}`, "Glass broken");
  await visit(page, `/reports/${report}/print`, "Glass broken");
  const officer = await person("petra.vance", { colorScheme: "dark" });
  await visit(officer.page, "/privacy", "Called to the bedside.");
  await shot(officer.page, "dark-privacy");
  await officer.context.close();
  await context.close();
});
