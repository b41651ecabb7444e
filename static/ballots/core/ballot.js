// Making a ballot on the voter's own device; the twin of ballots/core/ballot.py. Nothing here sends anything.

import { FixedBase, P, Q, b64Digest, challenge, gPower, mod, proveKnowledge, randomExponent, record } from "./group.js";

const text = (cipher) => `${cipher.alpha},${cipher.beta}`;
const written = (cipher) => ({ alpha: String(cipher.alpha), beta: String(cipher.beta) });

/** The frozen election: `source` is the text byte for byte, everything else is read from it. */
export async function readElection(source) {
  const value = JSON.parse(source);
  return {
    source,
    uuid: value.uuid,
    name: value.name,
    questions: value.questions,
    rules: value.rules,
    fingerprint: await b64Digest(source),
    key: new FixedBase(BigInt(value.public_key)),
  };
}

function encrypt(election, value, randomness) {
  const beta = election.key.power(randomness) * (value ? gPower(BigInt(value)) : 1n);
  return { alpha: gPower(randomness), beta: beta % P, randomness, value };
}

function sumOf(parts) {
  return parts.reduce((total, part) => ({
    alpha: (total.alpha * part.alpha) % P,
    beta: (total.beta * part.beta) % P,
    randomness: mod(total.randomness + part.randomness, Q),
    value: total.value + part.value,
  }));
}

/** One of the claims (ciphertext, number) is true, without telling which. Throws when none is. */
async function proveOne(election, prefix, claims) {
  const truth = claims.findIndex(({ cipher, claimed }) => cipher.value === claimed);
  if (truth < 0) throw new Error("none of the claims is true");
  const nonce = randomExponent();
  const commitments = [];
  const proofs = claims.map(({ cipher, claimed }, i) => {
    const proof = { challenge: randomExponent(), response: randomExponent() };
    const shift = i === truth ? nonce : mod(proof.response + cipher.randomness * proof.challenge, Q);
    const offset = i === truth ? 0n : mod(BigInt(cipher.value - claimed) * proof.challenge, Q);
    const beta = election.key.power(shift) * (offset ? gPower(offset) : 1n);
    commitments.push(gPower(shift), beta % P);
    return proof;
  });
  const others = proofs.reduce((sum, proof, i) => (i === truth ? sum : sum + proof.challenge), 0n);
  const c = mod((await challenge(prefix, commitments)) - others, Q);
  proofs[truth] = { challenge: c, response: mod(nonce - claims[truth].cipher.randomness * c, Q) };
  return proofs.map(record);
}

function numbers(low, high) {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

function proveValues(election, context, cipher, values) {
  const claims = values.map((claimed) => ({ cipher, claimed }));
  return proveOne(election, `prove|${context}|${text(cipher)}|`, claims);
}

async function overall(election, question, parts, context) {
  const s = `${context}|${parts.map(text).join(",")}`;
  const allowed = numbers(question.min, question.max);
  if (!question.blank) return { overall_proof: await proveValues(election, s, sumOf(parts), allowed) };
  const [flag, ...rest] = parts;
  const total = sumOf(rest);
  const either = [{ cipher: flag, claimed: 1 }, ...allowed.map((claimed) => ({ cipher: total, claimed }))];
  const neither = [{ cipher: flag, claimed: 0 }, { cipher: total, claimed: 0 }];
  return {
    overall_proof: await proveOne(election, `bproof1|${s}|`, either),
    blank_proof: await proveOne(election, `bproof0|${s}|`, neither),
  };
}

/** All slots encrypted. `tell(done, of)` hears how far it is and may make the work wait. */
export async function sealSlots(election, values, context, tell = () => {}) {
  const sealed = {};
  const names = [...new Set(election.rules.slots.flat())];
  for (const [i, name] of names.entries()) {
    const cipher = encrypt(election, values[name], randomExponent());
    sealed[name] = { cipher, proofs: await proveValues(election, context, cipher, [0, 1]) };
    await tell(i + 1, names.length);
  }
  return sealed;
}

async function answersOf(election, sealed, context) {
  const answers = [];
  for (const [i, question] of election.questions.entries()) {
    const parts = election.rules.slots[i].map((name) => sealed[name]);
    answers.push({
      choices: parts.map((part) => written(part.cipher)),
      individual_proofs: parts.map((part) => part.proofs),
      ...(await overall(election, question, parts.map((part) => part.cipher), context)),
    });
  }
  return answers;
}

/**
 * A signed ballot from slot values (0 or 1). Returns {ballot, tracker, opening}; `opening` holds what an audit
 * shows and must be thrown away when the ballot is cast.
 */
export async function makeBallot(election, secret, values, tell) {
  const credential = String(gPower(secret));
  const context = `${election.fingerprint}|${credential}`;
  const sealed = await sealSlots(election, values, context, tell);
  const answers = await answersOf(election, sealed, context);
  const body = { election_uuid: election.uuid, election_hash: election.fingerprint, credential, answers };
  const hash = await b64Digest(JSON.stringify(body));
  const proof = record(await proveKnowledge(`sig|${hash}|`, secret));
  const ballot = JSON.stringify({ ...body, signature: { hash, proof } });
  const opening = Object.fromEntries(
    Object.entries(sealed).map(([name, { cipher }]) => [name, { value: cipher.value, randomness: String(cipher.randomness) }]),
  );
  return { ballot, tracker: await b64Digest(ballot), opening };
}

/** Whether an opened ballot really holds what was shown: every ciphertext is made again from its randomness. */
export function auditBallot(election, ballot, opening) {
  const { answers } = JSON.parse(ballot);
  return answers.every((answer, i) =>
    answer.choices.every((choice, j) => {
      const { value, randomness } = opening[election.rules.slots[i][j]];
      const cipher = encrypt(election, value, BigInt(randomness));
      return choice.alpha === String(cipher.alpha) && choice.beta === String(cipher.beta);
    }),
  );
}
