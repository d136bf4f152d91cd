// One spoken recording goes the whole road through the pages, with the real speech model.

import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import {
  REPOSITORY,
  TRANSCRIPTION_MS,
  person,
  reportText,
  saved,
  shot,
  site,
  textOf,
  useSite,
} from "./harness.mjs";

const SPOKEN = path.join(REPOSITORY, "tests/data/short.flac");
const OTHER = path.join(REPOSITORY, "tests/data/medium.flac");
const CORRECTED =
  "Start furosemide 40 mg by mouth every morning. Weigh the patient daily. Repeat the " +
  "potassium on Friday.";

useSite();

const row = (page, text) => page.locator("#rows tr", { hasText: text });

async function upload(page) {
  const renamed = path.join(site.folder, "not audio.wav");
  await copyFile(path.join(REPOSITORY, "README.md"), renamed).catch(() =>
    copyFile(path.join(REPOSITORY, "Cargo.toml"), renamed),
  );
  await page.getByLabel("Author").selectOption("ines.hartwell");
  await page.getByLabel("Patient MRN").fill("DEMO-1002");
  await page.getByLabel("Work type").selectOption("PN");
  await page.getByText("STAT", { exact: true }).first().click();
  await page.locator("#files").setInputFiles([SPOKEN, renamed]);
  const good = page.locator("#uploads li", { hasText: "short.flac" });
  await good.getByText(/^Received, 0:0\d/).waitFor();
  const refused = page.locator("#uploads li", { hasText: "not audio.wav" });
  await refused.getByText(/cannot be used; nothing was stored/).waitFor();
  assert.ok(await refused.getByRole("button", { name: "Try again" }).isVisible());
  await refused.getByRole("button", { name: "Remove" }).click();
  assert.equal(await refused.count(), 0);
  await page.getByLabel("Patient MRN").fill("NOBODY-7");
  await page.getByText("Routine", { exact: true }).first().click();
  await page.locator("#files").setInputFiles([OTHER]);
  const flagged = page.locator("#uploads li", { hasText: "medium.flac" });
  await flagged.getByText(/flagged: Patient identity/).waitFor();
}

async function transcriptionist() {
  const { page, context, faults } = await person("mara.quill");
  await upload(page);
  await row(page, "Testcase, Beatrice").getByText(/Transcribing|Queued|Draft waiting/).waitFor();
  await shot(page, "worklist-transcribing");
  // The demonstration's minute of speech need not be waited for.
  await row(page, "Testcase, Adam").getByRole("button", { name: "Stop" }).click();
  const first = page.locator("#rows tr").first();
  await first.getByText("STAT").waitFor();
  await row(page, "Testcase, Beatrice")
    .getByText("Draft waiting")
    .waitFor({ timeout: TRANSCRIPTION_MS });
  await row(page, "Testcase, Beatrice").getByRole("link").click();
  await page.getByRole("button", { name: "Take this report" }).click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  const text = reportText(page);
  assert.match(await textOf(page), /morning/i, "the engine heard the recording");
  await text.fill(CORRECTED);
  await saved(page, 2);
  await blank(page);
  await shot(page, "report-editing");
  await page.getByRole("button", { name: "Submit to QA" }).click();
  await page.getByText("In progress · In QA").or(page.getByText("Incomplete · In QA")).or(
    page.getByText(/is handed on/)).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

async function blank(page) {
  const text = reportText(page);
  await text.press("Control+End");
  await text.pressSequentially(" Follow up in ");
  await text.press("Control+b");
  const dialog = page.getByRole("dialog", { name: "Insert a blank" });
  await dialog.getByLabel("Note for the next reader").fill("Number of weeks not heard.");
  await shot(page, "dialog-blank");
  await dialog.getByRole("button", { name: "Insert" }).click();
  await page.locator("#flags li", { hasText: "Number of weeks not heard." }).waitFor();
  assert.match(await textOf(page), /Follow up in ____$/);
  await page.getByText(/^Saved .* as version [34]$/).waitFor();
}

async function reviewer() {
  const { page, context, faults } = await person("owen.pagett");
  await row(page, "Testcase, Beatrice").getByRole("link").click();
  await page.getByRole("button", { name: "Take this report" }).click();
  const text = reportText(page);
  await page.getByRole("button", { name: "Pass QA" }).waitFor();
  await text.fill(`${CORRECTED} Follow up in two weeks.`);
  await page.getByText(/^Saved .* as version \d$/).waitFor();
  const flag = page.locator("#flags li", { hasText: "Number of weeks not heard." });
  await flag.getByRole("button", { name: /^Hear/ }).click();
  await flag.getByRole("button", { name: "Resolve…" }).click();
  await page.getByLabel("What was found").fill("Two weeks, heard at half speed.");
  await page.getByRole("button", { name: "Resolve", exact: true }).click();
  await flag.getByText(/^resolved/).waitFor();
  await others(page);
  await shot(page, "report-qa");
  await page.getByRole("button", { name: "Pass QA" }).click();
  await page.getByText(/With author/).or(page.getByText(/is handed on/)).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

// Settles what the machine flagged, such as look-alike medicines.
async function others(page) {
  const open = page.locator("#flags li").filter({ has: page.getByRole("button", { name: "Resolve…" }) });
  for (let left = await open.count(); left > 0; left -= 1) {
    await open.first().getByRole("button", { name: "Resolve…" }).click();
    await page.getByLabel("What was found").fill("As dictated.");
    await page.getByRole("button", { name: "Resolve", exact: true }).click();
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll("#flags li button")].filter((button) =>
          button.textContent.startsWith("Resolve"),
        ).length < count,
      left,
    );
  }
}

