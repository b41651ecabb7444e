"""Look at a vote's public page again and again, and say aloud when something of it changes that must not change.

    python3 watch_vote.py https://the.server/vote/NUMBER/ [--tracker MINE] [--every 60]

One file, Python's own library alone; plain requests without cookies, nothing written. What it knows it has seen itself: start
it when the vote opens and let it run until the result is announced. It ends with 1 as soon as one look does not fit the one
before, else with 0. The archive is for `verify_election.py`.
"""

import argparse
import hashlib
import json
import re
import sys
import time
import urllib.parse
import urllib.request

PHASES = ("open", "closed", "tallied", "done")  # from the opening on there is no way back
END = ("done", "abandoned")
FROZEN = (("fingerprint", "选举指纹"), ("roll", "名册人数"), ("layout", "选票"), ("tellers", "监票人"), ("revote", "能否重投"))
SOURCES = (
    re.compile(r'<script[^>]+src="([^"]+)"'), re.compile(r'(?:from|import)\s*\(?\s*"([./][^"]+\.js)"'),
    re.compile(r'new URL\("([^"]+\.js)"'),
)  # fmt: skip


def fetch(url):
    if not url.startswith(("https://", "http://")):
        raise SystemExit("地址应以 https:// 开头")
    request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})  # noqa: S310 - looked at above
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read()


def scripts(page):
    """Every script that the booth loads, with what it loads in turn: address -> SHA-256."""
    found, waiting = {}, [(page, fetch(page).decode())]
    while waiting:
        base, text = waiting.pop()
        for pattern in SOURCES:
            for name in pattern.findall(text):
                url = urllib.parse.urljoin(base, name)
                if url not in found:
                    body = fetch(url)
                    found[url] = hashlib.sha256(body).hexdigest()
                    waiting.append((url, body.decode()))
    return found


def look(page):
    facts = json.loads(fetch(urllib.parse.urljoin(page, "facts.json")))
    return {"facts": facts, "scripts": scripts(page) if facts["phase"] == "open" else {}}


def _place(phase):
    """How far a vote is; an abandoned one is at its end."""
    return PHASES.index(phase) if phase in PHASES else len(PHASES) if phase in END else -1


def faults(before, now, tracker=""):
    """What of `now` does not fit what was seen `before` (None at the first look)."""
    facts, said = now["facts"], []
    if tracker and tracker not in facts["trackers"] and facts["phase"] in PHASES:
        said.append(f"公告里没有追踪码 {tracker}")
    if before is None:
        return said
    old = before["facts"]
    if old["phase"] in PHASES:
        said += [f"{words}变了" for key, words in FROZEN if facts[key] != old[key]]
        said += ["投票的阶段倒退了"] if _place(facts["phase"]) < _place(old["phase"]) else []
    if facts["count"] < old["count"]:
        said.append(f"票数从 {old['count']} 变成了 {facts['count']}")
    if gone := set(old["trackers"]) - set(facts["trackers"]):
        said.append("不见了的追踪码：" + "、".join(sorted(gone)))
    if old["phase"] in PHASES[1:] and set(facts["trackers"]) != set(old["trackers"]):
        said.append("截止以后票箱里的票变了")
    if before["scripts"] and now["scripts"] and before["scripts"] != now["scripts"]:
        changed = sorted(set(before["scripts"].items()) ^ set(now["scripts"].items()))
        said.append("写票间的程序变了：" + "、".join(sorted({url for url, _ in changed})))
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("--tracker", default="", help="自己的追踪码，每次都要在公告里")
    parser.add_argument("--every", type=float, default=60, help="隔多少秒看一次")
    asked = parser.parse_args()
    page, before = asked.page.rstrip("/") + "/", None
    while True:
        now = look(page)
        said = faults(before, now, asked.tracker)
        stamp, facts = time.strftime("%H:%M:%S"), now["facts"]
        print(f"{stamp} {facts['phase']} {facts['count']} 票 " + ("；".join(said) if said else "正常"), flush=True)
        if said:
            return 1
        if facts["phase"] in END:
            return 0
        before = now
        time.sleep(asked.every)


if __name__ == "__main__":
    sys.exit(main())
