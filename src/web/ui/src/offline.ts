// Keeps unsaved text in the browser, so that a crash, a closed lid or a server that is away loses
// nothing.
//
// Not for: saving (`autosave.ts`), which has the last word.
//
// Invariant: what is kept is encrypted with a key of the signed-in person that no script can
// read out; signing out destroys key and texts. Where the page was not served securely the
// browser has no keys, and nothing is kept.

import { username } from "./person";

const DATABASE = "chartscribe";
const KEYS = "keys";
const TEXTS = "texts";

/** Texts that nobody came back for are destroyed after this; the report itself is on the server. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** AES-GCM's own length of a nonce, NIST SP 800-38D 8.2.1. */
const NONCE_BYTES = 12;

/** What a person typed that the server has not acknowledged. */
export interface Unsaved {
  /** The version it was made from. */
  base: number;
  text: string;
  pieces: number[][] | null;
}

interface Row {
  id: string;
  at: number;
  nonce: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

const isPossible = (): boolean => "indexedDB" in window && window.crypto.subtle !== undefined;

const rowOf = (report: string): string => `${username()} ${report}`;

/** The person has signed out in this page: nothing more is kept. */
let closed = false;

/** Keeps the text; a failure leaves what was kept before. */
export async function keep(report: string, unsaved: Unsaved): Promise<void> {
  if (!isPossible() || closed) return;
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const data = new TextEncoder().encode(JSON.stringify(unsaved));
  const id = rowOf(report);
  const additionalData = new TextEncoder().encode(id);
  const how = { name: "AES-GCM", iv: nonce, additionalData };
  const sealed = await crypto.subtle.encrypt(how, await ownKey(), data);
  await inStore(TEXTS, "readwrite", (store) => store.put({ id, at: Date.now(), nonce, sealed }));
}

/** What was kept for the report, if it is this person's. */
export async function kept(report: string): Promise<Unsaved | null> {
  if (!isPossible()) return null;
  const id = rowOf(report);
  const row = (await inStore(TEXTS, "readonly", (store) => store.get(id))) as Row | undefined;
  if (!row) return null;
  try {
    if (Date.now() - row.at > KEPT_MS) throw new Error("too old");
    const additionalData = new TextEncoder().encode(id);
    const how = { name: "AES-GCM", iv: row.nonce, additionalData };
    const data = await crypto.subtle.decrypt(how, await ownKey(), row.sealed);
    return JSON.parse(new TextDecoder().decode(data)) as Unsaved;
  } catch {
    await forget(report);
    return null;
  }
}

export async function forget(report: string): Promise<void> {
  if (!isPossible()) return;
  await inStore(TEXTS, "readwrite", (store) => store.delete(rowOf(report)));
}

/** Destroys the person's key and with it every text. */
export async function forgetAll(): Promise<void> {
  closed = true;
  if (!isPossible()) return;
  const own = username();
  await inStore(KEYS, "readwrite", (store) => store.delete(own));
  const all = IDBKeyRange.bound(`${own} `, `${own} \uffff`);
  await inStore(TEXTS, "readwrite", (store) => store.delete(all));
}

/** The person's key in this browser; made when it is first needed, never readable. */
async function ownKey(): Promise<CryptoKey> {
  const own = username();
  const known = await inStore(KEYS, "readonly", (store) => store.get(own));
  if (known) return known as CryptoKey;
  const how = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.generateKey(how, false, ["encrypt", "decrypt"]);
  // Another page of the same person may have been quicker: then its key is the one.
  await inStore(KEYS, "readwrite", (store) => store.add(key, own)).catch(() => undefined);
  return (await inStore(KEYS, "readonly", (store) => store.get(own))) as CryptoKey;
}

function inStore(
  name: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(KEYS);
      opening.result.createObjectStore(TEXTS, { keyPath: "id" });
    };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(name, mode);
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}
