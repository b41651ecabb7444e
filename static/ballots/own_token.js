// A person's own device: draws a code, has its public half signed blindly (signed in), and later registers it without a name.

import { blind, finalize, fromBase64, prepare, toBase64 } from "./core/blind.js";
import { draw } from "./core/credentials.js";
import { forget, keep, keepSealed, kept, keptSealed } from "./keep.js";
import { canEncrypt, pause, say, show } from "./page.js";
import { Refused, ask, give, giveSigned } from "./wire.js";

const place = document.getElementById("place").dataset;
const MINE = `token:${place.poll}`;
const HALF = `half:${place.poll}`; // from drawing to registration: nothing of it may be lost by a reload
const PREFIX = 32;
const SHORTEST = Number(place.shortest) * 1000;
const SPREAD = Number(place.spread) * 1000;

async function start() {
  const facts = await ask(place.facts);
  const { code, credential } = await draw(facts.code);
  const prefix = crypto.getRandomValues(new Uint8Array(PREFIX));
  const prepared = prepare(new TextEncoder().encode(`${facts.code}|${credential}`), prefix);
  const { blinded, inverse } = await blind(BigInt(facts.token_key.n), prepared);
  const half = { code, credential, prefix: toBase64(prefix), prepared: toBase64(prepared), blinded: toBase64(blinded), inverse: String(inverse), n: facts.token_key.n };
  await keepSealed(HALF, half); // before the server hears of it: it signs once
  return half;
}

async function signed(half) {
  if (half.signature) return half;
  const answer = await giveSigned(place.token, { blinded: half.blinded });
  const signature = await finalize(BigInt(half.n), fromBase64(half.prepared), fromBase64(answer.signature), BigInt(half.inverse));
  const whole = { ...half, signature: toBase64(signature) };
  await keepSealed(HALF, whole);
  return whole;
}

/** Not in the same breath: who asked just before would be known by the clock. */
async function apart() {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
  await pause(SHORTEST + drawn * SPREAD);
}

async function obtain() {
  show("working");
  try {
    say({ progress: "正在取一份不记名的投票资格" });
    const half = await signed((await keptSealed(HALF)) ?? (await start()));
    say({ progress: "取到了。停一会儿再登记，免得从时间上看出是您。请开着这个页面。" });
    await apart();
    say({ progress: "正在登记，这一步不带您的名字" });
    await give(place.register, { credential: half.credential, prefix: half.prefix, signature: half.signature });
    await keep(MINE, half.code);
    await forget(HALF);
    tellCode(half.code);
  } catch (error) {
    say({ fault: error instanceof Refused ? error.message : "网络不通。做到哪一步都记在这部手机里，请稍后再按一次。" });
    if (!(error instanceof Refused)) console.warn(error);
    show("refused");
  }
}

function tellCode(code) {
  say({ code: code.replace(/-/g, " ") });
  show("mine");
}

async function begin() {
  if (!canEncrypt()) return show("unable");
  const code = await kept(MINE);
  if (code) return tellCode(code);
  return show((await kept(HALF)) ? "half" : place.issued ? "elsewhere" : "start");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-act=obtain]")) obtain();
});
begin();
