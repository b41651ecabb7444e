// A tracker's short form: twelve digits, for reading aloud. The full tracker decides.

import { fromBytes } from "./group.js";

const RANGE = 10n ** 12n;

/** The tracker is a hash in Base64; its digits are the same number, shortened. */
export function shortCode(tracker) {
  const bytes = Uint8Array.from(atob(tracker), (sign) => sign.charCodeAt(0));
  return String(fromBytes(bytes) % RANGE).padStart(12, "0");
}

/** 4-4-4, as it is read aloud. */
export const spoken = (digits) => digits.match(/.{4}/g).join(" ");
