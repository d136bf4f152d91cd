// The picture of the recording: the whole of it, and the minute around what is heard.
//
// Not for: reading audio. wavesurfer draws the levels that the server keeps and follows the
// player's own element; an hour of sound is never decoded in the page.
//
// Invariant: memory is a few bytes for 100 ms; a place in the picture is that place in the
// recording.

import WaveSurfer from "wavesurfer.js";
import { Refused, errorBody, ofPerson } from "./api";
import { h, replace, show } from "./dom";
import { clock } from "./format";
import { adoptRules, allowFrame } from "./shadow";

/** What the lower picture shows at once; shorter recordings have one picture only. */
const WINDOW_MS = 60_000;

/** As many as the widest picture has bars; a short recording's levels stand several times. */
const PEAKS_MIN = 1_200;

/** How far an arrow key goes, in ms. */
const ARROW_MS = 1_000;

/** How the marks of a picture look. */
const MARKS = `
  .mark { position: absolute; min-width: 2px; height: 4px; pointer-events: none; z-index: 4; }
  .mark.doubt { bottom: 0; background: var(--warn); }
  .mark.flag { top: 0; background: var(--bad); }
`;

/** A stretch of the recording to look at: a flag, or words that may be missing or wrong. */
export interface Mark {
  kind: "doubt" | "flag";
  start_ms: number;
  end_ms: number;
}

export async function fetchLevels(dictation: string): Promise<Uint8Array> {
  const path = `/api/dictations/${dictation}/waveform`;
  const response = await fetch(path, { headers: ofPerson() });
  if (!response.ok) throw new Refused(response.status, errorBody("", response.status));
  return new Uint8Array(await response.arrayBuffer());
}

let frameAllowed = false;

export class Waveform {
  private readonly pictures: WaveSurfer[];
  private readonly slider: HTMLElement;
  private now = 0;

  constructor(
    place: HTMLElement,
    levels: Uint8Array,
    private readonly lengthMs: number,
    private readonly media: HTMLMediaElement,
    private readonly seek: (ms: number) => void,
  ) {
    if (!frameAllowed) allowFrame();
    frameAllowed = true;
    this.slider = h("div", {
      class: "waveform",
      role: "slider",
      tabindex: 0,
      "aria-label": "Place in the recording",
      "aria-valuemin": 0,
      "aria-valuemax": Math.round(lengthMs / 1000),
    });
    this.slider.addEventListener("keydown", (event) => this.pressed(event));
    const [whole, part] = [band("whole"), band("part")];
    this.slider.append(whole);
    const isLong = lengthMs > WINDOW_MS * 1.5;
    if (isLong) this.slider.append(part);
    replace(place, this.slider);
    show(place, true);
    const peaks = peaksOf(levels);
    this.pictures = [this.picture(whole, peaks, 0)];
    const perSecond = (this.slider.clientWidth || 1000) / (WINDOW_MS / 1000);
    if (isLong) this.pictures.push(this.picture(part, peaks, perSecond));
    const repaint = () => {
      for (const picture of this.pictures) picture.setOptions(this.colours());
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    this.at(0);
  }

  /** Marks what is to be looked at. */
  mark(marks: readonly Mark[]): void {
    const share = (ms: number) => `${(ms / this.lengthMs) * 100}%`;
    for (const picture of this.pictures) {
      const wrapper = picture.getWrapper();
      for (const old of wrapper.querySelectorAll(".mark")) old.remove();
      for (const { kind, start_ms, end_ms } of marks) {
        const mark = h("div", { class: `mark ${kind}` });
        mark.style.left = share(start_ms);
        mark.style.width = share(Math.max(0, end_ms - start_ms));
        wrapper.append(mark);
      }
    }
  }

  /** Says this place, in ms, where it is not seen. */
  at(ms: number): void {
    this.now = ms;
    const seconds = Math.floor(ms / 1000);
    if (this.slider.getAttribute("aria-valuenow") === String(seconds)) return;
    this.slider.setAttribute("aria-valuenow", String(seconds));
    this.slider.setAttribute("aria-valuetext", `${clock(ms)} of ${clock(this.lengthMs)}`);
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

  private picture(container: HTMLElement, peaks: Float32Array, minPxPerSec: number): WaveSurfer {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const picture = WaveSurfer.create({
      container,
      media: this.media,
      peaks: [peaks],
      duration: this.lengthMs / 1000,
      minPxPerSec,
      height: "auto",
      barWidth: 2,
      barGap: 1,
      cursorWidth: 2,
      hideScrollbar: true,
      // Without motion the picture goes on by whole pages.
      autoCenter: !calm,
      dragToSeek: { debounceTime: 0 },
      ...this.colours(),
    });
    const root = picture.getWrapper().getRootNode();
    if (root instanceof ShadowRoot) {
      adoptRules(root, MARKS);
      // The slider has the focus and the keys.
      root.querySelector(".scroll")?.setAttribute("tabindex", "-1");
    }
    picture.on("interaction", (seconds) => this.seek(Math.min(this.lengthMs, seconds * 1000)));
    return picture;
  }

  private colours() {
    const colours = getComputedStyle(this.slider);
    return {
      waveColor: colours.getPropertyValue("--line-strong"),
      progressColor: colours.getPropertyValue("--accent"),
      cursorColor: colours.getPropertyValue("--bad"),
    };
  }
}

/** The levels as wavesurfer takes them: 0 to 1, and enough of them for a bar each. */
function peaksOf(levels: Uint8Array): Float32Array {
  const each = Math.max(1, Math.ceil(PEAKS_MIN / Math.max(1, levels.length)));
  const peak = (_: unknown, at: number) => (levels[Math.floor(at / each)] ?? 0) / 255;
  return Float32Array.from({ length: levels.length * each }, peak);
}

function band(name: string): HTMLDivElement {
  return h("div", { class: `band ${name}`, "aria-hidden": "true" });
}
