// What stays on this device: in the browser's own database, under this poll's name. Nothing here sends anything.

const STORE = "kept";
const ROUNDS = 600_000;
const FORM = 1;

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("ballots", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within(mode, act) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const transaction = base.transaction(STORE, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    base.close();
  }
}

export const keep = (name, value) => within("readwrite", (store) => store.put(value, name));
export const kept = (name) => within("readonly", (store) => store.get(name));
export const forget = (name) => within("readwrite", (store) => store.delete(name));

const encoder = new TextEncoder();
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const gcm = (iv, bound) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(bound) });

/** Secrets between two steps, under a key that this browser never gives out: a reload finds them, a copy of the disk does not. */
export async function keepSealed(name, value) {
  const key = (await kept(name))?.key ?? (await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
  const iv = random(12);
  const body = await crypto.subtle.encrypt(gcm(iv, name), key, encoder.encode(JSON.stringify(value)));
  await keep(name, { key, iv, body });
}

export async function keptSealed(name) {
  const found = await kept(name);
  if (!found) return null;
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(gcm(found.iv, name), found.key, found.body)));
}

async function keyOf(passphrase, salt) {
  const typed = await crypto.subtle.importKey("raw", encoder.encode(passphrase.normalize("NFKC").trim()), "PBKDF2", false, ["deriveKey"]);
  const settings = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(settings, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const written = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const readBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

/** A number under a passphrase, as text for a file or a code to scan. `bound` ties it to its poll and place. */
export async function wrap(number, passphrase, bound) {
  const [salt, iv] = [random(16), random(12)];
  const plain = Uint8Array.from(number.toString(16).padStart(64, "0").match(/../g), (pair) => parseInt(pair, 16));
  const body = await crypto.subtle.encrypt(gcm(iv, bound), await keyOf(passphrase, salt), plain);
  return written(new Uint8Array([FORM, ...salt, ...iv, ...new Uint8Array(body)]));
}

/** The number again, or null when the passphrase does not fit. */
export async function unwrap(text, passphrase, bound) {
  try {
    const bytes = readBytes(text.trim());
    if (bytes[0] !== FORM) return null;
    const key = await keyOf(passphrase, bytes.slice(1, 17));
    const plain = new Uint8Array(await crypto.subtle.decrypt(gcm(bytes.slice(17, 29), bound), key, bytes.slice(29)));
    return BigInt(`0x${Array.from(plain, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  } catch {
    return null;
  }
}
