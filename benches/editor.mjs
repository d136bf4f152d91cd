// The editor with a dictation of an hour, in the browser: prints each figure with its bound.
//
// Run by `make bench`. Not for passing or failing; `tests/ui/hour.test.mjs` does that.

import { test } from "node:test";
import { useSite } from "../tests/ui/harness.mjs";
import { BOUNDS, measure, prepare } from "../tests/ui/hour.mjs";

let report;

useSite(async (site) => {
  report = await prepare(site);
});

test("an hour of dictation in the editor", async () => {
  const figures = await measure(report);
  for (const [name, bound] of Object.entries(BOUNDS)) {
    console.log(`${name}: ${figures[name].toFixed(1)} (at most ${bound})`);
  }
});
