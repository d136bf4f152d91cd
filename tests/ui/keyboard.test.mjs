// A report's whole road by the keyboard alone, and the editor at every size and in both colours
// without a serious fault. No test here touches the mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./axe.mjs";
import { person, scripted, shot, site, spoken, textOf, useSite } from "./harness.mjs";

/** More stops than any page has. */
const STOPS_MAX = 80;

const HEARD = spoken([
  "Lungs", "are", ["clear.", 0.5], "He", "takes", "aspirin", "every", "day.",
  "We", "will", "see", "him", "again", "in", "two", "weeks.",
]);

let report;

useSite(async (site) => {
  report = await scripted(site, { heard: HEARD, seconds: 12, mrn: "DEMO-1003" });
});

/** Goes on by Tab until the thing with this name has the focus. */
async function tabTo(page, name) {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      return element.getAttribute("aria-label") ?? element.textContent ?? "";
    });
    if (here.trim().startsWith(name)) return;
  }
  throw new Error(`no way to "${name}" by Tab`);
}

/** Opens the report from the worklist and takes it. */
async function takeIt(page) {
  await page.locator("#rows tr", { hasText: "Sample, Carlos" }).waitFor();
  await tabTo(page, "Sample, Carlos");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Take this report" }).waitFor();
  await page.getByRole("button", { name: /^Play/ }).waitFor();
  await page.keyboard.press("Alt+Shift+T");
  await page.getByRole("button", { name: "Give it back" }).waitFor();
}

async function transcriptionist() {
  const { page, context, faults } = await person("mara.quill");
  await takeIt(page);
  await page.keyboard.press("Alt+t");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Alt+ArrowDown");
  assert.equal(await page.evaluate(() => getSelection().toString()), "clear");
  await page.keyboard.press("Alt+Enter");
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" The dose was ");
  await page.keyboard.press("Control+b");
  await page.getByRole("dialog", { name: "Insert a blank" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Which dose?");
  await tabTo(page, "Insert");
  await page.keyboard.press("Enter");
  await page.locator("#text .blank").waitFor();
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  await page.keyboard.press("F10");
  await page.getByText(/handed on|· In QA/).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

async function reviewer() {
  const { page, context, faults } = await person("owen.pagett");
  await takeIt(page);
  await page.keyboard.press("Alt+t");
  await page.keyboard.press("Control+End");
  for (let letter = 0; letter < 4; letter += 1) await page.keyboard.press("Backspace");
  await page.keyboard.type("75 mg.");
  await page.getByText(/^Saved .* as version \d+$/).waitFor();
  for (;;) {
    const open = await page.locator("#flags li.open").count();
    if (open === 0) break;
    await page.keyboard.press("Alt+PageDown");
    await page.keyboard.press("Control+Shift+Enter");
    await page.getByRole("dialog", { name: "Resolve the flag" }).waitFor();
    await page.keyboard.type("Heard at half speed.");
    await tabTo(page, "Resolve");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      (count) => document.querySelectorAll("#flags li.open").length < count,
      open,
    );
  }
  await page.keyboard.press("F10");
  await page.getByText(/handed on|With author/).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

async function author() {
  const { page, context, faults } = await person("ines.hartwell");
  await page.locator("#rows tr", { hasText: "Sample, Carlos" }).waitFor();
  await tabTo(page, "Sample, Carlos");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign…" }).waitFor();
  assert.match(await textOf(page), /The dose was 75 mg\.$/);
  await page.keyboard.press("F10");
  await page.getByRole("dialog", { name: "Sign the report" }).waitFor();
  await page.keyboard.type(site.password);
  await page.keyboard.press("Enter");
  await page.getByText(/^Signed by/).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

/** Parts of the page that would move by themselves: transitions, animations, smooth scrolling. */
function moving(page) {
  return page.evaluate(() => {
    const moves = (element) => {
      const style = getComputedStyle(element);
      const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
      const animated = style.animationName !== "none" && seconds(style.animationDuration) > 0;
      const eased = seconds(style.transitionDuration) > 0;
      return animated || eased || style.scrollBehavior === "smooth";
    };
    return [...document.querySelectorAll("*")]
      .filter(moves)
      .map((element) => element.className || element.tagName);
  });
}

for (const [colorScheme, width, height] of [
  ["light", 1280, 720],
  ["dark", 1280, 720],
  ["light", 640, 512],
  ["dark", 820, 1180],
]) {
  test(`the editor has no serious fault (${colorScheme}, ${width} wide)`, async () => {
    const viewport = { width, height };
    const options = { colorScheme, viewport, reducedMotion: "reduce" };
    const { page, context, faults } = await person("mara.quill", options);
    await page.goto(`/reports/${report}`);
    await page.locator("#text .unsure").first().waitFor();
    await page.getByRole("slider").waitFor();
    await check(page, "editor");
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `nothing goes out of the page sideways: ${over}`);
    const state = await page.locator(".state").boundingBox();
    const side = await page.locator("aside.side").boundingBox();
    const apart = side.x >= state.x + state.width || side.y >= state.y + state.height;
    assert.ok(apart, "nothing stands over the line below the text");
    assert.deepEqual(await moving(page), [], "nothing moves for who asked for less motion");
    await shot(page, `editor-${colorScheme}-${width}`);
    await page.keyboard.press("F1");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await check(page, "keys");
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("claim, correct, resolve, submit, QA and sign by the keyboard alone", async () => {
  await transcriptionist();
  await reviewer();
  await author();
});
