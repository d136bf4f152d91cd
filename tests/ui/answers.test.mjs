// A blank that its author answers by voice: recorded, heard by the real engine, offered, taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./axe.mjs";
import { TRANSCRIPTION_MS, api, person, scripted, shot } from "./harness.mjs";
import { spoken, take, textOf, useSite } from "./harness.mjs";
import { speaking } from "./voice.mjs";

const HEARD = spoken(["He", "takes", "____", "for", "his", "heart."]);

const SPEAKS = { permissions: ["microphone"] };

let report;

useSite(async (site) => {
  report = await scripted(site, { heard: HEARD, seconds: 4, mrn: "DEMO-1003" });
  return speaking(site);
});

/** Brings the report with its open blank to its author. */
async function ask() {
  const typist = await person("mara.quill");
  await take(typist.page, report);
  const path = `/api/reports/${report}`;
  const flag = { kind: "AUTHOR-BLANK", note: "Which medicine?", start_ms: 800, end_ms: 1200 };
  assert.equal((await api(typist.page, "POST", `${path}/flags`, flag)).status, 201);
  const submit = { version: 1, to_qa: true };
  assert.equal((await api(typist.page, "POST", `${path}/submit`, submit)).status, 204);
  await typist.context.close();
  const reviewer = await person("owen.pagett", SPEAKS);
  await api(reviewer.page, "POST", `${path}/claim`);
  await tryByVoice(reviewer.page);
  assert.equal((await api(reviewer.page, "POST", `${path}/qa`, { version: 1 })).status, 204);
  await reviewer.context.close();
}

/** QA may answer by voice too; here it begins, and leaves the answer to the author. */
async function tryByVoice(page) {
  await page.goto(`/reports/${report}`);
  await page.getByRole("button", { name: "Answer by voice…" }).click();
  const dialog = page.getByRole("dialog", { name: "Answer the blank by voice" });
  await dialog.getByRole("button", { name: "Record the answer" }).click();
  await dialog.getByText(/Recording… 0:0/).waitFor();
  const discarded = page.waitForResponse((answer) => answer.url().endsWith("/discard"));
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await discarded).status(), 204);
}

test("the author says the missing words, sees what was heard, and fills them in", async () => {
  await ask();
  const { page, context, faults } = await person("ines.hartwell", SPEAKS);
  await page.goto(`/reports/${report}`);
  const flag = page.locator("#flags li", { hasText: "Which medicine?" });
  await flag.getByRole("button", { name: "Answer by voice…" }).click();
  const dialog = page.getByRole("dialog", { name: "Answer the blank by voice" });
  await dialog.getByRole("button", { name: "Record the answer" }).click();
  await dialog.getByText(/Recording… 0:0[4-9]/).waitFor();
  await check(page, "while an answer is recorded");
  await dialog.getByRole("button", { name: "Stop" }).click();
  await dialog.getByText(/^Heard: /).waitFor({ timeout: TRANSCRIPTION_MS });
  const words = dialog.getByLabel("The words, as they will stand");
  assert.match(await words.inputValue(), /furosemide|potassium|weigh/i);
  await check(page, "an answer that was heard");
  await shot(page, "answers-heard");
  assert.match(await textOf(page), /takes ____ for/, "nothing is put in by itself");
  await words.fill("furosemide");
  await dialog.getByRole("button", { name: "Fill in" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Filled in: furosemide").waitFor();
  assert.match(await textOf(page), /He takes furosemide for his heart\./);
  await page.getByRole("button", { name: "Sign…" }).waitFor();
  const { answers } = (await api(page, "GET", `/api/reports/${report}/answers`)).body;
  assert.deepEqual([answers.length, answers[0].state], [1, "taken"]);
  const sound = await page.evaluate(
    async (id) => (await (await fetch(`/api/dictations/${id}/audio`)).arrayBuffer()).byteLength,
    answers[0].dictation,
  );
  assert.ok(sound > 44 + 4 * 32_000, "the recording of the answer is kept");
  // In one step: the list of flags may be drawn anew while one waits for it to be at rest.
  const answer = page.locator("#flags .spoken-answer");
  await answer.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await shot(page, "answers-taken");
  assert.deepEqual(faults, []);
  await context.close();
});
