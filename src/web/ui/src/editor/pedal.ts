// Foot pedals that are no keyboards, by WebHID.
//
// Not for: pedals that type keys; those are keys (`keys.ts`).
//
// Invariant: a pedal is used only after the person has chosen it; each press has its release.

import { announce, button } from "../dom";

/** How many pedals of one device are told apart: left, middle, right and one more. */
const PEDALS = 4;

/** The part of WebHID (W3C draft) that is used here; TypeScript's library does not have it. */
interface Device extends EventTarget {
  readonly opened: boolean;
  readonly productName: string;
  open(): Promise<void>;
}

interface Hid extends EventTarget {
  getDevices(): Promise<Device[]>;
  requestDevice(options: { filters: object[] }): Promise<Device[]>;
}

interface Report extends Event {
  readonly data: DataView;
}

const hid = (): Hid | null => (navigator as Navigator & { hid?: Hid }).hid ?? null;

/** Uses the pedals that were chosen before; `press` is told "Pedal 1" to "Pedal 4". */
export async function usePedals(press: (name: string, pressed: boolean) => void): Promise<void> {
  const devices = (await hid()?.getDevices().catch(() => [])) ?? [];
  for (const device of devices) await use(device, press);
}

/** A button that asks for a pedal, where the browser knows them. */
export function pedalButton(press: (name: string, pressed: boolean) => void): Node[] {
  const known = hid();
  if (!known) return [];
  return [
    button("Use a foot pedal…", async () => {
      const [device] = await known.requestDevice({ filters: [] }).catch(() => []);
      if (!device) return;
      await use(device, press);
      announce(`${device.productName} is used.`);
    }),
  ];
}

async function use(device: Device, press: (name: string, pressed: boolean) => void): Promise<void> {
  try {
    if (!device.opened) await device.open();
  } catch {
    return announce("The pedal could not be opened; another program may use it.");
  }
  let before = 0;
  device.addEventListener("inputreport", (event) => {
    const { data } = event as Report;
    // One bit a pedal in the first byte that is not 0, however many lead: known of the three-pedal
    // devices that were looked at; others may need keys from their own software.
    let now = 0;
    for (let at = 0; at < data.byteLength && now === 0; at += 1) now = data.getUint8(at);
    for (let pedal = 0; pedal < PEDALS; pedal += 1) {
      const bit = 1 << pedal;
      if ((now & bit) !== (before & bit)) press(`Pedal ${pedal + 1}`, (now & bit) !== 0);
    }
    before = now;
  });
}
