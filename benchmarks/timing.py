"""Taking times: warmed, interleaved so that both sides see the same machine, the median of many."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

RUNS = 101
WARM = 3
BUDGET = 4.0  # seconds for one measurement; slow things get fewer runs


@dataclass
class Result:
    """A row of the table. `ratio` is ours over the reference, `goal` what it should keep ("≤ 1.3"); "" is for the record only."""

    name: str
    ours_ms: float
    reference_ms: float
    ratio: float
    goal: str = ""
    note: str = ""

    @property
    def ok(self) -> bool | None:
        if not self.goal:
            return None
        sign, limit = self.goal.split()
        return self.ratio <= float(limit) if sign == "≤" else self.ratio >= float(limit)

    def as_written(self) -> dict[str, object]:
        rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}
        return {**rounded, "ok": self.ok}


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def times(*works: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Median milliseconds of each, run in turn."""
    return [statistics.median(taken) * 1000 for taken in in_turn(*works, runs=runs)]


def in_turn(*works: Callable[[], object], runs: int = RUNS) -> list[list[float]]:
    """Seconds of every run of each."""
    for work in works:
        for _ in range(WARM):
            once = seconds(work)
            runs = max(5, min(runs, int(BUDGET / max(once, 1e-6))))
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, list_ in zip(works, taken, strict=True):
            list_.append(seconds(work))
    return taken


def compare(name: str, ours: Callable[[], object], reference: Callable[[], object], goal: str = "", note: str = "") -> Result:
    """The ratio is the median of the pairs: two runs that follow each other see the same machine."""
    mine, theirs = in_turn(ours, reference)
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    return Result(name, statistics.median(mine) * 1000, statistics.median(theirs) * 1000, ratio, goal, note)


def statements(work: Callable[[], object]) -> list[str]:
    """The SQL that `work` sends, with its values."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries]


def query(sql: str) -> Callable[[], object]:
    """Sends one statement and fetches everything, without the ORM."""

    def send() -> object:
        with connection.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return send
