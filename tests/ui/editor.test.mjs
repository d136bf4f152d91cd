// Text and recording together, doubts, keys, pedals, blanks and help with words, by a real browser
// against the real program; only what was heard is scripted.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  api,
  person,
  reportText,
  saved,
  scripted,
  shot,
  spoken,
  take,
  textOf,
  useSite,
} from "./harness.mjs";

const HEARD = spoken([
  "The", "patient", "was", "seen", "in", "clinic", "today", "and", "feels", "well.",
  "He", "takes", ["metoprolol", 0.35], "fifty", "milligrams", "every", "morning.",
  "There", "is", "no", ["oedema", 0.55], "of", "the", "ankles.",
  "We", "will", "continue", "the", "present", "treatment", "for", "now.",
]);

/** The vocabulary wrote metoprolol for what was heard first, and weighed another medicine. */
const WEIGHED = [[12, 13, "metro pole", 0.8, ["metolazone"]]];

/** What the engine made up after "well." was left out. */
const DOUBTS = [["invented-words", 4_050, 4_150]];

const reports = {};

useSite(async (site) => {
  const colleague = ["user", "add", "jonas.reed", "--roles", "transcriptionist"];
  await site.command([...colleague, "--password-stdin"], `${site.password}\n`);
  for (const [name, mrn, frequency] of [
    ["first", "DEMO-1002", 300],
    ["second", "DEMO-1003", 340],
    ["third", "DEMO-1004", 380],
  ]) {
    reports[name] = await scripted(site, {
      heard: HEARD,
      weighed: WEIGHED,
      doubts: DOUBTS,
      seconds: 16,
      mrn,
      frequency,
    });
  }
});

const audio = (page, name) =>
  page.locator("audio").evaluate((element, name) => element[name], name);
const heard = (page) => page.locator("#text .heard");

/** Puts the cursor before a word of the text, as a click does, without playing. */
async function cursorBefore(page, word) {
  await page.getByLabel("A click plays").uncheck();
  const box = await page.evaluate((word) => {
    const walker = document.createTreeWalker(document.querySelector(".cm-content"), 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { left, top, height } = range.getBoundingClientRect();
      return { x: left + 1, y: top + height / 2 };
    }
    throw new Error(`no ${word} in the text`);
  }, word);
  await page.mouse.click(box.x, box.y);
}

test("the heard word is shown, a click plays, and the link outlives edits and reload", async () => {
  const { page, context, faults } = await person("mara.quill");
  await take(page, reports.first);
  assert.match(await textOf(page), /takes metoprolol 50 mg every morning/);
  await cursorBefore(page, "ankles");
  assert.ok(Math.abs((await audio(page, "currentTime")) - 23 * 0.4) < 0.01, "the click sought");
  assert.equal(await heard(page).textContent(), "ankles");
  await page.getByLabel("A click plays").check();
  await page.getByText("clinic today").click();
  await page.waitForFunction(() => !document.querySelector("audio").paused);
  await page.keyboard.press("F8");
  await cursorBefore(page, "metoprolol");
  assert.equal(await heard(page).textContent(), "metoprolol");
  await shot(page, "editor-doubt");

  // Cut the first sentence, paste it at the end, type before it, undo and redo something else.
  await page.keyboard.press("Control+Home");
  for (let word = 0; word < 10; word += 1) await page.keyboard.press("Control+Shift+ArrowRight");
  await page.keyboard.press("Control+x");
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Typed by hand. ");
  await page.keyboard.press("Control+v");
  await page.keyboard.press("Control+z");
  assert.match(await textOf(page), /Typed by hand\. $/);
  await page.keyboard.press("Control+y");
  await page.waitForFunction(() => document.querySelector("#save-state").dataset.state === "saved");
  assert.match(await textOf(page), /Typed by hand\. The patient was seen in clinic/);
  const check = async () => {
    for (const [word, at] of [["clinic", 5], ["metoprolol", 12], ["50", 13], ["ankles", 23]]) {
      await cursorBefore(page, word);
      const ms = (await audio(page, "currentTime")) * 1000;
      assert.ok(Math.abs(ms - at * 400) <= 1.5, `${word} at ${ms}`);
    }
  };
  await check();
  await page.reload();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await page.locator("#text .unsure").first().waitFor();
  await check();
  const kept = await api(page, "GET", `/api/reports/${reports.first}/evidence`);
  assert.ok(kept.body.pieces.length >= 2, "the link was kept with the version");
  assert.deepEqual(faults, []);
  await context.close();
});

