// The notices of the packages that went into the bundle, from their own licence files.
//
// Not for: the program's other dependencies, whose notices `make dist` packs.
//
// Invariant: every package whose code is in the bundle is named with its whole licence; one
// without a licence file, or under a licence that is not allowed here, ends the build.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Licences that ask for a notice and nothing else. */
const ALLOWED = ["MIT", "BSD-3-Clause", "BSD-2-Clause", "ISC", "0BSD", "Apache-2.0"];

const MODULES = "node_modules/";

/** The folders of the packages that a build read code from. */
export function packagesOf(metafile) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const at = path.lastIndexOf(MODULES);
      if (at < 0 || bytesInOutput === 0) continue;
      const parts = path.slice(at + MODULES.length).split("/");
      const name = parts[0].startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
      folders.add(path.slice(0, at + MODULES.length) + name);
    }
  }
  return [...folders].sort();
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json")));
  if (!ALLOWED.includes(license)) {
    throw new Error(`${name} ${version} has the licence ${license}, which is not allowed here`);
  }
  const file = (await readdir(folder)).find((known) => /^licen[cs]e(\.|$)/i.test(known));
  if (!file) throw new Error(`${name} ${version} has no licence file`);
  const text = (await readFile(join(folder, file), "utf8")).trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

/** One text of all notices. */
export async function notices(metafile) {
  const all = [];
  for (const folder of packagesOf(metafile)) all.push(await noticeOf(folder));
  return all.join(`\n${"-".repeat(72)}\n\n`);
}
