// The person's half of a blind signature (RFC 9474, RSABSSA-SHA384-PSS-Randomized): the server signs a token without seeing it,
// so that the token handed in later belongs to nobody. Nothing here sends anything.

import { fromBytes, mod, power } from "./group.js";

const HASH = "SHA-384";
const HASH_BYTES = 48;
const SALT_BYTES = 48;
const PREFIX_BYTES = 32;
const PUBLIC_EXPONENT = 65537n;

const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest(HASH, bytes));

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

export function toBytes(number, length) {
  const hex = number.toString(16).padStart(length * 2, "0");
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
export const toBase64Url = (bytes) => toBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
export const fromBase64Url = (text) => fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));

const bitsOf = (number) => number.toString(2).length;

/** The greatest common divisor and the inverse of `value` modulo `by`; the modulus of RSA is not prime. */
function euclid(value, by) {
  let [a, b, x, y] = [mod(value, by), by, 1n, 0n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return { divisor: a, inverse: mod(x, by) };
}

async function mask(seed, length) {
  const parts = [];
  for (let counter = 0; counter * HASH_BYTES < length; counter += 1) parts.push(await digest(join(seed, toBytes(BigInt(counter), 4))));
  return join(...parts).slice(0, length);
}

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1). */
async function encode(message, bits, salt) {
  const length = Math.ceil(bits / 8);
  const hash = await digest(join(new Uint8Array(8), await digest(message), salt));
  const block = join(new Uint8Array(length - SALT_BYTES - HASH_BYTES - 2), Uint8Array.of(1), salt);
  const masked = block.map(((stream) => (byte, i) => byte ^ stream[i])(await mask(hash, block.length)));
  masked[0] &= 0xff >> (8 * length - bits);
  return join(masked, hash, Uint8Array.of(0xbc));
}

function unit(modulus) {
  const length = Math.ceil(bitsOf(modulus) / 8);
  for (;;) {
    const drawn = fromBytes(random(length));
    if (drawn > 0n && drawn < modulus && euclid(drawn, modulus).divisor === 1n) return drawn;
  }
}

/** What is signed: the message behind 32 random bytes. */
export const prepare = (message, prefix = random(PREFIX_BYTES)) => join(prefix, message);

/** {blinded, inverse}: `blinded` goes to the server, `inverse` stays here. `given` only for the vectors of the RFC. */
export async function blind(modulus, prepared, given = {}) {
  const bits = bitsOf(modulus);
  const encoded = fromBytes(await encode(prepared, bits - 1, given.salt ?? random(SALT_BYTES)));
  if (euclid(encoded, modulus).divisor !== 1n) throw new Error("invalid input");
  const factor = given.factor ?? unit(modulus);
  const blinded = (encoded * power(factor, PUBLIC_EXPONENT, modulus)) % modulus;
  return { blinded: toBytes(blinded, Math.ceil(bits / 8)), inverse: euclid(factor, modulus).inverse };
}

/** The signature of the prepared message, checked; throws when the server did not sign what it was sent. */
export async function finalize(modulus, prepared, signed, inverse) {
  const signature = toBytes((fromBytes(signed) * inverse) % modulus, Math.ceil(bitsOf(modulus) / 8));
  const key = { kty: "RSA", n: toBase64Url(toBytes(modulus, Math.ceil(bitsOf(modulus) / 8))), e: "AQAB", alg: "PS384" };
  const imported = await crypto.subtle.importKey("jwk", key, { name: "RSA-PSS", hash: HASH }, false, ["verify"]);
  if (!(await crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT_BYTES }, imported, signature, prepared))) {
    throw new Error("invalid signature");
  }
  return signature;
}