test("the cursor follows the recording until moved, and the waveform finds the word", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto(`/reports/${reports.first}`);
  const slider = page.getByRole("slider", { name: "Place in the recording" });
  const box = await slider.boundingBox();
  await page.mouse.click(box.x + (box.width * 18.5 * 0.4) / 16, box.y + box.height / 2);
  await page.waitForFunction(() => document.querySelector("#text .heard")?.textContent === "is");
  const follow = page.getByRole("button", { name: /Cursor follows/ });
  await page.keyboard.press("F8");
  await page.waitForFunction(() => document.querySelector("#text .heard")?.textContent === "no");
  assert.equal(await follow.getAttribute("aria-pressed"), "true");
  await reportText(page).press("ArrowRight");
  await page.waitForFunction(
    () => document.querySelector('[aria-pressed="false"]')?.textContent.includes("Cursor follows"),
  );
  await page.keyboard.press("F12");
  assert.equal(await follow.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("F8");
  await slider.focus();
  await slider.press("Home");
  assert.equal(await audio(page, "currentTime"), 0);
  await slider.press("ArrowRight");
  assert.equal(await slider.getAttribute("aria-valuetext"), "0:01 of 0:16");
  const policed = await page.evaluate(() => {
    const picture = document.querySelector(".band > div").shadowRoot;
    const styled = picture.adoptedStyleSheets.length > 0 && !picture.querySelector("style");
    return styled && trustedTypes.defaultPolicy.createHTML("<b>other</b>").toString() === "";
  });
  assert.ok(policed, "the picture is drawn, and other HTML text is refused");
  assert.deepEqual(faults, []);
  await context.close();
});

test("playing goes from half to three times the speed, and steps back on stop", async () => {
  const { page, context } = await person("mara.quill");
  await page.goto(`/reports/${reports.first}`);
  await page.getByRole("button", { name: /^Play/ }).waitFor();
  for (let press = 0; press < 9; press += 1) await page.keyboard.press("F4");
  assert.equal(await audio(page, "playbackRate"), 3);
  for (let press = 0; press < 14; press += 1) await page.keyboard.press("F2");
  assert.equal(await audio(page, "playbackRate"), 0.5);
  assert.equal(await audio(page, "preservesPitch"), true);
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("slider").waitFor();
  assert.equal(await page.locator(".speed").textContent(), "0.5×");
  await page.locator("audio").evaluate((element) => (element.currentTime = 1));
  await page.keyboard.press("Control+Space");
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 1.1);
  assert.equal(await audio(page, "playbackRate"), 0.5, "the next recording is as fast");
  await page.keyboard.press("Control+Space");
  await page.keyboard.press("F3");
  assert.equal(await audio(page, "playbackRate"), 1);
  await page.locator("audio").evaluate((element) => (element.currentTime = 5));
  await page.keyboard.press("Control+Space");
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 5.3);
  const before = await audio(page, "currentTime");
  await page.keyboard.press("Control+Space");
  const after = await audio(page, "currentTime");
  assert.ok(after < before + 0.1 && after > before - 0.9, `${before} to ${after}`);
  await context.close();
});

