// What was typed and not saved outlives the page, for its person alone and until they sign out.

import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import {
  api,
  fillSignIn,
  person,
  reportText,
  saved,
  site,
  takeDemonstration,
  textOf,
  useSite,
} from "./harness.mjs";

useSite();

const reportOf = (page) => basename(new URL(page.url()).pathname);

/** Rows of the browser's own store, and whether a script can read the key. */
const store = (page) =>
  page.evaluate(async () => {
    const database = await new Promise((resolve) => {
      const opening = indexedDB.open("chartscribe", 1);
      opening.onsuccess = () => resolve(opening.result);
    });
    const all = (name) =>
      new Promise((resolve) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
      });
    const [keys, texts] = [await all("keys"), await all("texts")];
    database.close();
    const readable = await Promise.all(
      keys.map((key) => crypto.subtle.exportKey("raw", key).then(() => true, () => false)),
    );
    const bytes = texts.map((row) => new TextDecoder("latin1").decode(row.sealed)).join();
    return { keys: keys.length, texts: texts.length, readable, bytes };
  });

test("text typed while the server is away outlives the page and is saved later", async () => {
  const { page, context, faults } = await person("mara.quill");
  await takeDemonstration(page);
  await reportText(page).fill("Saved before.");
  await saved(page, 1);
  const report = reportOf(page);
  await site.kill("SIGKILL");
  await reportText(page).press("Control+End");
  await page.keyboard.type(" Typed while it was away.");
  await page.getByText("Not saved: the server is away").waitFor();
  await page.waitForFunction(async () => {
    const names = await indexedDB.databases();
    return names.some((database) => database.name === "chartscribe");
  });
  const seen = await store(page);
  assert.deepEqual([seen.texts, seen.readable], [1, [false]], "no script reads the key");
  assert.ok(!seen.bytes.includes("Typed"), "nothing readable lies in the browser");
  // The tab is gone without a word, as when a browser crashes.
  await page.close({ runBeforeUnload: false });
  await site.start();
  const again = await context.newPage();
  await again.goto(`/reports/${report}`);
  await saved(again, 2);
  assert.equal(await textOf(again), "Saved before. Typed while it was away.");
  const kept = await api(again, "GET", `/api/reports/${report}`);
  assert.equal(kept.body.text, "Saved before. Typed while it was away.");
  assert.deepEqual(faults, []);
  await context.close();
});

test("kept text is not put over what somebody saved meanwhile, but beside it", async () => {
  const { page, context } = await person("mara.quill");
  await page.goto("/");
  await page.locator("#rows tr", { hasText: "Testcase, Adam" }).getByRole("link").click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  const report = reportOf(page);
  await page.route("**/versions", (route) => route.abort());
  await reportText(page).press("Control+End");
  await page.keyboard.type(" Mine.");
  await page.getByText("Not saved: the server is away").waitFor();
  await page.close({ runBeforeUnload: false });
  const other = await person("mara.quill");
  const now = (await api(other.page, "GET", `/api/reports/${report}`)).body;
  const body = { base: now.version, text: `${now.text} Theirs.` };
  const path = `/api/reports/${report}/versions`;
  assert.equal((await api(other.page, "POST", path, body)).status, 201);
  await other.context.close();
  const again = await context.newPage();
  await again.goto(`/reports/${report}`);
  const kept = again.getByLabel("Your unsaved text");
  await kept.waitFor();
  assert.match(await kept.inputValue(), / Mine\.$/);
  assert.match(await textOf(again), / Theirs\.$/);
  await again.getByRole("button", { name: "Discard" }).click();
  await again.reload();
  await again.getByRole("button", { name: "Give it back" }).waitFor();
  assert.equal(await again.getByLabel("Your unsaved text").count(), 0);
  await context.close();
});

test("signing out destroys the key and every text that was kept", async () => {
  const { page, context } = await person("mara.quill");
  await page.goto("/");
  await page.locator("#rows tr", { hasText: "Testcase, Adam" }).getByRole("link").click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await reportText(page).press("Control+End");
  await page.keyboard.type(" More.");
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  assert.equal((await store(page)).keys, 1);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  const left = await store(page);
  assert.deepEqual([left.keys, left.texts], [0, 0]);
  await fillSignIn(page, "mara.quill", site.password);
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await context.close();
});
