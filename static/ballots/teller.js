// A teller's workbench: making the box's key together, trying it, opening the box, forgetting the share.
// Whatever is secret stays in this browser: between the steps under a key it never gives out, afterwards under the passphrase.

import { backupAddress, compared, finish, firstPart, gather, secondPart, tidyBackup } from "./ceremony.js";
import { gPower } from "./core/group.js";
import { decryptPartially } from "./core/trustees.js";
import { forget, keep, keepSealed, kept, keptSealed, unwrap, wrap } from "./keep.js";
import { canEncrypt, el, every, find, pause, saveFile, say, show } from "./page.js";
import { qrPicture } from "./qr.js";
import { Refused, askSigned, giveSigned } from "./wire.js";

const place = document.getElementById("place").dataset;
const SHARE = `share:${place.poll}`;
const STEPS = ["commit", "share", "confirm", "rehearse", "decrypt", "destroy"];
const OFTEN = 1500;
const LENGTH = 12;
const WORDS = 4;
let state = null;
let shown = "";
let gathered = null; // what this page worked out of everybody's parts, before it is saved
let busy = false;

const secrets = () => `ceremony:${place.poll}:${state.attempt}`;
const bound = () => `${place.poll}|${state.attempt}|${state.index}`;
const url = (step) => place.publish.replace("STEP", step);
const publish = async (step, body) => arrive(await giveSigned(url(step), body));

// What everybody has done

function cell(teller, step) {
  const done = STEPS.indexOf(teller.step) >= STEPS.indexOf(step);
  const mine = teller.index === state.index && state.step === step;
  const word = done ? "完成" : mine ? "轮到您" : "等待";
  return el("td", { class: done ? "bl-done" : mine ? "bl-mine" : "dim" }, done ? el("span", { "aria-hidden": "true" }, "✓") : "", el("span", { class: done ? "visually-hidden" : "" }, word));
}

function progress() {
  const columns = ["closed", "tallied", "done"].includes(state.phase) ? ["decrypt", "destroy"] : ["commit", "share", "confirm", "rehearse"];
  every("[data-columns]").forEach((row) => (row.hidden = row.dataset.columns !== columns[0]));
  find("#progress").replaceChildren(
    ...state.tellers.map((teller) =>
      el(
        "tr",
        { class: teller.index === state.index ? "bl-me" : "" },
        el("th", { scope: "row" }, teller.name + (teller.index === state.index ? "（我）" : "")),
        columns.map((step) => cell(teller, step)),
      ),
    ),
  );
}

// One screen for each step

const WAITS = {
  ceremony: "您这一步做完了，等其他监票人。这个页面可以开着，轮到您时会自己变。",
  ready: "试开箱做完了。全部监票人都试过以后，主持人宣布开始投票。",
  open: "正在投票。截止以后，请回到这个页面开箱。",
  closed: "您的一份已经交了。人数够了，票箱就自动打开。",
  tallied: "票箱已经打开。主持人宣布结果以后，请回来销毁您的一份。",
  abandoned: "这次投票已经中止，没有任何一张票会被打开。",
};

function turn(screen) {
  if (shown === screen) return;
  shown = screen;
  show(screen);
}

async function arrive(next) {
  if (state && next.attempt !== state.attempt) gathered = null;
  state = next;
  progress();
  const screens = { commit: () => turn("commit"), share: exchange, confirm, rehearse: useShare, decrypt: useShare, destroy: destruction, done: () => turn("done") };
  const opened = state.phase === "tallied"; // whoever has not given a part need not any more
  await (opened ? waiting : (screens[state.step] ?? waiting))();
}

function waiting() {
  say({ wait: WAITS[state.phase] ?? WAITS.ceremony });
  turn("wait");
}

function destruction() {
  say({ ended: state.phase === "abandoned" ? "这次投票已经中止。" : "结果已经宣布。" });
  turn("destroy");
}

async function generate() {
  const { secret, part } = await firstPart(state);
  await keepSealed(secrets(), secret);
  await publish("commit", part);
}

/** No click needed: as soon as everybody has committed, the shares go out, each readable by one teller alone. */
async function exchange() {
  turn("share");
  const secret = await keptSealed(secrets());
  if (!secret) return turn("lost");
  return publish("share", await secondPart(state, secret));
}

async function confirm() {
  if (gathered) return;
  turn("share");
  const secret = await keptSealed(secrets());
  if (!secret) return turn("lost");
  gathered = await gather(state, secret);
  if (gathered.cheats.length) {
    say({ cheats: gathered.cheats.join("、") });
    return turn("cheated");
  }
  say({ compare: await compared(state) });
  turn("confirm");
}

const longEnough = (typed) => {
  const text = typed.normalize("NFKC").trim();
  return text.length >= LENGTH || (text.length >= 8 && text.split(/\s+/).length >= WORDS);
};

function missing() {
  const [first, second] = [find("#new-1").value, find("#new-2").value];
  return [
    [find("#same").getAttribute("aria-pressed") !== "true", "念数对一遍"],
    [!longEnough(first), "口令不够长"],
    [first !== second, "两次口令不一样"],
    [!find("#backed").checked, "备份还没存好"],
  ]
    .filter(([lacking]) => lacking)
    .map(([, word]) => word);
}

function checkSaving() {
  const lacking = missing();
  find("#save").disabled = lacking.length > 0;
  find("#save").textContent = lacking.length ? `还差：${lacking.join("、")}` : "保存并完成";
  every("[data-backup]").forEach((button) => (button.disabled = !longEnough(find("#new-1").value) || find("#new-1").value !== find("#new-2").value));
}

