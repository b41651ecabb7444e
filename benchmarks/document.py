"""The tables of docs/performance.md, written from the kept results between two marks."""

import json
import re
from pathlib import Path

from django.conf import settings

from benchmarks.running import BETWEEN, LARGE, SMALL, between_sizes, kept

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
MARKS = ("<!-- results -->", "<!-- end of results -->")
HEAD = ("| row | ours, ms | reference, ms | ratio | goal | | |", "|---|---:|---:|---:|---|---|---|")


def write() -> None:
    text = DOCUMENT.read_text("utf-8")
    parts = [_section(size) for size in (SMALL, LARGE) if kept(size).exists()]
    if across := between_sizes():
        parts.append("\n".join([f"### {LARGE:,} against {SMALL:,} members", "", *HEAD, *(_line(r.as_written()) for r in across)]))
    between = f"{MARKS[0]}\n\n" + "\n\n".join(parts) + f"\n\n{MARKS[1]}"
    pattern = re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1])
    DOCUMENT.write_text(re.sub(pattern, lambda _: between, text, flags=re.DOTALL), "utf-8")
    print(f"{DOCUMENT.relative_to(settings.BASE_DIR)}: {len(parts)} tables")


def _section(size: int) -> str:
    found = json.loads(kept(size).read_text("utf-8"))
    measured = [r for r in found["results"] if not r["name"].startswith(BETWEEN)]
    return "\n".join([f"### {size:,} members", "", f"{found['machine']}.", "", *HEAD, *map(_line, measured)])


def _line(result: dict) -> str:
    mark = {True: "met", False: "**missed**", None: ""}[result["ok"]]
    reference = f"{result['reference_ms']:,.2f} | {result['ratio']:.2f}" if result["reference_ms"] else " | "
    return f"| {result['name']} | {result['ours_ms']:,.2f} | {reference} | {result['goal']} | {mark} | {result['note']} |"
