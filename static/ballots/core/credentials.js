// Credentials; the twin of ballots/core/credentials.py.

import { Q, fromBytes, gPower, mod } from "./group.js";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const LENGTH = 14;
const ROUNDS = 1000;
const CHECK = 53n;

function checkCharacter(symbols) {
  let value = 0n;
  for (const symbol of symbols) value = value * 58n + BigInt(ALPHABET.indexOf(symbol));
  return ALPHABET[Number(CHECK - (value % CHECK))];
}

const printed = (symbols) => symbols.match(/.{3}/g).join("-");

/** The code as printed from what a person typed or scanned, or null if a character is wrong. */
export function tidy(typed) {
  const signs = Array.from(typed).filter((sign) => /[\p{L}\p{N}]/u.test(sign));
  if (signs.length !== LENGTH + 1 || signs.some((sign) => !ALPHABET.includes(sign))) return null;
  const symbols = signs.join("");
  return checkCharacter(symbols.slice(0, LENGTH)) === symbols[LENGTH] ? printed(symbols) : null;
}

export async function exponentOf(code, electionUuid) {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(code), "PBKDF2", false, ["deriveBits"]);
  const settings = { name: "PBKDF2", hash: "SHA-256", salt: encoder.encode(electionUuid), iterations: ROUNDS };
  return mod(fromBytes(new Uint8Array(await crypto.subtle.deriveBits(settings, key, 256))), Q);
}

export const publicOf = (secret) => gPower(secret);

/** A fresh code as printed on a slip; its last character checks the others. */
export function drawCode() {
  const symbols = [];
  while (symbols.length < LENGTH) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 4 * ALPHABET.length) symbols.push(ALPHABET[byte % ALPHABET.length]); // every sign as likely as any other
  }
  return printed([...symbols, checkCharacter(symbols)].join(""));
}

/** {code, credential}: the code goes on paper and nowhere else, the credential on the roll. */
export async function draw(electionUuid) {
  const code = drawCode();
  return { code, credential: String(publicOf(await exponentOf(code, electionUuid))) };
}
