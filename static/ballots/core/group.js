// The group BELENIOS-2048, its hashes and proofs of knowledge; the twin of ballots/core/group.py, held to the same vectors.

export const NAME = "BELENIOS-2048";
export const P = BigInt(
  "20694785691422546401013643657505008064922989295751104097100884787057374219242717401922237254497684338129066633" +
  "13807895840496005438963628979639303877390572280360597374942767137677761889858987273586504908116709931053586778" +
  "09800307904916540637771737641986785272734744763418356000356983051931442845617019110007867373073335641239717328" +
  "97913240474578834468260652327974647951137672658693582180046317922073668860052627186363386088796882120769432366" +
  "14949100292344434637322214588410058642105024212036543356120132048111885240873107701415166620016231317716937218" +
  "9248078507711827842317498073276598828825169183103125680162072880719",
);
export const G = BigInt(
  "24023526775018522092276877035323999327122876573783649165100753187876632741463532193202856761552696787996946682" +
  "98749389095083896573425601900601068477164491735474137283104610458681314511781646755400527402889846139864532661" +
  "21505579709716201616827031288643245666383486363578210615491841998253431518974065818686865115135857641013888221" +
  "53960160432288436039309893336627728484065931384060102316750957637779826651036068224066350766977640253462537730" +
  "85133173495194248967754052573659049492477631475991575198775177711481490920456600205478127054728238140972518639" +
  "858334115700568353695553423781475582491896050296680037745308460627",
);
export const Q = BigInt("78571733251071885079927659812671450121821421258408794611510081919805623223441");

const WINDOW = 5n;
const ROWS = 52; // 52 digits of 5 bits hold an exponent of 256 bits
const encoder = new TextEncoder();

export const mod = (value, by) => ((value % by) + by) % by;

export function power(base, exponent, modulus = P) {
  let result = 1n;
  let step = mod(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * step) % modulus;
    step = (step * step) % modulus;
  }
  return result;
}

export const inverse = (value, modulus = P) => power(mod(value, modulus), modulus - 2n, modulus); // both moduli are prime

/** Powers of one base from a table; a ballot needs only the bases g and y. */
export class FixedBase {
  constructor(base) {
    this.rows = [];
    let step = base;
    for (let i = 0; i < ROWS; i += 1) {
      const row = [1n];
      for (let digit = 1n; digit < 1n << WINDOW; digit += 1n) row.push((row[row.length - 1] * step) % P);
      this.rows.push(row);
      step = (row[row.length - 1] * step) % P;
    }
  }

  power(exponent) {
    let result = 1n;
    let rest = mod(exponent, Q);
    for (let i = 0; rest > 0n; i += 1, rest >>= WINDOW) {
      const digit = Number(rest & ((1n << WINDOW) - 1n));
      if (digit) result = (result * this.rows[i][digit]) % P;
    }
    return result;
  }
}

let generator;
export function gPower(exponent) {
  generator ??= new FixedBase(G);
  return generator.power(exponent);
}

export const isMember = (element) => element > 0n && element < P && power(element, Q) === 1n;

export function fromBytes(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return BigInt(`0x${text || "0"}`);
}

/** A secret exponent from the device's own source of randomness; numbers from q up are drawn again. */
export function randomExponent() {
  for (;;) {
    const drawn = fromBytes(crypto.getRandomValues(new Uint8Array(32)));
    if (drawn < Q) return drawn;
  }
}

export const sha256 = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

export async function hexDigest(text) {
  return Array.from(await sha256(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Standard Base64 of SHA-256 without padding: fingerprints, trackers. */
export async function b64Digest(text) {
  return btoa(String.fromCharCode(...(await sha256(text)))).replace(/=+$/, "");
}

export async function challenge(prefix, elements) {
  return mod(fromBytes(await sha256(prefix + elements.join(","))), Q);
}

export const record = (proof) => ({ challenge: String(proof.challenge), response: String(proof.response) });

/** Schnorr: shows that the exponent of g^secret is known; `prefix` binds the proof to its place. */
export async function proveKnowledge(prefix, secret) {
  const nonce = randomExponent();
  const c = await challenge(prefix, [gPower(nonce)]);
  return { challenge: c, response: mod(nonce - secret * c, Q) };
}

export async function knows(prefix, element, written) {
  const proof = { challenge: BigInt(written.challenge), response: BigInt(written.response) };
  if (proof.challenge >= Q || proof.response >= Q) return false;
  const commitment = (gPower(proof.response) * power(element, proof.challenge)) % P;
  return proof.challenge === (await challenge(prefix, [commitment]));
}
