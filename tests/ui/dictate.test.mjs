// The dictation page with a microphone that plays a recording: text while speaking, and no sample
// lost when the server dies, the network is silent or the tab is closed.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";
import { TRANSCRIPTION_MS, api, person, shot, site, useSite } from "./harness.mjs";
import { speaking } from "./voice.mjs";

const AUTHOR = "ines.hartwell";

useSite(speaking);

async function ready(page) {
  await page.goto("/dictate");
  await page.getByLabel("Patient MRN").fill("DEMO-1002");
  await page.getByRole("button", { name: "Find patient" }).click();
  await page.locator("#patient-name", { hasText: "Testcase, Beatrice" }).waitFor();
  await page.getByLabel("Work type").selectOption("PN");
  assert.match(await page.locator("#patient-facts").textContent(), /born \d{4}-\d\d-\d\d.*DEMO-1002/);
  await page.getByRole("button", { name: /This is the patient/ }).click();
  await page.locator("#desk").waitFor();
  await page.locator("#link", { hasText: "Connected" }).waitFor();
}

const samples = (page) => page.locator("#desk").getAttribute("data-samples").then(Number);

const recorded = (page, seconds) =>
  page.waitForFunction(
    (count) => Number(document.getElementById("desk").dataset.samples) >= count,
    seconds * 16_000,
  );

/** Finishes and answers the report; the server must have every sample that the page took. */
async function finished(page) {
  await page.getByRole("button", { name: /^Pause/ }).click();
  await page.locator("#state", { hasText: "Paused" }).waitFor();
  const count = await samples(page);
  await page.getByRole("button", { name: "Finish" }).click();
  const link = page.getByRole("link", { name: "Open the report" });
  await link.waitFor();
  const report = (await link.getAttribute("href")).split("/").pop();
  const { body } = await api(page, "GET", `/api/reports/${report}`);
  assert.equal(body.audio.duration_ms, Math.ceil(count / 16), "every sample is there");
  return report;
}

async function reportsOf(page) {
  const { body } = await api(page, "GET", "/api/worklist");
  return body.rows.map((row) => row.report);
}

