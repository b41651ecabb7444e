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

async function understood(answer) {
  if (answer.ok) return read(answer);
  const problem = await read(answer);
  if (answer.status >= 500 || answer.status === 429) throw new TypeError(`answer ${answer.status}`);
  throw new Refused(answer.status, problem);
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
 * Sends one text until the server has answered for good. Without a network it waits and tries again; the same text sent twice counts
 * once. `tell(kind, seconds)` hears "sending", "offline" and "busy".
 */
export async function insist(address, text, tell) {
  for (let attempt = 0; ; attempt += 1) {
    let wait = TIRED[Math.min(attempt, TIRED.length - 1)];
    tell("sending", 0);
    try {
      const answer = await fetch(address, { ...NAMELESS, method: "POST", headers: { "Content-Type": "application/json" }, body: text });
      if (answer.status !== BUSY) return await understood(answer);
      wait = (await read(answer)).retry_after || wait;
      tell("busy", wait);
    } catch (error) {
      if (error instanceof Refused) throw error;
      tell("offline", wait);
    }
    await Promise.race([pause(wait * 1000), new Promise((back) => addEventListener("online", back, { once: true }))]);
  }
}

const signed = () => ({ "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content });

export async function askSigned(address) {
  return understood(await fetch(address, { cache: "no-store" }));
}

export async function giveSigned(address, value) {
  const headers = { ...signed(), "Content-Type": "application/json" };
  return understood(await fetch(address, { method: "POST", cache: "no-store", headers, body: JSON.stringify(value) }));
}
