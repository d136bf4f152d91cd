// Bundles src/main.ts and style/app.css into dist/, which the program embeds.
// Not for: type checks (`tsc --noEmit`, which `npm run build` runs first).
import { build, context } from "esbuild";
import { rm } from "node:fs/promises";

const options = {
  entryPoints: { app: "src/main.ts", "app-style": "style/app.css", capture: "src/dictate/capture.ts" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  // Browsers that hospitals still support: the oldest with `<dialog>` and `:has`.
  target: ["chrome109", "firefox121", "safari16"],
  loader: { ".svg": "copy" },
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const watcher = await context(options);
  await watcher.watch();
} else {
  await rm("dist", { recursive: true, force: true });
  await build(options);
}
