// One teller's side of the key ceremony and of the opening; the twin of ballots/core/trustees.py and tally.py.
// Secrets stay in this page: only what the functions return under "public" names is sent.

import { NAME, P, Q, b64Digest, challenge, gPower, isMember, knows, mod, power, proveKnowledge, randomExponent, record } from "./group.js";

const sign = async (message, key) => ({ message, signature: record(await proveKnowledge(`sigmsg|${message}|`, key)) });

export function newTeller(place) {
  const polynomial = Array.from({ length: place.threshold }, () => randomExponent());
  return { place, signing: randomExponent(), decryption: randomExponent(), polynomial };
}

export const coefficientsOf = (teller) => teller.polynomial.map((a) => gPower(a));

/** Sent before anybody's coefficients are seen. */
export const commitmentOf = (coefficients) => b64Digest(`coefexps|${coefficients.join(",")}`);

export function certificateOf(teller) {
  const { index, size, threshold } = teller.place;
  const certified = {
    verification: String(gPower(teller.signing)),
    encryption: String(gPower(teller.decryption)),
    context: { group: NAME, size, threshold, index },
  };
  return sign(JSON.stringify(certified), teller.signing);
}

export function publishedOf(teller) {
  return sign(JSON.stringify({ coefexps: coefficientsOf(teller).map(String) }), teller.signing);
}

export function shareFor(teller, index) {
  return teller.polynomial.reduceRight((total, a) => mod(total * BigInt(index) + a, Q), 0n);
}

export function publicShare(index, allCoefficients) {
  let total = 1n;
  for (const coefficients of allCoefficients) {
    coefficients.forEach((a, i) => {
      total = (total * power(a, mod(BigInt(index) ** BigInt(i), Q))) % P;
    });
  }
  return total;
}

export const shareFits = (share, index, coefficients) => gPower(share) === publicShare(index, [coefficients]);

/** The coefficients in a signed message, or an error that names what is wrong with its sender. */
export async function readPublished(message, verification, threshold) {
  if (!(await knows(`sigmsg|${message.message}|`, verification, message.signature))) throw new Error("wrong_signature");
  const coefficients = JSON.parse(message.message).coefexps.map(BigInt);
  if (coefficients.length !== threshold) throw new Error("wrong_shape");
  if (!coefficients.every((element) => isMember(element))) throw new Error("not_in_group");
  return coefficients;
}

export async function readCertificate(certificate, place) {
  const certified = JSON.parse(certificate.message);
  const verification = BigInt(certified.verification);
  const encryption = BigInt(certified.encryption);
  const { group, size, threshold, index } = certified.context;
  if (group !== NAME || size !== place.size || threshold !== place.threshold || index !== place.index) throw new Error("wrong_threshold");
  if (!isMember(verification) || !isMember(encryption)) throw new Error("not_in_group");
  if (!(await knows(`sigmsg|${certificate.message}|`, verification, certificate.signature))) throw new Error("wrong_signature");
  return { verification, encryption };
}

export async function verificationKeyOf(teller, secret) {
  const element = String(gPower(secret));
  return {
    pok: record(await proveKnowledge(`pok|${NAME}|${element}|`, secret)),
    public_key: element,
    signature: record(await proveKnowledge(`sigmsg|${element}|`, teller.signing)),
  };
}

export async function jointSignatureOf(teller, certs, firstCoefficients) {
  const signed = `certs_sig|${JSON.stringify({ certs, coefexps: firstCoefficients.map(String) })}`;
  return record(await proveKnowledge(`sigmsg|${signed}|`, teller.signing));
}

const keyBytes = (element) => new TextEncoder().encode(String(element));

async function channelKey(shared, label) {
  const material = await crypto.subtle.importKey("raw", keyBytes(shared), "HKDF", false, ["deriveKey"]);
  const settings = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: new TextEncoder().encode(label) };
  return crypto.subtle.deriveKey(settings, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const toText = (bytes) => btoa(String.fromCharCode(...bytes));
const toBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** A share for another teller, readable by that teller alone: Diffie-Hellman in the same group, then AES-GCM. */
export async function sealShare(teller, recipient, encryption) {
  const key = await channelKey(power(encryption, teller.decryption), `share|${teller.place.index}|${recipient}`);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, keyBytes(shareFor(teller, recipient)));
  return toText(new Uint8Array([...iv, ...new Uint8Array(body)]));
}

export async function openShare(teller, sender, encryption, sealed) {
  const key = await channelKey(power(encryption, teller.decryption), `share|${sender}|${teller.place.index}`);
  const bytes = toBytes(sealed);
  const body = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
  return BigInt(new TextDecoder().decode(body));
}

/** One teller's part of the opening, as text for the archive. */
export async function decryptPartially(tally, fingerprint, secret) {
  const prefix = `decrypt|${fingerprint}|${gPower(secret)}|`;
  const factors = [];
  const proofs = [];
  for (const row of tally) {
    const done = [];
    for (const cipher of row) done.push(await proveFactor(prefix, BigInt(cipher.alpha), secret));
    factors.push(done.map(([factor]) => String(factor)));
    proofs.push(done.map(([, proof]) => record(proof)));
  }
  return JSON.stringify({ decryption_factors: factors, decryption_proofs: proofs });
}

async function proveFactor(prefix, alpha, secret) {
  const nonce = randomExponent();
  const c = await challenge(prefix, [gPower(nonce), power(alpha, nonce)]);
  return [power(alpha, secret), { challenge: c, response: mod(nonce - secret * c, Q) }];
}
