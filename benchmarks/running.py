"""All groups in turn, the table, and the files of results."""

import json
import os
import platform
from pathlib import Path

from django.conf import settings
from django.db import connection

from benchmarks import books, dataset, dues, programs, reading, voting, writing
from benchmarks.timing import Result
from portal.demo.serving import prepare_static

LATEST = Path(__file__).parent / "latest.json"
GROUPS = (
    reading.pages, reading.filtered, reading.totals, reading.searches, reading.requests, reading.permission, reading.dashboards,
    programs.programs,
    writing.imports, writing.audits, writing.figures, writing.writes,
    dues.dues_run, books.dues_balance,
    voting.voting,
)  # fmt: skip
SMALL, LARGE = 100_000, 1_000_000
BETWEEN = "1M vs 100k"


def run(members: int, *, only: str, rebuild: bool) -> None:
    took = dataset.prepare(members, anew=rebuild)
    prepare_static()
    results = [Result("data set built", took * 1000, 0, 0, "", f"{members / took:.0f} members/s")] if took else []
    print(f"{members} members, {machine()}", flush=True)
    for group in GROUPS:
        if only in group.__name__:
            for result in group():
                print(line(result), flush=True)
                results.append(result)
    if only:
        return
    _write(kept(members), members, results)
    for result in between_sizes():
        print(line(result), flush=True)
        results.append(result)
    for file in (kept(members), LATEST):
        _write(file, members, results)


def machine() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return f"{os.cpu_count()} processors ({platform.machine()}), PostgreSQL {version}, Python {platform.python_version()}"


def line(result: Result) -> str:
    mark = {True: "ok    ", False: "MISSED", None: "      "}[result.ok]
    reference = f"{result.reference_ms:10.2f} {result.ratio:7.2f}" if result.reference_ms else " " * 18
    return f"{mark} {result.name:68} {result.ours_ms:10.2f} {reference}  {result.goal:6}  {result.note}"


def kept(members: int) -> Path:
    return Path(settings.DATA_DIR) / f"bench-{members}.json"


def _write(file: Path, members: int, results: list[Result]) -> None:
    written = {"members": members, "machine": machine(), "results": [r.as_written() for r in results]}
    file.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


def between_sizes() -> list[Result]:
    """The same rows at 1,000,000 and at 100,000 members, when both have been run on this machine."""
    if not (kept(SMALL).exists() and kept(LARGE).exists()):
        return []
    small, large = ({r["name"]: r["ours_ms"] for r in json.loads(kept(n).read_text())["results"]} for n in (SMALL, LARGE))
    goals = {"page by name": "≤ 1.3", "search": "≤ 3.0"}
    made = []
    for name in large:
        goal = next((goal for start, goal in goals.items() if name.startswith(start)), None)
        if goal and name in small:
            made.append(Result(f"{BETWEEN}: {name}", large[name], small[name], large[name] / small[name], goal))
    return made
