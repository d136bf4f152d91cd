// Starts the real program on a fresh data folder, and browsers that use it.
//
// Invariant: every test has its own data folder, key and port; whatever was started is ended.

import { chromium } from "playwright-core";
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const REPOSITORY = path.resolve(HERE, "../..");
export const SHOTS = path.join(HERE, "shots");

const PROGRAM =
  process.env.CHARTSCRIBE_BIN ?? path.join(REPOSITORY, "target/debug/chartscribe");
const CHROMIUM = process.env.CHARTSCRIBE_CHROMIUM ?? "/usr/bin/chromium";
export const MODEL = process.env.CHARTSCRIBE_TEST_MODEL ?? "tiny.en";

const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The longest a start may take; far above what it does take. */
const START_MS = 20_000;

/** Long enough for a spoken minute on a small machine that builds something else as well. */
export const TRANSCRIPTION_MS = 180_000;

function command(args, site, input) {
  return new Promise((resolve, reject) => {
    const child = execFile(PROGRAM, args, { env: site.env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`chartscribe ${args.join(" ")}: ${stderr}`));
      else resolve(stdout);
    });
    // A command that reads nothing may be gone before it is written to.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}

/** A demonstration site of its own, with a server that can be killed and started again. */
class Site {
  static async create() {
    const folder = await mkdtemp(path.join(tmpdir(), "chartscribe-ui-"));
    const site = new Site(folder);
    // No report goes to QA by lot, so that a test knows where each one goes.
    await site.command(["init", "--qa-percent", "0"]);
    await site.command(["demo", "load"]);
    const note = path.join(folder, "data", "demonstration-sign-in.txt");
    const found = /everybody here: (\S+)/.exec(await readFile(note, "utf8"));
    site.password = found[1];
    return site;
  }

  constructor(folder) {
    this.folder = folder;
    this.port = 0;
    this.env = {
      ...process.env,
      CHARTSCRIBE_DATA: path.join(folder, "data"),
      CHARTSCRIBE_KEY_FILE: path.join(folder, "key"),
    };
  }

  command(args, input) {
    return command(args, this, input);
  }

  /** Starts the server; the second time on the same port, so that open pages find it again. */
  async start(extra = {}) {
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, "--model", MODEL];
    const env = { ...this.env, ...extra };
    this.server = spawn(PROGRAM, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    this.log = "";
    this.ended = new Promise((resolve) => this.server.once("exit", resolve));
    const address = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no start: ${this.log}`)), START_MS);
      this.server.once("exit", () => {
        clearTimeout(late);
        reject(new Error(`the server ended: ${this.log}`));
      });
      this.server.stderr.on("data", (data) => {
        this.log += data;
        const found = /listening on (http:\/\/127\.0\.0\.1:(\d+))/.exec(this.log);
        if (!found) return;
        clearTimeout(late);
        this.port = Number(found[2]);
        resolve(found[1]);
      });
    });
    this.address = address;
  }

  async kill(signal = "SIGKILL") {
    this.server.removeAllListeners("exit");
    const ended = new Promise((resolve) => this.server.once("exit", resolve));
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    this.server.kill(signal);
    await ended;
  }

  async remove() {
    if (this.server) await this.kill("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function launch(more = []) {
  const args = [...CHROMIUM_ARGUMENTS, ...more];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/** The site and browser of the test file that called `useSite`; there once its tests run. */
export let site;
export let browser;

/**
 * Gives a test file a site of its own with a server, and a browser, and ends them after it.
 * `prepare` does what has to be done before the server runs; it may answer arguments for the
 * browser.
 */
export function useSite(prepare = async () => []) {
  before(async () => {
    site = await Site.create();
    const more = await prepare(site);
    await site.start();
    browser = await launch(more ?? []);
  });
  after(async () => {
    await browser?.close();
    await site?.remove();
  });
}

/** A signed-in person in a browser of their own; errors of the page fail the test at its end. */
export async function person(name, options = {}) {
  const context = await browser.newContext({
    baseURL: site.address,
    viewport: { width: 1366, height: 850 },
    locale: "en-GB",
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // A refused policy or a script fault is ours; a refused request is what some tests provoke.
    const text = message.text();
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) {
      faults.push(text);
    }
  });
  await page.goto("/sign-in");
  await fillSignIn(page, name, site.password);
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return { page, context, faults };
}

/** Fills in the sign-in page and sends it. */
export async function fillSignIn(page, name, password) {
  await page.locator("#username").fill(name);
  await page.locator("#password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function shot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}

/**
 * Takes the demonstration's dictation to be typed by hand: its transcription is stopped, so that
 * a test of the editor need not wait for the engine.
 */
export async function takeDemonstration(page) {
  await page.goto("/");
  const row = page.locator("#rows tr", { hasText: "Testcase, Adam" });
  await row.getByRole("button", { name: "Stop" }).click();
  await row.getByText("Stopped").waitFor();
  await row.getByRole("link").click();
  await page.getByRole("button", { name: "Take this report" }).click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
}

/** The page's report text. */
export const reportText = (page) => page.getByLabel("Report text");

/** Its words; of a long report only what is in view. */
export const textOf = (page) =>
  reportText(page).evaluate((editor) =>
    [...editor.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"),
  );

export const saved = (page, version) =>
  page.getByText(new RegExp(`^Saved \\d\\d:\\d\\d as version ${version}$`)).waitFor();

/** A recording without speech: a tone, in a valid WAV file. Each frequency is other audio. */
export async function toneFile(folder, name, seconds, frequency, rate = 16_000) {
  const samples = Math.round(rate * seconds);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i += 1) {
    const level = Math.sin((2 * Math.PI * frequency * i) / rate) * 6000;
    bytes.writeInt16LE(Math.round(level), 44 + i * 2);
  }
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** Words as they were heard, `each` ms apart; one of them in doubt is written as [word, share]. */
export function spoken(words, each = 400) {
  return words.map((word, at) => {
    const [text, share] = Array.isArray(word) ? word : [word, 0.95];
    return [text, at * each, at * each + each - 50, share];
  });
}

/**
 * A report drafted from words that a test has written, by the real program before its server
 * runs; answers its id.
 */
export async function scripted(site, what) {
  const { heard, weighed = [], doubts = [], seconds, mrn, rate = 16_000, frequency = 300 } = what;
  const audio = await toneFile(site.folder, `${mrn}.wav`, seconds, frequency, rate);
  const words = path.join(site.folder, `${mrn}.json`);
  await writeFile(words, JSON.stringify(heard));
  const others = path.join(site.folder, `${mrn}-weighed.json`);
  await writeFile(others, JSON.stringify(weighed));
  const missing = path.join(site.folder, `${mrn}-doubts.json`);
  await writeFile(missing, JSON.stringify(doubts));
  const of = ["--author", "ines.hartwell", "--mrn", mrn, "--work-type", "PN"];
  const heardAs = ["--words", words, "--weighed", others, "--doubts", missing];
  return (await site.command(["scripted", audio, ...heardAs, ...of])).trim();
}

/** Opens a report and takes it. */
export async function take(page, report) {
  await page.goto(`/reports/${report}`);
  await page.getByRole("button", { name: "Take this report" }).click();
  await page.getByRole("button", { name: "Give it back" }).waitFor();
}

/** Calls the API as whoever is signed in on the page. */
export async function api(page, method, url, body) {
  return page.evaluate(
    async ([method, url, body]) => {
      const init = { method };
      if (body !== undefined) {
        init.headers = { "content-type": "application/json" };
        init.body = JSON.stringify(body);
      }
      const response = await fetch(url, init);
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    },
    [method, url, body],
  );
}

/** The code of an authenticator app at a time in ms: RFC 6238, six digits, 30 s, SHA-1. */
export function timeCode(secret, ms) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(ms / 30_000)));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
