// Two signatures where the site asks for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  person,
  reportText,
  saved,
  shot,
  site,
  takeDemonstration,
  useSite,
} from "./harness.mjs";

useSite();

async function give(page, open, title, act) {
  await page.getByRole("button", { name: open }).click();
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.getByLabel("Your password").fill(site.password);
  await shot(page, `dialog-${act.toLowerCase()}`);
  await dialog.getByRole("button", { name: act, exact: true }).click();
}

test("a report is filed with the second of two signatures", async () => {
  await site.command(["user", "cosigner", "ines.hartwell", "tobias.renn"]);
  const typist = await person("mara.quill");
  await takeDemonstration(typist.page);
  const report = typist.page.url();
  await reportText(typist.page).fill("Sinus rhythm. No change since the last visit.");
  await saved(typist.page, 1);
  await typist.page.getByRole("button", { name: "Submit for signature" }).click();
  await typist.page.getByText("With author").or(typist.page.getByText(/is handed on/)).first()
    .waitFor();

  const author = await person("ines.hartwell");
  await author.page.goto(report);
  await give(author.page, "Sign…", "Sign the report", "Sign");
  await author.page.getByText("First signature given · Awaiting cosignature").waitFor();
  assert.equal(await author.page.getByRole("button", { name: "Cosign…" }).count(), 0);

  const cosigner = await person("tobias.renn");
  const row = cosigner.page.locator("#rows tr", { hasText: "Testcase, Adam" });
  await row.getByText("Awaiting cosignature").waitFor();
  await shot(cosigner.page, "worklist-cosigner");
  await row.getByRole("link").click();
  await give(cosigner.page, "Cosign…", "Cosign the report", "Cosign");
  await cosigner.page.getByText(/^Signed by Tobias Renn, DO as cosigner/).waitFor();
  await cosigner.page.getByText(/^Signed by Ines Hartwell, MD as author/).waitFor();
  await shot(cosigner.page, "report-cosigned");
  assert.deepEqual([...typist.faults, ...author.faults, ...cosigner.faults], []);
  for (const { context } of [typist, author, cosigner]) await context.close();
});
