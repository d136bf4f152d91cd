// QA with a score, the signing list, the life of a report, and what is counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { person, reportText, shot, site, takeDemonstration, useSite } from "./harness.mjs";

/** Far above what the demonstration's recording takes. */
const LISTENING_MS = 120_000;

useSite();

let report;

/** Opens the score and notes an error. */
async function note(page, dialog) {
  await page.getByRole("button", { name: "Score the work…" }).click();
  await dialog.getByRole("button", { name: "Add an error" }).click();
  await dialog.getByLabel("Kind of error").selectOption("side");
  await dialog.getByLabel("Said").fill("left knee");
  await dialog.getByLabel("Written").fill("right knee");
}

/** Hears the recording to its end, at three times its speed, and notes the error again. */
async function listenTo(page, dialog) {
  const faster = page.getByRole("button", { name: /^Faster/ });
  while ((await page.locator(".speed").textContent()) !== "3×") await faster.click();
  await page.getByRole("button", { name: /^Play/ }).click();
  await page.waitForFunction(() => document.querySelector("audio").ended, null, {
    timeout: LISTENING_MS,
  });
  await note(page, dialog);
  return dialog.getByRole("button", { name: "Give the score" });
}

test("a sampled report is scored by QA and the editor reads it", async () => {
  const reviewer = await person("owen.pagett");
  await reviewer.page.goto("/quality");
  await reviewer.page.getByLabel("Rule").selectOption("editor");
  await reviewer.page.getByLabel("User name", { exact: true }).fill("mara.quill");
  await reviewer.page.getByLabel("Percent").fill("100");
  await reviewer.page.getByRole("button", { name: "Set the rule" }).click();
  await reviewer.page.getByText("Editor: Mara Quill").waitFor();
  await shot(reviewer.page, "quality-sampling");

  const typist = await person("mara.quill");
  await takeDemonstration(typist.page);
  report = new URL(typist.page.url()).pathname;
  await reportText(typist.page).fill("Right knee swollen. No fever.");
  await typist.page.getByText(/^Saved \d\d:\d\d as version/).waitFor();
  await typist.page.getByRole("button", { name: "Submit for signature" }).click();
  await typist.page.getByText(/In QA|handed on/).first().waitFor();

  const { page } = reviewer;
  await page.goto(report);
  await page.getByRole("button", { name: "Take this report" }).click();
  const dialog = page.getByRole("dialog");
  await note(page, dialog);
  await dialog.getByText("Score 97: fails").waitFor();
  await dialog.getByRole("button", { name: "Give the score" }).click();
  await dialog.getByText(/reading alone is no review: 0 of its/).waitFor();
  await shot(page, "quality-score");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  const given = await listenTo(page, dialog);
  await given.click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Pass QA" }).click();
  await page.getByText(/With author|handed on/).first().waitFor();

  await typist.page.goto("/quality");
  await typist.page.getByText("Wrong side").waitFor();
  await typist.page.getByRole("button", { name: "Answer…" }).click();
  await typist.page.getByRole("dialog").getByLabel("What you say to it").fill("He said right.");
  await typist.page.getByRole("dialog").getByRole("button", { name: "Answer" }).click();
  await typist.page.getByText("Answer: He said right.").waitFor();
  await typist.page.getByRole("cell", { name: "Mara Quill" }).first().waitFor();
  await shot(typist.page, "quality-scores");
  assert.deepEqual([...typist.faults, ...reviewer.faults], []);
  for (const { context } of [typist, reviewer]) await context.close();
});

test("an author reads and signs from the signing list, and the report's life tells it", async () => {
  const { page, context, faults } = await person("ines.hartwell");
  await page.locator("#notice-sign").getByText("1").waitFor();
  await page.getByRole("link", { name: /^Sign/ }).click();
  await page.getByText("Right knee swollen. No fever.").waitFor();
  await page.getByText("1 waiting, 1 read").waitFor();
  await shot(page, "sign-list");
  await page.getByRole("button", { name: "Sign 1 read…" }).click();
  await page.getByRole("dialog").getByLabel("Your password").fill("not the password");
  await page.getByRole("dialog").getByRole("button", { name: "Sign", exact: true }).click();
  await page.getByText("The user name or the password is wrong.").waitFor();
  await page.getByRole("dialog").getByLabel("Your password").fill(site.password);
  await shot(page, "sign-batch");
  await page.getByRole("dialog").getByRole("button", { name: "Sign", exact: true }).click();
  await page.getByText("Nothing waits for your signature.").waitFor();
  await page.goto(`${report}/life`);
  await page.getByText("Signed", { exact: true }).waitFor();
  await page.getByText("Scored by QA").waitFor();
  assert.equal(await page.getByText("Viewed", { exact: true }).count(), 0);
  await shot(page, "life");
  assert.deepEqual(faults, []);
  await context.close();
  const officer = await person("petra.vance");
  await officer.page.goto(`${report}/life`);
  await officer.page.getByText("Viewed", { exact: true }).first().waitFor();
  await shot(officer.page, "life-with-looks");
  await officer.context.close();
});
