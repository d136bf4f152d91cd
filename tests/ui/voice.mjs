// A browser whose microphone plays a recording.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { REPOSITORY, launch } from "./harness.mjs";

const SPOKEN = path.join(REPOSITORY, "tests/data/short.flac");

/** Prepares a site's browser to speak: arguments for `useSite`. */
export async function speaking(made) {
  const wav = path.join(made.folder, "spoken.wav");
  await spokenWav(wav);
  return [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-audio-capture=${wav}`,
  ];
}

/** The committed recording and two seconds of silence as a WAV, decoded by a browser. */
async function spokenWav(file) {
  const browser = await launch();
  const page = await browser.newPage();
  const flac = (await readFile(SPOKEN)).toString("base64");
  const samples = await page.evaluate(async (flac) => {
    const bytes = Uint8Array.from(atob(flac), (letter) => letter.charCodeAt(0));
    const context = new OfflineAudioContext(1, 1, 48_000);
    const decoded = await context.decodeAudioData(bytes.buffer);
    return Array.from(decoded.getChannelData(0), (sample) => Math.round(sample * 32_767));
  }, flac);
  await browser.close();
  const all = Int16Array.from([...samples, ...new Array(96_000).fill(0)]);
  const bytes = Buffer.alloc(44 + all.length * 2);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + all.length * 2, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(48_000, 24);
  bytes.writeUInt32LE(96_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(all.length * 2, 40);
  Buffer.from(all.buffer).copy(bytes, 44);
  await writeFile(file, bytes);
}
