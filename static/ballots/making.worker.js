// Making and opening a ballot beside the page, so that the page stays alive on a slow phone.

import { work } from "./work.js";

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ done: await work(data, (done, of) => postMessage({ progress: [done, of] })) });
  } catch (error) {
    postMessage({ failed: String(error?.message ?? error) });
  }
});
