// Two recordings of one report become one: text, sound, flags and the way back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./axe.mjs";
import { api, person, scripted, shot, spoken, take, textOf, useSite } from "./harness.mjs";

const FIRST = spoken(["The", "chest", "is", "clear", "on", "both", "sides."]);
const SECOND = spoken(["The", "heart", "is", ["regular.", 0.4]]);

let first;
let second;

useSite(async (site) => {
  const of = { mrn: "DEMO-1003" };
  first = await scripted(site, { heard: FIRST, seconds: 4, frequency: 300, ...of });
  second = await scripted(site, { heard: SECOND, seconds: 3, frequency: 500, ...of });
});

/** The line in which the heard word stands. */
const lineHeard = (page) =>
  page
    .locator("#text .heard")
    .first()
    .evaluate((word) => word.closest(".cm-line").textContent);

test("a second recording is joined, played, found from its words, and taken back", async () => {
  const { page, context, faults } = await person("mara.quill");
  await take(page, first);
  await page.getByRole("button", { name: "Join…" }).click();
  const dialog = page.getByRole("dialog", { name: "Join another report to this one" });
  const choice = dialog.getByLabel("What follows");
  assert.match(await choice.locator("option").first().textContent(), /The heart is regular/);
  await check(page, "the dialog of a join");
  await shot(page, "joins-dialog");
  await dialog.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText("A second report was joined on").waitFor();
  assert.match(await textOf(page), /both sides\.\n\nThe heart is regular\./);
  await page.getByText("0:07", { exact: false }).first().waitFor();
  await check(page, "a joint report");
  await shot(page, "joins-joined");
  // The doubt of the second recording is at its place in the joint one.
  await page.locator("#text .unsure", { hasText: "regular" }).waitFor();
  await page.getByRole("button", { name: "Its recording from 0:04" }).click();
  await page.waitForFunction(
    () => document.querySelector("audio").currentTime >= 4.9,
    null,
  );
  await page.getByRole("button", { name: /^Pause/ }).click();
  assert.match(await lineHeard(page), /^The heart is regular\.$/);
  const gone = await api(page, "GET", `/api/reports/${second}`);
  assert.equal(gone.status, 403, "the typist works on the one report now");
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("A second report was joined on").waitFor({ state: "detached" });
  assert.match(await textOf(page), /^The chest is clear on both sides\.$/);
  const back = await api(page, "GET", `/api/reports/${second}`);
  assert.equal(back.body.stage, "editing", "and the other is in the typist's hands");
  assert.deepEqual(faults, []);
  await context.close();
});
