// The audit page: search, a patient's access report, the check of the chain.

import assert from "node:assert/strict";
import { test } from "node:test";
import { person, shot, useSite } from "./harness.mjs";

useSite();

test("who looked at a patient's record is found, and reported", async () => {
  const records = await person("lena.folio");
  await records.page.locator("#rows").getByText("Testcase, Adam").click();
  await records.page.getByRole("heading", { name: "Flags" }).waitFor();
  await records.context.close();

  const { page, context, faults } = await person("jonas.ledger");
  const rows = page.locator("#audit-rows tr");
  await page.getByLabel("User name").fill("lena.folio");
  await page.getByLabel("Act", { exact: true }).selectOption("view-report");
  await page.getByRole("button", { name: "Search" }).click();
  await rows.filter({ hasText: "Lena Folio (lena.folio)" }).first().waitFor();
  assert.equal(await rows.count(), await rows.filter({ hasText: "view-report" }).count());
  await shot(page, "audit");

  await page.getByRole("button", { name: "Access report of the patient" }).click();
  await page.getByText("An access report needs the patient's MRN.").waitFor();
  await page.getByLabel("Patient MRN").fill("DEMO-1001");
  await page.getByRole("button", { name: "Access report of the patient" }).click();
  await page.getByText(/^Access report of Testcase, Adam, MRN DEMO-1001/).waitFor();
  await rows.filter({ hasText: "Lena Folio" }).first().waitFor();
  await shot(page, "audit-report");
  assert.ok(!page.url().includes("DEMO"), "whom it is about is not in the address");

  await page.getByLabel("Patient MRN").fill("NOBODY-1");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("There is no such patient.").waitFor();
  await page.getByRole("button", { name: "Check the chain" }).click();
  await page.getByText(/^The chain holds: \d+ rows/).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("the audit is not for whoever works with records", async () => {
  const { page, context } = await person("mara.quill");
  assert.equal(await page.getByRole("link", { name: "Audit" }).count(), 0);
  await page.goto("/audit");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText(/Your role does not allow this act/).waitFor();
  await context.close();
});
