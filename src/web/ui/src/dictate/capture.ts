// Runs in the browser's audio thread: brings what the microphone gives to 16 kHz, 16 bit, and
// hands it over in blocks.
//
// Not for: sending or keeping blocks (`sender.ts`).
//
// Invariant: no sample between "on" and "off" is left out; off flushes what is left of a block.

/** Declared here: the library of the compiler does not know the audio thread. */
declare const sampleRate: number;
declare function registerProcessor(name: string, type: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const RATE = 16_000;
/** A tenth of a second: text while speaking waits for no more, and the server is not kept busy. */
const BLOCK = RATE / 10;
/** Zero crossings of the filter on either side; 24 keep aliases about 70 dB down. */
const CROSSINGS = 24;
/** Positions between two input samples that are tabulated. */
const PHASES = 256;
/** Share of the band that passes whole. */
const PASS = 0.92;
const CLIPPED = 0.99;

/** A windowed sinc (Hann) from the device's rate to 16 kHz. */
class Resampler {
  private readonly ratio: number;
  private readonly half: number;
  private readonly table: Float32Array[] = [];
  private history: Float32Array;
  private filled = 0;
  private position: number;

  constructor(rate: number) {
    this.ratio = rate / RATE;
    const scale = Math.min(1, 1 / this.ratio) * PASS;
    this.half = Math.ceil(CROSSINGS / scale);
    for (let phase = 0; phase <= PHASES; phase += 1) {
      const row = new Float32Array(2 * this.half);
      for (let tap = 0; tap < row.length; tap += 1) {
        const x = tap - this.half + 1 - phase / PHASES;
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * scale) / (Math.PI * x * scale);
        const hann = 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half);
        row[tap] = Math.abs(x) < this.half ? scale * sinc * hann : 0;
      }
      this.table.push(row);
    }
    this.history = new Float32Array(4 * this.half + 8192);
    this.filled = this.half - 1;
    this.position = this.half - 1;
  }

  push(input: Float32Array, out: (sample: number) => void): void {
    if (this.filled + input.length > this.history.length) this.forget();
    this.history.set(input, this.filled);
    this.filled += input.length;
    while (Math.floor(this.position) + this.half < this.filled) {
      const at = Math.floor(this.position);
      const row = this.table[Math.round((this.position - at) * PHASES)]!;
      let sum = 0;
      for (let tap = 0; tap < row.length; tap += 1) {
        sum += row[tap]! * this.history[at - this.half + 1 + tap]!;
      }
      out(sum);
      this.position += this.ratio;
    }
  }

  private forget(): void {
    const from = Math.max(0, Math.floor(this.position) - this.half + 1);
    this.history.copyWithin(0, from, this.filled);
    this.filled -= from;
    this.position -= from;
  }
}

class Capture extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate);
  private block = new Int16Array(BLOCK);
  private filled = 0;
  private on = false;
  private peak = 0;
  private clipped = 0;
  private squares = 0;
  private measured = 0;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<{ on: boolean }>) => {
      if (this.on && !event.data.on) this.flush();
      this.on = event.data.on;
      if (!this.on) this.port.postMessage({ off: true });
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0];
    const first = channels?.[0];
    if (!channels || !first) return true;
    const mono = new Float32Array(first.length);
    for (const channel of channels) {
      for (let at = 0; at < mono.length; at += 1) mono[at]! += channel[at]! / channels.length;
    }
    this.resampler.push(mono, (sample) => this.take(sample));
    return true;
  }

  private take(sample: number): void {
    const level = Math.abs(sample);
    this.peak = Math.max(this.peak, level);
    this.squares += sample * sample;
    this.measured += 1;
    if (level >= CLIPPED) this.clipped += 1;
    if (this.on) {
      const whole = Math.round(sample * 32_767);
      this.block[this.filled] = Math.max(-32_768, Math.min(32_767, whole));
      this.filled += 1;
      if (this.filled === BLOCK) this.flush();
    }
    if (this.measured >= RATE / 20) this.tellLevel();
  }

  private tellLevel(): void {
    const rms = Math.sqrt(this.squares / this.measured);
    this.port.postMessage({ level: { peak: this.peak, rms, clipped: this.clipped } });
    this.peak = 0;
    this.squares = 0;
    this.measured = 0;
    this.clipped = 0;
  }

  private flush(): void {
    if (this.filled === 0) return;
    const samples = this.block.slice(0, this.filled).buffer;
    this.filled = 0;
    this.port.postMessage({ samples }, [samples]);
  }
}

registerProcessor("capture", Capture);