test("words appear while they are spoken, corrections stay, and the report is written", async () => {
  const { page, context, faults } = await person(AUTHOR);
  await ready(page);
  await shot(page, "dictate-ready");
  await page.getByRole("button", { name: /^Record/ }).click();
  await page.locator("#state", { hasText: "Recording" }).waitFor();
  const text = page.getByLabel("Text so far");
  await page.waitForFunction(
    () => /potassium/i.test(document.getElementById("live-text").value),
    undefined,
    { timeout: 60_000 },
  );
  await shot(page, "dictate-recording");
  await text.evaluate((area) => {
    area.value = `Corrected. ${area.value}`;
    area.dispatchEvent(new Event("input"));
  });
  const report = await finished(page);
  await shot(page, "dictate-finished");
  await page.goto(`/reports/${report}`);
  await page.getByLabel("Report text").waitFor();
  await page.waitForFunction(
    () => /potassium/i.test(document.querySelector(".cm-content")?.textContent ?? ""),
    undefined,
    { timeout: TRANSCRIPTION_MS },
  );
  const { body } = await api(page, "GET", `/api/reports/${report}`);
  assert.match(body.text, /potassium/i);
  assert.match(body.text, /^Corrected\./, "what the author corrected is in the report");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a server that dies while recording costs no sample and the report appears once", async () => {
  const { page, context } = await person(AUTHOR);
  await ready(page);
  const before = await reportsOf(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  await site.kill();
  await page.locator("#link", { hasText: "No connection" }).waitFor();
  await recorded(page, 4);
  await site.start();
  await page.locator("#link", { hasText: "Connected" }).waitFor({ timeout: 30_000 });
  await recorded(page, 5);
  const report = await finished(page);
  const after = await reportsOf(page);
  assert.deepEqual(after.filter((one) => !before.includes(one)), [report]);
  await context.close();
});

test("a network that falls silent is noticed, and what was said meanwhile is sent after", async () => {
  const { page, context } = await person(AUTHOR);
  await ready(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  site.server.kill("SIGSTOP");
  await page.locator("#link", { hasText: /No connection|to go/ }).waitFor({ timeout: 30_000 });
  await recorded(page, 12);
  site.server.kill("SIGCONT");
  await page.locator("#link", { hasText: "Connected" }).waitFor({ timeout: 30_000 });
  await finished(page);
  await context.close();
});

/** A network between browser and server; what is cut says nothing, as a pulled cable does. */
async function network(port) {
  const state = { cuts: 0 };
  const sockets = [];
  const server = net.createServer((client) => {
    const of = state.cuts;
    const upstream = net.connect(port, "127.0.0.1");
    sockets.push(client, upstream);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      from.on("error", () => undefined);
      from.on("data", (data) => {
        if (state.cuts === of && of % 2 === 0) to.write(data);
      });
      from.on("close", () => to.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    cut: () => (state.cuts += 1),
    mend: () => (state.cuts += 1),
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

// Longer than what the page holds in memory: the oldest comes back out of the browser's store.
const CUT_SECONDS = Number(process.env.CUT_SECONDS ?? 60);

test("a cut network costs no sample, and its end is noticed", async () => {
  const between = await network(site.port);
  const { page, context } = await person(AUTHOR, { baseURL: between.address });
  await ready(page);
  const before = await reportsOf(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  between.cut();
  await page.locator("#link", { hasText: /No connection|to go/ }).waitFor({ timeout: 30_000 });
  await page.waitForFunction(
    (count) => Number(document.getElementById("desk").dataset.samples) >= count,
    (await samples(page)) + CUT_SECONDS * 16_000,
    { timeout: (CUT_SECONDS + 60) * 1000 },
  );
  between.mend();
  await page.locator("#link", { hasText: "Connected" }).waitFor({ timeout: 60_000 });
  const report = await finished(page);
  const after = await reportsOf(page);
  assert.deepEqual(after.filter((one) => !before.includes(one)), [report]);
  await context.close();
  between.close();
});

test("what the server did not get of a recording it had ended is told, and sent on a word", async () => {
  const { page, context, faults } = await person(AUTHOR);
  await ready(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  const { body } = await api(page, "GET", "/api/recordings");
  const { recording } = body.recordings[0];
  // Ended by another page of the same person, between two blocks of this one.
  let ended;
  for (let next = body.recordings[0].next; ended?.status !== 201; next += 1) {
    ended = await api(page, "POST", `/api/recordings/${recording}/finish`, { blocks: next });
  }
  const rest = page.getByText(/The server ended the recording .* in this browser only/);
  await rest.waitFor();
  const count = await samples(page);
  await shot(page, "dictate-rest");
  // It is told again by the next page, until the person decides.
  await page.goto("/dictate");
  await rest.waitFor();
  await page.getByRole("button", { name: "Send it as a recording of its own" }).click();
  const link = page.getByRole("link", { name: "Open the report" });
  await link.waitFor();
  const report = (await link.getAttribute("href")).split("/").pop();
  const kept = (await api(page, "GET", `/api/reports/${report}`)).body;
  const first = Math.round(ended.body.duration_ms * 16);
  assert.ok(Math.abs(kept.audio.duration_ms * 16 + first - count) < 32, "every sample is in one");
  assert.equal(kept.patient.mrn, "DEMO-1002");
  await page.goto("/dictate");
  await page.getByText(/Your words are shown while you speak|every place for text/).waitFor();
  assert.equal(await rest.count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a tab that is closed while the server is away leaves what was said in the browser", async () => {
  const { page, context } = await person(AUTHOR);
  await ready(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  await site.kill();
  await recorded(page, 4);
  const count = await samples(page);
  await page.close();
  await site.start();
  const again = await context.newPage();
  await again.goto("/dictate");
  await again.getByRole("button", { name: "Go on with it" }).first().click();
  await again.locator("#link", { hasText: "Connected" }).waitFor({ timeout: 30_000 });
  // The last blocks before the tab went may have been on their way into the store.
  const there = await samples(again);
  assert.ok(there > 0 && count - there <= 2 * 16_000, `${count} were recorded, ${there} are there`);
  await shot(again, "dictate-again");
  await again.getByRole("button", { name: "Finish" }).click();
  const link = again.getByRole("link", { name: "Open the report" });
  await link.waitFor();
  const report = (await link.getAttribute("href")).split("/").pop();
  const { body } = await api(again, "GET", `/api/reports/${report}`);
  assert.equal(body.audio.duration_ms, Math.ceil(there / 16));
  await context.close();
});

test("a microphone that goes leaves what it gave, and the next one goes on", async () => {
  const { page, context, faults } = await person(AUTHOR);
  await page.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      window.unplug = () => {
        for (const track of stream.getTracks()) {
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }
      };
      return stream;
    };
  });
  await ready(page);
  const before = await reportsOf(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  await page.evaluate(() => window.unplug());
  await page.locator("#warning", { hasText: "The microphone is gone" }).waitFor();
  const kept = await samples(page);
  assert.ok(kept >= 16_000, `${kept}`);
  await page.getByRole("button", { name: /^Go on/ }).click();
  await recorded(page, kept / 16_000 + 1);
  const report = await finished(page);
  const after = await reportsOf(page);
  assert.deepEqual(after.filter((one) => !before.includes(one)), [report]);
  assert.deepEqual(faults, []);
  await context.close();
});

/** The processes below this one that are the browser's. */
async function browserProcesses() {
  const found = new Set([String(process.pid)]);
  const stats = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, command, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    if (command) stats.push({ pid: name, command, parent });
  }
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of stats) if (found.has(parent)) found.add(pid);
  }
  return stats.filter(({ pid, command }) => found.has(pid) && /chrom/.test(command));
}

const STOPPED_SECONDS = Number(process.env.STOPPED_SECONDS ?? 60);

test("a browser that is stopped for a while has every sample it took in one report", async () => {
  const { page, context } = await person(AUTHOR);
  await ready(page);
  const before = await reportsOf(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  const stopped = await browserProcesses();
  assert.ok(stopped.length > 1, "the browser is found");
  const signal = (name) => stopped.forEach(({ pid }) => process.kill(Number(pid), name));
  signal("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, STOPPED_SECONDS * 1000));
  signal("SIGCONT");
  await recorded(page, (await samples(page)) / 16_000 + 1);
  const report = await finished(page);
  const after = await reportsOf(page);
  assert.deepEqual(after.filter((one) => !before.includes(one)), [report]);
  await context.close();
});

test("a stretch is recorded over another, heard in its place, and the rest stays", async () => {
  const { page, context, faults } = await person(AUTHOR);
  await ready(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 2);
  await page.getByRole("button", { name: /^Pause/ }).click();
  await page.locator("#state", { hasText: "Paused" }).waitFor();
  const first = await samples(page);
  await page.locator("#place").evaluate((place) => {
    place.value = "1";
    place.dispatchEvent(new Event("input"));
  });
  await page.getByRole("button", { name: "Insert here" }).click();
  await page.locator("#state", { hasText: "Recording" }).waitFor();
  await recorded(page, first / 16_000 + 1);
  await page.getByRole("button", { name: /^Pause/ }).click();
  await page.locator("#state", { hasText: "Paused" }).waitFor();
  const both = await samples(page);
  const { body } = await api(page, "GET", "/api/recordings");
  const edits = body.recordings[0].edits;
  assert.deepEqual(edits.at(0), [0, 16_000]);
  assert.deepEqual(edits.slice(1), [[first, both], [16_000, first], [both, null]]);
  await page.getByRole("button", { name: "Listen from here" }).click();
  await page.waitForFunction(() => document.getElementById("review").currentTime > 0);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Discard…" }).click();
  await page.getByText("Nothing was kept.").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("patient, work type and priority change while recording goes on, the patient by name", async () => {
  const { page, context, faults } = await person(AUTHOR);
  await ready(page);
  await page.getByRole("button", { name: /^Record/ }).click();
  await recorded(page, 1);
  const change = page.getByRole("button", { name: /^Change patient/ });
  await change.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Priority").selectOption("stat");
  await shot(page, "dictate-change");
  await dialog.getByRole("button", { name: "Change" }).click();
  await dialog.waitFor({ state: "detached" });
  const known = async () => (await api(page, "GET", "/api/recordings")).body.recordings[0];
  assert.deepEqual([(await known()).priority, (await known()).work_type], ["stat", "PN"]);
  await change.click();
  await dialog.getByLabel(/^MRN of another patient/).fill("DEMO-1003");
  await dialog.getByRole("button", { name: "Change" }).click();
  const asked = page.getByRole("dialog", { name: "Is this the patient?" });
  await asked.getByText(/born \d{4}-\d\d-\d\d.*DEMO-1003/).waitFor();
  await shot(page, "dictate-change-patient");
  await asked.getByRole("button", { name: "This is the patient" }).click();
  await page.locator("#desk-title", { hasText: "DEMO-1003" }).waitFor();
  await recorded(page, 2);
  const report = await finished(page);
  const { body } = await api(page, "GET", `/api/reports/${report}`);
  assert.deepEqual([body.patient.mrn, body.priority], ["DEMO-1003", "stat"]);
  assert.deepEqual(faults, []);
  await context.close();
});
