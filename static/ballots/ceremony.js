// One teller's part of every round, from what the server relays and this teller's own secrets. The server relays; it is not believed.

import { Q, b64Digest, mod } from "./core/group.js";
import { shortCode, spoken } from "./core/tracking.js";
import {
  certificateOf, coefficientsOf, commitmentOf, jointSignatureOf, newTeller, openShare, publishedOf, readCertificate, readPublished, sealShare,
  shareFits, verificationKeyOf,
} from "./core/trustees.js";

const placeOf = (state, index) => ({ index, size: state.size, threshold: state.threshold });

const written = ({ signing, decryption, polynomial }) => ({ signing: String(signing), decryption: String(decryption), polynomial: polynomial.map(String) });
const read = (state, { signing, decryption, polynomial }) => ({
  place: placeOf(state, state.index),
  signing: BigInt(signing),
  decryption: BigInt(decryption),
  polynomial: polynomial.map(BigInt),
});

/** Round one: a fresh secret, its seal (commitment) and certificate. */
export async function firstPart(state) {
  const teller = newTeller(placeOf(state, state.index));
  const part = { commitment: await commitmentOf(coefficientsOf(teller)), certificate: await certificateOf(teller) };
  return { secret: written(teller), part };
}

const certificates = (state) => Promise.all(state.tellers.map((other) => readCertificate(other.certificate, placeOf(state, other.index))));

/** Round two: the coefficients behind the seal, and one sealed share for every teller. */
export async function secondPart(state, secret) {
  const teller = read(state, secret);
  const keys = await certificates(state);
  const shares = {};
  for (const [i, other] of state.tellers.entries()) shares[other.index] = await sealShare(teller, other.index, keys[i].encryption);
  return { coefficients: await publishedOf(teller), shares };
}

async function shareFrom(state, teller, other, keys) {
  const coefficients = await readPublished(other.coefficients, keys.verification, state.threshold);
  if ((await commitmentOf(coefficients)) !== other.commitment) throw new Error("wrong_commitment");
  const share = await openShare(teller, other.index, keys.encryption, state.shares[other.index]);
  if (!shareFits(share, state.index, coefficients)) throw new Error("wrong_share");
  return share;
}

/** Round three: everybody's share for this teller, checked; `cheats` names whose does not hold. */
export async function gather(state, secret) {
  const teller = read(state, secret);
  const cheats = [];
  let share = 0n;
  for (const other of state.tellers) {
    try {
      const keys = await readCertificate(other.certificate, placeOf(state, other.index));
      share = mod(share + (await shareFrom(state, teller, other, keys)), Q);
    } catch {
      cheats.push(other.name);
    }
  }
  return { share, cheats };
}

const firsts = (state) => state.tellers.map((other) => JSON.parse(other.coefficients.message).coefexps[0]);

/** Twelve digits of everything the tellers published: the same on all their screens, or somebody between them lies. */
export async function compared(state) {
  const all = state.tellers.map((other) => [other.certificate.message, other.coefficients.message]);
  return spoken(shortCode(await b64Digest(JSON.stringify([state.code, all]))));
}

export async function finish(state, secret, share) {
  const teller = read(state, secret);
  const certs = state.tellers.map((other) => other.certificate);
  return { verification_key: await verificationKeyOf(teller, share), signature: await jointSignatureOf(teller, certs, firsts(state)) };
}

/** A backup is an address with the sealed share behind the #: scanning it opens the teller's page, and the server is never sent it. */
export const backupAddress = (from, state, text) => `${from.origin}${from.pathname}#${state.attempt}.${state.index}.${text}`;

export function tidyBackup(text) {
  const found = text.trim().match(/#(\d+)\.(\d+)\.([\w-]+)$/);
  return found && { attempt: Number(found[1]), index: Number(found[2]), text: found[3] };
}
