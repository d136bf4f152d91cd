// One's own account: password, reset, second factor, sessions, delegate.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  browser,
  fillSignIn,
  person,
  shot,
  site,
  timeCode,
  useSite,
} from "./harness.mjs";

const NEW_PASSWORD = "a longer password than before";

useSite();

/** The account page, reached by the person's name in the frame. */
async function openAccount(page, name) {
  await page.getByRole("link", { name }).click();
  await page.waitForURL("**/account");
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
}

test("a second factor is set up, asked for on signing in, and removed", async () => {
  const { page, context, faults } = await person("ines.hartwell");
  await openAccount(page, "Ines Hartwell, MD");
  await shot(page, "account");
  await page.getByRole("button", { name: "Set up…" }).click();
  const picture = page.getByRole("img", { name: /QR code/ });
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  const secret = (await page.locator(".secret").innerText()).replaceAll(" ", "");
  await shot(page, "account-qr");
  await page.getByLabel("Code that the app shows").fill("000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("The code is wrong or was used before.").waitFor();
  await page.getByLabel("Code that the app shows").fill(timeCode(secret, Date.now()));
  await page.getByRole("button", { name: "Confirm" }).click();
  const codes = page.locator(".recovery li");
  await codes.first().waitFor();
  assert.equal(await codes.count(), 10);
  const spare = await codes.first().innerText();
  await shot(page, "account-recovery");
  await page.emulateMedia({ media: "print" });
  assert.ok(await codes.first().isVisible(), "the codes are on the print");
  assert.ok(!(await page.locator("#password-form").isVisible()), "and nothing else is");
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("Signing in asks for a code as well.").waitFor();
  assert.ok(!(await page.content()).includes(spare), "the codes are gone");

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL("**/sign-in");
  await fillSignIn(page, "ines.hartwell", site.password);
  await page.getByLabel(/^Code from/).waitFor();
  assert.ok(!(await page.getByRole("alert").isVisible()), "nothing went wrong");
  await shot(page, "sign-in-code");
  await page.getByLabel(/^Code from/).fill("999999");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The code is wrong, or was used before.").waitFor();
  await page.getByLabel(/^Code from/).fill(spare);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/");

  await openAccount(page, "Ines Hartwell, MD");
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("dialog").getByLabel("Your password").fill("not the password");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("The present password is wrong.").waitFor();
  await page.getByRole("dialog").getByLabel("Your password").fill(site.password);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Set up…" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a changed password ends every session and is the one that works", async () => {
  const other = await person("owen.pagett");
  const { page, context, faults } = await person("owen.pagett");
  await openAccount(page, "Owen Pagett");
  const fill = async (present, again) => {
    await page.getByLabel("Present password").fill(present);
    await page.getByLabel(/^New password, /).fill(NEW_PASSWORD);
    await page.getByLabel("New password again").fill(again);
    await page.getByRole("button", { name: "Change the password" }).click();
  };
  await fill(site.password, "something else, mistyped");
  await page.getByText("The new passwords differ.").waitFor();
  await fill("not the present one", NEW_PASSWORD);
  await page.getByText("The present password is wrong.").waitFor();
  await fill(site.password, NEW_PASSWORD);
  await page.waitForURL("**/sign-in#password-changed");
  await page.getByText("Your password is changed.").waitFor();
  await other.page.waitForURL("**/sign-in?next=**");
  await fillSignIn(page, "owen.pagett", NEW_PASSWORD);
  await page.waitForURL((url) => url.pathname === "/");
  assert.deepEqual(faults, []);
  await other.context.close();
  await context.close();
});

test("a reset code of the administrator sets a new password, once", async () => {
  const code = (await site.command(["user", "reset-password", "mara.quill"])).trim();
  const context = await browser.newContext({ baseURL: site.address });
  const page = await context.newPage();
  await page.goto("/sign-in");
  const fill = async () => {
    await page.getByRole("button", { name: "I have a reset code" }).click();
    await page.locator("#reset-username").fill("mara.quill");
    await page.getByLabel("Reset code").fill(code);
    await page.getByLabel(/^New password, /).fill(NEW_PASSWORD);
    await page.getByLabel("New password again").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Set the password" }).click();
  };
  await fill();
  await page.getByText("Your password is changed.").waitFor();
  await shot(page, "sign-in-reset-done");
  await fill();
  await page.getByText("The code is not of this user name, was used, or is too old.").waitFor();
  await shot(page, "sign-in-reset");
  await page.getByRole("button", { name: "Back to sign-in" }).click();
  await fillSignIn(page, "mara.quill", NEW_PASSWORD);
  await page.waitForURL((url) => url.pathname === "/");
  await context.close();
});

test("signing out everywhere ends the sessions of other browsers", async () => {
  const other = await person("lena.folio");
  await other.page.clock.install();
  await other.page.goto("/patients");
  const { page, context, faults } = await person("lena.folio");
  await openAccount(page, "Lena Folio, RHIT");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("You are signed out everywhere.").waitFor();
  await other.page.clock.runFor(21_000);
  await other.page.waitForURL("**/sign-in?next=**");
  assert.deepEqual(faults, []);
  await other.context.close();
  await context.close();
});

test("an author names a delegate, who then sees the author's work", async () => {
  const delegate = await person("lena.folio");
  const { page, context, faults } = await person("ines.hartwell");
  await page.goto("/account");
  const names = page.getByRole("combobox", { name: "Delegate" });
  await names.locator("option", { hasText: "Tobias Renn" }).waitFor({ state: "attached" });
  assert.equal(await names.locator("option", { hasText: "Ines" }).count(), 0, "not oneself");
  await names.selectOption("tobias.renn");
  await page.getByLabel("Until").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Name the delegate" }).click();
  await page.getByText("A delegation ends after it begins, within 90 days.").waitFor();
  await page.reload();
  await names.locator("option", { hasText: "Tobias Renn" }).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Name the delegate" }).click();
  await page.getByText("Named. It ends by itself.").waitFor();
  await shot(page, "account-delegate");
  const standIn = await person("tobias.renn");
  await standIn.page.locator("#rows", { hasText: "Ines Hartwell" }).waitFor();
  await standIn.page.goto("/account");
  const theirs = standIn.page.locator("#delegations li", { hasText: "Ines Hartwell" });
  await theirs.waitFor();
  assert.equal(await theirs.getByRole("button").count(), 0, "not theirs to end");
  await page.getByRole("button", { name: /^End now: Tobias Renn/ }).click();
  await page.getByText("Nobody stands in for anybody.").waitFor();
  await standIn.page.goto("/");
  await standIn.page.getByText("Nothing waits here.").waitFor();
  await delegate.page.goto("/account");
  await delegate.page.getByLabel("Author who is away").waitFor();
  assert.deepEqual([...faults, ...delegate.faults, ...standIn.faults], []);
  await standIn.context.close();
  await delegate.context.close();
  await context.close();
});

test("a department is given to a person, and says how its authors write", async () => {
  const { page, context, faults } = await person("admin");
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("button", { name: "Department of Ines Hartwell" }).click();
  await page.getByLabel(/^Department;/).fill("Cardiology");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("#people tr", { hasText: "Cardiology" }).waitFor();
  await shot(page, "people");
  await page.goto("/account");
  const of = page.getByLabel("House style and normals of");
  await of.locator("option", { hasText: "Cardiology" }).waitFor({ state: "attached" });
  await of.selectOption({ label: "the department Cardiology" });
  await page.getByText("For the authors of Cardiology").waitFor();
  await page.getByLabel("Ranges").selectOption({ label: "2 to 3 times" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/^Saved\. Dictations/).waitFor();
  await page.getByRole("button", { name: "Add a normal…" }).click();
  await page.getByLabel("Name, as it is spoken").fill("Normal heart");
  await page.getByLabel(/^Shortcut/).fill("nh");
  await page.getByLabel("Text", { exact: true }).fill("Regular rate and rhythm.");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Change Normal heart" }).click();
  const text = page.getByRole("dialog").getByLabel("Text", { exact: true });
  assert.equal(await text.inputValue(), "Regular rate and rhythm.", "as it was kept");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await shot(page, "account-department");
  await of.selectOption({ label: "the whole site" });
  await page.getByText("None yet.").waitFor();

  const author = await person("ines.hartwell");
  await openAccount(author.page, "Ines Hartwell, MD");
  await author.page.getByText("author · Cardiology").waitFor();
  const normal = author.page.locator("#normals li", { hasText: "Normal heart" });
  await normal.getByText("(Cardiology)").waitFor();
  assert.equal(await normal.getByRole("button").count(), 0, "not theirs to change");
  assert.deepEqual([...faults, ...author.faults], []);
  await author.context.close();
  await context.close();
});

test("whoever has no worklist begins with what they do here", async () => {
  const officer = await person("petra.vance");
  await officer.page.getByRole("heading", { name: "Broken glass to review" }).waitFor();
  const auditor = await person("jonas.ledger");
  await auditor.page.getByRole("heading", { name: "Audit" }).waitFor();
  assert.deepEqual([...officer.faults, ...auditor.faults], []);
  await officer.context.close();
  await auditor.context.close();
});