test("doubts are gone through, let stand, put back and replaced by keys alone", async () => {
  const { page, context, faults } = await person("mara.quill");
  await take(page, reports.second);
  await page.locator("#text .unsure").first().waitFor();
  await reportText(page).press("Control+Home");
  const said = page.locator("#announcer");
  const selected = () => page.evaluate(() => getSelection().toString());
  await page.keyboard.press("Alt+ArrowDown");
  assert.match(await said.textContent(), /could not be right were left out here, 0:04 to 0:04/);
  await page.locator("#text .omission").waitFor();
  await page.keyboard.press("Alt+ArrowDown");
  assert.equal(await selected(), "metoprolol");
  const corrected = /heard “metro pole”, written “metoprolol”, 80 % sure/;
  assert.match(await said.textContent(), corrected);
  assert.match(await said.textContent(), /35 % confident/);
  await page.keyboard.press("Alt+Backspace");
  assert.match(await textOf(page), /takes metro pole 50 mg/);
  await page.keyboard.press("Control+z");
  assert.match(await textOf(page), /takes metoprolol 50 mg/);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Control+.");
  const list = page.getByRole("listbox");
  await list.getByRole("option", { name: "metolazone" }).waitFor();
  assert.equal(await list.getByRole("option").count(), 2, "what was heard and what was weighed");
  await shot(page, "editor-alternatives");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await textOf(page), /takes metolazone 50 mg/);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowDown");
  assert.equal(await selected(), "oedema");
  await page.keyboard.press("Alt+ArrowUp");
  assert.equal(await selected(), "metoprolol");
  await page.keyboard.press("Alt+Enter");
  assert.equal(await selected(), "oedema", "what stands is left, the next one shown");
  assert.equal(await page.locator("#text .unsure.very").count(), 0);
  await page.locator('#save-state:is([data-state="saved"], [data-state="clean"])').waitFor();
  await page.reload();
  await page.locator("#text .unsure").waitFor();
  assert.equal(await page.locator("#text .unsure.very").count(), 0, "it still stands");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a blank raises its flag, which its answer settles", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await cursorBefore(page, "ankles");
  await page.keyboard.press("Control+b");
  await page.getByLabel("Note for the next reader").fill("Which part of the leg?");
  await page.getByRole("button", { name: "Insert", exact: true }).click();
  await page.locator("#flags li", { hasText: "Which part of the leg?" }).waitFor();
  assert.match(await textOf(page), /of the ____ankles/);
  await page.locator("#text .blank").waitFor();
  await page.getByRole("button", { name: "Submit to QA" }).waitFor();
  await page.keyboard.press("Alt+PageDown");
  await page.locator('#flags li[aria-current="true"]').waitFor();
  await page.getByRole("button", { name: "Answer…" }).click();
  await page.getByLabel("The missing words").fill("lower ");
  await page.getByRole("button", { name: "Fill in" }).click();
  await page.locator("#flags li.resolved", { hasText: "Which part of the leg?" }).waitFor();
  assert.match(await textOf(page), /of the lower ?ankles/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("unknown words are underlined and terms are offered while typing", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await reportText(page).press("Control+End");
  await page.keyboard.type(" Also metopropolool. Add meto");
  const list = page.getByRole("listbox");
  await list.getByRole("option", { name: "metoprolol", exact: true }).waitFor();
  await shot(page, "editor-terms");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await textOf(page), /Add metoprolol$/);
  await page.locator("#text .unknown", { hasText: "metopropolool" }).waitFor();
  assert.equal(await page.locator("#text .unknown").count(), 1);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a typist's own shortcut becomes its text, and its fields are gone through by Tab", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto("/account");
  assert.equal(await page.locator("#style-form").count(), 0, "who types has no style of their own");
  await page.getByRole("button", { name: "Add a normal…" }).click();
  await page.getByLabel("Name, as it is spoken").fill("Normal knee");
  await page.getByLabel(/^Shortcut/).fill("nk");
  const kept = "The [side] knee is stable. Pain: [pain=none]. ${1} stays.";
  await page.getByLabel("Text", { exact: true }).fill(kept);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Normal knee, typed nk").waitFor();
  await shot(page, "account-typist");
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("button", { name: "Give it back" }).waitFor();
  await page.waitForLoadState("networkidle");
  const told = page.waitForRequest(
    (request) => /versions$/.test(request.url()) && request.postDataJSON()?.inserted.length > 0,
  );
  await reportText(page).press("Control+End");
  await page.keyboard.type(" nk");
  await page.keyboard.press("Tab");
  const selected = () => page.evaluate(() => getSelection().toString());
  assert.equal(await selected(), "____");
  await page.keyboard.type("left");
  await page.keyboard.press("Tab");
  assert.equal(await selected(), "none");
  await page.keyboard.press("Tab");
  assert.match(await textOf(page), / The left knee is stable\. Pain: none\. \$\{1\} stays\.$/);
  const { inserted } = (await told).postDataJSON();
  const passages = ["The ", " knee is stable. Pain: ", ". ${1} stays."];
  assert.deepEqual(inserted, passages, "what is not counted as typed");
  assert.deepEqual(faults, []);
  await context.close();
});

