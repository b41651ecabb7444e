"""What the platform tells a monitor: how many requests, how long, what waits. Never a person, a node or a number of people."""

import logging
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dangwu.environment import metrics_folder

logger = logging.getLogger(__name__)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
own = CollectorRegistry()
requests_seen = Counter("dangwu_requests", "Requests answered", ["method", "route", "status"], registry=own)
request_seconds = Histogram("dangwu_request_seconds", "Time to an answer", ["route"], buckets=SECONDS, registry=own)
Gauge = Callable[[], float]
_gauges: dict[str, tuple[str, Gauge]] = {}


def register_gauge(name: str, words: str, read: Gauge) -> None:
    """A number asked for at every look of the monitor (one indexed query at most)."""
    _gauges[f"dangwu_{name}"] = (words, read)


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    requests_seen.labels(method if method in METHODS else "other", route, f"{status}").inc()
    request_seconds.labels(route).observe(seconds)


def exposition() -> bytes:
    """The text a monitor reads: of all processes of this server where they share a folder, and the gauges of now."""
    asked = CollectorRegistry()
    asked.register(_Gauges())
    if folder := metrics_folder():
        multiprocess.MultiProcessCollector(asked, path=folder)
        return generate_latest(asked)
    return generate_latest(own) + generate_latest(asked)


class _Gauges(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (words, read) in sorted(_gauges.items()):
            try:
                yield GaugeMetricFamily(name, words, value=read())
            except Exception:
                logger.exception("gauge %s", name)  # one that cannot be read leaves the others standing
