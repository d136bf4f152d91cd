// Names, notes and report text are text on every page, whatever is in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  api,
  person,
  reportText,
  saved,
  shot,
  site,
  takeDemonstration,
  toneFile,
  textOf,
  useSite,
} from "./harness.mjs";

const HOSTILE = `"><img src=x onerror="window.harmed=1"><script>window.harmed=2</script>{{7*7}}`;

useSite();

async function unharmed(page) {
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.equal(await page.locator("img").count(), 0);
}

test("report text, notes and versions are shown as text", async () => {
  const { page, context, faults } = await person("mara.quill");
  await takeDemonstration(page);
  const address = page.url();
  await reportText(page).fill(HOSTILE);
  await saved(page, 1);
  const report = address.split("/").pop();
  const flag = { kind: "AUTHOR-BLANK", note: HOSTILE, start_ms: 0, end_ms: 10 };
  const raised = await api(page, "POST", `/api/reports/${report}/flags`, flag);
  assert.equal(raised.status, 201);
  await page.goto(`${address}#version-1`);
  await page.getByRole("dialog", { name: "Version 1" }).getByText("window.harmed").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("#flags").getByText("window.harmed").waitFor();
  assert.equal(await textOf(page), HOSTILE);
  await shot(page, "hostile-report");
  await unharmed(page);
  const specialist = await person("lena.folio");
  await specialist.page.goto(`${address}/print`);
  const sheet = await specialist.page.locator(".sheet").innerText();
  assert.ok(sheet.includes(HOSTILE), "the printed text is the text");
  await unharmed(specialist.page);
  assert.deepEqual([...faults, ...specialist.faults], []);
  await specialist.context.close();
  await context.close();
});

test("patient names and work lists are shown as text", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.route("**/api/worklist*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const names = { patient_name: HOSTILE, author_name: HOSTILE, assignee_name: HOSTILE };
    body.rows = body.rows.map((row) => ({ ...row, ...names, mrn: HOSTILE }));
    await route.fulfill({ response, json: body });
  });
  await page.goto("/");
  await page.locator("#rows").getByText("window.harmed").first().waitFor();
  await unharmed(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the name of a dropped file is shown as text", async () => {
  const { page, context, faults } = await person("mara.quill");
  const file = await toneFile(site.folder, `<img src=x onerror=alert(1)>.wav`, 1, 500);
  await page.getByLabel("Author").selectOption("ines.hartwell");
  await page.locator("#files").setInputFiles([file]);
  await page.locator(".upload-name", { hasText: "<img src=x" }).waitFor();
  await page.locator("#uploads").getByText(/^Received/).waitFor();
  await unharmed(page);
  assert.deepEqual(faults, []);
  await context.close();
});
