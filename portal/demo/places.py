"""The published division table (real names and codes of provinces, prefectures, counties), and the part of it a demo takes."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.errors import DomainError

TABLE = Path("regulations/data/vendor/pca-code.json")
CITY, PROVINCE = "3305", "33"
CITY_HOLDS = 200_000  # members; beyond that a whole province is built


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    below: tuple["Place", ...] = ()


def divisions() -> list[Place]:
    file = settings.BASE_DIR / TABLE
    if not file.exists():
        raise DomainError("places_missing", "缺少行政区划表。请先运行 make setup，再建演示数据。")
    return [_place(entry) for entry in json.loads(file.read_text("utf-8"))]


def _place(entry: dict) -> Place:
    return Place(entry["code"], entry["name"], tuple(_place(child) for child in entry.get("children", ())))


def region_for(members: int) -> Place:
    """One prefecture-level city, or a province when a city would be too small."""
    province = next(p for p in divisions() if p.code == PROVINCE)
    return province if members > CITY_HOLDS else next(c for c in province.below if c.code == CITY)
