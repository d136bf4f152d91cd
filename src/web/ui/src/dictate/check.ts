// The microphone check: noise and voice are measured, and what to change is said.

import { byId } from "../dom";
import { Microphone } from "./microphone";

const SILENCE_MS = 5_000;
const VOICE_MS = 10_000;

const decibels = (magnitude: number): number => 20 * Math.log10(Math.max(magnitude, 1e-6));

/** The level that a share of the readings stays below. */
function share(readings: number[], part: number): number {
  const sorted = [...readings].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? -120;
}

/** What to change; speech should stand 20 dB above the room and peak between -20 and -3 dB. */
export function advice(noise: number, voice: number, peak: number): string {
  const facts = `Room ${noise.toFixed(0)} dB, voice ${voice.toFixed(0)} dB, peak ${peak.toFixed(0)} dB. `;
  if (voice < -50) return `${facts}Nothing was heard: is the microphone muted, or another one chosen?`;
  if (peak > -1) return `${facts}Too loud: turn the microphone down, or speak from further away.`;
  if (voice < -38) return `${facts}Too soft: turn the microphone up, or bring it nearer.`;
  if (voice - noise < 20) return `${facts}The room is loud: bring the microphone nearer to your mouth.`;
  return `${facts}Good: nothing to change.`;
}

export function checkMicrophone(): void {
  const start = byId("check", HTMLButtonElement);
  const result = byId("check-result", HTMLParagraphElement);
  start.addEventListener("click", () => {
    start.disabled = true;
    void measure(result)
      .catch(() => {
        result.textContent = "The microphone could not be opened: allow it for this page.";
      })
      .finally(() => {
        start.disabled = false;
      });
  });
}

async function measure(result: HTMLElement): Promise<void> {
  const silence: number[] = [];
  const voice: number[] = [];
  let into = silence;
  let peak = -120;
  const device = byId("device", HTMLSelectElement).value;
  const microphone = await Microphone.open(device, {
    samples: () => undefined,
    level: (level) => {
      into.push(decibels(level.rms));
      peak = Math.max(peak, decibels(level.peak));
    },
    gone: () => undefined,
  });
  result.textContent = "Silence, please…";
  await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
  into = voice;
  result.textContent = "Now read a sentence aloud…";
  await new Promise((resolve) => setTimeout(resolve, VOICE_MS));
  microphone.close();
  result.textContent = advice(share(silence, 0.5), share(voice, 0.9), peak);
}