let wrapped = { passphrase: "", text: "" };

/** The share under the passphrase as it stands now; the backup and what this browser keeps are the same text. */
async function underPassphrase() {
  const passphrase = find("#new-1").value;
  if (wrapped.passphrase !== passphrase) wrapped = { passphrase, text: await wrap(gathered.share, passphrase, bound()) };
  return wrapped.text;
}

const backupText = async () => backupAddress(location, state, await underPassphrase());

async function printBackup() {
  const text = await backupText();
  find("#backup-code").replaceChildren(qrPicture(text, "备份码"));
  say({ "backup-text": text });
  print();
}

async function downloadBackup() {
  saveFile(`监票人${state.index}号备份.txt`, await backupText());
}

async function save() {
  if (missing().length) return;
  await keep(SHARE, { attempt: state.attempt, index: state.index, text: await underPassphrase() });
  const secret = await keptSealed(secrets());
  const before = secrets();
  wrapped = { passphrase: "", text: "" };
  every("#new-1, #new-2").forEach((field) => (field.value = ""));
  await publish("confirm", await finish(state, secret, gathered.share));
  gathered = null;
  await forget(before);
}

// The share is used twice: for the rehearsal and for the opening

async function useShare() {
  const opening = state.step === "decrypt";
  const found = await kept(SHARE);
  const here = Boolean(found) && found.attempt === state.attempt && found.index === state.index;
  every("[data-only=rehearse]").forEach((part) => (part.hidden = opening));
  every("[data-only=decrypt]").forEach((part) => (part.hidden = !opening));
  find("#no-share").hidden = here;
  const through = state.tellers.filter((teller) => teller.step === "decrypt").length;
  const given = state.slips_given === null ? "" : `，发出凭条 ${state.slips_given} 张`;
  say({ through: `${through} / ${state.threshold}`, count: String(state.count), given });
  Object.assign(find("#through"), { max: state.threshold, value: through });
  turn("use");
}

const useFault = (words) => {
  find("#use-fault").textContent = words;
  find("#use-fault").hidden = !words;
};

/** Before a rehearsal: the dummy is what it says, so that this part tells nothing that is not known already. */
function isDummy({ tally, randomness }) {
  const numbers = [randomness].flat(2);
  const cells = tally.flat();
  return cells.every((cipher, i) => cipher.alpha === String(gPower(BigInt(numbers.length === 1 ? numbers[0] : numbers[i]))));
}

async function use() {
  useFault("");
  const found = await kept(SHARE);
  if (!found) return useFault("这部手机上没有您的一份，请先放入备份。");
  const share = await unwrap(found.text, find("#passphrase").value, bound());
  if (share === null) return useFault("口令不对，请再试一次。口令分大小写。");
  const opening = state.step === "decrypt";
  if (!opening && !isDummy(state.rehearsal)) return useFault("这不是一张试投票。请不要继续，马上告诉组织者。");
  const tally = opening ? JSON.parse(state.tally) : state.rehearsal.tally;
  const partial = await decryptPartially(tally, state.fingerprint, share);
  find("#passphrase").value = "";
  return publish(opening ? "decrypt" : "rehearse", { partial });
}

async function restore(text) {
  const found = tidyBackup(text);
  if (!found || found.index !== state.index || found.attempt !== state.attempt) return useFault("这份备份不是您在这次投票里的那一份。");
  await keep(SHARE, found);
  useFault("");
  return useShare();
}

async function destroy() {
  await forget(SHARE);
  await publish("destroy", { phrase: "钥匙已销毁" });
}

// Acting and looking

const ACTS = {
  generate,
  same: () => pressed(true),
  different: () => pressed(false),
  "print-backup": printBackup,
  "save-backup": downloadBackup,
  save,
  use,
  destroy,
};

function pressed(same) {
  find("#same").setAttribute("aria-pressed", String(same));
  find("#different").setAttribute("aria-pressed", String(!same));
  find("#not-same").hidden = same;
  checkSaving();
}

function trouble(error) {
  const words = error instanceof Refused ? error.message : "没有连上服务器，页面会自己再试。您做到哪一步都记着。";
  if (!(error instanceof Refused)) console.warn(error);
  say({ trouble: words });
  find("#trouble").hidden = false;
}

/** One thing at a time: a click during a look at the server waits for nobody, a look during a click is left out. */
async function alone(act) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await act();
    find("#trouble").hidden = true;
  } catch (error) {
    trouble(error);
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

async function click(act) {
  while (busy) await pause(50);
  await alone(act);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  if (act) click(ACTS[act.dataset.act]);
});
document.addEventListener("input", (event) => event.target.closest("#saving") && checkSaving());
find("#use-form").addEventListener("submit", (event) => (event.preventDefault(), click(use)));
find("#saving").addEventListener("submit", (event) => (event.preventDefault(), click(save)));
find("#backup-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) click(async () => restore(await file.text()));
});

async function watch() {
  if (!canEncrypt()) return turn("unable");
  for (;;) {
    if (!document.hidden || !state) await alone(async () => arrive(await askSigned(place.ceremony)));
    const scanned = state && location.hash.slice(1);
    if (scanned) {
      history.replaceState(null, "", location.pathname);
      await click(() => restore(`#${scanned}`));
    }
    await pause(OFTEN);
  }
}
checkSaving();
watch();
