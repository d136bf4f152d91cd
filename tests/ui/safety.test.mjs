// What a person typed is never lost and never overwrites what another person typed.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import {
  api,
  browser,
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

useSite();

const reportOf = (page) => path.basename(new URL(page.url()).pathname);

const newest = async (page) => (await api(page, "GET", `/api/reports/${reportOf(page)}`)).body;

test("two browsers on one report never overwrite each other", async () => {
  const first = await person("mara.quill");
  await takeDemonstration(first.page);
  const second = await person("mara.quill");
  await second.page.goto(first.page.url());
  await second.page.getByRole("button", { name: "Give it back" }).waitFor();
  await reportText(first.page).fill("What the first browser wrote.");
  await saved(first.page, 1);
  await reportText(second.page).fill("What the second browser wrote.");
  await second.page.getByText("Someone else has saved version 1").waitFor();
  await second.page.getByText("Show version 1").click();
  await second.page.locator(".banner pre").getByText("What the first browser wrote.").waitFor();
  await shot(second.page, "report-stale");
  assert.equal(await textOf(second.page), "What the second browser wrote.");
  assert.equal((await newest(second.page)).text, "What the first browser wrote.");
  await second.page.getByRole("button", { name: "Load version 1, keep mine below" }).click();
  assert.equal(await textOf(second.page), "What the first browser wrote.");
  const kept = second.page.getByLabel("Your unsaved text");
  assert.equal(await kept.inputValue(), "What the second browser wrote.");
  await shot(second.page, "report-kept");
  await reportText(second.page).fill("Both.");
  await saved(second.page, 2);
  assert.equal((await newest(first.page)).text, "Both.");
  assert.deepEqual([...first.faults, ...second.faults], []);
  await first.context.close();
  await second.context.close();
});

test("text typed while the server is killed is saved after it is back", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto("/");
  await page.locator("#rows tr", { hasText: "Testcase, Adam" }).getByRole("link").click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  const text = reportText(page);
  await text.fill("Acknowledged before the crash.");
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  const before = (await newest(page)).version;
  await site.kill("SIGKILL");
  await text.press("Control+End");
  await text.pressSequentially(" Typed while the server was away.");
  await page.getByText("Not saved: the server is away").waitFor();
  await shot(page, "report-away");
  await site.start();
  await page.getByText(/^Saved .* as version \d+$/).waitFor({ timeout: 20_000 });
  const report = await newest(page);
  assert.equal(report.text, "Acknowledged before the crash. Typed while the server was away.");
  assert.equal(report.version, before + 1);
  const old = await api(page, "GET", `/api/reports/${reportOf(page)}/versions/${before}`);
  assert.equal(old.body.text, "Acknowledged before the crash.");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a save that committed but was not answered is recognised as one's own", async () => {
  const { page, context } = await person("mara.quill");
  await page.goto("/");
  await page.locator("#rows tr", { hasText: "Testcase, Adam" }).getByRole("link").click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  const before = (await newest(page)).version;
  let swallowed = 0;
  await page.route("**/versions", async (route) => {
    if (route.request().method() !== "POST" || swallowed > 0) return route.continue();
    swallowed += 1;
    await route.fetch();
    await route.abort();
  });
  await reportText(page).fill("Committed, its answer lost.");
  await saved(page, before + 1);
  assert.equal(swallowed, 1);
  assert.equal((await newest(page)).version, before + 1);
  assert.equal(await page.getByText("Someone else has saved").count(), 0);
  await context.close();
});

test("an upload whose answer was lost is one dictation when it is tried again", async () => {
  const { page, context } = await person("mara.quill");
  const file = await toneFile(site.folder, "tone.wav", 2, 440);
  const keys = [];
  await page.route("**/api/dictations", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.getByLabel("Author").selectOption("tobias.renn");
  await page.getByLabel("Patient MRN").fill("DEMO-1003");
  await page.locator("#files").setInputFiles([file]);
  const item = page.locator("#uploads li");
  await item.getByText("No answer from the server").waitFor();
  await shot(page, "upload-failed");
  await item.getByRole("button", { name: "Try again" }).click();
  await item.getByText(/^(Was received before|Received)/).waitFor();
  assert.equal(new Set(keys).size, 1, "the key is kept");
  const rows = (await api(page, "GET", "/api/worklist")).body.rows;
  assert.equal(rows.filter((row) => row.author_name === "Tobias Renn").length, 1);
  await context.close();
});

test("a page with unsaved text asks before it is left", async () => {
  const { page, context } = await person("mara.quill");
  await page.goto("/");
  await page.locator("#rows tr", { hasText: "Testcase, Adam" }).getByRole("link").click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await page.route("**/versions", (route) => route.abort());
  await reportText(page).press("Control+End");
  await reportText(page).pressSequentially(" and more");
  const asked = page.waitForEvent("dialog");
  const leaving = page.goto("/").catch(() => {});
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await leaving;
  assert.match(await textOf(page), /and more$/);
  await context.close();
});
