// Labels, sealed records, broken glass and its review.

import assert from "node:assert/strict";
import { test } from "node:test";
import { api, person, shot, useSite } from "./harness.mjs";

const WHY = "Covering the ward tonight.";

useSite();

async function search(page, words) {
  await page.goto("/patients");
  await page.getByLabel("Name or MRN").fill(words);
  await page.getByRole("button", { name: "Search" }).click();
}

async function breakGlass(page) {
  await page.getByRole("button", { name: "Break the glass…" }).click();
  const dialog = page.getByRole("dialog", { name: "Break the glass" });
  await dialog.getByText("The privacy officer is told").waitFor();
  await dialog.getByLabel("Reason").selectOption("coverage");
  const note = dialog.getByLabel(/^Why you need it now/);
  await note.fill("Too short");
  await dialog.getByRole("button", { name: "Break the glass" }).click();
  assert.ok(await dialog.isVisible(), "nine characters are not enough");
  await note.fill(`   ${WHY.slice(0, 5)}   `);
  await dialog.getByRole("button", { name: "Break the glass" }).click();
  await dialog.getByText("Say why, in 10 characters or more.").waitFor();
  await note.fill(WHY);
  await shot(page, "dialog-glass");
  await dialog.getByRole("button", { name: "Break the glass" }).click();
  await page.getByText(/^Glass broken: open to you until \d\d:\d\d; reviewed by the/).waitFor();
}

async function label(page, word) {
  await page.getByRole("button", { name: "Add label…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a label" });
  await dialog.getByLabel("Label").selectOption({ label: word });
  return dialog;
}

test("a labelled patient is sealed until the glass is broken, which is reviewed", async () => {
  const { page, context, faults } = await person("lena.folio");
  await page.locator("#rows").getByText("Testcase, Adam").click();
  await page.getByRole("heading", { name: "Flags" }).waitFor();
  const report = page.url();
  await search(page, "DEMO-1001");
  await page.getByRole("link", { name: "Testcase, Adam" }).click();
  const dialog = await label(page, "VIP or employee");
  await shot(page, "dialog-label");
  await dialog.getByRole("button", { name: "Add the label" }).click();
  await page.getByRole("heading", { name: "This record is sealed" }).waitFor();
  await shot(page, "chart-sealed");
  assert.ok(!(await page.content()).includes("Testcase"), "nothing of it is in the page");

  await page.goto("/");
  await page.locator("#rows").getByText("Restricted").waitFor();
  await page.locator("#rows").getByText("Sealed").waitFor();
  await shot(page, "worklist-sealed");
  await search(page, "DEMO-1001");
  await page.locator("#patients").getByText("Restricted").waitFor();
  await page.locator("#patients").getByText("Sealed").waitFor();
  await shot(page, "patients-sealed");
  await page.goto(`${report}/print`);
  await page.getByRole("heading", { name: "This record is sealed" }).waitFor();
  await page.goto(report);
  await page.getByRole("heading", { name: "This record is sealed" }).waitFor();
  assert.ok(!(await page.locator("#report").isVisible()));
  await shot(page, "report-sealed");

  await breakGlass(page);
  await page.getByRole("heading", { name: "Testcase, Adam" }).waitFor();
  await page.locator("#patient").getByText("VIP or employee").waitFor();
  await shot(page, "report-glass");
  await page.getByRole("link", { name: "Testcase, Adam" }).click();
  await page.getByText(/^Glass broken: open to you until/).waitFor();
  await page.locator(".patient").getByText("VIP or employee").waitFor();
  await shot(page, "chart-glass");
  await page.goto(`${report}/print`);
  await page.getByText(/^Glass broken: open to you until/).waitFor();
  await shot(page, "print-glass");
  assert.deepEqual(faults, []);
  await context.close();
  await review(report);
});

/** The privacy officer closes the review and lowers the label. */
async function review(report) {
  const { page, context, faults } = await person("petra.vance");
  const waiting = page.locator(".review", { hasText: "Lena Folio" });
  await waiting.getByText(WHY).waitFor();
  await waiting.getByText("I cover for a colleague").waitFor();
  await shot(page, "privacy");
  await waiting.getByRole("button", { name: "VIP or employee: lower…" }).click();
  await page.getByLabel("Reason").last().selectOption("set-in-error");
  await page.getByRole("dialog").getByRole("button", { name: "Lower the label" }).click();
  await waiting.getByRole("button", { name: /lower/ }).waitFor({ state: "detached" });
  await waiting.getByRole("button", { name: "Write the finding…" }).click();
  await page.getByLabel(/^Finding/).fill("She covered the ward that night.");
  await page.getByRole("button", { name: "Close the review" }).click();
  await page.getByText("No broken glass waits for a review.").waitFor();
  const closed = page.locator("#reviewed .review", { hasText: "Lena Folio" });
  await closed.getByText("She covered the ward that night.").waitFor();
  await closed.getByText(WHY).waitFor();
  await closed.getByText(/^Petra Vance/).waitFor();
  await shot(page, "privacy-reviewed");

  const author = await person("ines.hartwell");
  await author.page.goto(report);
  const dialog = await label(author.page, "Psychiatric");
  await dialog.getByLabel("Of").selectOption({ label: "This report" });
  await dialog.getByRole("button", { name: "Add the label" }).click();
  await author.page.locator("#patient").getByText("Psychiatric").waitFor();
  await shot(author.page, "report-labels");
  await page.getByRole("textbox", { name: "Id" }).fill(report.split("/").pop());
  await page.getByRole("combobox", { name: "Label" }).selectOption("PSY");
  await page.getByLabel("Reason").selectOption("no-longer-applies");
  await page.getByRole("button", { name: "Lower the label" }).click();
  await page.getByText("Lowered.").waitFor();
  await author.page.reload();
  await author.page.getByRole("heading", { name: "Flags" }).waitFor();
  assert.equal(await author.page.locator("#patient").getByText("Psychiatric").count(), 0);
  assert.deepEqual([...faults, ...author.faults], []);
  await author.context.close();
  await context.close();
}

test("whoever may not break the glass is told whom to turn to", async () => {
  const records = await person("lena.folio");
  const rows = (await api(records.page, "GET", "/api/worklist")).body.rows;
  const { report } = rows.find((row) => row.mrn === "DEMO-1001");
  const labelled = await api(records.page, "POST", `/api/reports/${report}/labels`, {
    label: "RESTRICTED",
  });
  assert.equal(labelled.status, 204);
  const { page, context, faults } = await person("mara.quill");
  await page.goto(`/reports/${report}`);
  await page.getByText("turn to the author or to the privacy officer").waitFor();
  assert.equal(await page.getByRole("button", { name: "Break the glass…" }).count(), 0);
  await shot(page, "report-sealed-typist");
  assert.deepEqual(faults, []);
  await records.context.close();
  await context.close();
});
