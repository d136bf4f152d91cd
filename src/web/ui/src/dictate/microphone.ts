// The microphone: chosen, opened, its level told, its samples handed over.
//
// Not for: keeping or sending them.
//
// Invariant: the browser's own processing is off: a recogniser hears better without it.

export interface Level {
  peak: number;
  rms: number;
  clipped: number;
}

export interface Ears {
  samples(samples: ArrayBuffer): void;
  level(level: Level): void;
  gone(): void;
}

type Told = { samples?: ArrayBuffer; level?: Level; off?: boolean };

export class Microphone {
  private stopped: (() => void) | null = null;

  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    private readonly stream: MediaStream,
  ) {}

  static async open(device: string, ears: Ears): Promise<Microphone> {
    const wanted = device === "" ? {} : { deviceId: { exact: device } };
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        ...wanted,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
        channelCount: 1,
      },
    });
    const context = new AudioContext();
    await context.audioWorklet.addModule(captureAddress());
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    const microphone = new Microphone(context, node, stream);
    node.port.onmessage = (event: MessageEvent<Told>) => {
      const { samples, level, off } = event.data;
      if (samples) ears.samples(samples);
      if (level) ears.level(level);
      if (off) microphone.stopped?.();
    };
    context.createMediaStreamSource(stream).connect(node);
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", ears.gone);
    await context.resume();
    return microphone;
  }

  start(): void {
    this.node.port.postMessage({ on: true });
  }

  /** Resolves when the last sample was handed over. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.stopped = resolve;
      this.node.port.postMessage({ on: false });
      // A microphone that is gone answers no more.
      setTimeout(resolve, 1_000);
    });
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
    void this.context.close();
  }
}

const captureAddress = (): string =>
  document.querySelector<HTMLElement>("[data-capture]")?.dataset["capture"] ?? "";

/** The microphones by name; names are known once one was allowed. */
export async function microphones(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "audioinput");
}