async function author() {
  const { page, context, faults } = await person("ines.hartwell");
  await row(page, "Testcase, Beatrice").getByText("Awaiting signature").waitFor();
  await shot(page, "worklist-author");
  await row(page, "Testcase, Beatrice").getByRole("link").click();
  await page.getByRole("button", { name: "Sign…" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign the report" });
  assert.match(await dialog.innerText(), /Testcase, Beatrice[\s\S]*SHA-256\s+[0-9a-f]{64}/);
  await dialog.getByLabel("Your password").fill("not the password");
  await dialog.getByRole("button", { name: "Sign" }).click();
  await dialog.getByText(/password is wrong/).waitFor();
  await shot(page, "dialog-sign");
  await dialog.getByLabel("Your password").fill(site.password);
  await dialog.getByRole("button", { name: "Sign" }).click();
  await page.getByText(/^Signed by/).waitFor();
  assert.ok((await reportText(page).getAttribute("aria-readonly")) === "true");
  await shot(page, "report-signed");
  await filed(page);
  await addendum(page);
  assert.deepEqual(faults, []);
  await context.close();
}

async function filed(page) {
  const report = page.url();
  await page.getByRole("link", { name: "Testcase, Beatrice" }).click();
  await page.getByRole("heading", { name: "Documents" }).waitFor();
  await shot(page, "chart");
  const versions = await page.locator(".versions-of a").count();
  assert.ok(versions >= 3, "every version can be reached from the chart");
  await page.locator(".versions-of a", { hasText: /^1$/ }).click();
  await page.getByRole("dialog", { name: "Version 1" }).getByText(/morning/i).waitFor();
  await shot(page, "version");
  await page.goto(`${report.split("#")[0]}/print`);
  const sheet = await page.locator(".sheet").innerText();
  assert.ok(sheet.includes(`${CORRECTED} Follow up in two weeks.`), sheet);
  assert.match(sheet, /Signed by Ines Hartwell, MD as author/);
  await shot(page, "print");
  await page.goto(report);
}

async function addendum(page) {
  await page.getByRole("button", { name: "Add an addendum" }).click();
  await page.getByText("the report it adds to").waitFor();
  await reportText(page).fill("Potassium on Friday was 4.1.");
  await saved(page, 2);
  await page.getByRole("button", { name: "Sign…" }).click();
  await page.getByLabel("Your password").fill(site.password);
  await page.getByRole("dialog").getByRole("button", { name: "Sign" }).click();
  await page.getByText(/^Signed by/).waitFor();
  await page.getByRole("link", { name: "Testcase, Beatrice" }).click();
  await page.locator(".documents .documents", { hasText: "addendum" }).waitFor();
  await shot(page, "chart-addendum");
}

async function recordsSpecialist() {
  const { page, context, faults } = await person("lena.folio");
  await page.getByRole("link", { name: "Patients" }).click();
  await page.getByLabel("Name or MRN").fill("Test");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "Testcase, Beatrice" }).waitFor();
  await shot(page, "patients");
  assert.ok(!page.url().includes("Test"), "what was searched for is not in the address");
  await page.getByRole("link", { name: "Testcase, Beatrice" }).click();
  await page.locator(".document > a").first().click();
  await page.getByText(/^Signed by/).waitFor();
  const text = await textOf(page);
  assert.ok(text.includes("furosemide 40 mg"), "the filed report holds the expected words");
  assert.deepEqual(faults, []);
  await context.close();
}

test("a spoken recording is transcribed, corrected, reviewed, signed and filed", async () => {
  await transcriptionist();
  await reviewer();
  await author();
  await recordsSpecialist();
});
