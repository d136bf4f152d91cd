// A report without a recording, two reports from one, another author, copies, and pools.

import assert from "node:assert/strict";
import { test } from "node:test";
import { api, person, shot, site, useSite } from "./harness.mjs";

useSite();

test("a typed report is split, moved, signed, and its copy is sent", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.getByLabel("Author", { exact: true }).selectOption("ines.hartwell");
  await page.getByLabel("Patient MRN").fill("DEMO-1002");
  await page.getByRole("button", { name: "Type without a recording" }).click();
  await page.waitForURL("**/reports/*");
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  const path = `/api${new URL(page.url()).pathname}`;
  const text = "Beatrice is well.\n\nThe next patient has a cough.";
  assert.equal((await api(page, "POST", `${path}/versions`, { base: 1, text })).status, 201);
  await page.reload();
  await page.getByRole("button", { name: "Copies…" }).click();
  await page.getByLabel("Recipients").fill("Dr. Smith; Fax 555-0100\nCity Clinic");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByRole("button", { name: "Split…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("The second report begins with").selectOption({ index: 0 });
  await shot(page, "moves-split");
  await dialog.getByRole("button", { name: "Split", exact: true }).click();
  await page.waitForURL((url) => !path.endsWith(url.pathname));
  await page.getByRole("button", { name: "Move…" }).click();
  await page.getByRole("dialog").getByLabel("Dictated by").selectOption("tobias.renn");
  await page.getByRole("dialog").getByRole("button", { name: "Move", exact: true }).click();
  await page.getByText("Tobias Renn").first().waitFor();
  await shot(page, "moves-moved");
  const first = (await api(page, "GET", path)).body;
  assert.equal(first.text, "Beatrice is well.");
  const submit = { version: first.version, to_qa: false };
  assert.equal((await api(page, "POST", `${path}/submit`, submit)).status, 204);
  assert.deepEqual(faults, []);
  await context.close();

  const author = await person("ines.hartwell");
  const sign = { version: first.version, digest: first.digest, password: site.password };
  assert.equal((await api(author.page, "POST", `${path}/sign`, sign)).status, 204);
  await author.context.close();
  const records = await person("lena.folio");
  await records.page.getByRole("link", { name: "Copies" }).click();
  const row = records.page.locator("#copies tr", { hasText: "Dr. Smith" });
  await row.waitFor();
  await shot(records.page, "moves-copies");
  await row.getByRole("button", { name: "Sent" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal(await records.page.locator("#copies tr").count(), 1);
  assert.deepEqual(records.faults, []);
  await records.context.close();
});

test("a pool narrows what a typist sees", async () => {
  const reviewer = await person("owen.pagett");
  await reviewer.page.goto("/quality");
  await reviewer.page.getByLabel("Person (user name)").fill("mara.quill");
  await reviewer.page.getByLabel("Code of the work type, or department").fill("OP");
  await reviewer.page.getByRole("button", { name: "Add the line" }).click();
  await reviewer.page.getByText("works on work type OP").waitFor();
  await shot(reviewer.page, "moves-pools");
  assert.deepEqual(reviewer.faults, []);
  await reviewer.context.close();
  const { page, context } = await person("mara.quill");
  await page.getByText(/^\d+ reports?$/).waitFor();
  assert.equal(await page.locator("#rows").getByText("DEMO-1001").count(), 0);
  await context.close();
});
