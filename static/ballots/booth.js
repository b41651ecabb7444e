// The booth: slip, ballot, review, encrypting, cast or audit, tracker. Choices live in this page's memory only; what is sent is
// encrypted, and sent without a name.

import { readElection } from "./core/ballot.js";
import { exponentOf, publicOf, tidy } from "./core/credentials.js";
import { hexDigest } from "./core/group.js";
import { shortCode, spoken } from "./core/tracking.js";
import { forget, keep, kept } from "./keep.js";
import { make } from "./making.js";
import { canEncrypt, every, find, saveFile, say, show } from "./page.js";
import { choiceOf, drawPaper, isCandidates, marksOn, openedMarks, readPaper, reviewRows, settle, verdict } from "./paper.js";
import { Refused, ask, askText, insist } from "./wire.js";

const place = document.getElementById("place").dataset;
const form = document.getElementById("paper");
const CAST = `cast:${place.poll}`; // the encrypted ballot until the server has it, then its tracker
const MINE = `token:${place.poll}`; // the code of a person who registered on this device
const CODE = `code:${place.poll}`; // in this window until the ballot is cast, so that a reload does not ask again
const PREFIX = 16;
const state = { facts: null, election: null, paper: null, code: "", marked: null, made: null };

function stop(title, words) {
  say({ "stop-title": title, "stop-words": words });
  show("stop");
}

const PHASES = {
  draft: ["还没有开始投票", "监票人和组织者正在准备。开始以后，请再扫一次凭条。"],
  ceremony: ["还没有开始投票", "监票人正在做票箱钥匙。开始以后，请再扫一次凭条。"],
  ready: ["还没有开始投票", "选票已经定好，等主持人宣布开始。开始以后，请再扫一次凭条。"],
  abandoned: ["这次投票已经中止", "没有任何一张票会被打开。请听会场的通知。"],
};
const OVER = ["投票已经截止", "现在不能再投。您投过的票，可以凭追踪号在公告页查到。"];

async function begin() {
  if (!canEncrypt()) {
    return stop("这部手机不能加密选票", "网址要以 https 开头，浏览器要用近几年的版本。请换一部手机，或请监票人给您一张纸质选票。");
  }
  const code = slipAtHand();
  const waiting = await kept(CAST).catch(() => null);
  if (waiting?.ballot) return send(waiting);
  if (waiting?.tracker && !code) return done(waiting.tracker); // a slip scanned anew is the next voter's
  state.facts = await ask(place.facts);
  if (state.facts.mode === "paper") return stop("这次投票用纸质票", "请在会场领选票，当场填写、投票。");
  if (state.facts.phase !== "open") return stop(...(PHASES[state.facts.phase] ?? OVER));
  state.source = await askText(place.election);
  state.election = await readElection(state.source);
  if (state.election.fingerprint !== state.facts.fingerprint) return stop("选票与公布的指纹不一致", "请不要投票，马上告诉监票人。");
  state.paper = readPaper(state.election);
  drawPaper(form, state.paper);
  prepareWords();
  return enter(code);
}

function prepareWords() {
  const { paper } = state;
  const many = paper.subjects.length;
  say({
    ask: isCandidates(paper) ? `请在 ${many} 人中选出 ${paper.seats} 名` : `请填写 ${many} 项`,
    items: String(new Set(state.election.rules.slots.flat()).size),
  });
  every("[data-only=candidates]").forEach((part) => (part.hidden = !isCandidates(paper)));
  every("[data-only=instead]").forEach((part) => (part.hidden = !paper.roll.length));
  every("[data-only=revote]").forEach((part) => (part.hidden = !state.facts.revote));
}

