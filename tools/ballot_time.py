"""How long a browser takes to make one ballot, as fast as this machine and slowed down like an old phone.

`python -m tools.ballot_time [--slower 6] [--ballots 5]` prints one JSON object; milliseconds are medians. The work is done in the
page itself, because only its own thread can be slowed down; with a worker the page does not wait for it. Chromium must be there.
"""

import argparse
import json
import shutil
import statistics
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ballots.core.layouts import Candidates
from ballots.core.rehearsal import prepare

ROOT = Path(__file__).resolve().parents[1]
KINDS = {
    "6 candidates, 5 seats, nobody else": Candidates(tuple("甲乙丙丁戊己"), 5),
    "6 candidates, 5 seats, 40 others": Candidates(tuple("甲乙丙丁戊己"), 5, tuple(f"党员{i}" for i in range(40))),
}
MAKE = """async ([source, code, choice, times]) => {
    const { work } = await import('/ballots/work.js');
    const taken = [];
    for (let i = 0; i < times; i += 1) {
        const begun = performance.now();
        await work({ task: 'make', source, code, choice });
        taken.push(performance.now() - begun);
    }
    return taken;
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        return


def measure(page: Page, layout: Candidates, times: int) -> dict[str, float]:
    held = prepare(layout, voters=1, threshold=1, size=1)
    choice = {"marks": ["for"] * layout.seats + ["abstain"] * (len(layout.candidates) - layout.seats), "written": []}
    first, *rest = page.evaluate(MAKE, [held.election.text, held.voters[0].code, choice, times])
    return {"first": round(first), "next": round(statistics.median(rest))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slower", type=int, default=6, metavar="N", help="times slower than this machine")
    parser.add_argument("--ballots", type=int, default=5, metavar="N")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT / "static")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found: dict[str, dict[str, dict[str, float]]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for rate in (1, options.slower):
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/ballots/sheets.css")
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
            found[f"{rate}x"] = {name: measure(page, layout, options.ballots) for name, layout in KINDS.items()}
            page.close()
        browser.close()
    server.shutdown()
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