test("keys are shown, changed and kept on the server for the person", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("button", { name: /^Play/ }).waitFor();
  await page.locator("#patient h1").click();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByRole("button", { name: "Change the key of: Play or stop" }).click();
  await page.keyboard.press("F6");
  await dialog.locator("tr", { hasText: "Play or stop" }).getByText("F6").waitFor();
  await shot(page, "keys");
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("F8");
  assert.equal(await audio(page, "paused"), true, "the old key is nobody's");
  await page.waitForFunction(async () => {
    const kept = await (await fetch("/api/me/settings/keys")).json();
    return kept?.play?.[0] === "F6";
  });
  await page.reload();
  await page.getByRole("button", { name: "Play F6" }).waitFor();
  await page.keyboard.press("F6");
  await page.waitForFunction(() => !document.querySelector("audio").paused);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a pedal plays while it is held and steps back when it is let go", async () => {
  const { page, context, faults } = await person("mara.quill");
  await page.addInitScript(() => {
    const pedal = Object.assign(new EventTarget(), {
      opened: false,
      productName: "Pedal",
      open: async () => {
        pedal.opened = true;
      },
    });
    window.press = (bits) => {
      const data = new DataView(new Uint8Array([bits, 0]).buffer);
      pedal.dispatchEvent(Object.assign(new Event("inputreport"), { data }));
    };
    const hid = { getDevices: async () => [pedal], requestDevice: async () => [pedal] };
    Object.defineProperty(navigator, "hid", { value: hid });
  });
  await page.goto(`/reports/${reports.second}`);
  await page.getByRole("button", { name: /^Play/ }).waitFor();
  await page.locator("audio").evaluate((element) => (element.currentTime = 6));
  await page.evaluate(() => window.press(2));
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 6.2);
  await page.evaluate(() => window.press(0));
  assert.equal(await audio(page, "paused"), true);
  const stopped = await audio(page, "currentTime");
  await page.evaluate(() => window.press(1));
  assert.ok((await audio(page, "currentTime")) < stopped - 2.9, "the left pedal steps back");
  await page.evaluate(() => window.press(4));
  assert.ok(Math.abs((await audio(page, "currentTime")) - stopped) < 0.2);
  assert.deepEqual(faults, []);
  await context.close();
});

test("versions are compared, and sections and instructions stand beside the text", async () => {
  const { page, context, faults } = await person("mara.quill");
  await take(page, reports.third);
  await reportText(page).press("Control+End");
  await page.keyboard.type("\n\nASSESSMENT:\nStable.");
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  const outline = page.locator("#outline");
  await outline.getByRole("button", { name: "ASSESSMENT" }).waitFor();
  await page.locator("#outline .missing").first().waitFor();
  await page.getByRole("button", { name: "Compare…" }).click();
  const dialog = page.getByRole("dialog", { name: "Compare versions" });
  await dialog.locator("ins", { hasText: "ASSESSMENT" }).waitFor();
  await shot(page, "compare");
  await dialog.getByRole("button", { name: "Close" }).click();
  await shot(page, "editor-side");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a colleague asks for a report and is handed it, with what was typed last", async () => {
  const holder = await person("mara.quill");
  await holder.page.goto(`/reports/${reports.third}`);
  await holder.page.getByRole("button", { name: "Give it back" }).click();
  await holder.page.getByRole("button", { name: "Take this report" }).waitFor();
  const asker = await person("jonas.reed");
  // Their page hears of nothing before the report is taken, and must not miss that.
  let open;
  const taken = new Promise((resolve) => (open = resolve));
  await asker.page.route("**/api/events", (route) => taken.then(() => route.continue()));
  await asker.page.goto(`/reports/${reports.third}`);
  await asker.page.getByRole("button", { name: "Take this report" }).waitFor();
  await holder.page.getByRole("button", { name: "Take this report" }).click();
  await holder.page.getByRole("button", { name: "Give it back" }).waitFor();
  open();
  await asker.page.getByRole("button", { name: "Ask for it" }).click();
  await asker.page.getByText(/is told that you ask/).waitFor();
  await reportText(holder.page).press("Control+End");
  await holder.page.keyboard.type(" Typed last.");
  await holder.page.getByText(/asks for this report/).waitFor();
  await shot(holder.page, "takeover");
  await holder.page.getByRole("button", { name: "Hand it over" }).click();
  await asker.page.getByRole("button", { name: "Give it back" }).waitFor();
  assert.match(await textOf(asker.page), /Typed last\.$/);
  assert.deepEqual([...holder.faults, ...asker.faults], []);
  await holder.context.close();
  await asker.context.close();
});