/** The code behind the #, taken out of the address at once, or that of this window before a reload. */
function slipAtHand() {
  const scanned = decodeURIComponent(location.hash.slice(1));
  if (scanned) {
    sessionStorage.setItem(CODE, scanned);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(CODE);
}

/** Without a slip at hand, or a code that this device keeps, the slip is asked for. */
async function enter(code) {
  if (code) return useCode(code);
  const own = await kept(MINE).catch(() => null);
  find("#own-code").hidden = !own;
  show("slip");
  return null;
}

const slipFault = (words) => {
  const told = find("#slip-fault");
  told.textContent = words;
  told.hidden = !words;
  if (words) show("slip");
};

async function useCode(typed) {
  const code = tidy(typed);
  if (!code) sessionStorage.removeItem(CODE);
  if (!code) return slipFault("这 15 位字符里有抄错的，请对照凭条再看一遍（大小写不同）。");
  if (!(await onRoll(code))) {
    sessionStorage.removeItem(CODE);
    return show("refused");
  }
  slipFault("");
  state.code = code;
  sessionStorage.setItem(CODE, code);
  return fill();
}

/** Asked of a list that holds everybody: the server does not hear which one was looked up. */
async function onRoll(code) {
  const credential = String(publicOf(await exponentOf(code, state.election.uuid)));
  const { credentials } = await ask(place.roll);
  return credentials.includes((await hexDigest(credential)).slice(0, PREFIX));
}

function fill() {
  counted();
  step(0);
  show("ballot");
}

function counted() {
  settle(form, state.paper, find("#count"), find("#seats"));
}

// The large variant: one subject on a screen.
const large = () => document.documentElement.classList.contains("care");
let at = 0;

function step(to) {
  const sections = every("[data-subject]", form);
  at = Math.max(0, Math.min(sections.length - 1, to));
  sections.forEach((section, i) => section.classList.toggle("bl-away", large() && i !== at));
  every("[data-only=large]").forEach((part) => (part.hidden = !large()));
  find("#hint").hidden = large() && at > 0;
  say({ at: `第 ${at + 1} 项 / 共 ${sections.length} 项` });
  find("#back").disabled = at === 0;
  find("#next").textContent = large() && at < sections.length - 1 ? "下一人" : "下一步：核对";
}

function next() {
  if (large() && at < state.paper.subjects.length - 1) return step(at + 1);
  const marked = marksOn(form, state.paper);
  const { choice, fault } = choiceOf(marked, state.paper);
  const told = find("#paper-fault");
  told.textContent = fault;
  told.hidden = !fault;
  if (fault) return told.focus();
  Object.assign(state, { marked, choice });
  find("#review").replaceChildren(...reviewRows(marked, state.paper));
  say({ verdict: verdict(marked, state.paper) });
  return show("review");
}

async function encrypt() {
  show("making");
  const bar = find("#making");
  const started = performance.now();
  try {
    state.made = await make({ task: "make", source: state.source, code: state.code, choice: state.choice }, (number, of) => {
      bar.max = of;
      bar.value = number;
      say({ progress: number < of ? `正在加密第 ${number + 1} 项，共 ${of} 项` : "正在签名，马上就好" });
    });
  } catch {
    return stop("这部手机没能加密选票", "您还没有投票。请重新扫一次凭条；还是不行，就换一部手机，或请监票人给您一张纸质选票。");
  }
  say({ ...written(state.made.tracker), seconds: String(Math.max(1, Math.round((performance.now() - started) / 1000))) });
  return show("cast");
}

const written = (tracker) => ({ tracker, digits: spoken(shortCode(tracker)) });

async function cast() {
  const waiting = { ballot: state.made.ballot, tracker: state.made.tracker };
  state.made = state.marked = state.choice = null; // what could open the ballot is gone before it leaves
  form.reset();
  await keep(CAST, waiting).catch(() => null);
  return send(waiting);
}

const TELLS = {
  sending: () => "正在投进票箱……",
  busy: () => "人多，请稍候。您的票已经加密好，轮到就投进去，不用重填。",
  offline: (seconds) => `网络不通。加密好的票存在这部手机里，${seconds} 秒后自动再投，不用重填。`,
};

async function send(waiting) {
  say(written(waiting.tracker));
  show("sending");
  try {
    await insist(place.cast, waiting.ballot, waiting.tracker, (kind, seconds) => say({ sending: TELLS[kind](seconds) }));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await forget(CAST).catch(() => null);
    return stop("这张票没有投进去", error.message);
  }
  await keep(CAST, { tracker: waiting.tracker }).catch(() => null);
  return done(waiting.tracker);
}

function done(tracker) {
  sessionStorage.removeItem(CODE);
  state.code = "";
  say(written(tracker));
  show("done");
}

async function audit() {
  const { made } = state;
  show("making");
  say({ progress: "正在打开这张票，重新计算" });
  const honest = await make({ task: "audit", source: state.source, ballot: made.ballot, opening: made.opening });
  find("#audit-good").hidden = !honest;
  find("#audit-bad").hidden = honest;
  find("#audit-rows").replaceChildren(...reviewRows(openedMarks(made.opening, state.paper), state.paper));
  state.audited = JSON.stringify({ tracker: made.tracker, ballot: made.ballot, opening: made.opening });
  state.made = null; // an opened ballot is never cast
  show("audit");
}

async function clear() {
  await Promise.all([forget(CAST), forget(MINE)]).catch(() => null);
  sessionStorage.clear();
  location.replace(place.board);
}

const ACTS = {
  "use-code": () => useCode(find("#code").value),
  "use-own": async () => useCode(await kept(MINE)),
  "again-slip": () => (sessionStorage.removeItem(CODE), show("slip")),
  next,
  back: () => step(at - 1),
  change: fill,
  encrypt,
  cast,
  audit,
  "save-audit": () => saveFile("抽查.json", state.audited, "application/json"),
  anew: () => (form.reset(), fill()),
  clear,
};

const trouble = (error) => {
  console.warn(error);
  stop("没有连上服务器", "您还没有投票。请检查网络，然后刷新这一页，或重新扫一次凭条。");
};

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  if (act) Promise.resolve(ACTS[act.dataset.act]()).catch(trouble);
  if (event.target.closest("[data-care]") && state.paper) step(at);
});
form.addEventListener("change", counted);
form.addEventListener("submit", (event) => (event.preventDefault(), next()));
find("#slip-form").addEventListener("submit", (event) => (event.preventDefault(), useCode(find("#code").value).catch(trouble)));
addEventListener("hashchange", () => location.hash.length > 1 && location.reload()); // another slip was scanned into this window
begin().catch(trouble);
