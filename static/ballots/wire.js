// Talking with the server: without a name for everything about a vote, signed in for tellers and registrars.

import { pause } from "./page.js";

const NAMELESS = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };
const TIRED = [1, 2, 4, 8, 15]; // seconds between attempts; the last one goes on
const BUSY = 202;

/** The server's refusal: `code` names it, `message` is Chinese and may be shown. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.message || "服务器没有接受，请稍后再试。");
    this.status = status;
    this.code = problem.code || "";
  }
}

async function read(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Only our own server says {"code"}: whatever else answers (a gateway, a sign-in of the network) is no answer. */
async function understood(answer) {
  const said = await read(answer);
  if (answer.ok) return said;
  if (!said.code) throw new TypeError(`answer ${answer.status}`);
  throw new Refused(answer.status, said);
}

export const ask = async (address) => understood(await fetch(address, NAMELESS));

export async function askText(address) {
  const answer = await fetch(address, NAMELESS);
  if (!answer.ok) throw new Refused(answer.status, {});
  return answer.text();
}

export async function give(address, value) {
  return understood(await fetch(address, { ...NAMELESS, method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) }));
}

/**
 * Sends one text until the server has answered for good, with the tracker we worked out ourselves. Without a network it waits and
 * tries again; the same text sent twice counts once. `tell(kind, seconds)` hears "sending", "offline" and "busy".
 */
export async function insist(address, text, tracker, tell) {
  for (let attempt = 0; ; attempt += 1) {
    let wait = TIRED[Math.min(attempt, TIRED.length - 1)];
    tell("sending", 0);
    try {
      const answer = await fetch(address, { ...NAMELESS, method: "POST", headers: { "Content-Type": "application/json" }, body: text });
      const said = await understood(answer);
      if (said.tracker === tracker) return;
      if (answer.status !== BUSY) throw new TypeError("not our server's answer");
      wait = said.retry_after || wait;
      tell("busy", wait);
    } catch (error) {
      if (error instanceof Refused) throw error;
      tell("offline", wait);
    }
    await Promise.race([pause(wait * 1000), new Promise((back) => addEventListener("online", back, { once: true }))]);
  }
}

const signed = () => ({ "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content });

const SIGNED_OUT = { code: "signed_out", message: "登录已经过期。请刷新页面重新登录，做到哪一步都记着。" };

async function stillSigned(answer) {
  if (answer.redirected) throw new Refused(401, SIGNED_OUT);
  return understood(answer);
}

export async function askSigned(address) {
  return stillSigned(await fetch(address, { cache: "no-store" }));
}

export async function giveSigned(address, value) {
  const headers = { ...signed(), "Content-Type": "application/json" };
  return stillSigned(await fetch(address, { method: "POST", cache: "no-store", headers, body: JSON.stringify(value) }));
}
