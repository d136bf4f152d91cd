// Sends the blocks of one recording in order and once, over a channel that may break at any time.
//
// Not for: capturing (`microphone.ts`), or what the text means (`text.ts`).
//
// Invariant: a block is kept until the server has acknowledged it; after a break the server says
// which block it wants next, and nothing else is sent.

import type { Keep } from "./keep";

export interface LiveText {
  text: string;
  partial: string;
  through_ms: number;
  heard_ms: number;
}

type Said =
  | { type: "kept"; next: number; samples: number }
  | ({ type: "text" } & LiveText)
  | { type: "live"; on: boolean }
  | { type: "refused"; code: string; message: string };

export interface Listener {
  /** Blocks that wait for the server, and whether it can be reached. */
  waiting(blocks: number, connected: boolean): void;
  text(text: LiveText): void;
  live(on: boolean): void;
  refused(code: string, message: string): void;
}

const RETRY_MS = { first: 250, longest: 5_000 } as const;
/** Blocks in memory beside those kept; older ones are read back when their turn comes. */
const RECENT_MAX = 300;
/** Bytes that may wait in the socket: half a minute of audio. */
const AHEAD_MAX = 1_000_000;
/** A channel that acknowledges nothing for so long is broken, whatever the browser believes. */
const SILENT_MS = 8_000;

export class Sender {
  private socket: WebSocket | null = null;
  private open = false;
  private wait: number = RETRY_MS.first;
  private sent = 0;
  private pumping = false;
  private over = false;
  private heardAt = 0;
  private readonly recent = new Map<number, ArrayBuffer>();
  private idle: (() => void)[] = [];
  private keeping: Promise<void> = Promise.resolve();
  private readonly watch: ReturnType<typeof setInterval>;

  /** `next` is the number of the next block that is recorded, `wanted` the one to send next. */
  constructor(
    private readonly recording: string,
    private readonly keep: Keep,
    private readonly listener: Listener,
    private next: number,
    private wanted: number,
  ) {
    this.sent = wanted;
    this.connect();
    this.watch = setInterval(() => this.check(), 1_000);
  }

  /** Blocks recorded so far. */
  get blocks(): number {
    return this.next;
  }

  add(samples: ArrayBuffer): void {
    const number = this.next;
    this.next += 1;
    this.recent.set(number, samples);
    if (this.recent.size > RECENT_MAX) {
      const oldest = this.recent.keys().next().value;
      if (oldest !== undefined) this.recent.delete(oldest);
    }
    this.keeping = this.keeping
      .then(() => this.keep.put(this.recording, number, samples))
      .catch((error: unknown) => this.listener.refused("browser", String(error)));
    this.tell();
    void this.pump();
  }

  /** Resolves when the server has everything that was recorded. */
  settled(): Promise<void> {
    if (this.wanted >= this.next) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Sends nothing more; resolves when all that was recorded is kept in this browser. */
  async halt(): Promise<void> {
    this.over = true;
    clearInterval(this.watch);
    this.socket?.close();
    await this.keeping;
  }

  close(): void {
    this.over = true;
    clearInterval(this.watch);
    this.socket?.close();
    void this.keeping.then(() => this.keep.forget(this.recording, Number.MAX_SAFE_INTEGER));
  }

  private connect(): void {
    if (this.over) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const path = `/api/recordings/${this.recording}/stream`;
    const socket = new WebSocket(`${scheme}//${location.host}${path}`);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.addEventListener("message", (event: MessageEvent<string>) => {
      if (socket === this.socket) this.hear(JSON.parse(event.data) as Said);
    });
    socket.addEventListener("close", () => {
      if (socket !== this.socket || this.over) return;
      this.socket = null;
      this.open = false;
      this.tell();
      setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, RETRY_MS.longest);
    });
  }

  /** A network that is gone without a word shows in missing acknowledgements. */
  private check(): void {
    const silent = Date.now() - this.heardAt > SILENT_MS;
    if (!this.socket || !silent || this.wanted >= this.next) return;
    const dead = this.socket;
    this.socket = null;
    this.open = false;
    dead.close();
    this.tell();
    this.connect();
  }

  private hear(said: Said): void {
    this.heardAt = Date.now();
    if (said.type === "text") return this.listener.text(said);
    if (said.type === "live") return this.listener.live(said.on);
    if (said.type === "refused") return this.listener.refused(said.code, said.message);
    if (!this.open) {
      this.open = true;
      this.wait = RETRY_MS.first;
      this.sent = said.next;
    }
    this.wanted = Math.max(this.wanted, said.next);
    for (const number of this.recent.keys()) {
      if (number < this.wanted) this.recent.delete(number);
    }
    this.keeping = this.keeping
      .then(() => this.keep.forget(this.recording, this.wanted))
      .catch(() => undefined);
    this.tell();
    if (this.wanted >= this.next) {
      for (const resolve of this.idle.splice(0)) resolve();
    }
    void this.pump();
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.open && this.socket && this.sent < this.next) {
        if (this.socket.bufferedAmount > AHEAD_MAX) break;
        const socket = this.socket;
        const number = this.sent;
        const kept = this.recent.get(number) ?? (await this.readBack(number));
        if (socket !== this.socket || !this.open || number !== this.sent) continue;
        if (!kept) {
          this.listener.refused("browser", "a block that was kept in this browser is gone");
          return;
        }
        const message = new Uint8Array(8 + kept.byteLength);
        new DataView(message.buffer).setBigUint64(0, BigInt(number), true);
        message.set(new Uint8Array(kept), 8);
        socket.send(message);
        this.sent += 1;
      }
    } finally {
      this.pumping = false;
    }
  }

  private async readBack(number: number): Promise<ArrayBuffer | null> {
    await this.keeping;
    return this.keep.get(this.recording, number);
  }

  private tell(): void {
    this.listener.waiting(this.next - this.wanted, this.open);
  }
}
