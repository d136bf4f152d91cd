// The drop zone: sends recordings, a few at a time, and shows how far each one is.
//
// Invariant: one file is one Idempotency-Key for as long as it is in the list, so a repeated
// upload whose first answer was lost is still one dictation. A file leaves the list only by a
// person's hand, or after the server has acknowledged it.

import { errorBody, ofPerson, sentence } from "./api";
import { announce, byId, h, replace, show } from "./dom";
import { clock, flagWord, size } from "./format";

/** Uploads that run at the same time; more would only share the same wire. */
const AT_ONCE = 2;

const FIELDS = ["author", "mrn", "encounter", "work_type", "priority"] as const;

interface Received {
  dictation: string;
  report: string;
  duration_ms: number;
  flags: string[];
  repeated: boolean;
}

interface Item {
  file: File;
  key: string;
  state: "waiting" | "sending" | "checking" | "received" | "failed";
  view: HTMLLIElement;
  status: HTMLElement;
  progress: HTMLProgressElement;
  actions: HTMLElement;
  request: XMLHttpRequest | null;
}

export function uploads(): void {
  const panel = document.getElementById("receive");
  if (!panel) return;
  const form = byId("receive-form", HTMLFormElement);
  const list = byId("uploads", HTMLUListElement);
  const items: Item[] = [];
  const pump = () => {
    const running = items.filter((i) => i.state === "sending" || i.state === "checking").length;
    const waiting = items.filter((i) => i.state === "waiting");
    for (const item of waiting.slice(0, AT_ONCE - running)) send(item, form, pump);
  };
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const item = newItem(file, pump, () => {
        items.splice(items.indexOf(item), 1);
        item.view.remove();
      });
      items.push(item);
      list.append(item.view);
    }
    pump();
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  watchDrops(byId("drop", HTMLDivElement), add);
  window.addEventListener("beforeunload", (event) => {
    if (items.some((i) => i.state !== "received" && i.state !== "failed")) event.preventDefault();
  });
}

function watchDrops(zone: HTMLElement, add: (files: Iterable<File>) => void): void {
  const input = byId("files", HTMLInputElement);
  byId("choose", HTMLButtonElement).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add([...(input.files ?? [])]);
    input.value = "";
  });
  // A file dropped beside the zone must not replace the page.
  for (const name of ["dragover", "drop"] as const) {
    window.addEventListener(name, (event) => event.preventDefault());
  }
  zone.addEventListener("dragover", () => zone.classList.add("over"));
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    add([...(event.dataTransfer?.files ?? [])]);
  });
}

function newItem(file: File, pump: () => void, remove: () => void): Item {
  const status = h("span", { class: "upload-status" }, "Waiting");
  const progress = h("progress", { max: 1, value: 0, "aria-label": `Upload of ${file.name}` });
  const actions = h("span", { class: "upload-actions" });
  const name = h("span", { class: "upload-name" }, file.name);
  const bytes = h("span", { class: "hint" }, size(file.size));
  const view = h("li", { class: "upload" }, name, bytes, progress, status, actions);
  const item: Item = {
    file,
    key: newKey(),
    state: "waiting",
    view,
    status,
    progress,
    actions,
    request: null,
  };
  const retry = h("button", { type: "button" }, "Try again");
  retry.addEventListener("click", () => {
    item.state = "waiting";
    paint(item, "Waiting");
    pump();
  });
  const drop = h("button", { type: "button", class: "quiet" }, "Remove");
  drop.addEventListener("click", () => {
    item.request?.abort();
    remove();
    pump();
  });
  replace(actions, retry, drop);
  paint(item, "Waiting");
  return item;
}

function paint(item: Item, status: string | Node): void {
  item.view.dataset["state"] = item.state;
  replace(item.status, status);
  const [retry] = item.actions.children;
  if (retry instanceof HTMLElement) show(retry, item.state === "failed");
  show(item.progress, item.state !== "received" && item.state !== "failed");
}

function send(item: Item, form: HTMLFormElement, done: () => void): void {
  const request = new XMLHttpRequest();
  item.request = request;
  item.state = "sending";
  paint(item, "Sending");
  request.open("POST", "/api/dictations");
  request.setRequestHeader("Idempotency-Key", item.key);
  for (const [name, value] of Object.entries(ofPerson())) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    item.progress.value = event.loaded / event.total;
    if (event.loaded === event.total && item.state === "sending") {
      item.state = "checking";
      paint(item, "Checking");
    }
  });
  const fail = (message: string) => {
    item.state = "failed";
    paint(item, message);
    announce(`${item.file.name}: ${message}`);
    done();
  };
  request.addEventListener("load", () => {
    if (request.status === 200 || request.status === 201) {
      accept(item, JSON.parse(request.responseText) as Received);
      done();
    } else {
      fail(sentence(new Error(errorBody(request.responseText, request.status).message)));
    }
  });
  const unanswered = "No answer from the server. It is safe to try again.";
  request.addEventListener("error", () => fail(unanswered));
  request.addEventListener("abort", done);
  request.send(body(item.file, form));
}

/** The fields go first, so that the server can refuse before it has read the audio. */
function body(file: File, form: HTMLFormElement): FormData {
  const values = new FormData(form);
  const data = new FormData();
  for (const name of FIELDS) {
    const value = values.get(name);
    if (typeof value === "string" && value.trim() !== "") data.append(name, value.trim());
  }
  data.append("audio", file, file.name);
  return data;
}

function accept(item: Item, received: Received): void {
  item.state = "received";
  const link = h("a", { href: `/reports/${received.report}` }, "Open");
  const words = received.repeated ? "Was received before" : "Received";
  const kinds = received.flags.map(flagWord).join(", ");
  const flags = kinds ? `, flagged: ${kinds}` : "";
  paint(item, h("span", {}, `${words}, ${clock(received.duration_ms)}${flags} `, link));
  announce(`${item.file.name}: received`);
}

/** 128 random bits; `crypto.randomUUID` is missing where the page is not served securely. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
