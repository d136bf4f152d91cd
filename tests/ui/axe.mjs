// Nothing that keeps a person with a screen reader or a keyboard out: axe-core on a page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What must not be found; the lesser impacts are advice. */
const SERIOUS = ["serious", "critical"];

/** WCAG 2.2 A and AA, and axe-core's own good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Fails where axe-core finds a serious fault on the page as it stands. */
export async function check(page, what) {
  await page.evaluate(await readFile(AXE, "utf8"));
  const found = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } }),
    RULES,
  );
  const serious = found.violations.filter((one) => SERIOUS.includes(one.impact));
  const told = serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
  assert.deepEqual(told, [], what);
  assert.ok(found.passes.length > 5, `${what}: the rules were applied`);
}
