// Hands the long work to a worker; a browser without module workers does it in the page, with breaths in between.

import { pause } from "./page.js";
import { work } from "./work.js";

class Unable extends Error {}

function inWorker(order, tell) {
  return new Promise((done, failed) => {
    let worker;
    try {
      worker = new Worker(new URL("./making.worker.js", import.meta.url), { type: "module" });
    } catch {
      failed(new Unable());
      return;
    }
    worker.onerror = (event) => (event.preventDefault(), worker.terminate(), failed(new Unable()));
    worker.onmessage = ({ data }) => {
      if (data.progress) return tell(...data.progress);
      worker.terminate();
      if ("done" in data) done(data.done);
      else failed(new Error(data.failed));
    };
    worker.postMessage(order);
  });
}

async function inPage(order, tell) {
  return work(order, async (done, of) => (tell(done, of), pause(0)));
}

export async function make(order, tell = () => {}) {
  try {
    return await inWorker(order, tell);
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    return inPage(order, tell);
  }
}
