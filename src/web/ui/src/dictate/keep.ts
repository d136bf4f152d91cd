// Keeps what the server has not acknowledged yet in this browser, encrypted.
//
// Not for: sending it (`sender.ts`).
//
// Invariant: nothing readable is stored: blocks are sealed (AES-GCM) by a key of the signed-in
// person that no script can read out. One person's blocks are never another's.

import { username } from "../person";

const KEYS = "keys";
const BLOCKS = "blocks";
/** Bytes of the nonce (NIST SP 800-38D section 8.2). */
const NONCE = 12;

interface Sealed {
  nonce: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export class Keep {
  private constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  static async open(): Promise<Keep> {
    const request = indexedDB.open(`chartscribe-${username()}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEYS);
      request.result.createObjectStore(BLOCKS);
    };
    const database = await done(request);
    const found = await done<CryptoKey | undefined>(
      database.transaction(KEYS).objectStore(KEYS).get("key"),
    );
    if (found) return new Keep(database, found);
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    const store = database.transaction(KEYS, "readwrite").objectStore(KEYS);
    // Another tab may have been faster; its key stays.
    await done(store.add(made, "key")).catch(() => undefined);
    const key = await done<CryptoKey>(
      database.transaction(KEYS).objectStore(KEYS).get("key"),
    );
    return new Keep(database, key);
  }

  async put(recording: string, number: number, samples: ArrayBuffer): Promise<void> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const place = placeOf(recording, number);
    const data = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: nonce, additionalData: place },
      this.key,
      samples,
    );
    const sealed: Sealed = { nonce, data };
    await done(this.blocks("readwrite").put(sealed, [recording, number]));
  }

  async get(recording: string, number: number): Promise<ArrayBuffer | null> {
    const sealed = await done<Sealed | undefined>(
      this.blocks("readonly").get([recording, number]),
    );
    if (!sealed) return null;
    const place = placeOf(recording, number);
    return crypto.subtle.decrypt(
      { name: "AES-GCM", iv: sealed.nonce, additionalData: place },
      this.key,
      sealed.data,
    );
  }

  /** Recordings of which something is kept. */
  async recordings(): Promise<string[]> {
    const keys = await done(this.blocks("readonly").getAllKeys());
    return [...new Set(keys.map((key) => (key as [string, number])[0]))];
  }

  /** The number after the last block that is kept of the recording, or 0. */
  async end(recording: string): Promise<number> {
    const range = IDBKeyRange.bound([recording, 0], [recording, Number.MAX_SAFE_INTEGER]);
    const request = this.blocks("readonly").openKeyCursor(range, "prev");
    const cursor = await done(request);
    return cursor ? (cursor.key as [string, number])[1] + 1 : 0;
  }

  /** Forgets the blocks before a number: the server has them. */
  async forget(recording: string, before: number): Promise<void> {
    const range = IDBKeyRange.bound([recording, 0], [recording, before], false, true);
    await done(this.blocks("readwrite").delete(range));
  }

  private blocks(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(BLOCKS, mode).objectStore(BLOCKS);
  }
}

/** A block opens only as what it was kept as. */
function placeOf(recording: string, number: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${recording}/${number}`);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser cannot keep audio"));
  });
}
