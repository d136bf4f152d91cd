// The daily checks: a changed byte of a recording is told to those who can do something about it,
// and the notices of the code by others can be read.

import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { check } from "./axe.mjs";
import { api, person, shot, site, toneFile, useSite } from "./harness.mjs";

useSite();

/** Files of stored recordings. */
async function recordings() {
  const folder = path.join(site.folder, "data", "audio");
  const all = await readdir(folder, { recursive: true });
  const found = all.filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(name));
  return found.map((name) => path.join(folder, name));
}

async function turnByte(file) {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(file, bytes);
}

test("a changed byte is on the page of the privacy officer and of the administrator", async () => {
  const before = await recordings();
  const tone = await toneFile(site.folder, "tone.wav", 3, 350);
  const fields = ["--author", "ines.hartwell", "--mrn", "DEMO-1002", "--work-type", "PN"];
  await site.command(["import", tone, ...fields]);
  const [added] = (await recordings()).filter((file) => !before.includes(file));
  await turnByte(added);
  // A server that starts reads at once what was never read.
  await site.kill("SIGTERM");
  await site.start();

  const admin = await person("admin");
  await admin.page.locator("#notice-checks").getByText("1").waitFor();
  await admin.page.getByRole("link", { name: /^Checks/ }).click();
  await admin.page.getByText("The file is not what was received").waitFor();
  await admin.page.getByText(path.basename(added)).waitFor();
  const words = await admin.page.locator("main").textContent();
  assert.ok(!/Beatrice|DEMO-1002|Hartwell/.test(words), "nothing about a patient");
  await check(admin.page, "checks");
  await shot(admin.page, "checks-administrator");

  const officer = await person("petra.vance", { colorScheme: "dark" });
  await officer.page.goto("/checks");
  await officer.page.getByText("Testcase, Beatrice, MRN DEMO-1002").waitFor();
  await check(officer.page, "checks of the privacy officer");
  await shot(officer.page, "checks-officer");

  await turnByte(added);
  await admin.page.getByRole("button", { name: "Read these again" }).click();
  await admin.page.getByText("Everything that was checked is whole.").waitFor();
  assert.deepEqual([...admin.faults, ...officer.faults], []);
  const author = await person("ines.hartwell");
  assert.equal((await api(author.page, "GET", "/api/checks")).status, 403);
  assert.equal(await author.page.getByRole("link", { name: /^Checks/ }).count(), 0);
  for (const { context } of [admin, officer, author]) await context.close();
});

test("the notices of the code by others are a link away from one's account", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto("/account");
  await page.getByRole("link", { name: "Code by others" }).click();
  await page.getByText("@codemirror/view").waitFor();
  await page.getByText("Permission is hereby granted").first().waitFor();
  await check(page, "licences");
  await shot(page, "licences");
  assert.deepEqual(faults, []);
  await context.close();
});
