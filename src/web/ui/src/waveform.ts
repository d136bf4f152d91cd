// The picture of the recording: the whole of it, and the minute around what is heard.
//
// Drawn here and not by a library: those that are well kept write HTML text and `<style>` into
// the page or decode an hour of audio in it, which our policy and the memory of a tab forbid.
//
// Invariant: memory is one byte for 100 ms; a place in the picture is that place in the recording.

import { Refused, errorBody, ofPerson } from "./api";
import { h, replace, show } from "./dom";
import { clock } from "./format";

/** Milliseconds of one level (`workflow/evidence.rs`). */
const LEVEL_MS = 100;

/** What the lower picture shows at once; shorter recordings have one picture only. */
const WINDOW_MS = 60_000;

/** How far an arrow key goes, in ms. */
const ARROW_MS = 1_000;

export async function fetchLevels(dictation: string): Promise<Uint8Array> {
  const path = `/api/dictations/${dictation}/waveform`;
  const response = await fetch(path, { headers: ofPerson() });
  if (!response.ok) throw new Refused(response.status, errorBody("", response.status));
  return new Uint8Array(await response.arrayBuffer());
}

interface Band {
  canvas: HTMLCanvasElement;
  /** Start and length of what it shows, in ms. */
  from: number;
  length: number;
}

export class Waveform {
  private readonly bands: Band[];
  private readonly slider: HTMLElement;
  private marked: readonly { start_ms: number; end_ms: number }[] = [];
  private now = 0;
  private drawn = "";

  constructor(
    place: HTMLElement,
    private readonly levels: Uint8Array,
    private readonly lengthMs: number,
    private readonly seek: (ms: number) => void,
  ) {
    const whole = { canvas: band("whole"), from: 0, length: Math.max(lengthMs, 1) };
    const part = { canvas: band("part"), from: 0, length: WINDOW_MS };
    this.bands = lengthMs > WINDOW_MS * 1.5 ? [whole, part] : [whole];
    this.slider = h("div", {
      class: "waveform",
      role: "slider",
      tabindex: 0,
      "aria-label": "Place in the recording",
      "aria-valuemin": 0,
      "aria-valuemax": Math.round(lengthMs / 1000),
    });
    this.slider.append(...this.bands.map((shown) => shown.canvas));
    this.slider.addEventListener("keydown", (event) => this.pressed(event));
    for (const shown of this.bands) {
      shown.canvas.addEventListener("pointerdown", (event) => this.point(shown, event));
      shown.canvas.addEventListener("pointermove", (event) => {
        if (event.buttons === 1) this.point(shown, event);
      });
    }
    replace(place, this.slider);
    show(place, true);
    new ResizeObserver(() => this.draw()).observe(this.slider);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.drawn = "";
      this.draw();
    });
    this.at(0);
  }

  /** Marks stretches whose words are missing or not to be trusted. */
  mark(spans: readonly { start_ms: number; end_ms: number }[]): void {
    this.marked = spans;
    this.drawn = "";
    this.draw();
  }

  /** Shows this place, in ms. */
  at(ms: number): void {
    this.now = ms;
    const seconds = Math.floor(ms / 1000);
    if (this.slider.getAttribute("aria-valuenow") !== String(seconds)) {
      this.slider.setAttribute("aria-valuenow", String(seconds));
      this.slider.setAttribute("aria-valuetext", `${clock(ms)} of ${clock(this.lengthMs)}`);
    }
    this.draw();
  }

  private pressed(event: KeyboardEvent): void {
    const to = {
      ArrowLeft: this.now - ARROW_MS,
      ArrowRight: this.now + ARROW_MS,
      Home: 0,
      End: this.lengthMs,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    this.seek(Math.min(this.lengthMs, Math.max(0, to)));
  }

  private point(shown: Band, event: PointerEvent): void {
    const box = shown.canvas.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    this.seek(Math.min(this.lengthMs, shown.from + share * shown.length));
  }

  private draw(): void {
    const part = this.bands[1];
    if (part) {
      const middle = this.now - WINDOW_MS / 2;
      part.from = Math.min(Math.max(0, this.lengthMs - WINDOW_MS), Math.max(0, middle));
    }
    const width = this.slider.clientWidth;
    if (width === 0) return;
    const smallest = this.bands[this.bands.length - 1] as Band;
    const state = `${width} ${Math.round((this.now / smallest.length) * width)}`;
    if (state === this.drawn) return;
    this.drawn = state;
    const colours = getComputedStyle(this.slider);
    for (const shown of this.bands) this.paint(shown, width, colours);
  }

  private paint(shown: Band, width: number, colours: CSSStyleDeclaration): void {
    const { canvas } = shown;
    const height = canvas.clientHeight;
    const scale = window.devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.scale(scale, scale);
    pen.fillStyle = colours.getPropertyValue("--warn");
    for (const { start_ms, end_ms } of this.marked) {
      const from = ((start_ms - shown.from) / shown.length) * width;
      const wide = Math.max(2, ((end_ms - start_ms) / shown.length) * width);
      pen.fillRect(from, height - 4, wide, 4);
    }
    const head = ((this.now - shown.from) / shown.length) * width;
    const each = 3;
    for (let x = 0; x < width; x += each) {
      const from = shown.from + (x / width) * shown.length;
      const to = shown.from + ((x + each) / width) * shown.length;
      const tall = Math.max(1, (this.loudest(from, to) / 255) * (height - 4));
      pen.fillStyle = colours.getPropertyValue(x < head ? "--accent" : "--line-strong");
      pen.fillRect(x, (height - tall) / 2, each - 1, tall);
    }
    pen.fillStyle = colours.getPropertyValue("--bad");
    pen.fillRect(Math.max(0, Math.min(width - 2, head - 1)), 0, 2, height);
  }

  private loudest(from: number, to: number): number {
    const first = Math.floor(from / LEVEL_MS);
    const last = Math.max(first + 1, Math.ceil(to / LEVEL_MS));
    let most = 0;
    for (let at = first; at < last; at += 1) most = Math.max(most, this.levels[at] ?? 0);
    return most;
  }
}

function band(name: string): HTMLCanvasElement {
  return h("canvas", { class: `band ${name}`, "aria-hidden": "true" });
}
