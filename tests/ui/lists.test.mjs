// The lists: desks, search, views, the next report, many at once, and handing over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { person, shot, site, takeDemonstration, toneFile, useSite } from "./harness.mjs";

useSite();

/** Sends recordings of tones, about these patients, and stops their transcription. */
async function upload(page, records) {
  for (const [index, mrn] of records.entries()) {
    await page.getByLabel("Author", { exact: true }).selectOption("ines.hartwell");
    await page.getByLabel("Patient MRN").fill(mrn);
    const file = await toneFile(site.folder, `tone-${mrn}.wav`, 2, 500 + index * 50);
    await page.locator("#files").setInputFiles([file]);
    await page.locator("#rows").getByText(mrn).waitFor();
  }
}

test("a typist finds, takes, gives back and keeps a view", async () => {
  const { page, context, faults } = await person("mara.quill");
  await takeDemonstration(page);
  const text = "Chest clear. No wheeze heard today.";
  await page.getByLabel("Report text").fill(text);
  await page.getByText(/^Saved \d\d:\d\d as version/).waitFor();
  await page.goto("/");
  await upload(page, ["DEMO-1002", "DEMO-1003"]);
  const desks = page.getByRole("group", { name: "Desks" });
  await desks.getByRole("button", { name: "In my hands 1" }).waitFor();
  await shot(page, "lists-worklist");

  await page.getByLabel("Words of the report").fill('"no wheeze"');
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("1 report found").first().waitFor();
  assert.equal(await page.locator("#rows tr").count(), 1);
  assert.ok(!page.url().includes("wheeze"), "what is searched for is not in the address");
  await shot(page, "lists-search");
  await page.getByRole("button", { name: "Back to the list" }).click();
  await page.locator("#rows").getByText("DEMO-1003").waitFor();

  await desks.getByRole("button", { name: /^In my hands/ }).click();
  await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1);
  await page.getByRole("button", { name: "Keep as a view…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("My own");
  await page.getByRole("dialog").getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByRole("button", { name: "Remove view" }).waitFor();
  await page.reload();
  await page.getByLabel("View").selectOption("My own");
  await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1);
  await page.getByLabel("Choose all that are shown").check();
  await shot(page, "lists-chosen");
  await page.getByRole("button", { name: "Give back" }).click();
  await desks.getByRole("button", { name: "In my hands 0" }).waitFor();
  await page.getByRole("button", { name: "Take the next" }).click();
  await page.getByText(/Nothing is there to be taken/).waitFor();
  await desks.getByRole("button", { name: "Everything" }).click();
  await page.getByRole("button", { name: "Take the next" }).click();
  await page.waitForURL("**/reports/*");
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("records staff hand a report to another typist", async () => {
  const { page, context, faults } = await person("lena.folio");
  const row = page.locator("#rows tr", { hasText: "DEMO-1001" });
  await row.getByRole("checkbox").check();
  await page.getByLabel("Hand to").selectOption({ label: "Where it can be taken" });
  await page.getByRole("button", { name: "Hand over" }).click();
  await row.getByText("Draft waiting").waitFor();
  await page.locator("#bulk").waitFor({ state: "hidden" });
  await row.getByRole("checkbox").check();
  await page.getByLabel("Hand to").selectOption("mara.quill");
  await page.getByRole("button", { name: "Hand over" }).click();
  await row.getByText("In edit").waitFor();
  await shot(page, "lists-handed");
  const stopped = page.locator("#rows tr", { hasText: "DEMO-1002" });
  await stopped.waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
