// Slips: drawn and printed in the registrar's browser. Only the public halves leave it; the codes exist on paper alone.

import { draw } from "./core/credentials.js";
import { canEncrypt, copyOf, find, pause, say, show } from "./page.js";
import { qrPicture } from "./qr.js";
import { Refused, giveSigned } from "./wire.js";

const place = document.getElementById("place").dataset;

async function drawAll() {
  const slips = [];
  const count = Number(place.slips);
  for (let i = 0; i < count; i += 1) {
    slips.push(await draw(place.code));
    if (i % 10 === 9) {
      say({ progress: `已生成 ${i + 1} 张，共 ${count} 张` });
      await pause(0);
    }
  }
  return slips;
}

function slip({ code }, number) {
  const made = copyOf("slip");
  find("[data-code]", made).textContent = code.replace(/-/g, " ");
  find("[data-picture]", made).append(qrPicture(`${location.origin}${place.booth}#${code}`, `第 ${number} 张凭条的二维码`));
  return made;
}

async function make() {
  show("making");
  say({ progress: "正在生成" });
  const slips = await drawAll();
  const credentials = slips.map(({ credential }) => credential).sort();
  try {
    await giveSigned(place.register, { credentials });
  } catch (error) {
    say({ fault: error instanceof Refused ? error.message : "没有连上服务器，凭条没有登记，请再试一次。" });
    return show("refused");
  }
  find("#sheet").replaceChildren(...slips.map(slip));
  return show("made");
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "make") make();
  if (act === "print") print();
});
addEventListener("beforeunload", (event) => {
  if (find("#sheet").childElementCount && !find("#printed").checked) event.preventDefault();
});
if (!canEncrypt()) show("unable");
