// A dictation of an hour within three times what `make bench` holds it to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useSite } from "./harness.mjs";
import { BOUNDS, measure, prepare } from "./hour.mjs";

let report;

useSite(async (site) => {
  report = await prepare(site);
});

test("an hour of dictation opens, types and plays without delay", async () => {
  const figures = await measure(report);
  for (const [name, bound] of Object.entries(BOUNDS)) {
    assert.ok(figures[name] <= 3 * bound, `${name}: ${figures[name].toFixed(1)} of ${3 * bound}`);
  }
});
