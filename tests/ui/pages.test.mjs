// Every page by keyboard and by name, in light and dark, with the server's rules kept.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import {
  REPOSITORY,
  TRANSCRIPTION_MS,
  browser,
  fillSignIn,
  person,
  reportText,
  shot,
  site,
  takeDemonstration,
  toneFile,
  useSite,
} from "./harness.mjs";

useSite();

/** Controls that a screen reader would announce without a name. */
const nameless = (page) =>
  page.evaluate(() => {
    const named = (element) =>
      element.getAttribute("aria-label") ||
      element.getAttribute("aria-labelledby") ||
      element.textContent.trim() ||
      [...(element.labels ?? [])].some((label) => label.textContent.trim());
    return [...document.querySelectorAll("button, a[href], input, select, textarea, audio, dialog")]
      .filter((element) => element.checkVisibility() && element.tagName !== "AUDIO")
      .filter((element) => !named(element))
      .map((element) => element.outerHTML);
  });

test("every control of every page has a name", async () => {
  const { page, context, faults } = await person("ines.hartwell");
  for (const address of ["/", "/patients"]) {
    await page.goto(address);
    await page.waitForLoadState("load");
    assert.deepEqual(await nameless(page), [], address);
  }
  await page.goto("/");
  await page.locator("#rows a").first().click();
  await page.getByRole("heading", { name: "Flags" }).waitFor();
  assert.deepEqual(await nameless(page), []);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the recording is played, stepped and slowed by keys from within the text", async () => {
  const { page, context, faults } = await person("mara.quill");
  await takeDemonstration(page);
  await reportText(page).focus();
  const audio = page.locator("audio");
  const get = (name) => audio.evaluate((element, name) => element[name], name);
  await page.keyboard.press("F8");
  await page.waitForFunction(() => !document.querySelector("audio").paused);
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 0.2);
  await page.keyboard.press("Control+Space");
  assert.equal(await get("paused"), true);
  const before = await get("currentTime");
  await page.keyboard.press("F9");
  assert.ok((await get("currentTime")) > before + 2.5);
  await page.keyboard.press("F7");
  await page.keyboard.press("F2");
  assert.equal(await get("playbackRate"), 0.85);
  await page.keyboard.press("F4");
  assert.equal(await get("playbackRate"), 1);
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(focused, "Report text");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a transcription is stopped and begun again from the worklist", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.getByLabel("Author").selectOption("tobias.renn");
  await page.getByLabel("Patient MRN").fill("DEMO-1003");
  await page.locator("#files").setInputFiles([path.join(REPOSITORY, "tests/data/medium.flac")]);
  const row = page.locator("#rows tr", { hasText: "Tobias Renn" });
  await row.getByRole("button", { name: "Stop" }).click();
  const stopped = page.locator("#rows tr", { hasText: "Stopped" });
  await stopped.waitFor();
  await shot(page, "worklist-stopped");
  await stopped.getByRole("button", { name: "Try again" }).click();
  await stopped.waitFor({ state: "detached", timeout: TRANSCRIPTION_MS });
  assert.deepEqual(faults, []);
  await context.close();
});

test("the list of one browser follows what happens in another", async () => {
  const watching = await person("lena.folio");
  const acting = await person("mara.quill");
  await acting.page.getByLabel("Author").selectOption("ines.hartwell");
  await acting.page.getByLabel("Patient MRN").fill("DEMO-1004");
  const file = await toneFile(site.folder, "live.wav", 3, 700);
  await acting.page.locator("#files").setInputFiles([file]);
  await acting.page.locator("#uploads").getByText(/^Received/).waitFor();
  await watching.page.locator("#rows").getByText("DEMO-1004").waitFor({ timeout: 3000 });
  await watching.context.close();
  await acting.context.close();
});

test("an address that needs a session leads to the sign-in page and back", async () => {
  const context = await browser.newContext({ baseURL: site.address });
  const page = await context.newPage();
  await page.goto("/patients");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  await fillSignIn(page, "lena.folio", "wrong password, wrong password");
  await page.getByText("The user name or the password is wrong.").waitFor();
  await shot(page, "sign-in-failed");
  await fillSignIn(page, "lena.folio", site.password);
  await page.waitForURL("**/patients");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  await page.goto("/patients");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  await context.close();
});

test("the pages are readable in the dark", async () => {
  const dark = await person("mara.quill", { colorScheme: "dark" });
  await dark.page.locator("#rows tr").first().waitFor();
  await shot(dark.page, "dark-worklist");
  await dark.page.locator("#rows a").first().click();
  await dark.page.getByRole("heading", { name: "Versions" }).waitFor();
  await shot(dark.page, "dark-report");
  assert.deepEqual(dark.faults, []);
  await dark.context.close();
});

test("a worklist that is longer than its page says so", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.route("**/api/worklist*", async (route) => {
    const response = await route.fetch();
    const list = await response.json();
    await route.fulfill({ response, json: { ...list, total: list.rows.length + 312 } });
  });
  await page.goto("/");
  await page.getByText(/^\d+ of \d{3} shown; the filters show the others/).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
