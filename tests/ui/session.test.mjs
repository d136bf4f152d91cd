// A session that ends: nothing stays readable, nothing typed is lost, nobody acts for another.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import {
  api,
  browser,
  fillSignIn,
  person,
  reportText,
  saved,
  shot,
  site,
  takeDemonstration,
  textOf,
  useSite,
} from "./harness.mjs";

const KEPT = "Typed, and not saved when the session ended.";

useSite();

/** Ends every session of a person, from a browser of its own. */
async function endSessions(name) {
  const { page, context } = await person(name);
  assert.equal((await api(page, "DELETE", "/api/account/sessions")).status, 204);
  await context.close();
}

const again = (page) => page.getByRole("dialog", { name: "Your session has ended" });

const open = async (page) => {
  await page.goto("/");
  await page.locator("#rows").getByText("Testcase, Adam").click();
  await page.getByRole("heading", { name: "Flags" }).waitFor();
};

test("text that was not saved when the session ended is kept, and saved after signing in again", async () => {
  const { page, context, faults } = await person("mara.quill");
  await takeDemonstration(page);
  await reportText(page).fill("Saved before.");
  await saved(page, 1);
  await page.route("**/versions", (route) => route.abort());
  await reportText(page).fill(KEPT);
  await endSessions("mara.quill");
  await again(page).waitFor();
  await page.unroute("**/versions");
  await shot(page, "session-ended");
  assert.equal(await textOf(page), KEPT);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(painted)));
  assert.ok(await again(page).isVisible(), "it cannot be put aside");
  await again(page).getByLabel("Password").fill("not the password");
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await again(page).getByText("The user name or the password is wrong.").waitFor();
  await again(page).getByLabel("Password").fill(site.password);
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await saved(page, 2);
  assert.equal(await again(page).count(), 0);
  const id = path.basename(new URL(page.url()).pathname);
  const report = (await api(page, "GET", `/api/reports/${id}`)).body;
  assert.equal(report.text, KEPT);
  assert.equal(report.versions.find((line) => line.number === 2).by_name, "Mara Quill");
  assert.deepEqual(faults, []);
  await context.close();
});

test("unsaved text is not saved in the name of whoever signs in meanwhile", async () => {
  const { page, context, faults } = await person("mara.quill");
  await open(page);
  const id = path.basename(new URL(page.url()).pathname);
  const before = (await api(page, "GET", `/api/reports/${id}`)).body.version;
  const other = await context.newPage();
  await other.goto("/sign-in");
  await fillSignIn(other, "lena.folio", site.password);
  await other.waitForURL((url) => url.pathname === "/");
  await reportText(page).fill("Mara's words, in a browser that is Lena's by now.");
  await again(page).waitFor();
  assert.equal((await api(other, "GET", `/api/reports/${id}`)).body.version, before);
  await again(page).getByLabel("Password").fill(site.password);
  await again(page).getByRole("button", { name: "Sign in" }).click();
  await saved(page, before + 1);
  const report = (await api(page, "GET", `/api/reports/${id}`)).body;
  assert.equal(report.versions.find((line) => line.number === before + 1).by_name, "Mara Quill");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a report that is saved is left for the sign-in page by itself", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.clock.install();
  await open(page);
  await endSessions("mara.quill");
  await page.clock.runFor(21_000);
  await page.waitForURL("**/sign-in?next=**");
  await fillSignIn(page, "mara.quill", site.password);
  await page.waitForURL("**/reports/**");
  assert.deepEqual(faults, []);
  await context.close();
});

test("what a page asks by itself says so, and what a person does does not", async () => {
  const { page, context, faults } = await person("mara.quill");
  const seen = [];
  page.on("request", (request) => {
    const headers = request.headers();
    const address = new URL(request.url()).pathname;
    // The browser itself asks for these two, and takes no headers from the page.
    const own = address === "/api/events" || address.endsWith("/audio");
    if (own || !address.startsWith("/api/")) return;
    seen.push([request.method(), address, "x-chartscribe-by-itself" in headers]);
    assert.equal(headers["x-chartscribe-person"], "mara.quill");
  });
  await page.goto("/");
  await page.locator("#rows").getByText("Testcase, Adam").waitFor();
  assert.deepEqual(seen.at(-1), ["GET", "/api/worklist", true], "after the live channel opened");
  await page.locator("#filter-stage").selectOption("editing");
  await page.waitForResponse(/stage=editing/);
  assert.ok(seen.some(([, address, itself]) => address === "/api/worklist" && !itself));
  await page.locator("#filter-stage").selectOption("");
  await open(page);
  seen.length = 0;
  await reportText(page).fill("Typed by a person.");
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  assert.ok(seen.some(([method, , itself]) => method === "POST" && !itself));
  seen.length = 0;
  const id = path.basename(new URL(page.url()).pathname);
  const flag = { kind: "AUTHOR-BLANK", note: "Which side?" };
  const second = await person("mara.quill");
  await api(second.page, "POST", `/api/reports/${id}/flags`, flag);
  await page.locator("#flags").getByText("Which side?").waitFor();
  assert.deepEqual(seen[0], ["GET", `/api/reports/${id}`, true]);
  assert.ok(seen.every(([method, , itself]) => method === "GET" && itself), JSON.stringify(seen));
  assert.deepEqual(faults, []);
  await second.context.close();
  await context.close();
});
