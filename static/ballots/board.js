// The bulletin: looking for a tracker by its digits or in full, and the count while the box is open.

import { every, find, say } from "./page.js";
import { ask } from "./wire.js";

const place = document.getElementById("place").dataset;
const EVERY = 15_000;

const digitsOf = (typed) => typed.replace(/[^\d]/g, "");

function look(typed) {
  const text = typed.trim();
  const digits = digitsOf(text);
  const rows = every("#trackers li");
  rows.forEach((row) => row.classList.remove("bl-found"));
  const found = rows.find((row) => row.dataset.tracker === text || (digits.length === 12 && row.dataset.digits === digits));
  const told = find("#found");
  told.hidden = !text;
  told.textContent = found ? "在票箱里。" : "没有找到这个号。刚投的票请等一分钟再刷新；还是没有，马上告诉监票人。";
  if (!found) return;
  found.classList.add("bl-found");
  found.scrollIntoView({ block: "center" });
}

async function count() {
  try {
    say({ count: String((await ask(place.facts)).count) });
  } catch {
    // the next look will tell
  }
}

find("#look")?.addEventListener("submit", (event) => {
  event.preventDefault();
  look(find("#tracker").value);
});
if (place.phase === "open") setInterval(() => document.hidden || count(), EVERY);
