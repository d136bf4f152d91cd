// Bundles src/main.ts and style/app.css into dist/, which the program embeds, with the notices
// of the packages that are in it.
// Not for: type checks (`tsc --noEmit`, which `npm run build` runs first).
import { build, context } from "esbuild";
import { rm, writeFile } from "node:fs/promises";
import { notices } from "./notices.mjs";

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
  metafile: true,
};

if (process.argv.includes("--watch")) {
  const watcher = await context(options);
  await watcher.watch();
} else {
  await rm("dist", { recursive: true, force: true });
  const { metafile } = await build(options);
  await writeFile("dist/notices.txt", await notices(metafile));
}
