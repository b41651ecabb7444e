// An opened ballot on another device: every ciphertext is made again from its randomness and compared.

import { readElection } from "./core/ballot.js";
import { b64Digest } from "./core/group.js";
import { shortCode, spoken } from "./core/tracking.js";
import { make } from "./making.js";
import { find, say, show } from "./page.js";
import { openedMarks, readPaper, reviewRows } from "./paper.js";
import { askText } from "./wire.js";

const place = document.getElementById("place").dataset;

async function check(text) {
  const { ballot, opening } = JSON.parse(text);
  const source = await askText(place.election);
  const paper = readPaper(await readElection(source));
  const honest = await make({ task: "audit", source, ballot, opening });
  const tracker = await b64Digest(ballot);
  say({ tracker, digits: spoken(shortCode(tracker)) });
  find("#good").hidden = !honest;
  find("#bad").hidden = honest;
  find("#rows").replaceChildren(...reviewRows(openedMarks(opening, paper), paper));
  show("result");
}

find("#file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    await check(await file.text());
  } catch {
    find("#fault").hidden = false;
  }
});
